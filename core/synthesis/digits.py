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
    form: Form, *, per_digit: int, seed: int, glyphs: str = "natural", progress: Callable[[int], None] = lambda _: None
) -> tuple[np.ndarray, list[str]]:
    """`per_digit` images of each digit, uint8 [N, size, size] in a canonical form, and their labels 0 to 9 in turn."""
    table = load_glyphs(glyphs)
    writing = Handwriting(table, replace(table.hand, thinnest=_THINNEST, thickest=_THICKEST), seed=seed)
    count = per_digit * len(writing.labels)
    images = np.empty((count, form.size, form.size), np.uint8)

    def one(number: int) -> np.ndarray:
        sketch = writing.sketch(number)
        width = sketch.widths.mean() * _CANVAS / 28
        return canonical_ink(draw_strokes(sketch.strokes(size=_CANVAS), width=width, size=(_CANVAS, _CANVAS)), form).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, image in enumerate(pool.map(one, range(count))):
            images[number] = image
            progress(number + 1)
    return images, [writing.labels[number % len(writing.labels)] for number in range(count)]
