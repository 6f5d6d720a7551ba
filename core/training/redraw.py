"""Scanned handwriting as it would look drawn with a pen on a canvas: what training on scans alone never shows a network."""

import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from core.ink.forms import OVERSAMPLING, Form, canonical_ink


def redraw(images: np.ndarray, form: Form) -> np.ndarray:
    """Put scans uint8 [N, size, size] through the canonical form again: one pen width, clean outlines; same shape."""

    def one(image: np.ndarray) -> np.ndarray:
        large = cv2.resize(image, None, fx=OVERSAMPLING, fy=OVERSAMPLING, interpolation=cv2.INTER_CUBIC)
        return canonical_ink(large, form).model_input if (large > 127).any() else image

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(one, images)))
