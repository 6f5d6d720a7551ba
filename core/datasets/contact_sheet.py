"""Many images as one picture."""

import numpy as np


def contact_sheet(images: np.ndarray, *, columns: int, border: int = 0) -> np.ndarray:
    """Images uint8 [N, H, W] (ink 255) in rows of `columns`, as dark ink on white paper with `border` pixels around each."""
    count, height, width = images.shape
    rows = max(1, -(-count // columns))
    room = np.zeros((rows * columns, height + 2 * border, width + 2 * border), np.uint8)
    room[:count, border : border + height, border : border + width] = images
    return 255 - room.reshape(rows, columns, *room.shape[1:]).swapaxes(1, 2).reshape(rows * room.shape[1], columns * room.shape[2])
