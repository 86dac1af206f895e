"""Files that onnxruntime writes: graphs optimised offline, and quantised ones of its static and dynamic quantiser."""
import os
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper as oh, numpy_helper as nh
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

import kit
from kit import OUT, REFUSED, model, n, record, w

SHAPE = (2, 8, 7)


def network():
    """A float network of the layers that the quantiser and the optimiser know."""
    nodes = [n("Conv", ["x", "w1", "b1"], "a", name="conv1", pads=[1] * 4), n("Relu", "a", "b", name="relu1"), n("MaxPool", "b", "c", name="pool1", kernel_shape=[2, 2], strides=[2, 2]),
             n("Conv", ["c", "w2", "b2"], "d", name="conv2", pads=[1] * 4), n("Add", ["d", "c"], "e", name="sum"), n("Relu", "e", "f", name="relu2"),
             n("Conv", ["f", "w3", "b3"], "g", name="conv3"), n("Clip", ["g", "zero", "six"], "h", name="clip3"), n("GlobalAveragePool", "h", "i", name="gap"), n("Flatten", "i", "j", name="flatten"),
             n("Gemm", ["j", "w4", "b4"], "k", name="fc1", transB=1), n("Relu", "k", "l", name="relu4"), n("MatMul", ["l", "w5"], "y", name="fc2")]
    inits = {"w1": w(8, 2, 3, 3), "b1": w(8), "w2": w(8, 8, 3, 3), "b2": w(8), "w3": 2 * w(8, 8, 2, 2), "b3": w(8), "w4": w(9, 8), "b4": w(9), "w5": w(9, 4), "zero": np.float32(0), "six": np.float32(6)}
    m = model(nodes, inits, SHAPE, 13)
    m.graph.output[0].CopyFrom(oh.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 4]))
    return m


def data(count):
    return kit.rng.normal(0, 1, (count, *SHAPE)).astype(np.float32)


def optimise(m, level, path):
    opts = ort.SessionOptions()
    opts.graph_optimization_level, opts.optimized_model_filepath, opts.log_severity_level = level, path, 3
    ort.InferenceSession(m if isinstance(m, str) else m.SerializeToString(), opts, providers=["CPUExecutionProvider"])


def optimised():
    levels, m, x = ort.GraphOptimizationLevel, network(), data(3)
    for name, level in (("basic", levels.ORT_ENABLE_BASIC), ("extended", levels.ORT_ENABLE_EXTENDED)):
        optimise(m, level, os.path.join(OUT, f"optimised_{name}.onnx"))
        record("optimised_" + name, x, twin=m)
    optimise(m, levels.ORT_ENABLE_ALL, os.path.join(REFUSED, "optimised_all.onnx"))
    fused()


def fused():
    """Fused operators with what the optimiser did not write above."""
    two = dict(domains=("com.microsoft",))
    kit.save("fused_conv_sum", [n("Conv", ["x", "w"], "z"), oh.make_node("FusedConv", ["x", "w", "b", "z"], ["y"], domain="com.microsoft", activation="Relu")], {"w": w(3, 2, 2, 2), "b": w(3)}, SHAPE, **two)
    kit.save("fused_conv_clip", [oh.make_node("FusedConv", ["x", "w"], ["y"], domain="com.microsoft", activation="Clip", activation_params=[0.0, 0.75])], {"w": w(3, 2, 2, 2)}, SHAPE, **two)
    kit.save("fused_gemm", [oh.make_node("FusedGemm", ["x", "w", "b"], ["y"], domain="com.microsoft", activation="Relu", transB=1, alpha=0.5)], {"w": w(3, 5), "b": w(3)}, (5,), **two)
    kit.save("fused_matmul", [oh.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft", transB=1, alpha=0.5)], {"w": w(3, 5)}, (5,), **two)


class Reader(CalibrationDataReader):
    def __init__(self, x):
        self.left = iter([{"x": x}])

    def get_next(self):
        return next(self.left, None)


def dequantised(floats, quantised):
    """The float network with the weights that the quantised file holds. The names are the quantiser's: NAME_quantized beside
    NAME_scale and NAME_zero_point. A bias has the scales of input and weight multiplied."""
    held = {t.name: nh.to_array(t) for t in quantised.graph.initializer}
    scales = {k[: -len("_quantized_scale")]: v for k, v in held.items() if k.endswith("_quantized_scale")}
    for node in quantised.graph.node:
        for op, at in (("QLinearConv", 8), ("QGemm", 6)):
            if node.op_type == op:
                scales[node.input[at].removesuffix("_quantized")] = held[node.input[1]] * held[node.input[4]]
    twin = onnx.ModelProto()
    twin.CopyFrom(floats)
    changed = 0
    for t in twin.graph.initializer:
        q = held.get(t.name + "_quantized")
        if q is None:
            continue
        if t.name in scales:
            scale, zero = scales[t.name], np.int32(0)
        else:
            scale, zero = held[t.name + "_scale"], held[t.name + "_zero_point"]
        if scale.size > 1:  # a value for each output, which are the first axis of that length
            shape = [-1 if i == list(q.shape).index(scale.size) else 1 for i in range(q.ndim)]
            scale, zero = scale.reshape(shape), zero.reshape(shape) if zero.size > 1 else zero
        t.CopyFrom(nh.from_array(((q.astype(np.float32) - zero.astype(np.float32)) * scale).astype(np.float32), t.name))
        changed += 1
    assert changed == 9, changed
    bound(twin, held)
    return twin


def bound(twin, held):
    """Puts Clip(0, the largest number of its range) in place of each Relu and Clip: the quantiser takes them out where the
    range begins at 0, and leaves the bounds of the range."""
    for node in twin.graph.node:
        if node.op_type in ("Relu", "Clip"):
            name = node.output[0] if node.output[0] + "_scale" in held else node.input[0]  # QDQ, QOperator
            zero, scale = held[name + "_zero_point"], held[name + "_scale"]
            limits = np.iinfo(zero.dtype)
            assert zero == limits.min
            high = nh.from_array(((limits.max - zero.astype(np.float32)) * scale).astype(np.float32).reshape(()), node.output[0] + "_high")
            twin.graph.initializer.append(high)
            node.op_type = "Clip"
            del node.input[1:]
            node.input.extend(["zero", high.name])


def quantised():
    """The answers are those of the float network with the file's weights and bounds (dequantised): spikec takes the ranges of
    activations as scale factors and does not round them."""
    floats, x = network(), data(20)
    tested = x[:3]
    folder = tempfile.mkdtemp()
    source = os.path.join(folder, "float.onnx")
    onnx.save(floats, source)
    prepared = os.path.join(folder, "prepared.onnx")
    quant_pre_process(source, prepared)
    kinds = QuantType
    for form in QuantFormat.QDQ, QuantFormat.QOperator:
        for activations, weights, channels in ((kinds.QUInt8, kinds.QUInt8, False), (kinds.QUInt8, kinds.QInt8, False), (kinds.QUInt8, kinds.QInt8, True), (kinds.QInt8, kinds.QInt8, False), (kinds.QInt8, kinds.QInt8, True)):
            name = f"{form.name.lower()}_{activations.name[1:].lower()}_{weights.name[1:].lower()}{'_channels' if channels else ''}"
            path = os.path.join(OUT, name + ".onnx")
            quantize_static(prepared, path, Reader(x), quant_format=form, activation_type=activations, weight_type=weights, per_channel=channels)
            record(name, tested, twin=dequantised(floats, onnx.load(path)))
    quantize_dynamic(prepared, os.path.join(REFUSED, "dynamic.onnx"), weight_type=QuantType.QInt8)
    levels = ort.GraphOptimizationLevel
    path = os.path.join(OUT, "qdq_uint8_int8.onnx")
    optimise(path, levels.ORT_ENABLE_EXTENDED, path.replace(".onnx", "_optimised.onnx"))
    record("qdq_uint8_int8_optimised", tested, twin=dequantised(floats, onnx.load(path)))
