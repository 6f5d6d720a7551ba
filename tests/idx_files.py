"""IDX files written by hand, as the description at yann.lecun.com/exdb/mnist says, without the code
under test.
"""

import struct
from pathlib import Path

import numpy as np


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file: two zeros, type 8 (unsigned byte), number of dimensions, big-endian
    sizes, data in C order.
    """
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(
        np.uint8
    ).tobytes(order="C")


def write_pair(folder: Path, stem: str, images: np.ndarray, labels: np.ndarray) -> None:
    """STEM-images-idx3-ubyte and STEM-labels-idx1-ubyte."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}-images-idx3-ubyte").write_bytes(idx(images))
    (folder / f"{stem}-labels-idx1-ubyte").write_bytes(idx(labels))
