"""MNIST and the six EMNIST splits, in a torchvision data root."""

import gzip
import shutil
import string
import zipfile
import zlib
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.idx import pair_paths, read_idx
from core.datasets.remote import Published, RemoteFile
from core.errors import InklingError
from core.files import open_whole

EMNIST_SIZES = {
    "balanced": (112_800, 18_800),
    "byclass": (697_932, 116_323),
    "bymerge": (697_932, 116_323),
    "digits": (240_000, 40_000),
    "letters": (124_800, 20_800),
    "mnist": (60_000, 10_000),
}
"""Images in the official train and test part of each split (Cohen et al., arXiv:1702.05373, and its
published files).
"""


_DIGITS, _CAPITALS = string.digits, string.ascii_uppercase
_MERGED = _DIGITS + _CAPITALS + "abdefghnqrt"
EMNIST_CLASSES = {
    "balanced": _MERGED,
    "byclass": _DIGITS + _CAPITALS + string.ascii_lowercase,
    "bymerge": _MERGED,
    "digits": _DIGITS,
    "letters": _CAPITALS,
    "mnist": _DIGITS,
}
"""The classes of each split, in label order (ibid., section II): small letters that look like their
capitals are merged with them.
"""


def open_mnist(root: Path, split: str) -> Dataset:
    """MNIST, `split` "train" or "test", as memory maps."""
    stem = root / "MNIST" / "raw" / ("train" if split == "train" else "t10k")
    images, labels = _open_pair(stem, "mnist", range(10))
    return Dataset(
        name=f"mnist:{split}",
        title=f"MNIST {split}",
        images=images,
        labels=labels,
        classes=tuple("0123456789"),
        form="mnist",
        source=f"MNIST {split} set, {len(images):,} images",
    )


def open_emnist(root: Path, kind: str, split: str) -> Dataset:
    """The train or test images of an EMNIST split, transposed upright, labels from 0, class names
    from the mapping file.
    """
    raw = root / "EMNIST" / "raw"
    stem, name = raw / f"emnist-{kind}-{split}", f"emnist-{kind}"
    _require(stem, name)
    mapping = read_mapping(raw / f"emnist-{kind}-mapping.txt")
    images, labels = _open_pair(stem, name, range(min(mapping), max(mapping) + 1))
    labels = labels - min(mapping)  # letters: 1 = A
    official = EMNIST_SIZES[kind][split == "test"]
    caveat = (
        ""
        if len(images) == official
        else f"; a pool of EMNIST images, not the official split ({official:,})"
    )
    return Dataset(
        name=f"emnist-{kind}:{split}",
        title=f"EMNIST {kind} {split}",
        images=images.transpose(0, 2, 1),
        labels=labels,
        classes=tuple(mapping[key] for key in sorted(mapping)),
        form="emnist",
        source=f"EMNIST {kind} {split}, {len(images):,} images{caveat}",
    )


def read_mapping(path: Path) -> dict[int, str]:
    """`parse_mapping` of a file; InklingError if it is missing or damaged."""
    try:
        return parse_mapping(path.read_text())
    except (OSError, ValueError) as error:
        raise InklingError(f"{path.name} is missing or damaged; download EMNIST again.") from error


def parse_mapping(text: str) -> dict[int, str]:
    """Label on disk to class name; each line of a mapping file holds a label and the ASCII codes
    merged in it. ValueError for another text.
    """
    rows = [[int(number) for number in line.split()] for line in text.splitlines() if line.strip()]
    try:
        mapping = {row[0]: chr(row[1]) for row in rows}
    except (IndexError, OverflowError) as error:
        raise ValueError("a row without a code") from error
    if not rows or sorted(mapping) != list(range(rows[0][0], rows[0][0] + len(rows))):
        raise ValueError("the labels do not count up")
    return mapping


def unpack_mnist(root: Path) -> None:
    for file in MNIST.files:
        _unpack(root / file.path, (root / file.path).with_suffix(""))


def unpack_emnist(root: Path) -> None:
    """All six splits are in one archive."""
    raw = root / "EMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(root / EMNIST.files[0].path) as packed:
        for member in packed.infolist():
            target = raw / Path(member.filename).name
            if member.is_dir() or not target.name.startswith("emnist-"):
                continue
            with packed.open(member) as source, open_whole(target) as file:
                shutil.copyfileobj(source, file)
            if target.suffix == ".gz":
                _unpack(target, target.with_suffix(""))
                target.unlink()


MNIST = Published(
    tuple(
        RemoteFile(
            f"MNIST/raw/{name}-ubyte.gz",
            (
                f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}-ubyte.gz",
                f"http://yann.lecun.com/exdb/mnist/{name}-ubyte.gz",
            ),
            md5,
            size,
        )
        for name, md5, size in [
            ("train-images-idx3", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
            ("train-labels-idx1", "d53e105ee54ea40749a09fcbcd1e9432", 28_881),
            ("t10k-images-idx3", "9fb629c4189551a2d022fa330f9573f3", 1_648_877),
            ("t10k-labels-idx1", "ec29112dd5afa0611ce80d1b7f02629c", 4_542),
        ]
    ),
    unpack_mnist,
)
EMNIST = Published(
    (
        RemoteFile(
            "EMNIST/gzip.zip",
            ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",),
            "58c8d27c78d21e728a6bc7b3cc06412e",
            561_753_746,
        ),
    ),
    unpack_emnist,
)
"""Addresses and checksums are torchvision's; the second address of MNIST is its authors'."""


def _require(stem: Path, name: str) -> tuple[Path, Path]:
    images, labels = pair_paths(stem)
    if not (images.exists() and labels.exists()):
        raise InklingError(
            f"{name} is not in {stem.parent} yet; download it.", command=f"data download {name}"
        )
    return images, labels


def _open_pair(stem: Path, name: str, known: range) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, H, W] and labels int64 [N] as they are on disk, every label in `known`."""
    images, labels = _require(stem, name)
    pixels, numbers = read_idx(images), np.asarray(read_idx(labels), np.int64)
    if pixels.ndim != 3 or numbers.ndim != 1:
        raise InklingError(
            f"{images.name} and {labels.name} are not images and labels; download {name} again."
        )
    if len(pixels) != len(numbers):
        raise InklingError(
            f"{images.name} has {len(pixels)} images and {labels.name} {len(numbers)} labels; "
            f"download {name} again."
        )
    if len(numbers) and not (numbers.min() in known and numbers.max() in known):
        raise InklingError(
            f"{labels.name} has labels outside {known[0]} to {known[-1]}; download {name} again."
        )
    return pixels, numbers


def _unpack(packed: Path, target: Path) -> None:
    """Unpack even if `target` is there: another program may have left half of it."""
    try:
        with gzip.open(packed) as source, open_whole(target) as file:
            shutil.copyfileobj(source, file)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InklingError(
            f"{packed.name} could not be unpacked ({reason}); make room and try again."
        ) from error
