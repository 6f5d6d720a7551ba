"""The drawings that benchmarks read: strokes upright, in the right position, and reproducible."""

import gzip
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import InklingError
from tests.benchmarks.strokes import Written, draw_on_canvas, read_strokes, write_drawings

UNIPEN = """ .INCLUDE about.doc
.LEXICON "0" "1"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0-1 ? "7"
.COMMENT 7 12 224
.PEN_DOWN
 100 400
 200 400
 150 100
.PEN_UP
.DT 100
.PEN_DOWN
 120 250
 180 250
.PEN_UP
.DT 100
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 3 9
.PEN_DOWN
 50 0
 50 300
.PEN_UP
.DT 100
"""


def test_unipen_and_json_are_read_alike(tmp_path: Path):
    path = tmp_path / "pendigits-orig.tra"
    path.write_text(UNIPEN)
    seven, one = read_strokes(path)
    assert (seven.label, seven.writer, one.label, one.writer) == ("7", "12", "1", "3")
    # y counts up on the tablet and down on a canvas
    assert seven.strokes[0].tolist() == [[100, -400], [200, -400], [150, -100]]
    assert seven.strokes[1].tolist() == [[120, -250], [180, -250]]

    packed = tmp_path / "strokes.json.gz"
    rows = [
        {"label": w.label, "writer": w.writer, "strokes": [s.tolist() for s in w.strokes]}
        for w in (seven, one)
    ]
    packed.write_bytes(gzip.compress(json.dumps(rows).encode()))
    for first, second in zip(read_strokes(packed), (seven, one), strict=True):
        assert (first.label, first.writer) == (second.label, second.writer)
        assert all(map(np.array_equal, first.strokes, second.strokes))


def test_a_missing_or_empty_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(InklingError, match=r"uci\.edu"):
        read_strokes(tmp_path / "none.tra")
    (tmp_path / "empty.tra").write_text(".LEXICON\n")
    with pytest.raises(InklingError, match="no characters"):
        read_strokes(tmp_path / "empty.tra")


@pytest.mark.parametrize("width", [8, 20, 32])
def test_drawings_lie_on_the_canvas_upright(width: int, random: np.random.Generator):
    # a bar above a shorter stem: which side is up shows, and the longer side is known
    bar = Written("7", "", (np.array([[0.0, 0], [1, 0]]), np.array([[0.5, 0], [0.5, 0.6]])))
    corners = []
    for _ in range(60):
        ink = draw_on_canvas(bar, width=width, generator=random) < 128
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        edge = width // 2
        assert min(rows[0], columns[0]) >= edge - 1
        assert max(rows[-1], columns[-1]) <= 280 - edge
        longer = np.ptp(columns) + 1 - width
        assert 0.45 * 280 - 2 <= longer <= min(0.80 * 280, 280 - 2 * width) + 2
        assert ink[rows[0] + width // 2].sum() > 2 * ink[rows[-1] - width // 2].sum()
        corners.append((rows[0], columns[0], longer))
    assert np.std(corners, axis=0).min() > 8


def test_a_dot_is_drawn(random: np.random.Generator):
    dot = Written("1", "", (np.array([[0.3, 0.3]]),))
    ink = draw_on_canvas(dot, width=20, generator=random) < 128
    assert ink.sum() == pytest.approx(np.pi * 10**2, rel=0.1)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path):
    source = tmp_path / "pendigits-orig.tra"
    source.write_text(UNIPEN)
    written = read_strokes(source)
    for name, seed, inverted in (("a", 0, False), ("b", 0, False), ("c", 1, False), ("d", 0, True)):
        write_drawings(written, tmp_path / name, width=20, seed=seed, inverted=inverted)
    paths = ["7/00000.png", "1/00001.png"]
    a, b, c = ([(tmp_path / name / path).read_bytes() for path in paths] for name in "abc")
    assert a == b
    assert a[0] != c[0]
    plain, turned = (cv2.imread(str(tmp_path / name / paths[0]), 0) for name in "ad")
    assert plain.min() == 0
    assert np.array_equal(plain, 255 - turned)
