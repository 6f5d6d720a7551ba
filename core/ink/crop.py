"""Turn and crop a picture before it is read."""

import numpy as np


def turn_and_crop(
    grey: np.ndarray,
    *,
    quarters: int,
    across: tuple[int, int] = (0, 100),
    down: tuple[int, int] = (0, 100),
) -> np.ndarray:
    """A grey picture [H, W] turned by quarters of a circle, clockwise, then cropped.

    across, down : from and to in percent of the turned picture's width and height; at least a pixel
    is left.
    """
    turned = np.rot90(grey, -quarters)
    window = tuple(
        slice(min(low * length // 100, length - 1), max(-(-high * length // 100), 1))
        for (low, high), length in zip((down, across), turned.shape, strict=True)
    )
    return np.ascontiguousarray(turned[window])
