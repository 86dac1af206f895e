"""Compares spikec with SpikingJelly's conversions that train nothing (its ann2snn), on the same networks and images.

    python3.11 -m venv venv && venv/bin/pip install -r requirements-spikingjelly.txt
    go build -o spikec ../../cmd/spikec
    venv/bin/python spikingjelly_convert.py --cifar DIR --spikec ./spikec --out result.json MODEL.onnx...

Every model is rebuilt from PyTorch modules and must return the outputs recorded in NAME.io.npz beside it. It is
converted by every one of modes(), and runs on the first N test images with the picture as a constant current; an answer
at T steps is the class whose outputs have the largest mean over the steps, over all of them or, "delayed", over those
from the step on that SpikingJelly's estimate_delay_start gives. Calibration images are those that spikec takes: the
same number, drawn from the training images with the same seed. With --spikec, `spikec build --target generic8
--rules best` runs for every T too, and the SHA-256 of the images that it reports must be those used here.

SpikingJelly's networks are float32 and have no chip; of spikec both are shown, the spiking network in real numbers (snn)
and the files that were written for the chip, with weights of 8 bits (files). The best mode of SpikingJelly is chosen
for each T on the test images themselves; spikec runs once, with its defaults.

The table is Markdown on standard output, accuracies in % with the 95 % Wilson interval; --out has all of it as JSON.
Where a package is missing, the reason is printed and nothing done.
"""

import argparse
import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import warnings

ABSENT = [name for name in ("numpy", "onnx", "torch", "spikingjelly") if importlib.util.find_spec(name) is None]
if ABSENT:
    print(f"skipped: not installed: {', '.join(ABSENT)}; see requirements-spikingjelly.txt")
    sys.exit(0)

os.environ.setdefault("TQDM_DISABLE", "1")  # one bar a conversion would hide what is printed here

import numpy as np
import onnx
import torch
from spikingjelly.activation_based import ann2snn, functional, neuron

import images
import onnx_torch

@dataclasses.dataclass
class Mode:
    """One way to convert: a recipe of ann2snn, its options, and how often it sees the calibration images."""

    name: str
    recipe: type
    options: dict = dataclasses.field(default_factory=dict)
    passes: int = 1


def layer(name: str, mode, half: bool = False) -> Mode:
    options = {"mode": mode}
    if half:  # half_threshold has a meaning for channels only; a whole layer can be given the same neuron
        options["neuron_factory"] = lambda scale: neuron.HalfThresholdIFNode()
    return Mode(f"layer {name}" + (", V(0)=θ/2" if half else ""), ann2snn.RateCodingRecipe, options)


def channel(name: str, mode, half: bool, before: bool) -> Mode:
    options = {"mode": mode, "channel_wise": True, "half_threshold": half, "pre_spike_maxpool": before}
    return Mode(f"channel {name}" + (", V(0)=θ/2" if half else "") + (", pooling before" if before else ""), ann2snn.RateCodingRecipe, options)


def modes(pools: bool) -> list[Mode]:
    """The recipes that train nothing and take convolutional networks with ReLU; the first is SpikingJelly's default.

    Local threshold balancing (Bu et al., CVPR 2025) raises thresholds a little with every batch, so what it gives
    depends on how many it sees. Pooling before the neuron is something else only where the network has maximum pooling
    (pools).
    """
    every = [
        layer("max", "Max"),
        layer("99 %", "99%"),
        layer("99.9 %", "99.9%"),
        layer("99.99 %", "99.99%"),
        *(layer(f"max·1/{k}", 1 / k) for k in (2, 3, 4, 5)),
        layer("max", "Max", half=True),
        layer("99.9 %", "99.9%", half=True),
        channel("99.9 %", "99.9%", half=False, before=False),
        channel("99.9 %", "99.9%", half=False, before=pools),
        channel("99.9 %", "99.9%", half=True, before=False),
        channel("99.9 %", "99.9%", half=True, before=pools),
        channel("max", "Max", half=True, before=pools),
        channel("99 %", "99%", half=True, before=pools),
        channel("99.99 %", "99.99%", half=True, before=pools),
        *(Mode(f"LTB, {n} pass{'es' if n > 1 else ''}", ann2snn.LocalThresholdBalancingRecipe, passes=n) for n in (1, 10, 100)),
    ]
    return list({m.name: m for m in every}.values())


def score(correct: int, n: int) -> dict:
    """Accuracy with its 95 % interval (Wilson, JASA 22, 1927), in the fields of spikec's ladder."""
    z = 1.959963984540054
    p = correct / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return {"accuracy": p, "correct": correct, "n": n, "ci95": [max(0.0, middle - half), min(1.0, middle + half)]}


def percent(s: dict) -> str:
    low, high = s["ci95"]
    return f"{100 * s['accuracy']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


class Network:
    """A model with the images that it is measured on, as it wants them."""

    def __init__(self, path: pathlib.Path, a: argparse.Namespace):
        self.path = path
        try:
            self.torch, shape = onnx_torch.rebuild(path)
        except onnx_torch.Unsupported as e:
            raise SystemExit(f"{path}: {e}: not known here") from e
        with np.load(path.with_suffix(".io.npz")) as recorded, torch.no_grad():
            self.difference = float(np.abs(self.torch(torch.from_numpy(recorded["x"])).numpy() - recorded["y"]).max())
        if not self.difference < 1e-4:
            raise SystemExit(f"{path}: outputs of the rebuilt network differ by {self.difference:g} from those recorded")
        if shape == [3, 32, 32] and a.cifar is None:
            raise SystemExit(f"{path}: takes 3x32x32 images, which needs --cifar")
        test, train = images.cifar10(a.cifar) if shape == [3, 32, 32] else images.mnist(a.mnist)
        self.test, self.calibration = test.pick(slice(a.limit)), train.sample(images.CALIBRATION, a.seed)
        described = path.with_suffix(".json")
        p = json.loads(described.read_text())["preprocessing"] if described.exists() else {"mean": [0], "std": [1]}
        self.mean, self.std = p["mean"], p["std"]

    def batches(self, part: images.Images, size: int) -> list[torch.Tensor]:
        """The inputs for pixels p: (p/255 - mean)/std."""
        mean, std = (torch.tensor(v, dtype=torch.float32).reshape(1, -1, 1, 1) for v in (self.mean, self.std))
        pixels = torch.tensor(part.pixels).to(torch.float32) / 255
        return list(((pixels - mean) / std).split(size))

    def score(self, outputs: torch.Tensor) -> dict:
        return score(int((outputs.argmax(1).numpy() == self.test.labels).sum()), len(self.test))

    def spikec_flags(self) -> list[str]:
        return ["--data", self.test.spec, "--mean", ",".join(map(str, self.mean)), "--std", ",".join(map(str, self.std))]


def sums(snn: torch.nn.Module, batches: list[torch.Tensor], steps: int) -> torch.Tensor:
    """Outputs summed over the first t steps, float64 [steps + 1, n, classes]."""
    parts = []
    for x in batches:
        functional.reset_net(snn)
        parts.append(torch.stack([snn(x) for _ in range(steps)]).to(torch.float64).cumsum(0))
    whole = torch.cat(parts, 1)
    return torch.cat([torch.zeros_like(whole[:1]), whole])


def convert(net: Network, mode: Mode, a: argparse.Namespace) -> list[dict]:
    """The rows of a mode, one for each read-out."""
    loader = net.batches(net.calibration, a.batch)
    recipe = mode.recipe(loader * mode.passes, **mode.options)
    ann, _ = onnx_torch.rebuild(net.path)  # a conversion may change the modules that it is given
    snn = ann2snn.Converter(recipe).convert(ann).eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # said where T is too small for the estimate, which is then cut
        starts = {t: ann2snn.estimate_delay_start(snn, loader, "cpu", t) for t in a.steps}
        summed = sums(snn, net.batches(net.test, a.batch), max(a.steps))
    rows = []
    for name, start in ((mode.name, dict.fromkeys(a.steps, 0)), (mode.name + ", delayed", starts)):
        rows.append({
            "mode": name, "recipe": mode.recipe.__name__, "passes": mode.passes,
            "options": {k: "HalfThresholdIFNode" if callable(v) else v for k, v in mode.options.items()},
            "bySteps": [{"steps": t, "from": start[t], **net.score(summed[t] - summed[start[t]])} for t in a.steps],
        })
    return rows


def spikec(net: Network, a: argparse.Namespace) -> list[dict]:
    """The rows of spikec's stages snn and files."""
    found = {"snn": [], "files": []}
    for t in a.steps:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [a.spikec, "build", str(net.path), "--target", "generic8", "--rules", "best", "--steps", str(t), "--limit", str(a.limit),
                 "--seed", str(a.seed), *net.spikec_flags(), "--out", f"{folder}/build", "--json", "--quiet"],
                check=True, stdout=subprocess.PIPE)
        result = json.loads(done.stdout)
        for part, name in ((net.test, "data"), (net.calibration, "calibration")):
            if result[name]["sha256"] != part.sha256():
                raise SystemExit(f"{net.path}: spikec used other images than this program ({name})")
        for stage in result["ladder"]:
            if stage["stage"] in found:
                found[stage["stage"]].append({"steps": t, **{k: stage[k] for k in ("accuracy", "correct", "n", "ci95")}})
    return [{"stage": stage, "bySteps": rows} for stage, rows in found.items()]


def table(result: dict, steps: list[int]) -> str:
    """The network's Markdown tables: every mode, and side by side."""
    head = "| {} | " + " | ".join(f"T={t}" for t in steps) + " |\n|---|" + "---|" * len(steps)

    def line(name: str, cells: list[dict]) -> str:
        return f"| {name} | " + " | ".join(percent(c) + c.get("note", "") for c in cells) + " |"

    rows = result["spikingjelly"]
    best = [max(({**r["bySteps"][k], "note": f", {r['mode']}"} for r in rows), key=lambda c: c["correct"]) for k in range(len(steps))]
    together = [("SpikingJelly, its default", rows[0]["bySteps"]), (f"SpikingJelly, best of {len(rows)}", best)]
    together += [(f"spikec, {r['stage']}", r["bySteps"]) for r in result["spikec"]]
    return "\n".join([
        f"**{result['network']}**, n={result['ann']['n']}, the network itself {percent(result['ann'])}, accuracies in %", "",
        head.format("side by side"), *(line(*t) for t in together), "",
        head.format("SpikingJelly"), *(line(r["mode"], r["bySteps"]) for r in rows), "",
    ])


def save(path: pathlib.Path, document: dict) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    new.replace(path)


def cpu() -> str:
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.split(":", 1)[1].strip()
    return platform.processor()


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", nargs="+", type=pathlib.Path, metavar="MODEL.onnx", help="NAME.onnx, with NAME.io.npz and NAME.json beside it")
    p.add_argument("--mnist", type=pathlib.Path, help="folder with MNIST's IDX files t10k-* and train-* (default: those that spikec carries)")
    p.add_argument("--cifar", type=pathlib.Path, help="folder with test_batch.bin and data_batch_*.bin of CIFAR-10")
    p.add_argument("--limit", type=int, default=1000, help="N")
    p.add_argument("--steps", type=lambda s: sorted(int(t) for t in s.split(",")), default=[2, 4, 8, 16, 32, 64, 128], help="T,...")
    p.add_argument("--batch", type=int, default=100, help="images in a batch, of calibration too")
    p.add_argument("--seed", type=int, default=0, help="of the sample of calibration images")
    p.add_argument("--threads", type=int, default=1, help="of PyTorch")
    p.add_argument("--spikec", help="the binary, to be measured too")
    p.add_argument("--out", type=pathlib.Path, required=True, help="file for the results, written anew after every mode")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    document = {
        "schema": "spikec/peers/spikingjelly/v1",
        "versions": {"python": platform.python_version(), "spikingjelly": importlib.metadata.version("spikingjelly"),
                     "torch": torch.__version__, "numpy": np.__version__, "onnx": onnx.__version__},
        "cpu": cpu(), "threads": a.threads, "seed": a.seed, "batch": a.batch, "steps": a.steps, "encoding": "constant", "networks": [],
    }
    print(", ".join(f"{k} {v}" for k, v in document["versions"].items()) + f"; seed {a.seed}, batches of {a.batch}, {cpu()}\n")
    for path in a.models:
        net = Network(path, a)
        with torch.no_grad():
            ann = net.score(torch.cat([net.torch(x) for x in net.batches(net.test, a.batch)]))
        pools = any(isinstance(m, torch.nn.MaxPool2d) for m in net.torch.modules())  # ann2snn looks for no other pooling
        result = {
            "network": path.stem, "largestDifference": net.difference,
            "files": {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(path.parent.glob(path.name + "*"))},
            "data": {"n": len(net.test), "sha256": net.test.sha256()},
            "calibration": {"n": len(net.calibration), "sha256": net.calibration.sha256()},
            "ann": ann, "spikingjelly": [], "spikec": [],
        }
        document["networks"].append(result)
        for mode in modes(pools):
            result["spikingjelly"] += convert(net, mode, a)
            print(f"{path.stem}: {mode.name}", file=sys.stderr, flush=True)
            save(a.out, document)
        if a.spikec:
            result["spikec"] = spikec(net, a)
            save(a.out, document)
        print(table(result, a.steps), flush=True)


if __name__ == "__main__":
    main()
