"""Flips and edits of numerals, on numerals drawn here: what they show afterwards is counted."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.synthesis.compose.edits import (
    FLIPS,
    STROKES,
    add_stroke,
    edits,
    find_upright,
    flip,
    flips,
    remove_stroke,
)


def drawn(
    strokes: int, *, v: bool, lean: float = 0.0, pen: int = 5, step: int = 22, bars: bool = False
) -> np.ndarray:
    """uint8 [200, 260]: a V if asked for, then upright strokes, between bars if asked for."""
    ink = np.zeros((200, 260), np.uint8)

    def line(x0: float, y0: float, x1: float, y1: float) -> None:
        a, b = (
            (round(x0 + lean * (y0 - 100)), round(y0)),
            (round(x1 + lean * (y1 - 100)), round(y1)),
        )
        cv2.line(ink, a, b, 255, pen)

    x = 70.0
    if v:
        line(x - 25, 60, x, 140)
        line(x, 140, x + 22, 60)
        x += 25 + step * 0.7
    for number in range(strokes):
        line(x + number * step, 60, x + number * step, 140)
    if bars:
        right = x + strokes * step
        line(30, 58, right, 58)
        line(30, 142, right, 142)
    return ink


numerals = {
    "lean": st.floats(-0.15, 0.15),
    "pen": st.integers(3, 9),
    "step": st.integers(18, 28),
    "bars": st.booleans(),
}


@settings(max_examples=60, deadline=None)
@given(**numerals)
def test_a_stroke_more_or_less(lean: float, pen: int, step: int, bars: bool) -> None:
    seven, eight = (
        drawn(count, v=True, lean=lean, pen=pen, step=step, bars=bars) for count in (2, 3)
    )
    added, removed = add_stroke(seven), remove_stroke(eight)
    for edited, count in ((added, 3), (removed, 2)):
        if edited is not None:
            found = find_upright(edited, count)
            assert found is not None
            assert abs(np.diff(found.at).mean() - step) < 3
            assert find_upright(edited, 5 - count) is None
            assert edited.shape == seven.shape
    if step > 2.5 * pen:
        assert added is not None
        assert removed is not None


def test_what_else_is_left_alone() -> None:
    for other in (
        np.zeros((200, 260), np.uint8),
        np.full((200, 260), 255, np.uint8),
        drawn(2, v=False),
        drawn(1, v=True),
    ):
        assert add_stroke(other) is None
        assert remove_stroke(other) is None
    assert add_stroke(drawn(3, v=True)) is None
    assert remove_stroke(drawn(2, v=True)) is None


@pytest.mark.parametrize("dotted", [False, True])
def test_flips_are_those_of_the_table(dotted: bool) -> None:
    ink = drawn(1, v=False)
    if dotted:
        cv2.circle(ink, (70, 40), 4, 255, -1)
    both = {"left-right": "i"} if dotted else {"left-right": "i", "top-bottom": "i"}
    assert flips("i", ink) == both
    assert flips("iv", ink) == {"left-right": "vi"}
    assert flips("vi", ink) == {"left-right": "iv"}
    assert flips("vii", ink) == flips("viii", ink) == {}
    assert flips("ix", ink) == {"top-bottom": "ix"}
    assert flips("v", ink) == {"left-right": "v"}


def test_a_flipped_dot_is_put_on_top() -> None:
    ink = np.zeros((100, 120), np.uint8)
    cv2.line(ink, (30, 40), (30, 80), 255, 5)
    cv2.circle(ink, (30, 25), 4, 255, -1)
    cv2.line(ink, (60, 40), (90, 80), 255, 5)
    cv2.line(ink, (90, 40), (60, 80), 255, 5)
    flipped, label = flip(ink, "ix", "top-bottom")
    assert label == "ix"
    count, pieces = cv2.connectedComponents(flipped)
    assert count == 4
    tops = sorted(int(np.flatnonzero((pieces == n).any(1)).min()) for n in range(1, count))
    assert tops[0] < tops[1] - 8  # the dot lies above both letters
    assert int((flipped > 0).sum()) == int((ink > 0).sum())
    with pytest.raises(KeyError):
        flip(ink, "ix", "left-right")


def test_twice_mirrored_is_the_picture_itself() -> None:
    ink = drawn(1, v=True)
    once, label = flip(ink, "vi", "left-right")
    twice, again = flip(once, label, "left-right")
    assert (label, again) == ("iv", "vi")
    assert (twice == ink).all()


def test_all_edits_of_a_picture() -> None:
    six, seven = drawn(1, v=True), drawn(2, v=True)
    assert [(one.label, one.done) for one in edits(six, "vi")] == [("iv", "mirrored left-right")]
    assert [(one.label, one.done) for one in edits(seven, "vii")] == [("viii", "one i added")]
    assert not list(edits(six, "vi", [STROKES]))
    assert not list(edits(seven, "vii", [FLIPS]))
    assert not list(edits(six, "b"))  # no numeral
