"""Hand-made models that store the same things in different ways: versions, number formats, initialisers, dimensions."""
import os

import numpy as np
import onnx
from onnx import TensorProto as TP, helper as oh, numpy_helper as nh

from kit import IMAGES, OUT, images, model, n, record, save, w, write

OPSETS = range(7, 29)
IRS = range(3, 15)


def storage():
    cast = lambda src: [n("Cast", src, "wf", to=TP.FLOAT), n("Conv", ["x", "wf"])]
    v = w(2, 2, 2, 3)
    small = (v * 20).astype(np.int8)
    for name, t in {"float16_raw": nh.from_array(v.astype(np.float16), "w"),
                    "float16_typed": oh.make_tensor("w", TP.FLOAT16, v.shape, v.astype(np.float16).ravel().tolist()),
                    "float32_typed": oh.make_tensor("w", TP.FLOAT, v.shape, v.ravel().tolist()),
                    "double_raw": nh.from_array(v.astype(np.float64), "w"), "double_typed": oh.make_tensor("w", TP.DOUBLE, v.shape, v.ravel().tolist()),
                    "int8_raw": nh.from_array(small, "w"), "int8_typed": oh.make_tensor("w", TP.INT8, v.shape, small.ravel().tolist()),
                    "uint8_raw": nh.from_array(np.abs(small).astype(np.uint8), "w"),
                    "int32_typed": oh.make_tensor("w", TP.INT32, v.shape, small.astype(np.int32).ravel().tolist()),
                    "int64_raw": nh.from_array(small.astype(np.int64), "w"),
                    "bfloat16_typed": oh.make_tensor("w", TP.BFLOAT16, v.shape, v.ravel().tolist())}.items():
        save("store_" + name, cast("w"), {"w": t}, (2, 3, 4))
    save("double_model", [n("Gemm", ["x", "w"], "c"), n("Relu", "c")], {"w": w(5, 3).astype(np.float64)}, (5,), kind=TP.DOUBLE, opset=14)
    save("half_model", [n("MaxPool", "x", kernel_shape=[2, 2])], {}, (2, 3, 4), kind=TP.FLOAT16, opset=13)
    nodes = [n("Relu", "a"), n("Conv", ["x", "w"], "dead"), n("Conv", ["x", "w"], "c"), n("Relu", "c", "a")]
    save("unsorted_dead_inputs", nodes, {"w": v}, (2, 3, 4), opset=8, ir=3, extra_inputs=[oh.make_tensor_value_info("w", TP.FLOAT, v.shape)])
    save("fixed_batch", [n("Reshape", ["x", "to"], "f"), n("Relu", "f")], {"to": np.array([4, 6])}, (2, 3), batch=4, images=8)
    save("batch_without_size", [n("Flatten", "x")], {}, (2, 3), batch=None)
    save("weights_in_constants", [n("Constant", [], "w", value=nh.from_array(v)), n("Constant", [], "b", value_floats=[0.5, -1.0]), n("Conv", ["x", "w", "b"])], {}, (2, 3, 4), opset=12)
    save("bias_of_shape", [n("Shape", "w", "s", end=1), n("ConstantOfShape", "s", "b", value=nh.from_array(np.float32([0.25]))), n("Conv", ["x", "w", "b"])], {"w": v}, (2, 3, 4), opset=15)
    external()


def external():
    m = model([n("Conv", ["x", "w", "b"])], {"w": w(4, 2, 3, 3), "b": w(4)}, (2, 4, 5), 13)
    path = os.path.join(OUT, "external.onnx")
    onnx.save(m, path, save_as_external_data=True, location="external.onnx.data", size_threshold=0)
    record("external", images(2, 4, 5))


def network():
    """Nodes and weights of a small network for 2x6x5 images; its operators mean the same from operator set 7 on."""
    nodes = [n("Conv", ["x", "w1", "b1"], "c", pads=[1, 1, 1, 1]), n("BatchNormalization", ["c", "g", "b", "m", "v"], "s"), n("Relu", "s", "r"),
             n("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 1]), n("Conv", ["p", "w2"], "d"), n("Relu", "d", "e"), n("Flatten", "e", "f"), n("Gemm", ["f", "w3", "b3"], transB=1)]
    return nodes, {"w1": w(3, 2, 3, 3), "b1": w(3), "g": w(3), "b": w(3), "m": w(3), "v": w(3) ** 2 + 0.5, "w2": w(4, 3, 2, 2), "w3": w(3, 24), "b3": w(3)}


def versions():
    for opset in OPSETS:
        nodes, inits = network()
        save(f"opset{opset:02}", nodes, inits, (2, 6, 5), opset=opset)
    for ir in IRS:
        nodes, inits = network()
        listed = [oh.make_tensor_value_info(k, TP.FLOAT, v.shape) for k, v in inits.items()] if ir == 3 else []
        save(f"ir{ir:02}", nodes, inits, (2, 6, 5), opset=12, ir=ir, extra_inputs=listed)


def narrow():
    """Whole networks in half precision and bfloat16. The answers are those of float32 with the same weights: spikec computes
    in float32, and onnxruntime has no convolution in bfloat16."""
    for name, kind in (("float16", TP.FLOAT16), ("bfloat16", TP.BFLOAT16)):
        nodes, inits = network()
        stored = {k: oh.make_tensor(k, kind, v.shape, v.ravel().tolist()) for k, v in inits.items()}
        write(model(nodes, stored, (2, 6, 5), 22, kind=kind), "network_" + name)
        widened = {k: nh.to_array(t).astype(np.float32) for k, t in stored.items()}
        record("network_" + name, images(2, 6, 5), twin=model(nodes, widened, (2, 6, 5), 22))
