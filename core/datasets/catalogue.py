"""The table of data sets by name, and the one function that opens any of them, or a file, or a
folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.datasets import competition, drawings, published, uploads
from core.datasets.arrays import open_idx, open_npz
from core.datasets.composed import MADE, make_composed, open_composed
from core.datasets.dataset import Dataset
from core.datasets.pictures import open_folder
from core.datasets.synthetic import make_synthetic, open_synthetic
from core.errors import InklingError
from core.ink.forms import FORMS, Form
from core.progress import Progress
from core.settings import Settings
from core.synthesis.glyph_file import SETS

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Entry:
    """A data set by name: `open(settings, split)`, and how to get it where it has to be fetched or
    made.

    unit : what that is counted in. verb : what it is called on a button. drawn_here : visitors fill
    it on the Draw screen.
    """

    name: str
    title: str
    open: Callable[[Settings, str], Dataset]
    download: Callable[[Path, Progress], None] | None = None
    splits: tuple[str, ...] = SPLITS
    unit: str = "byte"
    verb: str = "Download"
    drawn_here: bool = False


def _open_uci(_: Settings, split: str) -> Dataset:
    """The 1,797 UCI digits that scikit-learn carries, 8x8; every fifth is the test part."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    rows = (np.arange(len(digits.target)) % 5 == 0) == (split == "test")
    images = (digits.images[rows] * (255 / 16)).round().astype(np.uint8)
    return Dataset(
        name=f"uci-digits:{split}",
        title=f"UCI digits {split}",
        images=images,
        labels=digits.target[rows].astype(np.int64),
        classes=tuple("0123456789"),
        form="",
        source=f"UCI digits in scikit-learn, {len(images):,} images of 8x8; our split, every fifth is test",
    )


def _open_emnist(kind: str, settings: Settings, split: str) -> Dataset:
    return published.open_emnist(settings.data, kind, split)


CATALOGUE = {
    entry.name: entry
    for entry in [
        Entry(
            "mnist",
            "MNIST digits",
            lambda settings, split: published.open_mnist(settings.data, split),
            published.download_mnist,
        ),
        *(
            Entry(
                f"emnist-{kind}",
                f"EMNIST {kind}",
                partial(_open_emnist, kind),
                published.download_emnist,
            )
            for kind in published.EMNIST_SIZES
        ),
        *(
            Entry(
                f"synthetic-{kind}",
                f"Synthetic digits, {kind}",
                partial(open_synthetic, kind),
                partial(make_synthetic, kind),
                unit="image",
                verb="Draw them",
            )
            for kind in SETS
        ),
        *(
            Entry(
                name,
                made.title,
                partial(open_composed, name),
                partial(make_composed, name),
                unit="image",
                verb="Compose them",
            )
            for name, made in MADE.items()
        ),
        Entry(
            competition.NAME,
            "Roman numerals i-x (Data-Centric AI competition)",
            competition.open_roman,
        ),
        Entry("uci-digits", "UCI digits, 8x8 (in scikit-learn)", _open_uci),
        Entry(
            drawings.NAME,
            "My drawings",
            lambda settings, _: drawings.open_drawings(settings),
            splits=("train",),
            drawn_here=True,
        ),
    ]
}


def _open_upload(name: str, settings: Settings, _: str) -> Dataset:
    return uploads.open_upload(settings, name)


def find_entries(settings: Settings) -> dict[str, Entry]:
    """The table, and after it the sets that visitors uploaded."""
    own = [
        Entry(uploads.PREFIX + name, title, partial(_open_upload, name), splits=("train",))
        for name, title in uploads.find_uploads(settings).items()
    ]
    return CATALOGUE | {entry.name: entry for entry in own}


def open_dataset(
    name: str,
    settings: Settings,
    *,
    classes: tuple[str, ...] | None = None,
    form: Form = FORMS["mnist"],
) -> Dataset:
    """Open `NAME:train`, `NAME:test`, `NAME` (its train part), `upload-NAME`, an .npz, an IDX
    images file or a folder of class folders.

    classes : the class names that integer labels of an .npz count in. form : what pictures in a
    folder and drawings are brought to.
    """
    key, _, split = name.partition(":")
    table = find_entries(settings) if key.startswith(uploads.PREFIX) else CATALOGUE
    if key in table:
        entry = table[key]
        split = split or entry.splits[0]
        if split not in entry.splits:
            raise InklingError(f"{key} has no part {split!r}; choose {' or '.join(entry.splits)}.")
        return (
            drawings.open_drawings(settings, form)
            if key == drawings.NAME
            else entry.open(settings, split)
        )
    path = Path(name).expanduser()
    if len(path.name) > 255:  # the file system would raise instead of saying no
        raise InklingError("The name of the data set is too long to be one.")
    if path.is_dir():
        return open_folder(path, form)
    if path.suffix == ".npz" and path.exists():
        return open_npz(path, classes)
    if path.exists() and "images-idx3" in path.name:
        return open_idx(path, path.with_name(path.name.replace("images-idx3", "labels-idx1")))
    raise InklingError(
        f"There is no data set, .npz, IDX file or folder {name!r}; the names are: {', '.join(find_entries(settings))}."
    )
