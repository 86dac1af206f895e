"""Reads the files that docs/figures/interop writes with the programs that they are written for, and compares.

    readers.py nir DIR      every *.nir with the reference reader
    readers.py netx DIR     every *.net with h5py, by the rules of netx
    readers.py counts DIR   the spikes of every neuron in sinabs and snnTorch with those of the *.npz beside the file

Prints {"columns": [...], "rows": [[...]], "passed": bool} as JSON.
"""

import contextlib
import glob
import importlib.metadata
import json
import os
import sys

import h5py
import numpy as np

TOLERANCE = 0.001  # share of neurons that may differ


def version(package):
    """Returns a package with its version."""
    return f"{package} {importlib.metadata.version(package)}"


def load(folder):
    """Reads every file with the reference reader, its type check included."""
    import nir

    rows, passed = [], True
    for path in sorted(glob.glob(os.path.join(folder, "*.nir"))):
        graph = nir.read(path)
        nodes = [type(n).__name__ for n in graph.nodes.values()]
        passed &= nodes.count("Input") == 1 and nodes.count("Output") == 1
        model, target, dialect = os.path.basename(path).split(".")[:3]
        rows.append([model, target, dialect, str(len(nodes)), str(len(graph.edges)), version("nir")])
    return {"columns": ["network", "converted for", "dialect", "nodes", "edges", "read by"], "rows": rows, "passed": passed and bool(rows)}


def order(name):
    """Sorts nodes by their numbers."""
    return int("".join(c for c in name if c.isdigit()) or 0)


def watch(module, kind):
    """Adds up the spikes of all layers of a kind, in the order of their nodes."""
    found = sorted((order(name), m) for name, m in module.named_modules() if isinstance(m, kind))
    totals = [None] * len(found)

    def hook(i):
        def add(_, __, out):
            spikes = (out[0] if isinstance(out, tuple) else out).detach()
            totals[i] = spikes if totals[i] is None else totals[i] + spikes

        return add

    for i, (_, m) in enumerate(found):
        m.register_forward_hook(hook(i))
    return totals


def sinabs_counts(graph, codes, steps):
    """Yields, picture by picture, the spikes of every layer, and the sum of what leaves the network."""
    import sinabs.layers as sl
    import sinabs.nir
    import torch

    module = sinabs.nir.from_nir(graph, batch_size=1)
    totals = watch(module, sl.IAFSqueeze)
    for picture in codes:
        for layer in module.modules():
            if isinstance(layer, sl.IAFSqueeze):
                layer.reset_states()
        totals[:] = [None] * len(totals)
        x = torch.tensor(picture)[None].repeat(steps, 1, 1, 1)
        out = module(x)
        out = out[0] if isinstance(out, tuple) else out
        # One call holds all steps.
        yield [t.reshape(steps, -1).sum(0).numpy() for t in totals], out.detach().reshape(steps, -1).sum(0).numpy()


def snntorch_counts(graph, codes, steps):
    """Yields, picture by picture, the spikes of every layer, and the sum of what leaves the network."""
    import snntorch
    import snntorch.import_nir
    import torch

    with contextlib.redirect_stdout(sys.stderr):
        module = snntorch.import_nir.import_from_nir(graph)
    totals = watch(module, snntorch.Leaky)
    for picture in codes:
        for layer in module.modules():
            if isinstance(layer, snntorch.Leaky):
                layer.reset_mem()
        totals[:] = [None] * len(totals)
        x, state, total = torch.tensor(picture), None, None
        for _ in range(steps):
            out, state = module(x, state)
            total = out if total is None else total + out
        yield [t.reshape(-1).numpy() for t in totals], total.detach().reshape(-1).numpy()


READERS = {"sinabs": sinabs_counts, "snntorch": snntorch_counts}


def counts(folder):
    """Compares the spikes of every neuron, and decisions."""
    import nir
    import torch

    rows, passed = [], True
    for path in sorted(glob.glob(os.path.join(folder, "*.npz"))):
        model, target, dialect = os.path.basename(path).split(".")[:3]
        data = np.load(path)
        want = [data[f"counts_{k}"] for k in range(1, len(data.files)) if f"counts_{k}" in data.files]
        steps, neurons, differ, right, same = int(data["steps"][0]), 0, 0, 0, 0
        with torch.no_grad():
            for i, (got, out) in enumerate(READERS[dialect](nir.read(path[:-4] + ".nir"), data["codes"], steps)):
                for g, w in zip(got, want):
                    neurons += g.size
                    differ += int((np.abs(g - w[i]) > 0.5).sum())
                decided = int(out.argmax())
                right += decided == data["labels"][i]
                same += decided == int(want[-1][i].argmax())
        n = len(data["codes"])
        passed &= neurons > 0 and differ <= TOLERANCE * neurons and len(got) >= len(want) - 1
        rows.append([model, target, version(dialect), str(n), str(steps), f"{neurons}", f"{differ} ({100 * differ / neurons:.4f} %)", f"{same} of {n}", f"{100 * right / n:.0f} %"])
    columns = ["network", "converted for", "reader", "pictures", "T", "neurons × pictures", "with another count", "same decision", "accuracy there"]
    return {"columns": columns, "rows": rows, "passed": passed and bool(rows)}


# What a layer of each type has, in the files that lava-dl's own exporter writes.
LAYOUT = {
    "input": {"shape", "type"},
    "conv": {"shape", "type", "inChannels", "outChannels", "kernelSize", "stride", "padding", "dilation", "groups", "weight", "neuron"},
    "dense": {"shape", "type", "inFeatures", "outFeatures", "weight", "neuron"},
    "flatten": {"shape", "type"},
}
NEURON = {"type", "iDecay", "vDecay", "vThMant", "refDelay"}


def netx(folder):
    """Reads every file layer by layer, as netx does, and compares shapes with what the layers before give."""
    rows, passed = [], True
    for path in sorted(glob.glob(os.path.join(folder, "*.net"))):
        kinds, shape, weights = [], None, 0
        with h5py.File(path, "r") as f:
            for i in range(len(f["layer"])):
                layer = f["layer"][str(i)]
                kind = layer["type"][0].decode()
                kinds.append(kind)
                passed &= layer["type"].shape == (1,) and layer["type"].dtype == "S10" and LAYOUT[kind] <= set(layer) <= LAYOUT[kind] | {"bias", "weight", "neuron"}
                own = tuple(int(n) for n in layer["shape"][()])
                if "neuron" in layer:
                    neuron = {k: v[()] for k, v in layer["neuron"].items()}
                    passed &= set(neuron) == NEURON and neuron["type"] == b"CUBA" and neuron["iDecay"] == 4096 and neuron["vDecay"] == 0
                    passed &= 1 <= neuron["vThMant"] < 1 << 17 and neuron["refDelay"] == 1
                if kind in ("conv", "dense"):
                    w = layer["weight"][()]
                    weights += w.size
                    passed &= w.dtype == "float32" and bool((w == w.astype(int)).all()) and w.min() >= -256 and w.max() <= 254 and bool((w % 2 == 0).all())
                if kind == "conv":
                    p, d, k, s = (layer[key][()] for key in ("padding", "dilation", "kernelSize", "stride"))
                    out = (np.array(shape[1:]) + 2 * p - d * (k - 1) - 1) // s + 1
                    passed &= w.shape == (own[0], shape[0], *k) and tuple(out) == own[1:] and layer["groups"].shape == ()
                elif kind == "dense":
                    passed &= len(shape) == 1 and w.shape == (own[0], shape[0])
                elif kind == "flatten":
                    passed &= own == (int(np.prod(shape)),)
                shape = own
        model, target = os.path.basename(path).split(".")[:2]
        rows.append([model, target, ", ".join(kinds), str(weights), version("h5py")])
    return {"columns": ["network", "chip", "layers", "weights", "read by"], "rows": rows, "passed": passed and bool(rows)}


if __name__ == "__main__":
    print(json.dumps({"nir": load, "counts": counts, "netx": netx}[sys.argv[1]](sys.argv[2])))
