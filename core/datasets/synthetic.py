"""Synthetic digits as data sets: generated once from a glyph set, then read from files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.idx import pair_paths, read_pair, write_pair
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
FORM = "mnist"
_PENS = 0.3
"""Of 3,000 MNIST training images, 90 % have pens 1.6 to 3.9 pixels wide, as
`core.ink.paper.pen_width` measures them.
"""


def make_synthetic(
    glyphs: str,
    root: Path,
    report: Progress = ignore_progress,
    *,
    sizes: Mapping[str, int] = PER_DIGIT,
) -> None:
    """Write the splits of the set, of `sizes` images of each digit, under `root`/synthetic; fewer
    are the first of more. report(images done, images in all).
    """
    total, before = 10 * sum(sizes.values()), 0
    for part, per_digit in sizes.items():
        images, labels = synthetic_characters(
            FORMS[FORM],
            per_class=per_digit,
            seed=_SEEDS[part],
            glyphs=glyphs,
            pens=_PENS,
            report=part_of_progress(report, start=before, total=total),
        )
        write_pair(_stem(root, glyphs, part), images, np.array(labels, np.uint8))
        before += len(images)


def open_synthetic(glyphs: str, settings: Settings, part: str) -> Dataset:
    """One split of the set; InklingError if it has not been made."""
    stem = _stem(settings.data, glyphs, part)
    if not pair_paths(stem)[0].exists():
        raise InklingError(
            f"The digits of the {glyphs} glyph set are not made yet; make them.",
            command=f"data download synthetic-{glyphs}",
        )
    images, labels = read_pair(stem)
    return Dataset(
        name=f"synthetic-{glyphs}:{part}",
        title=f"Synthetic digits, {glyphs}, {part}",
        images=images,
        labels=labels,
        classes=DIGITS,
        form=FORM,
        source=f"synthetic digits of the {glyphs} glyph set, {len(images):,} images that nobody "
        "wrote",
    )


def _stem(root: Path, glyphs: str, part: str) -> Path:
    return root / "synthetic" / f"{glyphs}-{part}"


def characters_of(classes: Sequence[str]) -> list[str]:
    """The characters that the natural hand can write of each class, as input for
    `synthetic_characters`: "Ii" where EMNIST merges them.
    """
    written: dict[int, str] = {}
    for character in load_glyphs("natural").glyphs:
        index = class_index(character, classes)
        if index is not None:
            written[index] = written.get(index, "") + character
    return [written[index] for index in sorted(written)]
