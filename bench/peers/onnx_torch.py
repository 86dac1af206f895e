"""Rebuilds an ONNX network from PyTorch modules, so that tools which convert PyTorch modules can take it.

Only what the sample networks consist of is known; anything else ends the program with the operator's name. Modules are
those that converters look for: ReLU, pooling and layers with weights are nn.Modules, never functions.
"""

import operator
import pathlib

import onnx
import torch
from onnx import helper, numpy_helper
from torch import fx, nn


class Unsupported(Exception):
    """An operator, or an attribute of one, that this file does not know."""


def rebuild(path: pathlib.Path) -> tuple[fx.GraphModule, list[int]]:
    """The network of an ONNX file in evaluation mode, float32, and the shape of its input without the batch."""
    model = onnx.load(str(path))
    constants = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}
    given = [v for v in model.graph.input if v.name not in constants]
    if len(given) != 1 or len(model.graph.output) != 1:
        raise Unsupported(f"{len(given)} inputs, {len(model.graph.output)} outputs")
    graph, modules = fx.Graph(), {}
    values = {given[0].name: graph.placeholder("input")}
    for k, node in enumerate(model.graph.node):
        try:
            if node.op_type == "Add" and all(name in values for name in node.input):
                result = graph.call_function(operator.add, tuple(values[name] for name in node.input))
            else:
                name = f"{node.op_type.lower()}{k}"
                attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
                modules[name] = module(node.op_type, attributes, [constants[n] for n in node.input[1:]])
                result = graph.call_module(name, (values[node.input[0]],))
        except KeyError as e:
            raise Unsupported(f"node {node.name!r}, {node.op_type}: no value {e}") from e
        values[node.output[0]] = result
    graph.output(values[model.graph.output[0].name])
    return fx.GraphModule(modules, graph).eval(), [d.dim_value for d in given[0].type.tensor_type.shape.dim[1:]]


def module(op: str, a: dict, constants: list[torch.Tensor]) -> nn.Module:
    """The module for an operator with attributes a and all its inputs but the first."""
    if a.get("auto_pad", b"NOTSET") != b"NOTSET" or a.get("ceil_mode", 0):
        raise Unsupported(f"{op}: auto_pad or ceil_mode")
    if op == "Relu":
        return nn.ReLU()
    if op == "Conv":
        w = constants[0]
        layer = nn.Conv2d(w.shape[1] * a.get("group", 1), w.shape[0], tuple(w.shape[2:]), tuple(a.get("strides", (1, 1))), padding(op, a),
                          tuple(a.get("dilations", (1, 1))), a.get("group", 1), bias=len(constants) > 1)
        return load(layer, *constants)
    if op == "MaxPool":
        return nn.MaxPool2d(tuple(a["kernel_shape"]), tuple(a.get("strides", (1, 1))), padding(op, a), tuple(a.get("dilations", (1, 1))))
    if op == "AveragePool":
        return nn.AvgPool2d(tuple(a["kernel_shape"]), tuple(a.get("strides", (1, 1))), padding(op, a),
                            count_include_pad=bool(a.get("count_include_pad", 0)))
    if op == "ReduceMean":
        axes = [int(v) for v in (constants[0] if constants else a["axes"])]
        if sorted(v % 4 for v in axes) != [2, 3] or not a.get("keepdims", 1):
            raise Unsupported(f"{op}: axes {axes}, keepdims {a.get('keepdims', 1)}")
        return nn.AdaptiveAvgPool2d(1)
    if op == "Flatten" and a.get("axis", 1) == 1:
        return nn.Flatten()
    if op == "Reshape" and constants[0].numel() == 2 and constants[0][0] == -1:
        return nn.Flatten()
    if op == "Gemm" and (a.get("alpha", 1), a.get("beta", 1), a.get("transA", 0)) == (1, 1, 0):
        w = constants[0] if a.get("transB", 0) else constants[0].T
        return load(nn.Linear(w.shape[1], w.shape[0], bias=len(constants) > 1), w, *constants[1:])
    if op == "MatMul":
        w = constants[0].T
        return load(nn.Linear(w.shape[1], w.shape[0], bias=False), w)
    raise Unsupported(f"{op} {a}")


def padding(op: str, a: dict) -> tuple[int, int]:
    top, left, bottom, right = a.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        raise Unsupported(f"{op}: pads {a['pads']}")
    return top, left


def load(layer: nn.Module, weight: torch.Tensor, bias: torch.Tensor | None = None) -> nn.Module:
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(bias)
    return layer
