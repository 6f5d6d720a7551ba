"""The canvas's data, converted to strokes."""

import numpy as np
import pytest

from pages.shared.canvas import _object_of, _stroke_of
from tests.pages.conftest import path_object


def test_lines_and_curves_become_points():
    stroke = _stroke_of(path_object([["M", 0, 0], ["L", 10, 0], ["Q", 20, 0, 20, 10]]))
    assert stroke[:2] == [[0, 0], [10, 0]]
    assert stroke[-1] == [20, 10]
    t = 0.5
    assert [(1 - t) ** 2 * 10 + 2 * t * (1 - t) * 20 + t * t * 20, t * t * 10] in stroke


def test_a_tap_is_a_stroke():
    assert len(_stroke_of(path_object([["M", 5, 5], ["L", 5.04, 5]]))) == 2


def test_what_is_no_path_is_no_stroke():
    assert _stroke_of({"type": "Rect", "left": 3, "top": 4}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"left": 60.0}, [[10, 0], [110, 0], [110, 100]]),
        ({"scaleX": 0.5}, [[25, 0], [75, 0], [75, 100]]),
        ({"angle": 90}, [[100, 0], [100, 100], [0, 100]]),
    ],
)
def test_a_stroke_moved_scaled_or_turned_by_the_edit_tool(change, expected):
    path = path_object([["M", 0, 0], ["L", 100, 0], ["L", 100, 100]]) | change
    np.testing.assert_allclose(_stroke_of(path), expected, atol=0.02)


def test_strokes_put_on_the_canvas_come_back():
    stroke = np.array([[10.0, 20], [30, 80], [90, 70]])
    assert _stroke_of(_object_of(stroke, pen=9)) == stroke.tolist()
