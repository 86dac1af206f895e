"""Times `spikec run` against onnxruntime on one thread, on a network of VGG-16's shape with random weights.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    go build -o spikec ../../cmd/spikec
    venv/bin/python vgg16_run.py --spikec ./spikec

Both run on one processor (sched_setaffinity), in turns, and processor time is what counts, of all threads. An image of
spikec is what a run on 2N images takes longer than a run on N, over N, so that neither start nor reading the model
counts; an image of onnxruntime is a call of run with a batch of one. The least and the median over the rounds are
printed, and the ratio of either. The outputs of both must agree first.
"""

import argparse
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

# Output channels of the convolutions, M for pooling (Simonyan and Zisserman 2015, configuration D).
VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
# Output sizes of the fully connected layers.
DENSE = [4096, 4096, 1000]


def model(path: pathlib.Path, size: int, seed: int) -> int:
    """Writes the network for 3 x size x size inputs and returns its multiply-accumulates an image."""
    rng = np.random.default_rng(seed)
    nodes, weights, macs = [], [], 0
    value, channels, side = "x", 3, size

    def constant(name: str, shape: tuple[int, ...], scale: float) -> str:
        array = (rng.standard_normal(shape, dtype=np.float32) * np.float32(scale)).astype(np.float32)
        weights.append(numpy_helper.from_array(array, name))
        return name

    def node(op: str, inputs: list[str], **attributes) -> str:
        out = f"v{len(nodes)}"
        nodes.append(helper.make_node(op, inputs, [out], name=f"{op}{len(nodes)}", **attributes))
        return out

    for k, width in enumerate(VGG16):
        if width == "M":
            value = node("MaxPool", [value], kernel_shape=[2, 2], strides=[2, 2])
            side //= 2
            continue
        fan = channels * 9
        w = constant(f"w{k}", (width, channels, 3, 3), (2 / fan) ** 0.5)  # He et al. 2015: keeps the scale of activations
        b = constant(f"b{k}", (width,), 0.05)
        value = node("Relu", [node("Conv", [value, w, b], kernel_shape=[3, 3], pads=[1, 1, 1, 1])])
        macs += width * fan * side * side
        channels = width
    value = node("Flatten", [value])
    fan = channels * side * side
    for k, width in enumerate(DENSE):
        w = constant(f"fw{k}", (width, fan), (2 / fan) ** 0.5)
        value = node("Gemm", [value, w, constant(f"fb{k}", (width,), 0.05)], transB=1)
        if k + 1 < len(DENSE):
            value = node("Relu", [value])
        macs += width * fan
        fan = width
    graph = helper.make_graph(
        nodes, "vgg16",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, size, size])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", DENSE[-1]])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return macs


def session(path: pathlib.Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def spikec(binary: str, path: pathlib.Path, x: np.ndarray, folder: pathlib.Path) -> tuple[float, np.ndarray]:
    """Runs spikec on x and returns its processor seconds, start and reading included, and the outputs."""
    np.savez(folder / "x.npz", x=x)
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([binary, "run", str(path), "--input", str(folder / "x.npz"), "--output", str(folder / "y.npz"), "--jobs", "1", "--quiet"], check=True)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = end.ru_utime - begin.ru_utime + end.ru_stime - begin.ru_stime
    return seconds, np.load(folder / "y.npz")["y"]


def cpu() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--spikec", required=True, help="the binary")
    p.add_argument("--size", type=int, default=224, help="rows and columns of the input")
    p.add_argument("--images", type=int, default=8, help="N")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--cpu", type=int, default=0, help="the processor that both run on")
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    os.sched_setaffinity(0, {a.cpu})
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "vgg16.onnx"
        macs = model(path, a.size, a.seed)
        x = np.random.default_rng(a.seed + 1).random((2 * a.images, 3, a.size, a.size), dtype=np.float32)
        s = session(path)
        want = np.concatenate([s.run(None, {"x": x[i : i + 1]})[0] for i in range(a.images)])
        _, got = spikec(a.spikec, path, x[: a.images], folder)
        difference = float(np.abs(got - want).max() / np.abs(want).max())
        print(f"cpu {cpu()}, load {os.getloadavg()[0]:.2f}, onnxruntime {ort.__version__}, input 3x{a.size}x{a.size}, {macs / 1e9:.2f} GMAC an image")
        print(f"largest difference of an output, relative to the largest output: {difference:.1e}")
        if not difference < 1e-4:
            raise SystemExit("the outputs differ: times mean nothing")
        once, twice, theirs = [], [], []
        for _ in range(a.rounds):
            once.append(spikec(a.spikec, path, x[: a.images], folder)[0])
            for i in range(a.images):
                begin = time.process_time()
                s.run(None, {"x": x[i : i + 1]})
                theirs.append(time.process_time() - begin)
            twice.append(spikec(a.spikec, path, x, folder)[0])
        for name, least in (("least", min), ("median", statistics.median)):
            o, t = (least(twice) - least(once)) / a.images, least(theirs)
            print(f"{name:6}  spikec {o * 1e3:8.1f} ms an image ({macs / o / 1e9:5.1f} GMAC/s)   "
                  f"onnxruntime {t * 1e3:8.1f} ms ({macs / t / 1e9:5.1f} GMAC/s)   speed of spikec / onnxruntime {t / o:.2f}")
        print(f"start and reading the model: spikec {2 * min(once) - min(twice):.1f} s")


if __name__ == "__main__":
    main()
