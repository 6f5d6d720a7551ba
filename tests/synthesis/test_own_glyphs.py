"""Drawings as a glyph set: written without jitter they are the drawings, with it the same hand."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from core.errors import InklingError
from core.synthesis.glyph_file import MAX_FILE_BYTES, dump_glyphs, parse_glyphs
from core.synthesis.glyphs import GlyphSet
from core.synthesis.handwriting import Handwriting
from core.synthesis.own_glyphs import MOST, NEAR, own_glyphs, preview, write_variants
from tests.sentences import is_sentence

TURN = np.linspace(0, 2 * np.pi, 60)
ZIGZAG = np.array([[0, 0], [90, 10], [5, 100], [100, 110]])
SHAPES = {
    "circle": [np.stack([50 + 40 * np.cos(TURN), 60 * np.sin(TURN)], 1)],
    "spiral": [np.stack([TURN * 9 * np.cos(2 * TURN), TURN * 9 * np.sin(2 * TURN)], 1)],
    "zigzag": [ZIGZAG],
    "cross": [np.array([[0, 0], [80, 100]]), np.array([[80, 0], [0, 100]])],
    "small letter i": [np.array([[5, 30], [4, 100]]), np.array([[5, 0]])],
}


def exact(glyphs: GlyphSet) -> Handwriting:
    """As the points stand, the first way of writing alone."""
    hand = replace(glyphs.hand, jitter=0, turn=0, slant=0, slant_spread=0, breadth=0)
    first = {label: variants[:1] for label, variants in glyphs.glyphs.items()}
    return Handwriting(replace(glyphs, glyphs=first), hand, labels=tuple(first))


def dense(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Points a hundredth of a unit apart along the strokes."""
    return np.concatenate(
        [
            a + (b - a) * np.linspace(0, 1, 2 + int(100 * np.hypot(*(b - a))))[:, None]
            for stroke in strokes
            for a, b in pairwise(stroke)
        ]
        + [stroke[:1] for stroke in strokes]
    )


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(list(SHAPES)), st.floats(0.01, 50), st.floats(-500, 500))
def test_written_without_jitter_it_lies_on_the_drawing(shape, scale, away):
    drawing = [stroke * scale + away for stroke in SHAPES[shape]]
    written = dense(exact(own_glyphs([("x", drawing)], name="mine")).sketch(0).strokes(size=28))
    points = np.concatenate(drawing)
    longer = np.ptp(points, axis=0).max()
    middle = (points.min(0) + points.max(0)) / 2
    given = dense([(stroke - middle) / longer * 20 + 14 for stroke in drawing])
    assert cKDTree(given).query(written)[0].max() <= NEAR + 0.15
    assert cKDTree(written).query(given)[0].max() <= NEAR + 0.15


def test_few_points_and_sharp_corners():
    zigzag = own_glyphs([("Z", [ZIGZAG])], name="mine").glyphs["Z"][0]
    assert len(zigzag.points) == len(ZIGZAG)
    assert [(before, after) for _, (before, *_, after), _ in zigzag.curves] == [("", "")] * 3
    circle = own_glyphs([("0", SHAPES["circle"])], name="mine").glyphs["0"][0]
    assert len(circle.points) <= 14


def test_between_two_drawings_lies_their_middle():
    low, high = np.array([[0, 0], [10, 100]]), np.array([[0, 0], [30, 100]])
    ways = own_glyphs([("1", [low]), ("1", [high]), ("7", [low])], name="mine").glyphs
    assert [way.name for way in ways["1"]] == ["drawing 1", "drawing 2", "between 1 and 2"]
    ends = [
        (way.points["1"].column - 14, way.points[max(way.points, key=int)].column - 14)
        for way in ways["1"]
    ]
    np.testing.assert_allclose(ends, [[-1, 1], [-3, 3], [-2, 2]], atol=0.02)
    turned_over = own_glyphs([("1", [low]), ("1", [high[::-1]])], name="mine").glyphs["1"]
    assert len(turned_over) == 2


def test_a_hand_that_varies_more_is_written_so():
    def hand(lean: float) -> float:
        drawings = [("1", [np.array([[0, 100], [side, 0]])]) for side in (30 - lean, 30, 30 + lean)]
        return own_glyphs(drawings * 4, name="mine").hand.slant_spread

    assert hand(0) < hand(10) < hand(30)


def test_the_set_is_a_file_like_any_other_and_a_small_one():
    spiral = SHAPES["spiral"][0]
    pieces = [
        (label, [spiral * (1 + n / 50)]) for label in "abcdefghijklmnopqrstuvwxyz" for n in range(9)
    ]
    made = own_glyphs(pieces, name="mine", title="My hand")
    text = dump_glyphs(made)
    assert parse_glyphs(text) == made
    assert len(text) < MAX_FILE_BYTES
    drawings = [way for way in made.glyphs["a"] if way.name.startswith("drawing")]
    assert len(drawings) == MOST


def test_it_writes_its_characters_in_turn_each_time_otherwise():
    made = own_glyphs([("7", [ZIGZAG]), ("/", [ZIGZAG]), ("star", [ZIGZAG])], name="mine")
    written = write_variants(made, 6, seed=1)
    assert list(written.labels) == ["7", "star"] * 3
    assert not np.array_equal(written.piece(0)[0], written.piece(2)[0])
    assert set(write_variants(made, 3, seed=1, only=["star"]).labels) == {"star"}
    assert len(write_variants(made, 3, seed=1, only=["1"])) == 0
    images, labels = preview(made, 4, side=40)
    assert (images.shape, labels) == ((4, 40, 40), ["7", "star"] * 2)


@pytest.mark.parametrize(
    "pieces", [[], [("/", [ZIGZAG])], [("x", [ZIGZAG + 10 * n for n in range(80)])]]
)
def test_what_makes_no_glyphs_is_a_sentence(pieces):
    with pytest.raises(InklingError) as caught:
        own_glyphs(pieces, name="mine")
    assert is_sentence(str(caught.value))
