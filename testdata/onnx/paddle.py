"""The layers of a network as Paddle2ONNX spells them, written by hand: a bias is an elementwise_add of a reshaped parameter,
flatten2 a Reshape, scale a Mul and an Add, and names are those of Paddle's variables. PaddlePaddle itself is not used."""
import numpy as np
from onnx import numpy_helper as nh

from kit import n, save, w


def layers(parameters_are_nodes, opset):
    parameters = {"conv2d_0.w_0": w(4, 2, 3, 3), "conv2d_0.b_0": w(4), "batch_norm_0.w_0": w(4), "batch_norm_0.b_0": w(4), "batch_norm_0.w_1": w(4), "batch_norm_0.w_2": w(4) ** 2 + 0.5,
                  "conv2d_1.w_0": w(5, 4, 2, 2), "linear_0.w_0": w(5, 6), "linear_0.b_0": w(6), "linear_1.w_0": w(6, 3), "linear_1.b_0": w(3)}
    wide = opset >= 13
    parameters |= {"p2o.shape.0": np.array([1, 4, 1, 1]), "p2o.shape.1": np.array([0, -1]), "p2o.scale": np.float32([0.5]), "p2o.shift": np.float32([0.25])}
    if wide:
        parameters["p2o.axes"] = np.array([2, 3])
    squeeze = [n("Squeeze", ["pool2d_1.tmp_0", "p2o.axes"], "squeeze_0.tmp_0")] if wide else [n("Squeeze", "pool2d_1.tmp_0", "squeeze_0.tmp_0", axes=[2, 3])]
    nodes = [
        n("Mul", ["x", "p2o.scale"], "p2o.Mul.0"), n("Add", ["p2o.Mul.0", "p2o.shift"], "scale_0.tmp_0"),
        n("Conv", ["scale_0.tmp_0", "conv2d_0.w_0"], "conv2d_0.tmp_0", dilations=[1, 1], kernel_shape=[3, 3], strides=[1, 1], group=1, pads=[1, 1, 1, 1]),
        n("Reshape", ["conv2d_0.b_0", "p2o.shape.0"], "p2o.Reshape.0"), n("Add", ["conv2d_0.tmp_0", "p2o.Reshape.0"], "conv2d_0.tmp_1"),
        n("BatchNormalization", ["conv2d_0.tmp_1", "batch_norm_0.w_0", "batch_norm_0.b_0", "batch_norm_0.w_1", "batch_norm_0.w_2"], "batch_norm_0.tmp_2", epsilon=1e-5, momentum=0.9),
        n("Relu", "batch_norm_0.tmp_2", "relu_0.tmp_0"),
        n("MaxPool", "relu_0.tmp_0", "pool2d_0.tmp_0", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0]),
        n("Conv", ["pool2d_0.tmp_0", "conv2d_1.w_0"], "conv2d_1.tmp_0", dilations=[1, 1], kernel_shape=[2, 2], strides=[1, 1], group=1, pads=[0, 0, 0, 0]),
        n("Relu", "conv2d_1.tmp_0", "relu_1.tmp_0"), n("GlobalAveragePool", "relu_1.tmp_0", "pool2d_1.tmp_0"), *squeeze,
        n("Reshape", ["squeeze_0.tmp_0", "p2o.shape.1"], "flatten2_0.tmp_0"),
        n("MatMul", ["flatten2_0.tmp_0", "linear_0.w_0"], "linear_0.tmp_0"), n("Add", ["linear_0.tmp_0", "linear_0.b_0"], "linear_0.tmp_1"), n("Relu", "linear_0.tmp_1", "relu_2.tmp_0"),
        n("MatMul", ["relu_2.tmp_0", "linear_1.w_0"], "linear_1.tmp_0"), n("Add", ["linear_1.tmp_0", "linear_1.b_0"], "linear_1.tmp_1"), n("Softmax", "linear_1.tmp_1", axis=1)]
    if parameters_are_nodes:
        return [n("Constant", [], k, value=nh.from_array(v)) for k, v in parameters.items()] + nodes, {}
    return nodes, parameters


def spellings():
    for opset, constants in ((7, True), (9, True), (11, False), (16, False)):
        nodes, inits = layers(constants, opset)
        save(f"paddle_{opset:02}", nodes, inits, (2, 6, 7), opset=opset)
