"""Digits that nobody wrote as data sets: made once from a glyph set, then files like any other."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx, write_idx
from core.datasets.labels import class_index
from core.errors import InklingError
from core.ink.forms import FORMS
from core.progress import Progress, ignore_progress, part_of_progress
from core.settings import Settings
from core.synthesis.characters import synthetic_characters
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS

PER_DIGIT = {"train": 6000, "test": 1000}
_SEEDS = {"train": 101, "test": 202}
_FORM = "mnist"
_PENS = 0.3
"""Of 3,000 MNIST training images, 90 % have pens 1.6 to 3.9 pixels wide, as
`core.ink.paper.pen_width` measures them.
"""


def make_synthetic(glyphs: str, root: Path, report: Progress = ignore_progress) -> None:
    """Write both parts of the set under `root`/synthetic; report(images done, images in all)."""
    folder, total, before = root / "synthetic", 10 * sum(PER_DIGIT.values()), 0
    folder.mkdir(parents=True, exist_ok=True)
    for part, per_digit in PER_DIGIT.items():
        images, labels = synthetic_characters(
            FORMS[_FORM],
            per_class=per_digit,
            seed=_SEEDS[part],
            glyphs=glyphs,
            pens=_PENS,
            report=part_of_progress(report, start=before, total=total),
        )
        paths = _paths(root, glyphs, part)
        write_idx(paths[1], np.array(labels, np.uint8))
        write_idx(paths[0], images)  # last: where it lies, the set is whole
        before += len(images)


def open_synthetic(glyphs: str, settings: Settings, part: str) -> Dataset:
    """One part of the set; InklingError if it has not been made."""
    images, labels = _paths(settings.data, glyphs, part)
    if not images.exists():
        raise InklingError(
            f"The digits of the {glyphs} glyph set are not made yet; run: python -m core data download synthetic-{glyphs}"
        )
    pixels = read_idx(images)
    return Dataset(
        name=f"synthetic-{glyphs}:{part}",
        title=f"Synthetic digits, {glyphs}, {part}",
        images=pixels,
        labels=np.asarray(read_idx(labels), np.int64),
        classes=DIGITS,
        form=_FORM,
        source=f"synthetic digits of the {glyphs} glyph set, {len(pixels):,} images that nobody wrote",
    )


def _paths(root: Path, glyphs: str, part: str) -> tuple[Path, Path]:
    folder = root / "synthetic"
    return (
        folder / f"{glyphs}-{part}-images-idx3-ubyte",
        folder / f"{glyphs}-{part}-labels-idx1-ubyte",
    )


def characters_of(classes: Sequence[str]) -> list[str]:
    """What the natural hand writes of each class that it can write, as `synthetic_characters` takes
    it: "Ii" where EMNIST merges them.
    """
    written: dict[int, str] = {}
    for character in load_glyphs("natural").glyphs:
        place = class_index(character, classes)
        if place is not None:
            written[place] = written.get(place, "") + character
    return [written[place] for place in sorted(written)]
