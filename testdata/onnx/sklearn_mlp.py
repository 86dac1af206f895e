"""Multilayer perceptrons of scikit-learn, exported by skl2onnx."""
import warnings

import numpy as np
import onnx
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kit
from kit import IMAGES, REFUSED, record, write


def fitted(net, classes):
    """The network after a few steps, on noise: what it computes matters, not how well."""
    x = kit.rng.normal(0, 1, (60, 5)).astype(np.float32)
    y = x @ kit.rng.normal(0, 1, 5) if classes == 0 else kit.rng.integers(0, classes, 60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return net.fit(x, y), x


def exported(name, net, classes, opset, folder=None, output=0, keep=None, **options):
    net, x = fitted(net, classes)
    m = to_onnx(net, x[:1], target_opset={"": opset, "ai.onnx.ml": 3}, options={id(net): options} if options else None)
    if keep:
        for o in [o for o in m.graph.output if o.name != keep]:
            m.graph.output.remove(o)
    write(m, name, folder or kit.OUT)
    if not folder:
        record(name, x[:IMAGES], output=output)


def mlps():
    sizes = dict(hidden_layer_sizes=(7, 6), max_iter=3, random_state=1)
    for opset in (9, 12, 15, 18, 21):
        exported(f"sklearn_regressor{opset}", MLPRegressor(**sizes), 0, opset)
        exported(f"sklearn_classifier{opset}", MLPClassifier(**sizes), 4, opset, keep="probabilities", zipmap=False)
    exported("sklearn_scaled", make_pipeline(StandardScaler(), MLPRegressor(**sizes)), 0, 17)
    exported("sklearn_tanh", MLPRegressor(activation="tanh", **sizes), 0, 17, folder=REFUSED)
    exported("sklearn_two_classes", MLPClassifier(**sizes), 2, 17, folder=REFUSED, keep="probabilities", zipmap=False)
    exported("sklearn_label", MLPClassifier(**sizes), 4, 17, folder=REFUSED, keep="label", zipmap=False)
    exported("sklearn_zipmap", MLPClassifier(**sizes), 4, 17, folder=REFUSED)
