"""Writes the samples of this folder with h5py, and what it reads of them as JSON, which the tests of package hdf5 compare.

    go test ./internal/hdf5 -run TestWritten -update
    pip install -r requirements.txt
    python make.py
"""

import json

import h5py
import numpy as np


def fill(f, many):
    """Puts one of every kind of object that the reader takes into a file."""
    rng = np.random.default_rng(1)
    for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f4", ">i2", ">u8"]:
        a = rng.integers(0 if "u" in kind else -100, 100, (3, 4)).astype(kind)
        f[f"numbers/{kind.replace('>', 'big_')}"] = a / np.array(8, kind) if "f" in kind else a
    f["scalar/f8"] = 0.1
    f["scalar/i8"] = np.int64(-5)
    f["scalar/bool"] = True
    f["scalar/text"] = "NIRGraph"
    f["scalar/no_text"] = ""
    f["empty"] = np.zeros((0, 3), "f4")
    f["unwritten"] = np.zeros(0, "f4")
    f.create_dataset("filled", (2, 3), "i4", fillvalue=7)
    f["text/fixed"] = np.array([b"conv", b"dense_long"], "S10")
    f["text/variable"] = np.array([["input", "0"], ["0", "π and more"]], dtype=h5py.string_dtype())
    f["deep/er/and/deeper/x"] = np.arange(3)
    a = np.arange(7 * 10, dtype="f4").reshape(7, 10)
    f.create_dataset("chunks/plain", data=a, chunks=(3, 4))
    f.create_dataset("chunks/gzip", data=a, chunks=(3, 4), compression="gzip")
    f.create_dataset("chunks/all", data=a, chunks=(4, 5), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("chunks/one", data=a, compression="gzip", chunks=a.shape)
    f.create_dataset("chunks/many", data=np.arange(300, dtype="i2"), chunks=(2,))
    f.create_dataset("chunks/three", data=np.arange(60, dtype="i8").reshape(3, 4, 5), chunks=(2, 3, 2), compression="gzip")
    f.create_dataset("chunks/holes", (8, 8), "f4", chunks=(4, 4), fillvalue=2.5)[5:, 5:] = 1
    f.create_dataset("chunks/text", data=["a", "bc", "def"], dtype=h5py.string_dtype(), chunks=(2,), compression="gzip")
    g = f.create_group("many")
    for i in range(many):
        g[f"node_{i}"] = i
    f["numbers"].attrs["__type__"] = "NIRGraphData"
    f["numbers"].attrs["dt"] = 1e-4
    f["numbers/f4"].attrs["list"] = np.arange(4, dtype="i2")


def plain(v):
    """Returns what is compared: kind, dimensions and elements."""
    a = np.asarray(v)
    if a.dtype.kind in "OS":
        text = [x.decode() if isinstance(x, bytes) else str(x) for x in a.ravel()]
        return {"kind": "text", "dims": list(a.shape), "text": text}
    if a.dtype.kind == "U":
        return {"kind": "text", "dims": list(a.shape), "text": [str(x) for x in a.ravel()]}
    if a.dtype.kind == "b":
        a = a.astype("i1")
    kind = {"f2": "f4"}.get(a.dtype.str[1:], a.dtype.str[1:])
    return {"kind": kind, "dims": list(a.shape), "numbers": [float(x) for x in a.ravel()]}


def describe(path):
    """Returns all datasets and attributes of a file."""
    found = {}

    def visit(name, node):
        if isinstance(node, h5py.Dataset):
            found[name] = plain(node[()])
        for key, value in node.attrs.items():
            found[f"{name}@{key}"] = plain(value)

    with h5py.File(path, "r") as f:
        f.visititems(visit)
    return found


def write(path, many=20, **mode):
    """Writes one sample."""
    with h5py.File(path, "w", **mode) as f:
        fill(f, many)
    with open(path.replace(".h5", ".json"), "w") as out:
        json.dump(describe(path), out, indent=0, sort_keys=True)
        out.write("\n")


if __name__ == "__main__":
    write("default.h5")
    write("ordered.h5", track_order=True)
    write("v108.h5", libver=("v108", "v108"), many=120)
    write("v110.h5", libver=("v110", "v110"))
    with open("written.json", "w") as out:  # written.h5 is the Go tests'
        json.dump(describe("written.h5"), out, indent=0, sort_keys=True)
        out.write("\n")
