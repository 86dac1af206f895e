"""How a model is made by hand, stored, and stored with what onnxruntime answers."""
import os
import zlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as TP, helper as oh, numpy_helper as nh

HERE = os.path.dirname(os.path.abspath(__file__))
OUT, REFUSED = os.path.join(HERE, "models"), os.path.join(HERE, "refused")
IMAGES = 3
KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
IRS = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 23: 11, 24: 12, 25: 13, 26: 13}
rng = np.random.default_rng()


def seed(word):
    """Starts the random numbers of a group of models, so that no group depends on those before it."""
    global rng
    rng = np.random.default_rng(zlib.crc32(word.encode()))


def w(*shape):
    return rng.normal(0, 0.5, shape).astype(np.float32)


def images(*shape):
    return rng.normal(0, 1, (IMAGES, *shape)).astype(np.float32)


def n(op, ins, outs="y", **attrs):
    ins = [ins] if isinstance(ins, str) else ins
    return oh.make_node(op, ins, [outs] if isinstance(outs, str) else outs, **attrs)


def model(nodes, inits, shape, opset, batch="N", kind=TP.FLOAT, outputs=("y",), ir=None, extra_inputs=(), domains=(), functions=()):
    """nodes read "x" and make "y"; inits is a dict of arrays or TensorProtos."""
    ts = [v if isinstance(v, onnx.TensorProto) else nh.from_array(v, k) for k, v in inits.items()]
    ins = [oh.make_tensor_value_info("x", kind, [batch, *shape])] + list(extra_inputs)
    outs = [oh.make_tensor_value_info(o, TP.FLOAT if kind == TP.UINT8 else kind, None) for o in outputs]
    g = oh.make_graph(nodes, "g", ins, outs, ts)
    m = oh.make_model(g, opset_imports=[oh.make_opsetid("", opset), *(oh.make_opsetid(d, 1) for d in domains)], producer_name="make.py", functions=functions)
    m.ir_version = ir or IRS.get(opset, 10)
    return m


def write(m, name, folder=OUT):
    with open(os.path.join(folder, name + ".onnx"), "wb") as f:
        f.write(m.SerializeToString())


def session(source):
    """onnxruntime without optimisations; source is a model or the path of one."""
    opts = ort.SessionOptions()
    opts.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    opts.log_severity_level = 3
    return ort.InferenceSession(source if isinstance(source, str) else source.SerializeToString(), opts, providers=["CPUExecutionProvider"])


def answers(source, x, output=0):
    """x in the number format of the model, and what onnxruntime returns for it."""
    s = session(source)
    i = s.get_inputs()[0]
    x = x.astype(KINDS[i.type])
    if isinstance(i.shape[0], int):
        return x, np.concatenate([s.run(None, {i.name: x[k:k + i.shape[0]]})[output] for k in range(0, len(x), i.shape[0])])
    return x, s.run(None, {i.name: x})[output]


def record(name, x, twin=None, output=0):
    """Stores inputs and answers of the saved model, or those of its twin: the float network that it stands for."""
    x, y = answers(twin or os.path.join(OUT, name + ".onnx"), x, output)
    np.savez_compressed(os.path.join(OUT, name + ".io.npz"), x=x.astype(np.float32), y=y.astype(np.float32))


def save(name, nodes, inits, shape, opset=13, images=IMAGES, **kw):
    write(model(nodes, inits, shape, opset, **kw), name)
    record(name, rng.normal(0, 1, (images, *shape)).astype(np.float32))
