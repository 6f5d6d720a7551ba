"""Synthetic characters as model input: drawn on a canvas with pens of many widths, then converted
to a canonical form.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from core.errors import InklingError
from core.ink.forms import Form, canonical_ink
from core.ink.strokes import draw_strokes
from core.progress import Progress, ignore_progress
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS, Handwriting

_CANVAS = 280
_THINNEST, _THICKEST = 0.8, 4.8
"""Units of the 28-unit grid: 8 to 48 pixels on the canvas."""


def synthetic_characters(
    form: Form,
    *,
    per_class: int,
    seed: int,
    classes: Sequence[str] = DIGITS,
    glyphs: str = "natural",
    pens: float = 0.0,
    report: Progress = ignore_progress,
) -> tuple[np.ndarray, list[str]]:
    """`per_class` images of each class, uint8 [N, size, size] in a canonical form, and the
    character each shows.

    classes : the characters of each class, such as "7", or "Ii" for one that alternates I and i.
    InklingError if empty.
    pens : standard deviation of the log pen width, around the form's own; 0: always the form's, as
    for drawings.
    """
    if not classes:
        raise InklingError("None of the classes is a character that can be drawn; set synthetic=0.")
    table = load_glyphs(glyphs)
    count, rounds = per_class * len(classes), max(map(len, classes))
    labels = tuple(name[turn % len(name)] for turn in range(rounds) for name in classes)
    writing = Handwriting(
        table, replace(table.hand, thinnest=_THINNEST, thickest=_THICKEST), labels=labels, seed=seed
    )
    images = np.empty((count, form.size, form.size), np.uint8)

    def one(number: int) -> np.ndarray:
        sketch = writing.sketch(number)
        width = sketch.widths.mean() * _CANVAS / 28
        pen = form.pen * float(
            np.exp(pens * np.clip(np.random.default_rng((seed, number)).normal(), -2.5, 2.5))
        )
        drawn = draw_strokes(sketch.strokes(size=_CANVAS), width=width, size=(_CANVAS, _CANVAS))
        return canonical_ink(drawn, replace(form, pen=pen)).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, image in enumerate(pool.map(one, range(count))):
            images[number] = image
            report(number + 1)
    return images, [labels[number % len(labels)] for number in range(count)]
