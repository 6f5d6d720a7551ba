"""The table of what compositions can be written with: letters and digits of glyph sets and of data
sets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from core.datasets import drawings, strokes
from core.datasets.chars74k import read_writers
from core.datasets.dataset import Dataset
from core.datasets.published import open_emnist, open_mnist
from core.datasets.stroke_files import read_strokes
from core.errors import InklingError
from core.ink.handwritten import Handwritten
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.letters import (
    Letters,
    PictureLetters,
    StrokeLetters,
    WriterLetters,
)
from core.synthesis.compose.parts import Parts
from core.synthesis.compose.printed import printed_letters
from core.synthesis.compose.request import ComposeRequest
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import Handwriting

SIGNS = "ivxlcdmIVXLCDM0123456789"
"""What numerals and numbers are written with."""

_BREADTHS = {
    **dict.fromkeys("il", (0.0, 0.6)),
    "1": (0.0, 0.8),
    "I": (0.0, 0.9),
    **dict.fromkeys("vVxX", (0.3, 2.5)),
}
"""Width over height, from and to, of characters of UniPen that are used: cut out of joined writing,
a broad i is a wave, and a narrow x one of its strokes.
"""

_HANDS, _TRIES = 40, 2
"""Hands of a glyph set, and how often each tries a character; those written otherwise than the
first are left out.
"""

DARKER = 1.6
"""EMNIST's letters are blurred: ink above 80 of 255 counts, as the article darkened greys below 175
(black on white).
"""


@dataclass(frozen=True)
class Source:
    """Where characters come from.

    signs : those it can have. open(settings, part) : of the part "train" or "test", by other
    writers where writers are known. is_here(settings) : whether it can be opened, which would take
    long. about : where it comes from, for cards. data : the data set to be fetched for it, a name
    of the catalogue; "" if there is none. state(settings) : what changes with it.
    """

    name: str
    title: str
    signs: str
    open: Callable[[Settings, str], Letters]
    is_here: Callable[[Settings], bool]
    about: str
    data: str = ""
    state: Callable[[Settings], object] = lambda _: None


def source_of(name: str) -> Source:
    """The source `NAME` or `NAME:PART`; InklingError if there is none."""
    key, _, part = name.partition(":")
    if key not in SOURCES:
        raise InklingError(
            f"There is no source {key!r} of letters; there are {', '.join(SOURCES)}."
        )
    if part not in ("", "train", "test"):
        raise InklingError(f"{key} has no part {part!r}; choose train or test.")
    return SOURCES[key]


def open_letters(name: str, settings: Settings) -> Letters:
    """The source `NAME`, `NAME:train` or `NAME:test`; InklingError if there is none, or if it is
    not on this machine.
    """
    return source_of(name).open(settings, name.partition(":")[2] or "train")


def open_compositions(request: ComposeRequest, settings: Settings) -> Compositions:
    """What is asked for, from its source; InklingError for invalid settings, or without the
    source.
    """
    source = source_of(request.letters)
    return request.compositions(open_letters(request.letters, settings), called=source.title)


def _glyphs(name: str, _: Settings, part: str) -> Letters:
    return glyph_letters(name, part)


@lru_cache(maxsize=8)
def glyph_letters(name: str, part: str) -> Letters:
    """Hands that each write a character in one way, upright; units from the glyphs' grid of 28,
    where capitals stand from 4 to 24.
    """
    glyphs = load_glyphs(name)
    labels = tuple(sign for sign in SIGNS if sign in glyphs.glyphs)
    hand = replace(glyphs.hand, turn=1.5, slant=0.0, slant_spread=0.03)
    writing = Handwriting(glyphs, hand, labels, seed={"train": 101, "test": 202}[part])
    ways: dict[str, str] = {}
    pieces = []
    for number in range(_HANDS * _TRIES * len(labels)):
        turn, index = divmod(number, len(labels))
        label, owner = labels[index], f"{turn // _TRIES}"
        sketch = writing.sketch(number)
        if turn % _TRIES == 0:
            ways[label] = sketch.variant
        if sketch.variant == ways[label]:
            strokes_of = [(stroke - (0, 4)) / 20 for stroke in sketch.strokes(size=28)]
            pieces.append((label, owner, strokes_of))
    return StrokeLetters(Handwritten.of(pieces), in_place=True)


def _chars74k(settings: Settings, part: str) -> Letters:
    return WriterLetters(tuple(read_writers(settings.data, part).values()))


def _pictures(
    open_set: Callable[[Path, str], Dataset], darker: float, settings: Settings, part: str
) -> Letters:
    return _of_pictures(open_set(settings.data, part), darker)


def _of_pictures(dataset: Dataset, darker: float = 1.0) -> Letters:
    wanted = [sign for sign in SIGNS if sign in dataset.classes]
    found = np.unique(dataset.labels)
    wanted = [sign for sign in wanted if dataset.classes.index(sign) in found]
    parts = Parts.of(
        dataset.images, dataset.labels, dataset.classes, wanted, called=dataset.title, darker=darker
    )
    return PictureLetters(parts)


def _strokes(collection: str, settings: Settings, part: str) -> Letters:
    """Of the writers who are held out, or of the others."""
    path, title = _stroke_path(collection, settings), strokes.COLLECTIONS[collection].title
    if not path.exists():
        raise InklingError(
            f"{title} are not in {path.parent} yet; download them.",
            command=f"data download {collection}",
        )
    everyone = read_strokes(path)
    held = everyone.held_out
    wanted = np.isin(everyone.labels, list(SIGNS)) & (held if part == "test" else ~held)
    chosen = everyone.take(wanted)
    usual = [
        low <= _breadth(chosen.piece(row)) <= high
        for row, label in enumerate(chosen.labels)
        for low, high in [_BREADTHS.get(str(label), (0.0, np.inf))]
    ]
    return StrokeLetters(chosen.take(np.array(usual, bool)))


def _breadth(strokes: Sequence[np.ndarray]) -> float:
    """Width over height."""
    width, height = np.ptp(np.concatenate(strokes), axis=0)
    return float(width / max(height, 1e-6))


def _drawings(settings: Settings, _: str) -> Letters:
    dataset = drawings.open_drawings(settings)
    written = dataset.written
    if written is None or not written.drawn.all():
        return _of_pictures(dataset)
    return StrokeLetters(written.take(np.isin(written.labels, list(SIGNS))))


def _always(_: Settings) -> bool:
    return True


def _printed(_: Settings, __: str) -> Letters:
    return printed_letters(SIGNS)


def _stroke_path(collection: str, settings: Settings) -> Path:
    return settings.data / "strokes" / strokes.COLLECTIONS[collection].file


def _exists(path: str) -> Callable[[Settings], bool]:
    return lambda settings: (settings.data / path).exists()


_DIGITS = SIGNS[14:]
SOURCES = {
    source.name: source
    for source in (
        Source(
            "natural",
            "Glyphs, natural",
            SIGNS,
            partial(_glyphs, "natural"),
            _always,
            "glyphs of the natural set, by nobody",
        ),
        Source(
            "classic",
            "Glyphs, classic",
            _DIGITS,
            partial(_glyphs, "classic"),
            _always,
            "glyphs of the classic set, by nobody",
        ),
        Source(
            "print",
            "Print",
            SIGNS,
            _printed,
            _always,
            "printed characters of the faces that come with OpenCV and Pillow",
        ),
        Source(
            "chars74k",
            "Chars74K",
            "ivxIVX",
            _chars74k,
            _exists("chars74k"),
            "letters of one Chars74K writer each",
        ),
        Source(
            "emnist",
            "EMNIST by class",
            SIGNS,
            partial(_pictures, lambda root, part: open_emnist(root, "byclass", part), DARKER),
            _exists("EMNIST/raw/emnist-byclass-mapping.txt"),
            "letters of EMNIST byclass alike in pen and slant, not of one hand",
            "emnist-byclass",
        ),
        Source(
            "mnist",
            "MNIST",
            _DIGITS,
            partial(_pictures, open_mnist, 1.0),
            _exists("MNIST/raw"),
            "digits of MNIST alike in pen and slant, not of one hand",
            "mnist",
        ),
        Source(
            "unipen",
            "UniPen",
            SIGNS,
            partial(_strokes, "unipen"),
            lambda settings: _stroke_path("unipen", settings).exists(),
            "letters of one writer each of UniPen train_r01_v07 (Guyon et al. 1994; International "
            "Unipen Foundation, CC BY 4.0)",
            "unipen",
        ),
        Source(
            "pendigits",
            "pendigits",
            _DIGITS,
            partial(_strokes, "pendigits"),
            lambda settings: _stroke_path("pendigits", settings).exists(),
            "digits of one writer each of UCI pendigits (Alpaydin and Alimoglu 1998, CC BY 4.0)",
            "pendigits",
        ),
        Source(
            drawings.NAME,
            "My drawings",
            SIGNS,
            _drawings,
            lambda settings: drawings.count(settings) > 0,
            "letters of My drawings",
            drawings.NAME,
            lambda settings: (settings.visitor, *drawings.labels(settings).items()),
        ),
    )
}
"""By name."""
