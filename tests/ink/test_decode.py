import io
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import InklingError
from core.ink import decode as decoding
from core.ink.decode import PICTURE_SUFFIXES, decode, read_picture
from core.settings import MAX_PIXELS, MAX_UPLOAD_BYTES
from tests.sentences import is_sentence

GREY = np.full((20, 30), 255, np.uint8)
GREY[2:6, 2:20] = 0
GREY[2:12, 2:5] = 0
"""White paper with an ink corner that no turn or mirror leaves as it is."""


def packed(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def refused(data: bytes, **options: str) -> str:
    with pytest.raises(InklingError) as error:
        decode(data, **options)
    assert is_sentence(str(error.value))
    return str(error.value)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_grey_comes_back_as_it_was(kind: str) -> None:
    np.testing.assert_array_equal(decode(packed(Image.fromarray(GREY), kind)), GREY)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_lossy_pictures_come_back_nearly(kind: str) -> None:
    result = decode(packed(Image.fromarray(GREY), kind, quality=95))
    assert np.abs(result.astype(int) - GREY).mean() < 5


STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).T,
    8: lambda a: np.rot90(a, 3),
}
"""How an upright picture lies in the file for each EXIF orientation (Exif 2.3, table of tag
0x0112).
"""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_each_exif_orientation_is_turned_upright(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](GREY)))
    result = decode(packed(stored, kind, exif=exif, quality=95))
    assert result.shape == GREY.shape
    assert np.abs(result.astype(int) - GREY).mean() < 5


def rgba(ink: int, under: int) -> Image.Image:
    """Ink of one grey on full transparency whose hidden colour is `under`; the edge is half
    transparent.
    """
    alpha = 255 - GREY
    alpha[6, 5:20] = 128
    colour = np.where(alpha > 0, ink, under).astype(np.uint8)
    return Image.fromarray(np.dstack([colour, colour, colour, alpha]))


@pytest.mark.parametrize("under", [0, 255, 90])
def test_black_ink_on_transparency_is_dark_on_white(under: int) -> None:
    result = decode(packed(rgba(0, under)))
    assert set(np.unique(result)) == {0, 127, 255}
    np.testing.assert_array_equal(result == 0, GREY == 0)


@pytest.mark.parametrize("under", [0, 255, 90])
def test_white_ink_on_transparency_is_light_on_black(under: int) -> None:
    result = decode(packed(rgba(255, under)))
    assert set(np.unique(result)) == {0, 128, 255}
    np.testing.assert_array_equal(result == 255, GREY == 0)


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("mode", ["LA", "P"])
def test_other_ways_to_be_transparent(ink: int, mode: str) -> None:
    if mode == "LA":
        picture = Image.merge(
            "LA", [Image.fromarray(np.full_like(GREY, ink)), Image.fromarray(255 - GREY)]
        )
        data = packed(picture)
    else:
        picture = Image.fromarray((GREY == 0).astype(np.uint8), "P")
        picture.putpalette([255 - ink] * 3 + [ink] * 3)
        data = packed(picture, transparency=0)
    result = decode(data)
    assert np.ptp(result) == 255
    np.testing.assert_array_equal(result == ink, GREY == 0)


def test_an_opaque_picture_with_transparency_keeps_its_grey() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(decode(packed(Image.fromarray(grey).convert("RGBA"))), grey)


def test_colour_becomes_luma() -> None:
    """ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B."""
    colour = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    expected = colour @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(decode(packed(Image.fromarray(colour))), expected, atol=1)


def test_sixteen_bits() -> None:
    wide = (GREY.astype(np.uint16) * 257)[:, ::-1]
    np.testing.assert_array_equal(decode(packed(Image.fromarray(wide))), GREY[:, ::-1])
    middle = np.full((4, 4), 32768, np.uint16)
    np.testing.assert_allclose(decode(packed(Image.fromarray(middle))), 127, atol=1)


def test_floats_and_wide_integers_are_stretched() -> None:
    for kind in (np.float32, np.int32):
        np.testing.assert_allclose(
            decode(packed(Image.fromarray(GREY.astype(kind) * 1000 - 7), "TIFF")), GREY, atol=1
        )
    odd = GREY.astype(np.float32)
    odd[0, 0], odd[0, 1] = np.nan, np.inf
    assert decode(packed(Image.fromarray(odd), "TIFF")).shape == GREY.shape


def test_cmyk_jpeg() -> None:
    colour = Image.fromarray(GREY).convert("CMYK")
    assert np.abs(decode(packed(colour, "JPEG", quality=95)).astype(int) - GREY).mean() < 6


def test_palette_and_one_bit() -> None:
    np.testing.assert_array_equal(decode(packed(Image.fromarray(GREY).convert("P"))), GREY)
    np.testing.assert_array_equal(decode(packed(Image.fromarray(GREY).convert("1"))), GREY)
    inverse = Image.fromarray((GREY > 0).astype(np.uint8), "P")
    inverse.putpalette([255, 255, 255, 0, 0, 0])
    np.testing.assert_array_equal(decode(packed(inverse)), 255 - GREY)


def test_one_pixel() -> None:
    assert decode(packed(Image.new("L", (1, 1), 77))).tolist() == [[77]]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_an_animation_is_refused_and_one_frame_is_not(kind: str) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    assert "animation" in refused(packed(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert decode(packed(frames[0], kind, save_all=True)).shape == GREY.shape


def test_what_is_no_picture() -> None:
    assert "0 bytes" in refused(b"")
    for data in (
        b"hello",
        b"%PDF-1.4\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(500),
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
    ):
        assert "my.png" in refused(data, name="my.png")


def test_postscript_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow hands EPS to Ghostscript; it is none of the formats promised."""
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *_, **__: pytest.fail("run"))
    refused(packed(Image.fromarray(GREY).convert("RGB"), "EPS"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_is_refused(kind: str, share: float) -> None:
    grain = np.random.default_rng(1).integers(0, 256, (64, 64)).astype(np.uint8)
    data = packed(Image.fromarray(grain), kind)
    refused(data[: int(len(data) * share)])


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and brings no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(30_000, 30_000), (12_000, 12_000), (5_001, 5_000), (1, 25_000_001), (2**31 - 1, 2**31 - 1)],
)
def test_too_many_pixels_are_refused_unread(width: int, height: int) -> None:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    refused(png_header(width, height))
    assert time.process_time() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_the_largest_picture_that_is_allowed() -> None:
    assert decode(packed(Image.new("1", (5_000, 5_000), 1))).shape == (5_000, 5_000)


def test_a_large_transparent_picture_takes_little_memory() -> None:
    data = packed(Image.new("RGBA", (5_000, 5_000), (0, 0, 0, 0)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert decode(data).shape == (5_000, 5_000)
    # KiB: three times the picture, at 4 bytes a pixel
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000


def test_too_many_bytes() -> None:
    assert "the limit is 10 MB" in refused(packed(Image.fromarray(GREY)) + bytes(MAX_UPLOAD_BYTES))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
@given(data=st.data())
def test_damage_anywhere_ends_in_a_picture_or_a_sentence(kind: str, data: st.DataObject) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "AVIF") else {}
    whole = bytearray(packed(Image.fromarray(GREY), kind, **options))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    problem = ""
    try:
        result = decode(bytes(whole))
    except InklingError as error:
        problem = str(error)
    assert is_sentence(problem) if problem else (result.ndim, result.dtype) == (2, np.uint8)


def test_the_endings_are_those_of_the_formats() -> None:
    formats = {"PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"}
    known = {ending for ending, kind in Image.registered_extensions().items() if kind in formats}
    assert set(PICTURE_SUFFIXES) == known - {".apng", ".avifs"}  # always animations


def test_reading_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(packed(Image.fromarray(GREY)))
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), GREY)
    for path in (tmp_path / "absent.png", tmp_path):
        with pytest.raises(InklingError) as error:
            read_picture(path)
        assert is_sentence(str(error.value))


def test_eight_bits_in_a_sixteen_bit_file_are_scaled_by_their_own_range() -> None:
    np.testing.assert_array_equal(decode(packed(Image.fromarray(GREY.astype(np.uint16)))), GREY)


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((10, 90, 40), (190, 40, 40)),
        ((255, 255, 255), (255, 255, 0)),
        ((90, 90, 200), (150, 90, 90)),
    ],
)
def test_colours_that_differ_in_hue_only_are_told_apart(
    paper: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    colour = np.where(GREY[..., None] == 0, np.array(ink), np.array(paper)).astype(np.uint8)
    grey = decode(packed(Image.fromarray(colour))).astype(int)
    inside = grey[GREY == 0].mean()
    assert abs(inside - grey[GREY == 255].mean()) > 80


def test_colours_that_differ_in_lightness_give_luma(random: np.random.Generator) -> None:
    blue = np.where(GREY[..., None] == 0, (40, 60, 150), (240, 238, 230)).astype(np.uint8)
    picture = Image.fromarray(blue)
    np.testing.assert_array_equal(decode(packed(picture)), np.asarray(picture.convert("L")))


_SIX = """
import sys, threading
from core.ink.decode import decode
data = open(sys.argv[1], "rb").read()
threads = [threading.Thread(target=decode, args=(data,)) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
status = open("/proc/self/status").read()  # getrusage counts the process that started this one
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_large_pictures_at_once_take_the_memory_of_few(tmp_path: Path) -> None:
    """Six transparent ones of 9 megapixels, 30 kB each: 1,200 MB if all are decoded at once."""
    grey = np.full((3000, 3000), 250, np.uint8)
    grey[600:2400, 1400:1600] = 20
    path = tmp_path / "large.png"
    path.write_bytes(packed(Image.fromarray(np.dstack([grey, grey, grey, 255 - grey // 2]))))
    run = subprocess.run(
        [sys.executable, "-c", _SIX, str(path)], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 600, run.stdout


def test_a_small_picture_waits_for_no_large_one() -> None:
    with decoding._ROOM.take(MAX_PIXELS):
        np.testing.assert_array_equal(decode(packed(Image.fromarray(GREY))), GREY)
