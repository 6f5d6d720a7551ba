"""Synthetic digits as model input: drawn on a canvas with pens of many widths, and brought to a canonical form."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from core.ink.forms import Form, canonical_ink
from core.ink.strokes import draw_strokes
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import Handwriting

_CANVAS = 280
_THINNEST, _THICKEST = 0.8, 4.8
"""Units of the 28-unit grid: 8 to 48 pixels on the canvas."""


def synthetic_digits(
    form: Form, *, per_digit: int, seed: int, glyphs: str = "natural", pens: float = 0.0, progress: Callable[[int], None] = lambda _: None
) -> tuple[np.ndarray, list[str]]:
    """`per_digit` images of each digit, uint8 [N, size, size] in a canonical form, and their labels 0 to 9 in turn.

    pens : spread (standard deviation) of the log of the pen's width in them, about the form's own; 0: the form's, as drawings have.
    """
    table = load_glyphs(glyphs)
    writing = Handwriting(table, replace(table.hand, thinnest=_THINNEST, thickest=_THICKEST), seed=seed)
    count = per_digit * len(writing.labels)
    images = np.empty((count, form.size, form.size), np.uint8)

    def one(number: int) -> np.ndarray:
        sketch = writing.sketch(number)
        width = sketch.widths.mean() * _CANVAS / 28
        pen = form.pen * float(np.exp(pens * np.clip(np.random.default_rng((seed, number)).normal(), -2.5, 2.5)))
        drawn = draw_strokes(sketch.strokes(size=_CANVAS), width=width, size=(_CANVAS, _CANVAS))
        return canonical_ink(drawn, replace(form, pen=pen)).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, image in enumerate(pool.map(one, range(count))):
            images[number] = image
            progress(number + 1)
    return images, [writing.labels[number % len(writing.labels)] for number in range(count)]
