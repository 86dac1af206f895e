"""Networks of PyTorch, exported by its TorchScript exporter and its dynamo exporter."""
import io
import logging
import os
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional as F

from kit import IMAGES, OUT, answers, record, write

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(1)


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


class Joined(nn.Module):
    """Branches joined along their channels, a dilated convolution, maximum pooling with ceil_mode, ReLU by clamp."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, dilation=2, padding=2)
        self.left, self.right = nn.Conv2d(4, 3, 1), nn.Conv2d(4, 5, 3, padding=1, padding_mode="zeros")
        self.fc, self.ceil = nn.Linear(8 * 4 * 3, 4), True

    def forward(self, x):
        x = F.max_pool2d(self.stem(x).clamp(min=0), 2, ceil_mode=self.ceil)
        x = torch.cat([F.relu(self.left(x)), F.relu(self.right(x))], 1)
        return self.fc(x.flatten(1))


class Block(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Blocks(nn.Module):
    """Modules that are exported as functions of the model, functions that call functions."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.fc = Block(), Block(), nn.Linear(3, 4)

    def forward(self, x):
        return self.fc(self.second(self.first(x)).mean((2, 3)))


class FakeQuantised(nn.Module):
    """Quantisation-aware training as it is exported: weights in float, rounded in the graph, a channel; activations rounded."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc, self.activations = nn.Conv2d(2, 4, 3), nn.Linear(4 * 5 * 4, 3), True
        for name, v in (("conv_scale", self.conv.weight), ("fc_scale", self.fc.weight)):
            self.register_buffer(name, v.detach().flatten(1).abs().amax(1) / 127)

    def rounded(self, v, scale):
        return torch.fake_quantize_per_channel_affine(v, scale, torch.zeros(len(v), dtype=torch.int32), 0, -128, 127)

    def activation(self, x, scale, zero):
        return torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, 255) if self.activations else x

    def forward(self, x):
        x = self.activation(x, 8 / 255, 128)
        x = F.relu(F.conv2d(x, self.rounded(self.conv.weight, self.conv_scale), self.conv.bias))
        x = self.activation(x, 6 / 255, 0).flatten(1)
        return F.linear(x, self.rounded(self.fc.weight, self.fc_scale), self.fc.bias)


def settle(net):
    torch.manual_seed(3)
    for m in net.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.running_mean.uniform_(-0.3, 0.3)
            m.running_var.uniform_(0.5, 1.5)
    return net.eval()


def exported():
    for cls, shape in ((Residual, (2, 7, 6)), (Mean, (1, 6, 9)), (Joined, (3, 8, 6))):
        torch.manual_seed(1)
        net = settle(cls())
        x = torch.randn(IMAGES, *shape)
        name = cls.__name__.lower()
        for opset in (7, 9, 11, 13, 17) if cls is not Joined else (10, 12, 15, 20):
            net.ceil = opset >= 10  # before, the exporter writes pads for it that onnxruntime refuses
            torchscript(f"{name}_torchscript{opset}", net, x, opset)
        for opset in (18, 20, 23) if cls is not Joined else (22, 24, 26):
            dynamo(f"{name}_dynamo{opset}", net, x, opset)
        dynamo(f"{name}_dynamo_unoptimised", net, x, 20, optimize=False)
    dynamo_external("residual_dynamo_external", settle(Residual()), torch.randn(IMAGES, 2, 7, 6))
    torchscript("blocks_functions", settle(Blocks()), torch.randn(IMAGES, 3, 5, 4), 15, export_modules_as_functions=True)
    fake_quantised()


def torchscript_bytes(net, x, opset, **options):
    buf = io.BytesIO()
    torch.onnx.export(net, (x[:1],), buf, opset_version=opset, dynamo=False, input_names=["input"], output_names=["output"],
                      dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}}, do_constant_folding=opset != 13, **options)
    return buf.getvalue()


def torchscript(name, net, x, opset, **options):
    try:
        data = torchscript_bytes(net, x, opset, **options)
    except Exception as e:
        print(f"{name}: not exported: {str(e).splitlines()[0][:120]}")
        return
    write(onnx.load_from_string(data), name)
    record(name, x.numpy())


def dynamo_program(net, x, opset, **options):
    p = torch.onnx.export(net, (x,), opset_version=opset, dynamo=True, input_names=["input"], output_names=["output"],
                          dynamic_shapes=({0: torch.export.Dim("batch", min=2)},), verbose=False, external_data=False, **options)
    for node in p.model.graph:  # stack traces, which hold paths
        node.metadata_props.clear()
        node.doc_string = None
    return p


def dynamo(name, net, x, opset, **options):
    write(dynamo_program(net, x, opset, **options).model_proto, name)
    record(name, x.numpy())


def dynamo_external(name, net, x):
    """What the exporter does by default: weights lie in NAME.onnx.data, but for the small ones."""
    dynamo_program(net, x, 20).save(os.path.join(OUT, name + ".onnx"), external_data=True)
    record(name, x.numpy())


def fake_quantised():
    """The answers are those of the network whose activations are not rounded, as spikec takes it."""
    torch.manual_seed(5)
    net, x = FakeQuantised().eval(), torch.rand(IMAGES, 2, 7, 6)
    for opset in (13, 17):
        net.activations = True
        name = f"fake_quantised_torchscript{opset}"
        write(onnx.load_from_string(torchscript_bytes(net, x, opset)), name)
        net.activations = False
        record(name, x.numpy(), twin=onnx.load_from_string(torchscript_bytes(net, x, opset)))
