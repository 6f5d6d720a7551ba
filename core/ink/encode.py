"""Arrays as PNG files, and many images as one picture."""

import base64
from collections.abc import Sequence

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
    return uri_of_png(png(picture))


def uri_of_png(data: bytes) -> str:
    """A PNG file as a data URI."""
    return "data:image/png;base64," + base64.b64encode(data).decode()


def photograph_uri(picture: np.ndarray, *, side: int, quality: int = 80) -> str:
    """A JPEG as a data URI, of a picture that is reduced so that no side is longer."""
    scale = side / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def diverging(values: np.ndarray, colors: Sequence[str]) -> np.ndarray:
    """Values float [H, W] as colours BGR uint8 [H, W, 3], linear between three `colors` (#rrggbb):
    of minus the largest absolute value, of 0, and of the largest absolute value.
    """
    most = max(float(np.abs(values).max()), 1e-12)
    ends = np.array([list(bytes.fromhex(color.removeprefix("#")))[::-1] for color in colors])
    channels = [np.interp(values / most, [-1, 0, 1], ends[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, -1)).astype(np.uint8)


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
