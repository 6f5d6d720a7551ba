"""Picture files as somebody hostile makes them: of every format and many kinds, whole and damaged,
the same for the same seed.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from PIL import Image

FORMATS = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "GIF": ("L", "P"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB", "RGBA"),
}
SIZES = ((1, 1), (2, 3), (28, 28), (1, 2000), (200, 300), (640, 480), (1200, 900))
BOMB = (5000, 5000)
"""Rows and columns: just what is still decoded."""

DAMAGES = (
    "none",
    "cut short",
    "bytes changed",
    "header changed",
    "piece missing",
    "piece twice",
    "other signature",
    "huge size",
    "zeros",
    "trailing bytes",
)
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"RIFF")
_HUGE = (0, 1, 4999, 5001, 65_535, 2**31 - 1)


def pictures(
    numbers: Iterable[int], *, seed: int, bombs: float = 0.02
) -> Iterator[tuple[str, bytes]]:
    """What each is, and its bytes. bombs : share of those of 25 megapixels."""
    for number in numbers:
        random = np.random.default_rng([seed, number])
        kind = str(random.choice(list(FORMATS)))
        mode = str(random.choice(FORMATS[kind]))
        bomb = random.random() < bombs and kind != "AVIF"  # which takes a minute to write
        size = BOMB if bomb else SIZES[int(random.integers(len(SIZES)))]
        frames = 1 + 2 * int(kind in ("PNG", "GIF", "TIFF", "WEBP") and random.random() < 0.1)
        damage = str(random.choice(DAMAGES))
        data = _saved(_pixels(size, random), kind, mode, frames)
        name = f"{number}: {kind} {mode} {size[1]}x{size[0]}, {frames} frames, {damage}"
        yield name, damaged(data, kind, damage, random)


def _pixels(size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Grey uint8 [H, W]: strokes, a scribble, rules, noise, or nothing."""
    height, width = size
    grey = np.full(size, random.integers(180, 256), np.uint8)
    what = random.integers(5)
    if what == 0 and height * width < 10**6:
        return random.integers(0, 256, size, dtype=np.uint8)
    if what == 1:
        grey[:: max(2, height // 40)] = 60
        grey[:, :: max(2, width // 40)] = 60
    if what in (2, 3):
        for _ in range(200 if what == 2 else 12):
            points = random.integers(0, (width, height), (3, 2)).astype(np.int32)
            cv2.polylines(grey, [points], False, 20, max(1, max(size) // 80))
    return grey


def _saved(grey: np.ndarray, kind: str, mode: str, frames: int) -> bytes:
    if mode == "I;16":
        picture = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "F":
        picture = Image.fromarray(grey.astype(np.float32) / 255)
    else:
        picture = Image.fromarray(grey).convert("RGB").convert(mode)
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": [picture.rotate(90)] * (frames - 1)}
    picture.save(buffer, kind, **(more if frames > 1 else {}))
    return buffer.getvalue()


def damaged(data: bytes, kind: str, damage: str, random: np.random.Generator) -> bytes:
    """The same file with one damage."""
    start, end = sorted(random.integers(0, len(data) + 1, 2).tolist())
    many = bytearray(data)
    if damage == "cut short":
        return data[:end]
    if damage in ("bytes changed", "header changed"):
        reach = min(len(many), 80) if damage == "header changed" else len(many)
        for place in random.integers(0, reach, random.integers(1, 20)):
            many[place] = int(random.integers(256))
        return bytes(many)
    if damage == "piece missing":
        return data[:start] + data[end:]
    if damage == "piece twice":
        return data[:end] + data[start:]
    if damage == "other signature":
        other = _SIGNATURES[int(random.integers(len(_SIGNATURES)))]
        return other + data[len(other) :]
    if damage == "huge size":
        return _resized(many, kind, *random.choice(_HUGE, 2).tolist())
    if damage == "zeros":
        many[start:end] = bytes(end - start)
        return bytes(many)
    return data + random.bytes(2000) if damage == "trailing bytes" else data


def _resized(many: bytearray, kind: str, width: int, height: int) -> bytes:
    """With another size in its header."""
    if kind == "PNG":
        many[16:24] = struct.pack(">II", width, height)
        many[29:33] = struct.pack(">I", zlib.crc32(many[12:29]))
    elif kind == "GIF":
        many[6:10] = struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)
    elif kind == "BMP":
        many[18:26] = struct.pack("<ii", width, height)
    elif kind == "JPEG":
        place = max(many.find(b"\xff\xc0"), many.find(b"\xff\xc2"), 0)
        many[place + 5 : place + 9] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    elif kind == "AVIF":
        place = max(many.find(b"ispe"), 0)
        many[place + 8 : place + 16] = struct.pack(">II", width, height)
    elif kind == "WEBP":
        many[26:30] = struct.pack("<HH", width & 0x3FFF, height & 0x3FFF)
    else:
        place = max(many.find(struct.pack("<HHI", 256, 4, 1)), many.find(b"\0\1\4\0\1\0\0\0"), 0)
        many[place + 8 : place + 12] = struct.pack("<I", width)
    return bytes(many)
