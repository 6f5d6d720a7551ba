"""Handwriting as data sets: their pictures are drawn when they are asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from string import ascii_letters
from typing import Any

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.remote import Published, RemoteFile
from core.datasets.stroke_files import read_strokes, write_strokes
from core.errors import InklingError
from core.files import hold, modified_ns
from core.ink.forms import Form
from core.ink.handwritten import Handwritten
from core.settings import Settings
from core.synthesis.drawing import PEN, draw_inputs, pieces_of
from core.synthesis.handwriting import DIGITS

SPLITS = ("train", "validation")

_DRAWN_BY = 1
"""Version of the drawing: pictures kept by another are drawn again."""


@dataclass(frozen=True)
class Collection:
    """Published handwriting: its file under `DATA/strokes`, which of its labels are used, where the
    original is, and its licence with the names to be named.
    """

    title: str
    file: str
    classes: tuple[str, ...]
    address: str
    original: str
    licence: str


_UNIPEN = (
    "https://zenodo.org/api/records/1195803/files/unipen-CDROM-train_r01_v07.tgz/content",
    "unipen-CDROM-train_r01_v07.tgz",
    "UniPen train_r01_v07 (Guyon et al. 1994; International Unipen Foundation), CC BY 4.0",
)
_UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases"
LINES = "unipen-lines.json.gz"
"""The file of UniPen's lines, beside its characters."""

_CHARACTERS = tuple(sorted(DIGITS + tuple(ascii_letters)))

COLLECTIONS = {
    "pendigits": Collection(
        "UCI pendigits",
        "pendigits-train.json.gz",
        DIGITS,
        f"{_UCI}/pendigits/pendigits-orig.tra.Z",
        "pendigits-orig.tra.Z",
        "UCI pendigits (Alpaydin and Alimoglu 1998), CC BY 4.0",
    ),
    "unipen": Collection("UniPen characters", "unipen.json.gz", _CHARACTERS, *_UNIPEN),
    "unipen-digits": Collection("UniPen digits", "unipen.json.gz", DIGITS, *_UNIPEN),
    "uji": Collection(
        "UJI pen characters",
        "uji.json.gz",
        _CHARACTERS,
        f"{_UCI}/uji-penchars/version2/ujipenchars2.txt",
        "ujipenchars2.txt",
        "UJIpenchars2 (Llorens et al. 2008), CC BY 4.0",
    ),
}


@dataclass(frozen=True)
class DrawnImages:
    """Pictures uint8 [N, size, size] of handwriting in a canonical form, drawn as rows are taken.

    It stands for an array: `images[3]`, `images[2:9]`, `images[rows]`, `np.asarray(images)`. pen :
    as for `draw_inputs`. kept : a folder in which drawn pictures are kept, or None.
    """

    written: Handwritten
    form: Form
    pen: float = PEN
    kept: "Kept | None" = None

    dtype = np.dtype(np.uint8)
    ndim = 3

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.written), self.form.size, self.form.size

    @property
    def size(self) -> int:
        return len(self.written) * self.form.size**2

    def __len__(self) -> int:
        return len(self.written)

    def __getitem__(self, rows: Any) -> np.ndarray:
        numbers = np.arange(len(self))[rows]
        wanted = np.atleast_1d(numbers)
        images = self._draw(wanted) if self.kept is None else self.kept.take(wanted, self._draw)
        return images if np.ndim(numbers) else images[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        for number in range(len(self)):
            yield self[number]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:] if dtype is None else self[:].astype(dtype)

    def _draw(self, numbers: np.ndarray) -> np.ndarray:
        return draw_inputs(pieces_of(self.written, numbers), self.form, pen=self.pen)


@dataclass(frozen=True)
class Kept:
    """Pictures drawn before: a memory map uint8 [N, size, size], and which are there, uint8 [N]."""

    images: np.ndarray
    there: np.ndarray

    @staticmethod
    def open(folder: Path, name: str, shape: tuple[int, int, int]) -> "Kept | None":
        """The files `NAME-images.npy` and `NAME-there.npy`; None where they cannot be written."""
        try:
            with hold(folder / f".{name}.lock", "another process makes the same file", wait=10):
                return Kept(
                    _map(folder / f"{name}-images.npy", shape),
                    _map(folder / f"{name}-there.npy", shape[:1]),
                )
        except (OSError, ValueError, InklingError):
            return None

    def take(self, numbers: np.ndarray, draw: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Pictures by their numbers int64 [M]; what is not there is drawn first."""
        missing = np.unique(numbers[self.there[numbers] == 0])
        if len(missing):
            self.images[missing] = draw(missing)
            self.there[missing] = 1
        return np.array(self.images[numbers])


def _map(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A writable memory map of zeros, or of what is there."""
    if path.exists():
        return np.lib.format.open_memmap(path, mode="r+")
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)


def open_collection(name: str, root: Path, split: str, form: Form) -> Dataset:
    """A collection of COLLECTIONS under the data root."""
    made = COLLECTIONS[name]
    path = _path(made, root)
    if not path.exists():
        raise InklingError(
            f"{name} is not in {path.parent} yet; download it.", command=f"data download {name}"
        )
    return open_strokes(
        path, split, form, name=name, title=made.title, only=made.classes, licence=made.licence
    )


def open_strokes(
    path: Path,
    split: str,
    form: Form,
    *,
    name: str,
    title: str,
    only: Sequence[str] = (),
    licence: str = "",
) -> Dataset:
    """The characters of a file by writers for training, or by those for validation.

    only : characters with other labels are left out; () keeps all. licence : to be named in the
    source.
    """
    if split not in SPLITS:
        raise InklingError(f"{name} has no part {split!r}; choose {' or '.join(SPLITS)}.")
    everyone = read_strokes(path)
    held = everyone.held_out
    wanted = np.isin(everyone.labels, only) if only else np.full(len(everyone), True)
    written = everyone.take(wanted & (held if split == "validation" else ~held))
    if not len(written):
        raise InklingError(f"{title} has no characters by writers for {split}.")
    classes, labels = np.unique(written.labels, return_inverse=True)
    state = (path.name, modified_ns(path), split, tuple(only), astuple(form), PEN, _DRAWN_BY)
    key = sha256(repr(state).encode()).hexdigest()[:16]
    kept = Kept.open(path.parent / "drawn", key, (len(written), form.size, form.size))
    writers = len(np.unique(written.writers))
    return Dataset(
        name=f"{name}:{split}",
        title=f"{title} {split}",
        images=DrawnImages(written, form, kept=kept),  # type: ignore[arg-type]
        labels=labels.astype(np.int64),
        classes=tuple(map(str, classes)),
        form=form.name,
        source=f"{licence or title}: {len(written):,} characters as pen strokes by {writers} "
        f"writers, drawn; our split, one writer in five is for validation",
        written=written,
    )


def is_here(name: str, settings: Settings) -> bool:
    return _path(COLLECTIONS[name], settings.data).exists()


def published_collection(name: str) -> Published:
    """Its original, and how the file that is used is made of it."""
    made = COLLECTIONS[name]
    return Published(
        (RemoteFile(f"strokes/{made.original}", (made.address,)),),
        partial(_unpack, made),
        lambda root: _path(made, root).exists(),
    )


def _path(made: Collection, root: Path) -> Path:
    return root / "strokes" / made.file


def _unpack(made: Collection, root: Path) -> None:
    """Write what is used of the original."""
    target = _path(made, root)
    original = target.with_name(made.original)
    try:
        written = read_strokes(original)
    except InklingError:
        original.unlink(missing_ok=True)  # or it would be taken for the file the next time
        raise
    if (whole := np.isin(written.labels, _CHARACTERS)).all():
        write_strokes(target, written)
    else:
        lines = np.char.str_len(written.labels) > 1
        if lines.any():
            write_strokes(target.with_name(LINES), written.take(lines))
        write_strokes(target, written.take(whole))  # last: if it is there, both are
    with suppress(OSError):
        original.unlink()
