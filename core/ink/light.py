"""Even out the light on a page: gradients and shadows, sharp edges of shadows too."""

import cv2
import numpy as np

_STROKE = 0.22
"""Of the longer side: what is narrower is taken for ink at first, what is wider for shadow."""


def even_light(page: np.ndarray) -> np.ndarray:
    """Darkness uint8 [H, W], 0 for paper and 255 for black, of a grey page with dark ink.

    The light is the closing of the page by a square wider than any stroke (a black top-hat, Serra
    1982): a closing fills what is narrow, and leaves edges where they are. A first one, coarse,
    says how wide the strokes are; the second is only as wide as they need, for a corner of a shadow
    is mistaken for ink up to the size of the square.
    """
    smooth = cv2.GaussianBlur(page, (3, 3), 0, borderType=cv2.BORDER_REPLICATE)
    side = max(page.shape)
    scale = min(1.0, 256 / side)
    size = max(3, round(page.shape[1] * scale)), max(3, round(page.shape[0] * scale))
    coarse = cv2.resize(smooth, size, interpolation=cv2.INTER_AREA)
    first = _darkness(coarse, _closed(coarse, round(_STROKE * side * scale)))
    width = min(3.0 * _widest(first) / scale, _STROKE * side)
    return _darkness(smooth, _closed(smooth, max(round(width), round(0.03 * side))))


def _closed(grey: np.ndarray, width: int) -> np.ndarray:
    """Closing by a square of `width` pixels; beyond the border the page goes on as it ends, so that
    a shadow at the border is a shadow.
    """
    width = max(width, 3)
    padded = cv2.copyMakeBorder(grey, width, width, width, width, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    return closed[width:-width, width:-width]


def _darkness(grey: np.ndarray, light: np.ndarray) -> np.ndarray:
    share = grey.astype(np.float32) / np.maximum(light, 8)
    return np.clip(255 * (1 - share), 0, 255).astype(np.uint8)


def _widest(darkness: np.ndarray) -> float:
    """Width in pixels of the broadest strokes."""
    _, mask = cv2.threshold(darkness, 20, 255, cv2.THRESH_BINARY)
    if mask.all():
        return float(max(darkness.shape))
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    ridge = (distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    return float(2 * np.percentile(distance[ridge], 98)) if ridge.any() else 0.0
