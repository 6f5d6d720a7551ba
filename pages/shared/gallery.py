"""Arrays as crisp pictures in HTML."""

from collections.abc import Sequence
from html import escape

import cv2
import numpy as np

from core.ink.encode import data_uri

_THUMBNAIL = 132
"""Width of a picture in a strip, CSS pixels; sharp screens show twice as many."""

_FEW_PIXELS = 64


def img(picture: np.ndarray, *, alt: str, side: int = 640) -> str:
    """An <img>; one of few pixels shows them as they are, one larger than `side` is reduced
    here.
    """
    scale = side / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    css = "ink-picture ink-pixels" if max(picture.shape[:2]) <= _FEW_PIXELS else "ink-picture"
    return f'<img class="{css}" src="{data_uri(picture)}" alt="{escape(alt, quote=True)}">'


def figures(pictures: Sequence[tuple[np.ndarray, str]], *, css: str) -> str:
    """Pictures with captions in a strip or gallery; dark ink on white."""
    items = "".join(
        f"<figure>{img(picture, alt=caption, side=2 * _THUMBNAIL)}<figcaption>{escape(caption)}</figcaption></figure>"
        for picture, caption in pictures
    )
    return f'<div class="{css}">{items}</div>'
