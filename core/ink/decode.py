"""Decode picture files to grey pixels; every problem with a file is reported in one sentence."""

import ctypes
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Condition
from typing import BinaryIO

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

_OPENED_LATER = tuple(name for name in _FORMATS if name not in ("WEBP", "AVIF"))
"""Of which only the header is read at first."""


_LUMA = np.array([0.299, 0.587, 0.114])
_SAMPLE = 128, 128
_ENOUGH = 60
"""Of 255: luma with this contrast is kept."""

_ROWS = 256
"""Rows of a picture that are worked on at once: numbers with a fraction never stand in memory for
the whole of it.
"""

_SMALL = 1_000_000
"""Pixels of a picture that waits for no other."""


class _Room:
    """Pixels that are decoded at the same time in this process, whoever sent them: 25 megapixels
    may stand in 40 kB, and take 600 MB while they are decoded.
    """

    def __init__(self, pixels: int) -> None:
        self.free = pixels
        self.changed = Condition()

    @contextmanager
    def take(self, pixels: int) -> Iterator[None]:
        """Wait until there is room."""
        with self.changed:
            self.changed.wait_for(lambda: self.free >= pixels)
            self.free -= pixels
        try:
            yield
        finally:
            if pixels:
                _give_back()
            with self.changed:
                self.free += pixels
                self.changed.notify_all()


_ROOM = _Room(MAX_PIXELS)


def _give_back() -> None:
    """Give memory that is free back to the system: glibc keeps what each thread has freed, which
    with eight threads is eight pictures.
    """
    with suppress(OSError, AttributeError, TypeError):  # elsewhere than on Linux
        ctypes.CDLL(None).malloc_trim(0)


def is_large(file: BinaryIO) -> bool:
    """Whether a picture file takes long to decode and to read, by its header; of one whose header
    says nothing of it, that too.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(file, formats=_OPENED_LATER)
        return picture.width * picture.height > _SMALL
    except Exception:  # damage is told by `decode`
        return True


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
    with ExitStack() as room:
        if data[8:12] == b"WEBP" or data[4:8] == b"ftyp":  # opened, these have all their pixels
            room.enter_context(_ROOM.take(MAX_PIXELS))
        return _decoded(data, name, room)


def _decoded(data: bytes, name: str, room: ExitStack) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; ours are refused just below
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        pixels = picture.width * picture.height
        if pixels > MAX_PIXELS:
            raise InklingError(
                f"{name} is {picture.width} x {picture.height} pixels; the limit is "
                f"{MAX_PIXELS // 10**6} million, so make it smaller."
            )
        if picture.format in ("GIF", "WEBP", "AVIF", "PNG") and getattr(picture, "n_frames", 1) > 1:
            raise InklingError(f"{name} is an animation; save the frame you mean as a PNG.")
        if pixels > _SMALL and picture.format not in ("WEBP", "AVIF"):
            room.enter_context(_ROOM.take(pixels))
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return _grey(picture)
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
    return decode(read_file(path), name=path.name)


def read_file(path: Path) -> bytes:
    """Its content; InklingError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InklingError(f"{path} cannot be read: {error.strerror or error}.") from error


def _grey(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        return _stretched(np.asarray(picture), sixteen=picture.mode.startswith("I;16"))
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        on_white, on_black = (_channel(_on_paper(layer, paper)) for paper in ("white", "black"))
        return on_white if np.ptp(on_white) >= np.ptp(on_black) else on_black
    return _channel(picture)


def _stretched(wide: np.ndarray, *, sixteen: bool) -> np.ndarray:
    """Numbers [H, W] scaled to 0-255; those of `sixteen` bits that use them by their own range."""

    def finite(rows: slice) -> np.ndarray:
        return np.nan_to_num(wide[rows].astype(np.float64))

    spans = [(part.min(), part.max()) for part in map(finite, _strips(len(wide)))]
    low, high = float(min(least for least, _ in spans)), float(max(most for _, most in spans))
    if sixteen and high > 255:
        low, high = 0.0, 65535.0
    return _by_strips(
        wide.shape,
        lambda rows: np.clip((finite(rows) - low) / max(high - low, 1e-9) * 255, 0, 255),
    )


def _on_paper(layer: Image.Image, paper: str) -> Image.Image:
    """RGBA composited on a colour, as RGB."""
    result = Image.new("RGB", layer.size)
    for rows in _strips(layer.height):
        part = layer.crop((0, rows.start, layer.width, rows.stop))
        on_paper = Image.alpha_composite(Image.new("RGBA", part.size, paper), part)
        result.paste(on_paper.convert("RGB"), (0, rows.start))
    return result


def _channel(picture: Image.Image) -> np.ndarray:
    """Luma (ITU-R 601); where it hardly tells ink from paper, as red on green, and colour does, the
    principal axis of colour instead, light where luma is.
    """
    luma = np.asarray(picture.convert("L"))
    if picture.mode in ("1", "L"):
        return luma
    colour = picture if picture.mode == "RGB" else picture.convert("RGB")
    small = np.asarray(colour.resize(_SAMPLE, Image.Resampling.BOX), np.float32)
    # what is ink differs from its surroundings; uneven light does not
    local = (small - cv2.GaussianBlur(small, (0, 0), 16)).reshape(-1, 3)
    axis = np.linalg.eigh(np.cov(local.T))[1][:, -1]
    axis *= np.sign(axis @ _LUMA) or 1
    contrast = [np.ptp(np.percentile(local @ way, (0.5, 99.5))) for way in (_LUMA, axis)]
    if contrast[0] >= _ENOUGH or contrast[1] < max(2 * contrast[0], _ENOUGH / 2):
        return luma

    def seen(rows: slice) -> np.ndarray:
        part = colour.crop((0, rows.start, colour.width, rows.stop))
        return np.asarray(part) @ axis.astype(np.float32)

    spans = [(part.min(), part.max()) for part in map(seen, _strips(colour.height))]
    low, high = float(min(least for least, _ in spans)), float(max(most for _, most in spans))
    scale = min(1.0, 255 / max(high - low, 1e-9))
    return _by_strips(luma.shape, lambda rows: 255 - (high - seen(rows)) * scale)


def _strips(height: int) -> Iterator[slice]:
    for top in range(0, height, _ROWS):
        yield slice(top, min(top + _ROWS, height))


def _by_strips(shape: tuple[int, ...], rows: Callable[[slice], np.ndarray]) -> np.ndarray:
    """Grey uint8 [H, W] put together from its rows."""
    grey = np.empty(shape, np.uint8)
    for strip in _strips(shape[0]):
        grey[strip] = rows(strip).astype(np.uint8)
    return grey
