"""Hand-made networks of several layers: the shapes that graphs have, and preprocessing inside them."""
import numpy as np
from onnx import TensorProto as TP

import kit
from kit import model, n, record, save, w, write


def shapes():
    save("net_relu6", [n("Conv", ["x", "w1"], "a"), n("Clip", ["a", "zero", "six"], "b"), n("Conv", ["b", "w2"], "c"), n("Clip", ["c", "zero", "six"], "d"), n("GlobalAveragePool", "d", "e"), n("Flatten", "e")],
         {"w1": 4 * w(4, 2, 3, 3), "w2": w(3, 4, 2, 2), "zero": np.float32(0), "six": np.float32(6)}, (2, 6, 5), opset=11)
    save("net_residual", [n("Conv", ["x", "w1", "b1"], "a", pads=[1] * 4), n("Relu", "a", "b"), n("Conv", ["b", "w2"], "c", pads=[1] * 4), n("Conv", ["x", "w3"], "d"), n("Add", ["c", "d"], "e"),
                          n("Relu", "e", "f"), n("Conv", ["f", "w2"], "g", pads=[1] * 4), n("Add", ["g", "f"], "h"), n("Relu", "h", "i"), n("GlobalAveragePool", "i", "j"), n("Flatten", "j", "k"), n("Gemm", ["k", "w4"])],
         {"w1": w(4, 2, 3, 3), "b1": w(4), "w2": w(4, 4, 3, 3), "w3": w(4, 2, 1, 1), "w4": w(4, 3)}, (2, 6, 5), opset=13)
    save("net_depthwise", [n("Conv", ["x", "w1"], "a", group=4, pads=[1] * 4), n("Relu", "a", "b"), n("Conv", ["b", "w2", "b2"], "c"), n("Relu", "c", "d"), n("Conv", ["d", "w3"], "e", group=2, strides=[2, 2]), n("Relu", "e", "f"),
                           n("Flatten", "f", "g"), n("MatMul", ["g", "w4"], "h"), n("Add", ["h", "b4"])],
         {"w1": w(4, 1, 3, 3), "w2": w(6, 4, 1, 1), "b2": w(6), "w3": w(6, 3, 2, 2), "w4": w(36, 3), "b4": w(3)}, (4, 6, 5), opset=9)
    save("net_dilated_ceil", [n("Conv", ["x", "w1"], "a", dilations=[2, 2], pads=[2] * 4), n("Relu", "a", "b"), n("MaxPool", "b", "c", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1), n("Conv", ["c", "w2"], "d", pads=[1] * 4), n("Relu", "d", "e"),
                              n("AveragePool", "e", "f", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1), n("Flatten", "f", "g"), n("Gemm", ["g", "w3"])],
         {"w1": w(3, 2, 3, 3), "w2": w(4, 3, 3, 3), "w3": w(16, 3)}, (2, 7, 6), opset=11)
    save("net_branches", [n("Conv", ["x", "w1"], "a", pads=[1] * 4), n("Relu", "a", "b"), n("Conv", ["b", "w2"], "c"), n("Relu", "c", "d"), n("Conv", ["b", "w3"], "e", pads=[1] * 4), n("Relu", "e", "f"), n("Concat", ["d", "f"], "g", axis=1),
                          n("AveragePool", "g", "h", kernel_shape=[2, 2], strides=[2, 2]), n("Flatten", "h", "i"), n("MatMul", ["i", "w4"])],
         {"w1": w(3, 2, 3, 3), "w2": w(2, 3, 1, 1), "w3": w(3, 3, 3, 3), "w4": w(30, 3)}, (2, 6, 5), opset=7)


def preprocessing():
    """Pixels 0..255 go in. Where they are uint8, the inputs are whole numbers, stored as float32 like all others."""
    mean, std = np.float32([120, 118]).reshape(1, 2, 1, 1), np.float32([60, 58]).reshape(1, 2, 1, 1)
    net = [n("Conv", ["p", "w"], "c", pads=[1] * 4), n("Relu", "c", "r"), n("Flatten", "r", "f"), n("Gemm", ["f", "w2"])]
    inits = {"w": w(3, 2, 3, 3), "w2": w(60, 3), "mean": mean, "std": std, "per": np.float32(1 / 255)}
    pixels = kit.rng.integers(0, 256, (kit.IMAGES, 2, 4, 5)).astype(np.float32)
    forms = {
        "sub_div": ([n("Sub", ["x", "mean"], "s"), n("Div", ["s", "std"], "p")], TP.FLOAT, (2, 4, 5)),
        "mul_sub_div": ([n("Mul", ["x", "per"], "m"), n("Sub", ["m", "per"], "s"), n("Div", ["s", "std"], "p")], TP.FLOAT, (2, 4, 5)),
        "uint8": ([n("Cast", "x", "k", to=TP.FLOAT), n("Sub", ["k", "mean"], "s"), n("Div", ["s", "std"], "p")], TP.UINT8, (2, 4, 5)),
        "uint8_nhwc": ([n("Transpose", "x", "t", perm=[0, 3, 1, 2]), n("Cast", "t", "k", to=TP.FLOAT), n("Mul", ["k", "per"], "p")], TP.UINT8, (4, 5, 2)),
    }
    for name, (first, kind, shape) in forms.items():
        write(model(first + net, inits, shape, 13, kind=kind), "pre_" + name)
        record("pre_" + name, pixels if shape[0] == 2 else pixels.transpose(0, 2, 3, 1))
