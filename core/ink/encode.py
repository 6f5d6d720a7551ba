"""Arrays as PNG files."""

import base64

import cv2
import numpy as np


def png(picture: np.ndarray) -> bytes:
    """A PNG of grey uint8 [H, W] or BGR [H, W, 3]."""
    return cv2.imencode(".png", picture)[1].tobytes()


def data_uri(picture: np.ndarray) -> str:
    """A PNG as an address that holds the picture itself."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()
