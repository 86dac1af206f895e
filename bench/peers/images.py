"""MNIST and CIFAR-10 as spikec reads them: the same test images, calibration sample and SHA-256."""

import gzip
import hashlib
import pathlib

import numpy as np

# The MNIST that spikec carries: the test set and 1,000 of the training images.
BUNDLED = pathlib.Path(__file__).resolve().parents[2] / "runtime" / "dataset" / "mnist"
# How many calibration images a build of spikec takes at most (runtime/build, MaxCalibration).
CALIBRATION = 1000


class Images:
    """n images: pixels uint8 [n, C, H, W], labels [n]; spec is what spikec's --data calls the data they are from."""

    def __init__(self, spec: str, pixels: np.ndarray, labels: np.ndarray):
        self.spec, self.pixels, self.labels = spec, pixels, labels

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, indices) -> "Images":
        return Images(self.spec, self.pixels[indices], self.labels[indices])

    def sample(self, n: int, seed: int) -> "Images":
        """n distinct images, or all where there are fewer, in the order of the keys SplitMix64(seed), as runtime/dataset draws them."""
        with np.errstate(over="ignore"):
            z = np.uint64(seed) + np.arange(1, len(self) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z ^= z >> np.uint64(31)
        return self.pick(np.argsort(z, kind="stable")[:n])

    def sha256(self) -> str:
        """The digest that spikec prints for these images."""
        c, h, w = self.pixels.shape[1:]
        digest = hashlib.sha256(f"spikec/dataset/v1 pixels {len(self)} {c} {h} {w}\n".encode())
        digest.update(np.ascontiguousarray(self.pixels).tobytes())
        digest.update(self.labels.astype("<u8").tobytes())
        return digest.hexdigest()


def read(path: pathlib.Path) -> bytes:
    """The bytes of path, or of path.gz unpacked where only that is there."""
    if path.exists():
        return path.read_bytes()
    return gzip.decompress(path.with_name(path.name + ".gz").read_bytes())


def idx(path: pathlib.Path, header: int) -> np.ndarray:
    """The bytes of an IDX file behind its header of that many big-endian words, the last ones being the shape."""
    data = np.frombuffer(read(path), dtype=np.uint8)
    words = data[: 4 * header].view(">u4")
    return data[4 * header :].reshape([int(n) for n in words[1:]])


def mnist(folder: pathlib.Path | None) -> tuple[Images, Images]:
    """Test and training images of the IDX files in folder, or of those that spikec carries."""
    spec, place, train = ("mnist", BUNDLED, "calibration") if folder is None else (f"mnist:{folder}", folder, "train")

    def part(name: str) -> Images:
        pixels = idx(place / f"{name}-images-idx3-ubyte", 4)
        return Images(spec, pixels[:, None], idx(place / f"{name}-labels-idx1-ubyte", 2))

    return part("t10k"), part(train)


def cifar10(folder: pathlib.Path) -> tuple[Images, Images]:
    """Test images, and the training images of those batches that are there, of the binary version."""

    def part(names: list[str]) -> Images:
        records = np.concatenate([np.frombuffer(read(folder / name), dtype=np.uint8).reshape(-1, 3073) for name in names])
        return Images(f"cifar10:{folder}", records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0])

    return part(["test_batch.bin"]), part(sorted({p.name.removesuffix(".gz") for p in folder.glob("data_batch_*.bin*")}))
