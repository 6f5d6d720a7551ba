"""Data sets in one file: .npz archives, and pairs of IDX files."""

import re
import zipfile
from pathlib import Path

import numpy as np

from core.datasets.corrections import upright
from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx
from core.datasets.labels import in_order, one_form, to_indices
from core.datasets.published import read_mapping
from core.errors import InklingError
from core.files import NO_ARRAYS

MAX_UNPACKED_BYTES = 4 * 2**30
MAX_CLASSES = 10_000
_SPLIT = re.compile(r"-(train|test)-images-idx3-ubyte(\.gz)?$")


def open_npz(path: Path, classes: tuple[str, ...] | None = None) -> Dataset:
    """An .npz as `read_npz` reads it."""
    images, labels, names = read_npz(path, classes)
    return Dataset(
        name=str(path),
        title=path.name,
        images=images,
        labels=labels,
        classes=names,
        form="",
        source=f"the file {path.name}, {len(images):,} images",
    )


def read_npz(
    path: Path, classes: tuple[str, ...] | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """`images` uint8 [N, H, W] (upright, ink 255), `labels` [N] as int64 indices, and the classes
    that these index.

    In the file, labels are class names or indices into `classes`; without `classes` they are the
    names. Pickled objects are never read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise InklingError(f"{path.name} unpacks to more than 4 GB; split it.")
        with np.load(path, allow_pickle=False) as arrays:
            # bytes if a member is no array
            images, labels = np.asarray(arrays["images"]), np.asarray(arrays["labels"])
    except MemoryError as error:
        raise InklingError(f"{path.name} does not fit into memory; split it.") from error
    except NO_ARRAYS as error:
        raise InklingError(
            f"{path.name} is not an .npz with the arrays `images` and `labels`."
        ) from error
    if (
        images.ndim != 3
        or images.dtype != np.uint8
        or labels.shape != images.shape[:1]
        or not images.size
    ):
        raise InklingError(
            f"{path.name}: images must be uint8 [N, H, W], none of these 0, with one label each, "
            f"not {images.dtype} {list(images.shape)} and labels {list(labels.shape)}."
        )
    if labels.dtype.kind in "iu":
        low, high = int(labels.min()), int(labels.max())
        names = classes or tuple(str(number) for number in range(min(high + 1, MAX_CLASSES)))
        if low < 0 or high >= len(names):
            raise InklingError(
                f"{path.name} has a label {low if low < 0 else high}, but labels are 0 to "
                f"{len(names) - 1}."
            )
        indices = labels.astype(np.int64)
    else:
        texts = [
            one_form(str(label))
            for label in (
                np.strings.decode(labels, "utf-8", "replace")
                if labels.dtype.kind == "S"
                else labels
            )
        ]
        names = classes or in_order(texts)
        indices = to_indices(texts, names)
    return images, indices, names


def open_idx(images: Path, labels: Path) -> Dataset:
    """A pair of IDX files (gz too), turned if they lie on their side; the classes are the numbers 0
    to the largest label, or what a mapping file of EMNIST beside them calls these.
    """
    pixels, numbers = read_idx(images), np.asarray(read_idx(labels), np.int64)
    if pixels.ndim != 3 or numbers.shape != pixels.shape[:1] or not len(pixels):
        raise InklingError(
            f"{images.name} and {labels.name} do not belong together: {list(pixels.shape)} and "
            f"{list(numbers.shape)}."
        )
    mapping = images.with_name(_SPLIT.sub("-mapping.txt", images.name))
    names = read_mapping(mapping) if mapping.name != images.name and mapping.exists() else {}
    pixels, turned = upright(pixels)
    return Dataset(
        name=str(images),
        title=images.name,
        images=pixels,
        labels=numbers,
        classes=tuple(names.get(n, str(n)) for n in range(int(numbers.max()) + 1)),
        form="",
        source=f"the file {images.name}, {len(pixels):,} images{turned}",
    )
