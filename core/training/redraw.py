"""Scanned handwriting as if drawn with a pen on a canvas, which scans alone never show a
network.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from core.ink.forms import OVERSAMPLING, Form, canonical_ink

MOST_ADDED = 20
"""Most pixels, at working resolution, that a pen adds to a scan's strokes: loops close, as with a
32 px pen on 280.
"""


def redraw(images: np.ndarray, form: Form, *, seed: int) -> np.ndarray:
    """Put scans uint8 [N, size, size] through the canonical form again, half of them drawn with a
    thicker pen; same shape.
    """

    def one(number: int) -> np.ndarray:
        image = images[number]
        large = cv2.resize(
            image, None, fx=OVERSAMPLING, fy=OVERSAMPLING, interpolation=cv2.INTER_CUBIC
        )
        if not (large > 127).any():
            return image
        added = max(0, int(np.random.default_rng((seed, number)).integers(-MOST_ADDED, MOST_ADDED)))
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (added + 1, added + 1))
        return canonical_ink(cv2.dilate(np.pad(large, added), pen), form).model_input

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(one, range(len(images)))))
