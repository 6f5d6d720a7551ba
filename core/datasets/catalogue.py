"""The table of data sets by name, and the one function that opens any of them, or a file, or a
folder.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.datasets import (
    competition,
    composed,
    drawings,
    published,
    requested,
    requested_compositions,
    strokes,
    synthetic,
    uploads,
)
from core.datasets.arrays import open_idx, open_npz
from core.datasets.dataset import Dataset
from core.datasets.pictures import open_folder
from core.datasets.remote import Published, fetch
from core.datasets.stroke_files import is_stroke_file
from core.datasets.uci import open_uci
from core.datasets.unpack import is_packed, open_packed
from core.errors import InklingError
from core.ink.forms import DEFAULT_FORM, FORMS, Form
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.synthesis.compose.roman import NUMERALS
from core.synthesis.glyph_file import SETS
from core.synthesis.handwriting import DIGITS

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Entry:
    """A data set by name, with its metadata known before opening.

    open(settings, split). open_in_form(settings, split, form) : for sets stored as drawn, converts
    to the requested form. classes, form : the set's; () and "" if known only from its pictures.
    published : how it is fetched, or make(root, report) : how it is generated. is_here(settings) :
    whether it is on this machine, where opening it would take long. bundled : always available.
    drawn : visitors draw it, on *Draw*. delete(settings) : removes an uploaded set.
    """

    name: str
    title: str
    open: Callable[[Settings, str], Dataset]
    classes: tuple[str, ...] = ()
    form: str = ""
    splits: tuple[str, ...] = SPLITS
    published: Published | None = None
    make: Callable[[Path, Progress], None] | None = None
    is_here: Callable[[Settings], bool] | None = None
    bundled: bool = False
    drawn: bool = False
    open_in_form: Callable[[Settings, str, Form], Dataset] | None = None
    delete: Callable[[Settings], None] | None = None

    @property
    def unit(self) -> str:
        """The unit of the progress of `obtain`."""
        return "image" if self.make else "byte"

    @property
    def obtainable(self) -> bool:
        """Whether it can be fetched or generated."""
        return bool(self.make or self.published)

    def obtain(self, root: Path, report: Progress = ignore_progress, *, mirror: str = "") -> None:
        """Fetch or generate it; `mirror` as for `fetch`."""
        if self.make:
            self.make(root, report)
        elif self.published:
            fetch(self.published, root, report, mirror=mirror)

    def may_be_trained_on(self, split: str) -> bool:
        """Whether a recognizer may have been trained on a split, to be stated with any result;
        visitors' drawings came after training.
        """
        return split == "train" and not self.drawn


def _open_emnist(kind: str, settings: Settings, split: str) -> Dataset:
    return published.open_emnist(settings.data, kind, split)


def _open_written(name: str, settings: Settings, split: str, form: Form) -> Dataset:
    return strokes.open_collection(name, settings.data, split, form)


CATALOGUE = {
    entry.name: entry
    for entry in [
        Entry(
            "mnist",
            "MNIST digits",
            lambda settings, split: published.open_mnist(settings.data, split),
            DIGITS,
            form="mnist",
            published=published.MNIST,
        ),
        *(
            Entry(
                f"emnist-{kind}",
                f"EMNIST {kind}",
                partial(_open_emnist, kind),
                tuple(published.EMNIST_CLASSES[kind]),
                form="emnist",
                published=published.EMNIST,
            )
            for kind in published.EMNIST_SIZES
        ),
        *(
            Entry(
                f"synthetic-{kind}",
                f"Synthetic digits, {kind}",
                partial(synthetic.open_synthetic, kind),
                DIGITS,
                form=synthetic.FORM,
                make=partial(synthetic.make_synthetic, kind),
            )
            for kind in SETS
        ),
        *(
            Entry(
                name,
                made.title,
                partial(composed.open_composed, name),
                made.classes,
                form=composed.FORM.name,
                make=partial(composed.make_composed, name),
            )
            for name, made in composed.MADE.items()
        ),
        Entry(
            competition.NAME,
            "Roman numerals i-x (Data-Centric AI competition)",
            competition.open_roman,
            NUMERALS,
            form=composed.FORM.name,
            is_here=competition.is_here,
        ),
        Entry(
            "uci-digits",
            "UCI digits, 8x8 (in scikit-learn)",
            open_uci,
            DIGITS,
            bundled=True,
        ),
        *(
            Entry(
                name,
                natural.title,
                partial(composed.open_natural, name),
                natural.classes,
                form=composed.FORM.name,
                is_here=lambda _: True,
                bundled=True,
            )
            for name, natural in composed.NATURAL.items()
        ),
        *(
            Entry(
                name,
                made.title,
                partial(_open_written, name, form=FORMS[DEFAULT_FORM]),
                made.classes,
                splits=strokes.SPLITS,
                open_in_form=partial(_open_written, name),
                published=strokes.published_collection(name),
                is_here=partial(strokes.is_here, name),
            )
            for name, made in strokes.COLLECTIONS.items()
        ),
        Entry(
            drawings.NAME,
            "My drawings",
            lambda settings, _: drawings.open_drawings(settings),
            splits=("train",),
            drawn=True,
            is_here=lambda settings: drawings.count(settings) > 0,
            open_in_form=lambda settings, _, form: drawings.open_drawings(settings, form),
        ),
    ]
}

BUNDLED = next(name for name, entry in CATALOGUE.items() if entry.bundled)
"""A data set that needs no download."""


def _open_upload(name: str, settings: Settings, _: str) -> Dataset:
    return uploads.open_upload(settings, name)


def find_entries(settings: Settings) -> dict[str, Entry]:
    """The table, followed by the sets that visitors uploaded."""
    own = [
        Entry(
            uploads.PREFIX + name,
            facts.title,
            partial(_open_upload, name),
            facts.classes,
            form=facts.form,
            splits=("train",),
            delete=partial(uploads.delete_upload, name=name),
        )
        for name, facts in uploads.find_uploads(settings).items()
    ]
    return CATALOGUE | {entry.name: entry for entry in own}


DESCRIBED: Mapping[
    str, Callable[[str], requested.Requested | requested_compositions.RequestedCompositions]
] = {
    requested.PREFIX: requested.Requested.parse,
    requested_compositions.PREFIX: requested_compositions.RequestedCompositions.parse,
}
"""What names begin with that describe their set, and what reads them."""


def find_entry(name: str, settings: Settings) -> Entry | None:
    """The set of the table or upload of that name, or the one that the name describes; None if
    there is none, InklingError for a wrong description.
    """
    for prefix, parse in DESCRIBED.items():
        if name.startswith(prefix):
            if settings.own and prefix == requested.PREFIX:
                requested.check_glyphs(name, settings)
            asked = parse(name)
            return Entry(
                name, asked.title, asked.open, asked.classes, form=asked.form, make=asked.make
            )
    return CATALOGUE.get(name) or find_entries(settings).get(name)


def is_here(entry: Entry, settings: Settings) -> bool:
    """Whether there are pictures of it on this machine."""
    if entry.bundled or entry.delete:
        return True
    try:
        return (
            entry.is_here(settings)
            if entry.is_here
            else len(entry.open(settings, entry.splits[0])) > 0
        )
    except InklingError:
        return False


def first_here(entries: Sequence[Entry], settings: Settings) -> Entry:
    """The first of these sets that is on this machine; the first of all if none is."""
    return next((entry for entry in entries if is_here(entry, settings)), entries[0])


def first_for(classes: Sequence[str], settings: Settings) -> Entry:
    """The default set for a recognizer of these classes: among sets without other classes, and on
    this machine, the one with most of these.
    """
    entries = list(find_entries(settings).values())
    fitting = [entry for entry in entries if entry.classes and set(entry.classes) <= set(classes)]
    most_first = sorted(fitting, key=lambda entry: -len(entry.classes))
    return first_here(most_first or entries, settings)


def alike(classes: Sequence[str], form: str, settings: Settings) -> list[Entry]:
    """The sets with exactly these classes in this form, on which their recognizer can continue
    training.
    """
    return [
        entry
        for entry in find_entries(settings).values()
        if (entry.classes, entry.form) == (tuple(classes), form)
    ]


def open_dataset(
    name: str,
    settings: Settings,
    *,
    classes: tuple[str, ...] | None = None,
    form: Form = FORMS[DEFAULT_FORM],
) -> Dataset:
    """Open `NAME:train`, `NAME:test`, `NAME` (its train split), `upload-NAME`, `synthetic?…` (see
    `core.datasets.requested`), an .npz, an IDX images file, a CSV of pixels, or a folder or zip of
    class folders.

    classes : the class names that integer labels of an .npz index. form : the form to which
    pictures in a folder and drawings are converted.
    """
    key, _, split = name.partition(":")
    entry = find_entry(key, settings)
    if entry:
        split = split or entry.splits[0]
        if split not in entry.splits:
            raise InklingError(f"{key} has no part {split!r}; choose {' or '.join(entry.splits)}.")
        if entry.open_in_form:
            return entry.open_in_form(settings, split, form)
        return entry.open(settings, split)
    path = Path(name).expanduser()
    if not settings.may_open(path):
        raise InklingError(f"There is no data set {name[:60]!r}; choose another.")
    if is_stroke_file(Path(key)):
        path = Path(key).expanduser()
    if len(path.name) > 255:  # the file system would raise instead of reporting it missing
        raise InklingError("The name of the data set is too long to be one.")
    if is_stroke_file(path) and path.exists():
        part = split or strokes.SPLITS[0]
        return strokes.open_strokes(path, part, form, name=key, title=path.name)
    if path.is_dir():
        return open_folder(path, form)
    if path.suffix == ".npz" and path.exists():
        return open_npz(path, classes)
    if path.is_file() and is_packed(path):
        return open_packed(path, form)
    if path.exists() and "images-idx3" in path.name:
        return open_idx(path, path.with_name(path.name.replace("images-idx3", "labels-idx1")))
    raise InklingError(
        f"There is no data set, .npz, IDX file, CSV, zip or folder {name!r}; the names are: "
        f"{', '.join(find_entries(settings))}."
    )
