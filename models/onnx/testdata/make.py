"""Makes the small test models of models/onnx: models/NAME.onnx and models/NAME.io.npz with the inputs x and the outputs
y that onnxruntime returns for them, graph optimisations disabled; and refused/NAME.onnx, which must be refused.

Made with onnx 1.23, onnxruntime 1.32, torch 2.15:  python make.py
"""
import io
import logging
import os
import shutil
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto as TP, helper as oh, numpy_helper as nh
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
HERE = os.path.dirname(os.path.abspath(__file__))
OUT, REFUSED = os.path.join(HERE, "models"), os.path.join(HERE, "refused")
IMAGES = 3
rng = np.random.default_rng(7)


def w(*shape):
    return rng.normal(0, 0.5, shape).astype(np.float32)


def record(name, x):
    """Runs the saved model on x and stores both."""
    opts = ort.SessionOptions()
    opts.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    opts.log_severity_level = 3
    s = ort.InferenceSession(os.path.join(OUT, name + ".onnx"), opts, providers=["CPUExecutionProvider"])
    i = s.get_inputs()[0]
    kind = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}[i.type]
    x = x.astype(kind)
    if isinstance(i.shape[0], int):
        ys = [s.run(None, {i.name: x[k:k + i.shape[0]]})[0] for k in range(0, len(x), i.shape[0])]
        y = np.concatenate(ys)
    else:
        y = s.run(None, {i.name: x})[0]
    np.savez_compressed(os.path.join(OUT, name + ".io.npz"), x=x.astype(np.float32), y=y.astype(np.float32))


def model(nodes, inits, shape, opset, batch="N", kind=TP.FLOAT, outputs=("y",), ir=None, extra_inputs=()):
    """nodes read "x" and make "y"; inits is a dict of arrays or TensorProtos."""
    ts = [v if isinstance(v, onnx.TensorProto) else nh.from_array(v, k) for k, v in inits.items()]
    ins = [oh.make_tensor_value_info("x", kind, [batch, *shape])] + list(extra_inputs)
    outs = [oh.make_tensor_value_info(o, kind, None) for o in outputs]
    g = oh.make_graph(nodes, "g", ins, outs, ts)
    m = oh.make_model(g, opset_imports=[oh.make_opsetid("", opset)], producer_name="make.py")
    m.ir_version = ir or min(10, {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9}.get(opset, 10))
    return m


def save(name, nodes, inits, shape, opset=13, images=IMAGES, **kw):
    m = model(nodes, inits, shape, opset, **kw)
    with open(os.path.join(OUT, name + ".onnx"), "wb") as f:
        f.write(m.SerializeToString())
    record(name, rng.normal(0, 1, (images, *shape)).astype(np.float32))


def n(op, ins, outs="y", **attrs):
    ins = [ins] if isinstance(ins, str) else ins
    return oh.make_node(op, ins, [outs] if isinstance(outs, str) else outs, **attrs)


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


def storage():
    cast = lambda src: [n("Cast", src, "wf", to=TP.FLOAT), n("Conv", ["x", "wf"])]
    v = w(2, 2, 2, 3)
    for name, t in {"float16_raw": nh.from_array(v.astype(np.float16), "w"),
                    "float16_typed": oh.make_tensor("w", TP.FLOAT16, v.shape, v.astype(np.float16).ravel().tolist()),
                    "float32_typed": oh.make_tensor("w", TP.FLOAT, v.shape, v.ravel().tolist()),
                    "double_raw": nh.from_array(v.astype(np.float64), "w"), "double_typed": oh.make_tensor("w", TP.DOUBLE, v.shape, v.ravel().tolist()),
                    "int8_raw": nh.from_array((v * 20).astype(np.int8), "w"),
                    "int32_typed": oh.make_tensor("w", TP.INT32, v.shape, (v * 20).astype(np.int32).ravel().tolist()),
                    "bfloat16_typed": oh.make_tensor("w", TP.BFLOAT16, v.shape, v.ravel().tolist())}.items():
        save("store_" + name, cast("w"), {"w": t}, (2, 3, 4))
    save("double_model", [n("Gemm", ["x", "w"], "c"), n("Relu", "c")], {"w": w(5, 3).astype(np.float64)}, (5,), kind=TP.DOUBLE, opset=14)
    save("half_model", [n("MaxPool", "x", kernel_shape=[2, 2])], {}, (2, 3, 4), kind=TP.FLOAT16, opset=13)
    nodes = [n("Relu", "a"), n("Conv", ["x", "w"], "dead"), n("Conv", ["x", "w"], "c"), n("Relu", "c", "a")]
    save("unsorted_dead_inputs", nodes, {"w": v}, (2, 3, 4), opset=8, ir=3, extra_inputs=[oh.make_tensor_value_info("w", TP.FLOAT, v.shape)])
    save("fixed_batch", [n("Reshape", ["x", "to"], "f"), n("Relu", "f")], {"to": np.array([4, 6])}, (2, 3), batch=4, images=8)
    external()


def external():
    m = model([n("Conv", ["x", "w", "b"])], {"w": w(4, 2, 3, 3), "b": w(4)}, (2, 4, 5), 13)
    path = os.path.join(OUT, "external.onnx")
    data = path + ".data"
    if os.path.exists(data):
        os.remove(data)
    onnx.save(m, path, save_as_external_data=True, location="external.onnx.data", size_threshold=0)
    record("external", rng.normal(0, 1, (IMAGES, 2, 4, 5)).astype(np.float32))


class Residual(nn.Module):
    """Batch normalisation first, depthwise convolution, ReLU6, padding, a residual sum, a view, log-softmax."""

    def __init__(self):
        super().__init__()
        self.norm, self.pad = nn.BatchNorm2d(2), nn.ZeroPad2d((1, 0, 2, 1))
        self.stem = nn.Conv2d(2, 4, (3, 2), bias=False)
        self.stem_norm = nn.BatchNorm2d(4)
        self.depth = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.point = nn.Conv2d(4, 4, 1)
        self.fc, self.ceil = nn.Linear(4 * 3 * 4, 5), True

    def forward(self, x):
        x = F.relu6(self.stem_norm(self.stem(self.pad(self.norm(x)))))
        x = F.relu(x + self.point(F.relu(self.depth(x))))
        x = F.avg_pool2d(x, 3, 2, padding=1, ceil_mode=self.ceil, count_include_pad=False)
        x = F.max_pool2d(x, 2 if self.ceil else 1, 1)
        x = x.view(x.size(0), -1)
        return F.log_softmax(self.fc(F.dropout(x, training=self.training)), dim=1)


class Mean(nn.Module):
    """Adaptive pooling to 1, Linear without bias, BatchNorm1d."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 6, 3, stride=2), nn.BatchNorm1d(6)
        self.hidden, self.fc = nn.Linear(6, 6, bias=False), nn.Linear(6, 3)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(F.relu(self.conv(x)), 1).flatten(1)
        return self.fc(F.relu(self.norm(self.hidden(x))))


def settle(net):
    torch.manual_seed(3)
    for m in net.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.running_mean.uniform_(-0.3, 0.3)
            m.running_var.uniform_(0.5, 1.5)
    return net.eval()


def exported():
    for cls, shape in ((Residual, (2, 7, 6)), (Mean, (1, 6, 9))):
        torch.manual_seed(1)
        net = settle(cls())
        x = torch.randn(IMAGES, *shape)
        name = cls.__name__.lower()
        for opset in (7, 9, 11, 13, 17):
            net.ceil = opset >= 10  # before, the exporter writes pads for it that onnxruntime refuses
            torchscript(f"{name}_torchscript{opset}", net, x, opset)
        for opset in (18, 20, 23):
            dynamo(f"{name}_dynamo{opset}", net, x, opset)


def torchscript(name, net, x, opset):
    buf = io.BytesIO()
    try:
        torch.onnx.export(net, (x[:1],), buf, opset_version=opset, dynamo=False, input_names=["input"], output_names=["output"],
                          dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}}, do_constant_folding=opset != 13)
    except Exception as e:
        print(f"{name}: not exported: {str(e).splitlines()[0][:120]}")
        return
    with open(os.path.join(OUT, name + ".onnx"), "wb") as f:
        f.write(buf.getvalue())
    record(name, x.numpy())


def dynamo(name, net, x, opset):
    p = torch.onnx.export(net, (x,), opset_version=opset, dynamo=True, input_names=["input"], output_names=["output"],
                          dynamic_shapes=({0: torch.export.Dim("batch", min=2)},), verbose=False, external_data=False)
    m = p.model_proto
    for node in m.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    with open(os.path.join(OUT, name + ".onnx"), "wb") as f:
        f.write(m.SerializeToString())
    record(name, x.numpy())


def refused():
    """One model with many different problems, each of which must be named."""
    sub = oh.make_graph([n("Identity", "x", "s")], "sub", [], [oh.make_tensor_value_info("s", TP.FLOAT, None)])
    nan = w(4, 4, 1, 1)
    nan[2, 1] = np.nan
    nodes = [
        oh.make_node("Conv", ["x", "w"], ["a"], "stem", auto_pad="SAME"),
        oh.make_node("Sigmoid", ["a"], ["b"], "act1"),
        oh.make_node("Conv", ["b", "nan"], ["c"], "block.conv"),
        oh.make_node("LeakyRelu", ["c"], ["d"], "block.act", alpha=0.1),
        oh.make_node("LSTM", ["d", "w", "w"], ["e"], "rnn", hidden_size=3),
        oh.make_node("If", ["e"], ["f"], "branch", then_branch=sub, else_branch=sub),
        oh.make_node("Frobnicate", ["f"], ["g"], "custom", domain="com.example"),
        oh.make_node("BatchNormalization", ["g", "v4", "v4", "v4", "v4"], ["h", "h1", "h2"], "norm", training_mode=1),
        oh.make_node("Conv", ["h", "w1"], ["i"], "conv1d"),
        oh.make_node("Gemm", ["i", "w2"], ["j"], "", transA=1),
        oh.make_node("MaxPool", ["j"], ["k", "indices"], "pool", kernel_shape=[2, 2, 2]),
        oh.make_node("MatMul", ["k", "indices"], ["l"], "product"),
        oh.make_node("Softmax", ["l", "nowhere"], ["y"], "score", axes=[1]),
        oh.make_node("Tanh", ["x"], ["unused"], "dead"),
    ]
    m = model(nodes, {"w": w(4, 2, 3, 3), "nan": nan, "v4": np.ones(4, np.float32), "w1": w(4, 4, 3), "w2": w(4, 4), "text": oh.make_tensor("text", TP.STRING, [1], [b"a"])}, (2, 8, 8), 15)
    with open(os.path.join(REFUSED, "many.onnx"), "wb") as f:
        f.write(m.SerializeToString())


if __name__ == "__main__":
    for d in (OUT, REFUSED):
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
    for make in (windows, linear, elementwise, storage, exported, refused):
        make()
    print(sum(os.path.getsize(os.path.join(d, f)) for d in (OUT, REFUSED) for f in os.listdir(d)), "bytes")
