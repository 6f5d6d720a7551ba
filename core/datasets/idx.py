"""The IDX format of MNIST and EMNIST: read through a memory map, write atomically."""

import gzip
import json
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from core.errors import InklingError
from core.files import write_whole

MAX_PACKED_BYTES = 4 * 2**30
"""Unpacked size limit of a `.gz` file; all of EMNIST's byclass images are 0.6 GB."""


def read_idx(path: Path) -> np.ndarray:
    """Open an IDX file of unsigned bytes as a `numpy.memmap` with the shape in its header.

    A `.gz` file is unpacked into memory instead. Raises InklingError if it cannot be read, or the
    header or length is wrong.
    """
    try:
        return _read(path)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InklingError(f"{path.name} cannot be read ({reason}); download it again.") from error


def _read(path: Path) -> np.ndarray:
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        header = file.read(4)
        if len(header) < 4 or header[:2] != b"\0\0" or header[2] != 8 or not 1 <= header[3] <= 3:
            raise InklingError(
                f"{path.name} is not an IDX file of bytes; use the files as MNIST or EMNIST "
                "publish them."
            )
        sizes = file.read(4 * header[3])
        shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
        count, offset = prod(shape), 4 + 4 * header[3]
        packed = (
            np.frombuffer(file.read(min(count, MAX_PACKED_BYTES) + 1), np.uint8)
            if path.suffix == ".gz"
            else None
        )
    if (
        len(shape) != header[3]
        or (packed.size if packed is not None else path.stat().st_size - offset) != count
    ):
        raise InklingError(
            f"{path.name} is damaged: its length does not match its header; delete it and download "
            "it again."
        )
    if packed is not None:
        return packed.reshape(shape)
    return np.memmap(path, np.uint8, "r", offset, shape) if count else np.zeros(shape, np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array [N] or [N, H, W] atomically."""
    write_whole(path, idx_bytes(array))


def pair_paths(stem: Path) -> tuple[Path, Path]:
    """Paths of the images and labels of a set, named as in MNIST and EMNIST."""
    images, labels = (f"{stem.name}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1"))
    return stem.with_name(images), stem.with_name(labels)


def note_path(stem: Path) -> Path:
    """Path of the metadata file of a set."""
    return stem.with_name(f"{stem.name}.json")


def write_pair(
    stem: Path,
    images: np.ndarray,
    labels: np.ndarray,
    note: Mapping[str, object] | None = None,
) -> None:
    """Write a set: uint8 [N, H, W], [N] below 256, and a metadata file.

    Labels come first, then images, then metadata: if metadata exists, the set is complete.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = pair_paths(stem)
    write_idx(paths[1], labels)
    write_idx(paths[0], images)
    if note is not None:
        write_whole(note_path(stem), json.dumps(note))


def read_pair(stem: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, H, W], a memory map, and labels int64 [N]; InklingError as `read_idx`."""
    images, labels = pair_paths(stem)
    return read_idx(images), np.asarray(read_idx(labels), np.int64)


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX file of a uint8 array."""
    return idx_header(array.shape) + np.ascontiguousarray(array, dtype=np.uint8).tobytes()


def idx_header(shape: tuple[int, ...]) -> bytes:
    """The header of an IDX file of unsigned bytes, sizes big-endian."""
    return bytes([0, 0, 8, len(shape)]) + b"".join(int(size).to_bytes(4, "big") for size in shape)
