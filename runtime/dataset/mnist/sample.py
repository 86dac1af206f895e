"""Draw the bundled calibration images: 1,000 of MNIST's 60,000 training images.

    python sample.py DIR OUT

DIR holds train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz (see models/zoo/train.py for where
they come from); calibration-images-idx3-ubyte.gz and calibration-labels-idx1-ubyte.gz are written to OUT.
The draw is Python's own random.Random(SEED).sample, without regard to class, in the order of the training
set. It needs nothing but Python; the IDX bytes are the same everywhere, the gzip bytes wherever zlib is.
"""

import gzip
import pathlib
import random
import struct
import sys

SEED = 1000
COUNT = 1000
SIZE = 28 * 28


def read(path, header):
    """The data of a gzip IDX file whose header must be the given big-endian words."""
    raw = gzip.decompress(path.read_bytes())
    want = struct.pack(f">{len(header)}I", *header)
    if raw[: len(want)] != want:
        sys.exit(f"{path}: header is {raw[:len(want)].hex()}, want {want.hex()}")
    return raw[len(want) :]


def write(path, header, data):
    """A gzip IDX file without name or time in its header, so that equal data give equal bytes."""
    packed = gzip.compress(struct.pack(f">{len(header)}I", *header) + data, compresslevel=9, mtime=0)
    path.write_bytes(packed)


def main(source, out):
    images = read(source / "train-images-idx3-ubyte.gz", (0x803, 60000, 28, 28))
    labels = read(source / "train-labels-idx1-ubyte.gz", (0x801, 60000))
    picked = sorted(random.Random(SEED).sample(range(60000), COUNT))
    write(out / "calibration-images-idx3-ubyte.gz", (0x803, COUNT, 28, 28),
          b"".join(images[i * SIZE : (i + 1) * SIZE] for i in picked))
    write(out / "calibration-labels-idx1-ubyte.gz", (0x801, COUNT), bytes(labels[i] for i in picked))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
