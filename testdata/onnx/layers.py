"""Hand-made models, one operator or a few in each: their attributes, and what they mean in each operator set."""
import numpy as np
from onnx import TensorProto as TP, numpy_helper as nh

from kit import n, save, w


def windows():
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        save("conv_" + mode.lower(), [n("Conv", ["x", "w"], auto_pad=mode, strides=[2, 3])], {"w": w(2, 2, 3, 4)}, (2, 8, 9))
    save("conv_asymmetric", [n("Conv", ["x", "w", "b"], pads=[0, 1, 2, 3], strides=[2, 1], dilations=[1, 2], kernel_shape=[3, 2])],
         {"w": w(3, 2, 3, 2), "b": w(3)}, (2, 7, 6), opset=7)
    save("conv_depthwise", [n("Conv", ["x", "w", "b"], group=4, pads=[1, 0, 1, 0])], {"w": w(8, 1, 3, 1), "b": w(8)}, (4, 5, 3))
    save("conv_groups", [n("Conv", ["x", "w"], group=2)], {"w": w(6, 2, 2, 3)}, (4, 5, 6), opset=11)
    save("maxpool_ceil", [n("MaxPool", "x", kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 0, 1], ceil_mode=1)], {}, (2, 7, 9), opset=10)
    save("maxpool_ceil_beyond", [n("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)], {}, (1, 5, 7), opset=22)
    save("maxpool_ceil_small_map", [n("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)], {}, (1, 2, 2), opset=12)
    save("maxpool_dilated", [n("MaxPool", "x", kernel_shape=[2, 3], dilations=[2, 2], strides=[1, 2])], {}, (2, 6, 7), opset=12)
    save("maxpool_same", [n("MaxPool", "x", kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER")], {}, (2, 7, 5), opset=8)
    for ceil in (0, 1):
        for count in (0, 1):
            save(f"averagepool_ceil{ceil}_count{count}", [n("AveragePool", "x", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1], ceil_mode=ceil, count_include_pad=count)],
                 {}, (2, 6, 5), opset=19)
    save("averagepool_same", [n("AveragePool", "x", kernel_shape=[3, 4], strides=[2, 2], auto_pad="SAME_UPPER")], {}, (1, 5, 6), opset=7)
    save("averagepool_dilated", [n("AveragePool", "x", kernel_shape=[2, 2], dilations=[2, 3], pads=[1, 1, 1, 1], count_include_pad=1)], {}, (2, 6, 7), opset=20)
    save("globalaveragepool", [n("GlobalAveragePool", "x")], {}, (3, 4, 5), opset=8)
    save("reducemean_attribute", [n("ReduceMean", "x", axes=[-1, 2], keepdims=0)], {}, (3, 4, 5))
    save("reducemean_input", [n("ReduceMean", ["x", "a"])], {"a": np.array([2, 3])}, (3, 4, 5), opset=18)


def linear():
    save("gemm_plain", [n("Gemm", ["x", "w", "b"], alpha=0.5, beta=2.0)], {"w": w(5, 3), "b": w(3)}, (5,), opset=9)
    save("gemm_transposed", [n("Gemm", ["x", "w", "b"], transB=1)], {"w": w(3, 5), "b": w(1, 3)}, (5,), opset=7)
    save("gemm_scalar_bias", [n("Gemm", ["x", "w", "b"], transB=1, beta=-1.0)], {"w": w(3, 5), "b": w()}, (5,), opset=11)
    save("gemm_no_bias", [n("Gemm", ["x", "w"], transB=1, beta=3.0)], {"w": w(3, 5)}, (5,))
    save("matmul_rank3", [n("MatMul", ["x", "w"], "m"), n("Add", ["b", "m"])], {"w": w(5, 3), "b": w(1)}, (1, 5))
    save("matmul_transposed_constant", [n("Transpose", "w", "t"), n("MatMul", ["x", "t"])], {"w": w(3, 5)}, (5,))
    save("flatten_softmax11", [n("Flatten", "x", "f"), n("Softmax", "f")], {}, (2, 2, 3), opset=11)
    save("softmax_map", [n("Softmax", "x", axis=1)], {}, (4, 1, 1), opset=13)
    save("logsoftmax", [n("Flatten", "x", "f", axis=-2), n("LogSoftmax", "f")], {}, (2, 3), opset=13)


def elementwise():
    save("clip_attributes", [n("Clip", "x", "c", min=-0.5, max=0.25), n("Clip", "c", "d", min=0.0), n("Clip", "d", max=0.2)], {}, (2, 3, 4), opset=7)
    save("clip_inputs", [n("Clip", ["x", "", "six"], "c"), n("Constant", [], "zero", value=nh.from_array(np.float32(0))), n("Clip", ["c", "zero"])],
         {"six": np.float32(0.6)}, (2, 3, 4), opset=11)
    save("batchnorm_map", [n("BatchNormalization", ["x", "g", "b", "m", "v"], "n", epsilon=0.01), n("Conv", ["n", "w"], pads=[1, 1, 1, 1])],
         {"g": w(2), "b": w(2), "m": w(2), "v": w(2) ** 2, "w": w(3, 2, 3, 3)}, (2, 4, 5), opset=7)
    save("batchnorm_vector", [n("BatchNormalization", ["x", "g", "b", "m", "v"], momentum=0.9)], {"g": w(6), "b": w(6), "m": w(6), "v": w(6) ** 2}, (6,), opset=15)
    save("arithmetic", [n("Mul", ["s", "x"], "a"), n("Add", ["a", "c"], "b"), n("Sub", ["b", "c1"], "d"), n("Sub", ["one", "d"], "e"), n("Div", ["e", "s"])],
         {"s": np.float32(1.5), "c": w(3, 1, 1), "c1": w(1, 3, 1, 1), "one": np.ones(1, np.float32)}, (3, 2, 4), opset=9)
    save("add_twice", [n("Relu", "x", "r"), n("Add", ["r", "r"], "s"), n("Add", ["s", "x"])], {}, (2, 3), opset=7)
    save("pad_attributes", [n("Pad", "x", mode="constant", pads=[0, 0, 1, 0, 0, 0, 2, 3], value=0.5)], {}, (2, 3, 4), opset=10)
    save("pad_axes", [n("Pad", ["x", "p", "", "a"])], {"p": np.array([1, 0, 0, 2]), "a": np.array([-1, 2])}, (2, 3, 4), opset=18)
    save("shapes", [n("Unsqueeze", ["x", "one"], "u"), n("Transpose", "u", "t", perm=[0, 2, 3, 1]), n("Squeeze", ["t", "three"], "s"), n("Identity", "s", "i"),
                    n("Dropout", ["i"], ["d", ""]), n("Reshape", ["d", "to"])], {"one": np.array([1]), "three": np.array([-1]), "to": np.array([0, -1])}, (4, 3))
    save("reshape_allowzero", [n("Reshape", ["x", "to"], allowzero=1)], {"to": np.array([-1, 6])}, (1, 2, 3), opset=14)
    save("nhwc_one_channel", [n("Reshape", ["x", "to"], "c"), n("Conv", ["c", "w"])], {"to": np.array([-1, 1, 5, 4]), "w": w(2, 1, 2, 3)}, (5, 4, 1))
