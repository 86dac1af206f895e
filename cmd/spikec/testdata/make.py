"""Makes the ONNX files of the command's tests: python make.py (onnx 1.23, numpy 2.4).

tiny.onnx         conv 5x5 stride 4 (6 maps) - ReLU - average pool 2x2 - fully connected: small, quick, and right on
                  three of four digits, because its last layer is fitted to the bundled calibration images (pixels
                  divided by 255)
unsupported.onnx  the same with two operators in the middle that no version of spikec takes, Erf and Sin
nan.onnx          the same with one weight that is not a number
decision.onnx     tiny.onnx with two outputs: the scores, and the class that ArgMax makes of them
"""

import gzip
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
DATA = HERE.parents[2] / "runtime" / "dataset" / "mnist"


def images():
    with gzip.open(DATA / "calibration-images-idx3-ubyte.gz") as f:
        x = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 28, 28) / 255.0
    with gzip.open(DATA / "calibration-labels-idx1-ubyte.gz") as f:
        y = np.frombuffer(f.read(), np.uint8, offset=8)
    return x, y


def weights():
    """Kernels are oriented edges; the last layer is a ridge regression on their pooled responses."""
    u, v = np.meshgrid(np.arange(5) - 2, np.arange(5) - 2, indexing="ij")
    angles = np.arange(6) * np.pi / 3
    conv = np.stack([np.cos(a) * u + np.sin(a) * v for a in angles]) / 10
    x, y = images()
    patches = np.lib.stride_tricks.sliding_window_view(x, (5, 5), (1, 2))[:, ::4, ::4]
    maps = np.maximum(np.einsum("nijuv,cuv->ncij", patches, conv), 0)
    pooled = maps.reshape(-1, 6, 3, 2, 3, 2).mean((3, 5)).reshape(-1, 54)
    target = np.eye(10)[y] - 0.1
    fit = np.linalg.solve(pooled.T @ pooled + 0.1 * np.eye(54), pooled.T @ target)
    return conv[:, None].astype(np.float32), fit.T.astype(np.float32)


def model(conv, fit, middle=()):
    nodes = [helper.make_node("Conv", ["image", "conv.weight"], ["c"], name="conv", strides=[4, 4])]
    last = "c"
    for op in middle:
        nodes.append(helper.make_node(op, [last], [f"m_{op}"], name=f"middle/{op.lower()}"))
        last = f"m_{op}"
    nodes += [
        helper.make_node("Relu", [last], ["r"], name="relu"),
        helper.make_node("AveragePool", ["r"], ["p"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "fc.weight"], ["scores"], name="fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 28, 28])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(conv, "conv.weight"), numpy_helper.from_array(fit, "fc.weight")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="spikec tests")


def with_decision(m):
    m.graph.node.append(helper.make_node("ArgMax", ["scores"], ["class"], name="decision", axis=1, keepdims=0))
    m.graph.output.append(helper.make_tensor_value_info("class", TensorProto.INT64, ["N"]))
    return m


def main():
    conv, fit = weights()
    onnx.save(model(conv, fit), HERE / "tiny.onnx")
    onnx.save(with_decision(model(conv, fit)), HERE / "decision.onnx")
    onnx.save(model(conv, fit, ("Erf", "Sin")), HERE / "unsupported.onnx")
    broken = fit.copy()
    broken[3, 7] = np.nan
    onnx.save(model(conv, broken), HERE / "nan.onnx")


if __name__ == "__main__":
    main()
