"""Whole numbers 0 to 36 and Roman numerals i to x as data sets: composed once from handwritten
characters, then read from files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.datasets.chars74k import EVERY, read_writers
from core.datasets.dataset import Dataset
from core.datasets.idx import note_path, pair_paths, read_pair, write_pair
from core.datasets.letter_sources import glyph_letters
from core.datasets.published import open_emnist, open_mnist
from core.errors import InklingError
from core.files import read_json
from core.ink.forms import FORMS, Form
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.synthesis.compose.composer import Composer
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numbers import DIGITS, NUMBERS, Numbers
from core.synthesis.compose.parts import Parts
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.roman import LETTERS, NUMERALS, RomanOfLetters, RomanOfWriters

FORM = FORMS["number"]

_SEEDS = {"train": 101, "test": 202}

_DARKER = 1.6
"""EMNIST's letters are blurred: ink above 80 of 255 counts, as the article darkened greys below 175
(black on white).
"""


def numbers_of(digits: Dataset, *, seed: int = 0, form: Form | None = FORM) -> Numbers:
    """Numbers 0 to 36 from any set of digits 0 to 9."""
    parts = Parts.of(digits.images, digits.labels, digits.classes, DIGITS, called=digits.title)
    return Numbers(seed=seed, form=form, parts=parts)


def roman_of(letters: Dataset, *, seed: int = 0, form: Form | None = FORM) -> RomanOfLetters:
    """Roman numerals from any set with the letters i, v, x, I, V and X."""
    parts = Parts.of(
        letters.images,
        letters.labels,
        letters.classes,
        LETTERS,
        called=letters.title,
        darker=_DARKER,
    )
    return RomanOfLetters(seed=seed, form=form, parts=parts)


def roman_of_chars74k(
    root: Path, part: str, *, seed: int = 0, form: Form | None = FORM
) -> RomanOfWriters:
    """Roman numerals, each from the letters of one Chars74K writer, of the split `part` ("train",
    "test", or "" for all).
    """
    return RomanOfWriters(seed=seed, form=form, writers=tuple(read_writers(root, part).values()))


@dataclass(frozen=True)
class Made:
    """A composed set.

    compose(root, part, seed) returns its composer and the origin of the characters. about : its
    source, with placeholders {n} and {origin}.
    """

    title: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    compose: Callable[[Path, str, int], tuple[Composer, str]]
    about: str


def _numbers(root: Path, part: str, seed: int) -> tuple[Composer, str]:
    digits = open_mnist(root, part)
    return numbers_of(digits, seed=seed), digits.source


def _roman_emnist(root: Path, part: str, seed: int) -> tuple[Composer, str]:
    letters = open_emnist(root, "byclass", part)
    return roman_of(letters, seed=seed), letters.source


def _roman_chars74k(root: Path, part: str, seed: int) -> tuple[Composer, str]:
    composer = roman_of_chars74k(root, part, seed=seed)
    return composer, f"Chars74K, {len(composer.writers)} writers"


MADE = {
    "numbers": Made(
        "Whole numbers 0-36, composed",
        NUMBERS,
        {"train": 50_000, "test": 5_000},
        _numbers,
        "whole numbers 0-36 joined from digits, {n:,} images ({origin}); MNIST does not tell who "
        "wrote a digit, so those of a number "
        "are alike in pen and slant, but not of one hand",
    ),
    "roman-emnist": Made(
        "Roman numerals i-x, composed of EMNIST",
        NUMERALS,
        {"train": 10_000, "test": 2_000},
        _roman_emnist,
        "Roman numerals joined from letters, {n:,} images, half in capitals ({origin}); letters "
        "alike in pen and slant, "
        "not of one hand; small i is mostly dotless",
    ),
    "roman-chars74k": Made(
        "Roman numerals i-x, composed of Chars74K",
        NUMERALS,
        {"train": 8_800, "test": 2_200},
        _roman_chars74k,
        "Roman numerals joined from letters of one writer each, {n:,} images, half in capitals "
        "({origin}); each writer has one sample "
        f"of a letter, so many images are alike; every {EVERY}th writer is of the test part only",
    ),
}


@dataclass(frozen=True)
class Natural:
    """A set composed of glyphs by a preset; a thousand images take a second. about : its source,
    with the placeholder {n}.
    """

    title: str
    classes: tuple[str, ...]
    preset: str
    counts: dict[str, int]
    about: str


NATURAL = {
    "roman-natural": Natural(
        "Roman numerals i-x, composed of glyphs",
        NUMERALS,
        "canonical",
        {"train": 3_000, "test": 1_000},
        "Roman numerals joined from glyphs that nobody wrote, {n:,} images, half in capitals; each "
        "of one made-up hand of 40, in the test part of others",
    ),
    "numbers-natural": Natural(
        "Whole numbers 0-36, composed of glyphs",
        NUMBERS,
        "numbers",
        {"train": 3_700, "test": 1_110},
        "whole numbers 0-36 joined from glyphs that nobody wrote, {n:,} images; each of one "
        "made-up hand of 40, in the test part of others",
    ),
}


def make_composed(name: str, root: Path, report: Progress = ignore_progress) -> None:
    """Write both splits of the set under `root`/composed; report(images done, images in all)."""
    made, before = MADE[name], 0
    # fail on missing sources before anything is written
    composers = {part: made.compose(root, part, _SEEDS[part]) for part in made.counts}
    for part, count in made.counts.items():
        images, labels = (
            np.empty((count, FORM.size, FORM.size), np.uint8),
            np.empty(count, np.uint8),
        )
        done = 0
        composer, origin = composers[part]
        for pictures, names in composer.chunks(count):
            images[done : done + len(names)] = pictures
            labels[done : done + len(names)] = [made.classes.index(label) for label in names]
            done += len(names)
            report(before + done, sum(made.counts.values()))
        note = {**composer.facts(), "origin": origin}
        write_pair(stem_of(root, f"{name}-{part}"), images, labels, note)
        before += count


def open_composed(name: str, settings: Settings, part: str) -> Dataset:
    """One split of the set; InklingError if it has not been made."""
    made, stem = MADE[name], stem_of(settings.data, f"{name}-{part}")
    if not pair_paths(stem)[0].exists():
        raise InklingError(
            f"The images of {name} are not composed yet; make them.",
            command=f"data download {name}",
        )
    origin = read_json(note_path(stem)).get("origin")
    if origin is None:
        raise InklingError(
            f"{note_path(stem).name} is missing or damaged; make the images again.",
            command=f"data download {name}",
        )
    return _dataset(name, part, made, *read_pair(stem), origin=origin)


def open_natural(name: str, _: Settings, part: str) -> Dataset:
    """A set of NATURAL, composed of glyphs when it is asked for: it needs no data."""
    made = NATURAL[name]
    return _dataset(name, part, made, *_natural(name, part, made.counts[part]))


def _dataset(
    name: str,
    part: str,
    made: "Made | Natural",
    images: np.ndarray,
    labels: np.ndarray,
    **about: str,
) -> Dataset:
    return Dataset(
        name=f"{name}:{part}",
        title=f"{made.title}, {part}",
        images=images,
        labels=labels,
        classes=made.classes,
        form=FORM.name,
        source=made.about.format(n=len(images), **about),
    )


@cache
def _natural(name: str, part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [count, size, size] and labels int64 [count]."""
    made = NATURAL[name]
    composed = Compositions(
        letters=glyph_letters("natural", part),
        texts=made.classes,
        recipe=PRESETS[made.preset],
        seed=_SEEDS[part],
    )
    images, labels = composed.draw(0, count)
    images.flags.writeable = False  # it is shared
    return images, np.array([made.classes.index(label) for label in labels], np.int64)


def stem_of(root: Path, name: str) -> Path:
    """The common path prefix of the files of a composed set."""
    return root / "composed" / name
