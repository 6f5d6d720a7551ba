"""Single steps of compositions, against their definitions."""

from itertools import pairwise

import numpy as np
import pytest

from core.ink.handwritten import Handwritten
from core.ink.paper import pen_width
from core.synthesis.compose import layout, marks
from core.synthesis.compose.letters import (
    StrokeLetters,
    is_dotted,
)
from core.synthesis.compose.pieces import RESOLUTION, Piece, enlarged
from core.synthesis.effects import geometry
from tests.synthesis.test_compositions import NOWHERE, SOURCES, Ruled


def ruled(text: str) -> list[Piece]:
    return layout.space(Ruled().write(text, NOWHERE), 0.2, NOWHERE)


@pytest.mark.parametrize("width", [0.05, 0.1, 0.2])
def test_a_pen_is_as_wide_as_was_asked_for(width):
    for piece in layout.set_pen(ruled("IVX"), width, NOWHERE):
        assert piece.pen == pytest.approx(width, abs=0.01)
        assert pen_width(enlarged(piece) > 127) / RESOLUTION == pytest.approx(width, abs=0.03)


def test_distances():
    pieces = layout.set_pitch(ruled("viii"), 1, NOWHERE)
    middles = [piece.left + piece.width / 2 for piece in pieces]
    assert np.diff(middles) * 24 == pytest.approx([14, 8, 8])
    spaced = layout.space(pieces, 0.3, NOWHERE)
    gaps = [b.left - a.right for a, b in pairwise(spaced)]
    assert gaps == pytest.approx([0.3] * 3)
    closer = layout.overlap(spaced, 1, np.random.default_rng(1))
    assert all(b.left <= max(a.right, a.left + 1.5 * a.pen) + 1e-9 for a, b in pairwise(closer))


def test_even_heights_crowding_and_breadth():
    assert [p.height for p in layout.even(ruled("vix"), 1, NOWHERE)] == pytest.approx([1] * 3)
    plain = ruled("viii")
    for kernel, amount, factor in ((layout.broaden, 0.5, 0.5), (layout.crowd, 0.5, 0.5)):
        changed = kernel(plain, amount, NOWHERE)
        assert [p.width for p in changed] == pytest.approx([factor * p.width for p in plain])
        assert [p.height for p in changed] == [p.height for p in plain]


def test_breadths_vary_letter_by_letter():
    """The logarithms are normal: their deviation is what was asked for."""
    generator, plain = np.random.default_rng(0), ruled("viii")
    varied = [layout.vary_breadth(plain, 0.1, generator) for _ in range(200)]
    logarithms = np.log(
        [[b.width / a.width for a, b in zip(plain, v, strict=True)] for v in varied]
    )
    assert logarithms.std() == pytest.approx(0.1, rel=0.1)
    assert abs(np.corrcoef(logarithms.T)[0, 1]) < 0.2
    assert all(b.height == a.height for v in varied for a, b in zip(plain, v, strict=True))


def test_a_letter_leans_by_the_slope_of_its_angle():
    """The middle of an upright stroke moves over its foot, higher rows further."""
    (upright,) = layout.side_by_side(Ruled().write("I", NOWHERE))
    slopes = []
    for number in range(100):
        (piece,) = layout.lean([upright], 10, np.random.default_rng(number))
        ink = enlarged(piece) > 127
        rows = np.flatnonzero(ink.any(1))[8:-8]
        middles = [np.flatnonzero(ink[row]).mean() for row in rows]
        slopes.append(-np.polyfit(rows, middles, 1)[0])
        assert piece.height == pytest.approx(upright.height, rel=0.03)
        assert piece.pen == upright.pen
    angles = np.degrees(np.arctan(slopes))
    assert abs(angles.mean()) < 3
    assert angles.std() == pytest.approx(10, rel=0.2)


def test_dots_are_given_and_taken():
    dotted = layout.add_dots(ruled("iv"), 1, NOWHERE)
    assert [piece.label for piece in dotted] == ["i", "v", ""]
    assert dotted[2].bottom < dotted[0].top
    ink = np.zeros((60, 20), np.uint8)
    ink[:8, 6:14], ink[20:, 6:14] = 255, 255
    assert is_dotted(ink)
    piece = Piece("i", ink, 0, 0, 0.2, 0.6, 0.08)
    (bare,) = layout.take_dots([piece], 1, NOWHERE)
    assert not is_dotted(bare.ink)
    assert (bare.top, bare.height) == (pytest.approx(0.2), pytest.approx(0.4))


@pytest.mark.parametrize(
    ("kernel", "text", "count"),
    [
        (layout.add_serifs, "VIII", 6),
        (layout.add_serifs, "viii", 0),
        (layout.add_bars, "IX", 2),
        (layout.add_bars, "ix", 0),
        (layout.add_lines, "vi", 2),
    ],
)
def test_strokes_are_added(kernel, text, count):
    plain = ruled(text)
    pieces = kernel(plain, 1, np.random.default_rng(3))
    assert pieces[: len(text)] == plain
    assert len(pieces) == len(text) + count
    assert kernel(plain, 0, np.random.default_rng(3)) == plain


def test_a_seam_is_white_before_the_next_letter():
    pieces = layout.space(ruled("xx"), -0.08, NOWHERE)
    first, second = layout.clean_seams(pieces, 0.05, NOWHERE)
    columns = first.left + np.arange(first.ink.shape[1]) / first.ink.shape[1] * first.width
    assert not first.ink[:, columns > second.left - 0.04].any()
    assert first.ink[:, columns < second.left - 0.06][:, -2:].any()
    assert second == pieces[1]


def test_the_articles_greys():
    """On dark ink and white paper, as they are written there."""
    ink = np.arange(256, dtype=np.uint8).reshape(16, 16)
    paper = 255 - ink.astype(int)
    darkened = 255 - marks.darken(ink, 175, NOWHERE).astype(int)
    np.testing.assert_array_equal(darkened, np.where(paper < 175, 50, paper))
    quantised = 255 - marks.quantise(ink, 1, NOWHERE).astype(int)
    levels = paper // 43 * 43
    np.testing.assert_array_equal(quantised, np.where(levels > 43, 255, levels))
    faded = 255 - marks.fade(ink, 64, NOWHERE).astype(int)
    assert (faded.min(), faded.max()) == (64, 255)


def test_bending_moves_as_far_as_the_effect_of_that_name():
    """Against `deform`: how far two ramps move, in x and in y."""
    side = 112
    rows, columns = np.mgrid[:side, :side].astype(np.uint8) + np.uint8(60)
    inner = slice(30, -30)
    for ramp in (rows, columns):
        moved = [
            np.std(
                [
                    kernel(ramp, 1.0, np.random.default_rng(seed))[inner, inner].astype(int)
                    - ramp[inner, inner]
                    for seed in range(12)
                ]
            )
            for kernel in (marks.bend, geometry.deform)
        ]
        assert moved[0] == pytest.approx(moved[1], rel=0.3)
        assert moved[1] == pytest.approx(side / 28, rel=0.4)


def test_dilation_thins_and_its_opposite_thickens():
    picture = np.zeros((60, 60), np.uint8)
    picture[10:50, 20:40] = 255
    assert marks.dilate(picture, 3, np.random.default_rng(0)).sum() < picture.sum()
    assert marks.dilate(picture, -3, np.random.default_rng(0)).sum() > picture.sum()
    picture[:, :] = 0
    picture[10:50, 30] = 255
    assert marks.dilate(picture, 6, np.random.default_rng(0)).max() == 255  # never gone


def test_a_letter_is_of_one_writer_where_writers_are_known():
    """Each writer has a letter that only she writes so wide."""
    pieces = [
        (sign, name, [np.array([(0, 0), (breadth, 10.0)])])
        for name, breadth in (("narrow", 2.0), ("wide", 8.0))
        for sign in "IVX"
    ]
    letters = StrokeLetters(Handwritten.of(pieces))
    for number in range(20):
        widths = [p.width for p in letters.write("XVI", np.random.default_rng(number))]
        assert max(widths) - min(widths) < 0.05


def test_letters_stand_on_the_line_with_their_own_heights():
    for name in ("pictures", "writers", "strokes"):
        for piece in SOURCES[name].write("viXI", np.random.default_rng(0)):
            assert piece.bottom == pytest.approx(1, abs=0.03)
            if piece.label.isupper():
                assert piece.top == pytest.approx(0, abs=0.12)
    small = SOURCES["strokes"].write("v", NOWHERE)[0]
    assert small.height == pytest.approx(0.55, abs=0.03)
