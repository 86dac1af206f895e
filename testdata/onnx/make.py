"""Makes every model in models/ and refused/, and records what onnxruntime answers.

    python -m venv ENV && ENV/bin/pip install -r requirements.txt && ENV/bin/python make.py

With names of groups, such as runtime or pytorch, it makes those alone, and deletes nothing.
See README.md for what there is, and what the recorded answers mean.
"""
import importlib
import os
import shutil
import subprocess
import sys

from kit import OUT, REFUSED, seed

GROUPS = {
    "layers": ["windows", "linear", "elementwise"],
    "storage": ["storage", "versions", "narrow"],
    "networks": ["shapes", "preprocessing"],
    "paddle": ["spellings"],
    "pytorch": ["exported"],
    "keras_cnn": ["exported"],
    "sklearn_mlp": ["mlps"],
    "runtime": ["optimised", "quantised"],
    "refused": ["many", "functions", "integers"],
}


def everything():
    """Each group in a process of its own: PyTorch and TensorFlow cannot live in one."""
    for d in (OUT, REFUSED):
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
    for group in GROUPS:
        subprocess.run([sys.executable, __file__, group], check=True)
    print(sum(os.path.getsize(os.path.join(d, f)) for d in (OUT, REFUSED) for f in os.listdir(d)), "bytes")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        everything()
    for group in sys.argv[1:]:
        module = importlib.import_module(group)
        for make in GROUPS[group]:
            seed(f"{group}.{make}")
            getattr(module, make)()
