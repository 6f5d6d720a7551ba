"""Arrays as PNG files, and many images as one picture."""

import base64

import cv2
import numpy as np


def negative(picture: np.ndarray) -> np.ndarray:
    """Invert ink 255 on paper 0 to dark ink on white paper, or back; uint8 of any shape."""
    return 255 - picture


def png(picture: np.ndarray) -> bytes:
    """A PNG of grey uint8 [H, W] or BGR [H, W, 3]."""
    return cv2.imencode(".png", picture)[1].tobytes()


def data_uri(picture: np.ndarray) -> str:
    """A PNG as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


def contact_sheet(images: np.ndarray, *, columns: int, border: int = 0) -> np.ndarray:
    """Images uint8 [N, H, W] (ink 255) in rows of `columns`, as dark ink on white paper with
    `border` pixels around each.
    """
    count, height, width = images.shape
    rows = max(1, -(-count // columns))
    room = np.zeros((rows * columns, height + 2 * border, width + 2 * border), np.uint8)
    room[:count, border : border + height, border : border + width] = images
    sheet = room.reshape(rows, columns, *room.shape[1:]).swapaxes(1, 2)
    return negative(sheet.reshape(rows * room.shape[1], columns * room.shape[2]))
