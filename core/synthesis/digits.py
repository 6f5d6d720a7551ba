"""Synthetic digits as labelled model input, drawn with pens of many widths as on a canvas."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.ink.forms import Form, canonical_ink
from core.ink.strokes import draw_strokes
from core.synthesis.handwriting import Handwriting

_CANVAS = 280
_THINNEST, _THICKEST = 8.0, 48.0


def synthetic_digits(form: Form, *, per_digit: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """`per_digit` images of each digit, uint8 [N, size, size] in a canonical form, digit after digit, and their labels."""
    writing = Handwriting(seed=seed)
    labels = [label for label in writing.labels for _ in range(per_digit)]
    pens = np.random.default_rng(seed).uniform(_THINNEST, _THICKEST, (len(writing.labels), per_digit))

    def one(place: tuple[int, int]) -> np.ndarray:
        digit, number = place
        strokes = writing.sketch(number * len(writing.labels) + digit).strokes(size=_CANVAS)
        return canonical_ink(draw_strokes(strokes, width=pens[place], size=(_CANVAS, _CANVAS)), form).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = np.stack(list(pool.map(one, np.ndindex(pens.shape))))
    return images, labels
