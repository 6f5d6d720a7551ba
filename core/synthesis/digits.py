"""Synthetic digits as labelled model input."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.ink.forms import Form, canonical_ink
from core.ink.strokes import draw_strokes
from core.synthesis.glyphs import GLYPHS
from core.synthesis.handwriting import write_digit

_CANVAS = 280
_THINNEST, _THICKEST = 6.0, 36.0


def synthetic_digits(form: Form, *, per_digit: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """`per_digit` images of each digit, uint8 [N, size, size] in a canonical form, and their labels.

    Each image has a generator of its own, seeded by its place, so the result does not depend on the number of threads.
    """
    places = [(seed, int(digit), number) for digit in GLYPHS for number in range(per_digit)]

    def one(place: tuple[int, int, int]) -> np.ndarray:
        generator = np.random.default_rng(place)
        strokes, pen = write_digit(str(place[1]), generator, size=_CANVAS), generator.uniform(_THINNEST, _THICKEST)
        return canonical_ink(draw_strokes(strokes, width=pen, size=(_CANVAS, _CANVAS)), form).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = np.stack(list(pool.map(one, places)))
    return images, [str(digit) for _, digit, _ in places]
