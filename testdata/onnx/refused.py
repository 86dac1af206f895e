"""Models that must be refused, and every reason in them named. More of them come from sklearn_mlp.py and runtime.py."""
import numpy as np
from onnx import TensorProto as TP, helper as oh

from kit import REFUSED, model, n, w, write


def many():
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
    write(m, "many", REFUSED)


def functions():
    """A function that calls itself, one that is not there, and an attribute that the call does not give."""
    imports = [oh.make_opsetid("", 15), oh.make_opsetid("f", 1)]
    again = oh.make_function("f", "Again", ["a"], ["b"], [oh.make_node("Again", ["a"], ["b"], domain="f")], imports)
    node = oh.make_node("LeakyRelu", ["a"], ["b"])
    ref = node.attribute.add()
    ref.name, ref.ref_attr_name, ref.type = "alpha", "slope", 1
    leaky = oh.make_function("f", "Leaky", ["a"], ["b"], [node], imports, attributes=["slope"])
    nodes = [oh.make_node("Again", ["x"], ["p"], "loop", domain="f"), oh.make_node("Leaky", ["p"], ["q"], "leaky", domain="f"), oh.make_node("Gone", ["q"], ["y"], "gone", domain="f")]
    write(model(nodes, {}, (2, 4, 4), 15, domains=("f",), functions=[again, leaky]), "functions", REFUSED)


def integers():
    """Arithmetic on whole numbers, where the network would have to round."""
    nodes = [n("Add", ["x", "one"], "a", name="add"), n("Relu", "x", "b", name="relu"), n("Cast", "x", "c", name="cast", to=TP.FLOAT), n("QuantizeLinear", ["c", "s"], "q", name="quantise"),
             n("Clip", ["q", "one"], "d", name="clip"), n("DequantizeLinear", ["d", "s"], "e", name="back"), n("DynamicQuantizeLinear", "c", ["f", "fs", "fz"], name="dynamic"),
             n("DequantizeLinear", ["f", "fs", "fz"], "g", name="undo"), n("Add", ["e", "g"], "h", name="sum"), n("ConvInteger", ["x", "k"], "i", name="conv"), n("Concat", ["a", "b", "i"], name="all", axis=1)]
    write(model(nodes, {"one": np.uint8(1), "s": np.float32(0.5), "k": np.ones((2, 2, 1, 1), np.uint8)}, (2, 4, 4), 13, kind=TP.UINT8), "integers", REFUSED)


