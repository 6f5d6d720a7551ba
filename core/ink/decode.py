"""Decode picture files to grey pixels; every problem with a file is reported in one sentence."""

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import InklingError
from core.settings import MAX_PIXELS, MAX_UPLOAD_BYTES

PICTURE_SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".bmp",
    ".gif",
    ".webp",
    ".avif",
    ".tif",
    ".tiff",
)

_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF", "GIF")
"""Pillow reads more formats, some through external programs."""


_LUMA = np.array([0.299, 0.587, 0.114])
_SAMPLE = 128, 128
_ENOUGH = 60
"""Of 255: luma with this contrast is kept."""


def decode(data: bytes, *, name: str = "This file") -> np.ndarray:
    """Grey uint8 [H, W] of a PNG, JPEG, WebP, AVIF, BMP, TIFF or one-frame GIF, rotated by its EXIF
    tag.

    Transparency is composited on white, or on black where white would hide the ink. Colour becomes
    luma (ITU-R 601). Sixteen-bit and float pictures are scaled to their own range. The size is
    checked in the header before decoding.
    """
    if not data:
        raise InklingError(f"{name} is empty (0 bytes); choose a picture.")
    if len(data) > MAX_UPLOAD_BYTES:
        raise InklingError(
            f"{name} has {len(data) / 2**20:.0f} MB; the limit is {MAX_UPLOAD_BYTES // 2**20} MB, "
            "so make it smaller."
        )
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; ours are refused just below
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise InklingError(
                f"{name} is {picture.width} x {picture.height} pixels; the limit is "
                f"{MAX_PIXELS // 10**6} million, so make it smaller."
            )
        if picture.format in ("GIF", "WEBP", "AVIF", "PNG") and getattr(picture, "n_frames", 1) > 1:
            raise InklingError(f"{name} is an animation; save the frame you mean as a PNG.")
        picture.load()
        return _grey(ImageOps.exif_transpose(picture))
    except InklingError:
        raise
    except UnidentifiedImageError as error:
        raise InklingError(
            f"{name} is not a picture that can be read; use PNG, JPEG, WebP, AVIF, BMP, TIFF or "
            "GIF."
        ) from error
    except Image.DecompressionBombError as error:
        raise InklingError(
            f"{name} has too many pixels; the limit is {MAX_PIXELS // 10**6} million."
        ) from error
    # On damage Pillow's readers raise OSError, SyntaxError, ValueError, TypeError, struct.error,
    # …
    except Exception as error:
        raise InklingError(f"{name} is damaged or cut short; save it again and retry.") from error


def read_picture(path: Path) -> np.ndarray:
    """`decode` a file."""
    try:
        return decode(path.read_bytes(), name=path.name)
    except OSError as error:
        raise InklingError(f"{path} cannot be read: {error.strerror or error}.") from error


def _grey(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        wide = np.nan_to_num(np.asarray(picture, dtype=np.float64))
        low, high = float(wide.min()), float(wide.max())
        if picture.mode.startswith("I;16") and high > 255:
            low, high = 0.0, 65535.0
        return np.clip((wide - low) / max(high - low, 1e-9) * 255, 0, 255).astype(np.uint8)
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        on_white, on_black = (
            _channel(Image.alpha_composite(Image.new("RGBA", layer.size, paper), layer))
            for paper in ("white", "black")
        )
        return on_white if np.ptp(on_white) >= np.ptp(on_black) else on_black
    return _channel(picture)


def _channel(picture: Image.Image) -> np.ndarray:
    """Luma (ITU-R 601); where it hardly tells ink from paper, as red on green, and colour does, the
    principal axis of colour instead, light where luma is.
    """
    luma = np.asarray(picture.convert("L"))
    if picture.mode in ("1", "L"):
        return luma
    small = np.asarray(picture.convert("RGB").resize(_SAMPLE, Image.Resampling.BOX), np.float32)
    # what is ink differs from its surroundings; uneven light does not
    local = (small - cv2.GaussianBlur(small, (0, 0), 16)).reshape(-1, 3)
    axis = np.linalg.eigh(np.cov(local.T))[1][:, -1]
    axis *= np.sign(axis @ _LUMA) or 1
    contrast = [np.ptp(np.percentile(local @ way, (0.5, 99.5))) for way in (_LUMA, axis)]
    if contrast[0] >= _ENOUGH or contrast[1] < max(2 * contrast[0], _ENOUGH / 2):
        return luma
    seen = np.asarray(picture.convert("RGB")) @ axis.astype(np.float32)
    low, high = float(seen.min()), float(seen.max())
    scale = min(1.0, 255 / max(high - low, 1e-9))
    return (255 - (high - seen) * scale).astype(np.uint8)
