import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import InklingError
from core.ink.forms import FORMS, Form, canonical, canonical_strokes
from core.ink.strokes import (
    MAX_COORDINATE,
    MAX_POINTS,
    MAX_STROKES,
    checked_strokes,
    clip_strokes,
    draw_strokes,
    frame_of_strokes,
    ink_of_strokes,
    picture_of_strokes,
    strokes_in,
)
from tests.handwriting import FIVE, FOUR, SEVEN, in_box, likeness
from tests.sentences import is_sentence


def test_a_line_is_a_capsule() -> None:
    """Every pixel's ink is its share of the pixels within half a pen of the line: here counted on a
    grid ten times as fine.
    """
    start, end, width = np.array([20.0, 30.0]), np.array([70.0, 55.0]), 12.0
    ink = draw_strokes([np.stack([start, end])], width=width, size=(80, 100))
    fine = (np.stack(np.meshgrid(np.arange(1000), np.arange(800)), -1) + 0.5) / 10
    along = np.clip(((fine - start) @ (end - start)) / ((end - start) @ (end - start)), 0, 1)
    inside = np.linalg.norm(fine - start - along[..., None] * (end - start), axis=-1) <= width / 2
    expected = inside.reshape(80, 10, 100, 10).mean((1, 3)) * 255
    assert np.abs(ink - expected).mean() < 1.0
    assert likeness(ink, expected) > 0.995


def test_a_single_point_is_a_dot_of_the_pen() -> None:
    ink = draw_strokes([np.array([[50.0, 40.0]])], width=20, size=(80, 100))
    assert ink.sum() / 255 == pytest.approx(np.pi * 10**2, rel=0.06)
    assert cv2.boundingRect((ink > 127).astype(np.uint8)) == pytest.approx((40, 30, 20, 20), abs=1)


def test_no_strokes_are_no_ink() -> None:
    assert not draw_strokes([], width=20, size=(30, 40)).any()


@pytest.mark.parametrize("unit", [0.001, 1.0, 37.0, 900.0])
@pytest.mark.parametrize("offset", [0.0, -5000.0])
def test_a_picture_does_not_depend_on_units_or_place(unit: float, offset: float) -> None:
    strokes = in_box(FIVE, left=0, top=0, width=100, height=160)
    expected = canonical(picture_of_strokes(strokes, width=12), FORMS["mnist"])
    moved = canonical(
        picture_of_strokes([stroke * unit + offset for stroke in strokes], width=12 * unit),
        FORMS["mnist"],
    )
    assert expected is not None
    assert moved is not None
    assert likeness(expected.model_input, moved.model_input) > 0.97


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("pen", [4, 12, 40])
@pytest.mark.parametrize("unit", [0.001, 1.0, 900.0])
def test_strokes_become_what_their_picture_becomes(form: Form, pen: float, unit: float) -> None:
    """The paper of a picture has to be detected; strokes give the same without it."""
    for glyph in (FIVE, SEVEN, FOUR):
        strokes = in_box(glyph, left=30, top=-400, width=100, height=160)
        pictured = canonical(picture_of_strokes(strokes, width=pen), form)
        direct = canonical_strokes([stroke * unit for stroke in strokes], form, width=pen * unit)
        assert pictured is not None
        assert direct is not None
        assert likeness(direct.model_input, pictured.model_input) > 0.97
        assert max(direct.ink.shape) == pytest.approx(form.box * 8, abs=1)


def test_no_strokes_are_no_model_input() -> None:
    assert canonical_strokes([], FORMS["mnist"], width=20) is None


def test_ink_is_cut_to_the_strokes() -> None:
    """Also that of a pen too wide to be drawn at the size: it is not drawn thinner."""
    strokes = [np.array([[0.0, 0.0], [60.0, 0.0]])]
    assert ink_of_strokes(strokes, width=20, side=160).shape == (40, 160)
    wide = ink_of_strokes(strokes, width=80, side=160)
    height, width = wide.shape
    assert (height, width) == (60, 105)
    assert (wide[:, width // 2] > 127).all()


_FINITE = st.floats(-MAX_COORDINATE, MAX_COORDINATE)
_STROKE = st.integers(1, 6).flatmap(lambda count: arrays(np.float64, (count, 2), elements=_FINITE))


@given(st.lists(_STROKE, min_size=1, max_size=4), st.floats(0, MAX_COORDINATE, exclude_min=True))
def test_a_picture_is_never_large_and_never_empty(strokes: list[np.ndarray], width: float) -> None:
    checked = checked_strokes([stroke.tolist() for stroke in strokes], width=width)
    picture = picture_of_strokes(checked, width=width)
    assert min(picture.shape) >= 3
    assert 200 <= max(picture.shape) <= 1030
    assert picture.min() < 128  # ink
    assert (picture[0] > 200).all()  # paper around it
    assert (picture[:, -1] > 200).all()
    direct = canonical_strokes(checked, FORMS["mnist"], width=width)
    assert direct is not None
    assert direct.model_input.max() == 255


@pytest.mark.parametrize("width", [1e-300, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("extent", [0.0, 1e-300, 1e-9, 1.0, 1e6])
@pytest.mark.parametrize("kind", ["dot", "level", "upright", "slanted"])
def test_extremes(kind: str, extent: float, width: float) -> None:
    end = {
        "dot": (0.0, 0.0),
        "level": (extent, 0.0),
        "upright": (0.0, extent),
        "slanted": (extent, extent),
    }[kind]
    picture = picture_of_strokes([np.array([(0.0, 0.0), end])], width=width)
    assert max(picture.shape) <= 1030
    assert canonical(picture, FORMS["emnist"]) is not None
    direct = canonical_strokes([np.array([(0.0, 0.0), end])], FORMS["emnist"], width=width)
    assert direct is not None
    assert direct.model_input.max() == 255
    assert max(direct.ink.shape) <= 193


def test_a_large_drawing_with_a_thin_pen_is_still_read() -> None:
    strokes = in_box(FIVE, left=0, top=0, width=20_000, height=32_000)
    thin = canonical(picture_of_strokes(strokes, width=1), FORMS["mnist"])
    usual = canonical(picture_of_strokes(strokes, width=2400), FORMS["mnist"])
    assert thin is not None
    assert usual is not None
    assert likeness(thin.model_input, usual.model_input) > 0.8


def check(strokes: object, width: float = 20.0) -> None:
    start = time.process_time()
    with pytest.raises(InklingError) as error:
        checked_strokes(strokes, width=width)  # type: ignore[arg-type]
    assert is_sentence(str(error.value))
    assert time.process_time() - start < 2


def test_too_much_is_refused() -> None:
    check([[[0.0, 0.0]] * 1_000_000])
    check([[[0.0, 0.0]] * (MAX_POINTS + 1)])
    check([[[0.0, 0.0]]] * (MAX_STROKES + 1))
    assert len(checked_strokes([[[0.0, 0.0]] * (MAX_POINTS // 10)] * 10, width=1)) == 10


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e7, -1e7, 1e300])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    check([[[0.0, 0.0], [number, 1.0]]])
    check([[[0.0, 0.0]], [[1.0, number]]])
    check([[[0.0, 0.0]]], width=number)


@pytest.mark.parametrize("width", [0.0, -0.0, -3.0])
def test_a_pen_has_a_width(width: float) -> None:
    check([[[0.0, 0.0]]], width)


@pytest.mark.parametrize(
    "strokes",
    [
        [[1.0, 2.0]],
        [[[1.0]]],
        [[[1.0, 2.0, 3.0]]],
        [["ab"]],
        [[[1.0, None]]],
        [[[1.0, 2.0], [3.0]]],
        [3.0],
        5,
        [[{}]],
    ],
)
def test_other_shapes_are_refused(strokes: object) -> None:
    check(strokes)


def test_empty_strokes_are_left_out() -> None:
    assert checked_strokes([], width=20) == []
    (only,) = checked_strokes([[], [[1, 2], [3, 4]], []], width=20)
    np.testing.assert_array_equal(only, [[1, 2], [3, 4]])


_NEAR = st.floats(-60, 160, allow_subnormal=False) | st.sampled_from([0.0, 80.0, 100.0])
_ROAMING = st.integers(1, 6).flatmap(lambda count: arrays(np.float64, (count, 2), elements=_NEAR))


def _samples(stroke: np.ndarray, count: int) -> np.ndarray:
    """Points of each segment, [count * segments, 2]."""
    shares = (np.arange(count)[:, None, None] + 0.5) / count
    return (stroke[:-1] + shares * np.diff(stroke, axis=0)).reshape(-1, 2)


def _length(strokes: list[np.ndarray]) -> float:
    return sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes)


@given(st.lists(_ROAMING, max_size=3))
def test_what_is_left_is_what_lies_on_the_canvas(strokes: list[np.ndarray]) -> None:
    """Against a thousand points of each segment, asked one by one."""
    pieces = clip_strokes(strokes, size=(80, 100))
    for piece in pieces:
        assert ((piece >= 0) & (piece <= (100, 80))).all()
    expected = 0.0
    for stroke in strokes:
        points = _samples(stroke, 1000)
        inside = ((points >= 0) & (points <= (100, 80))).all(1).reshape(1000, -1).mean(0)
        expected += float(inside @ np.hypot(*np.diff(stroke, axis=0).T))
    segments = sum(len(stroke) for stroke in strokes)
    assert _length(pieces) == pytest.approx(expected, abs=0.6 * segments + 1e-6)


@given(st.lists(_ROAMING, min_size=1, max_size=3))
def test_the_ink_that_is_read_is_the_ink_that_is_seen(strokes: list[np.ndarray]) -> None:
    """A larger sheet shows the same ink within the canvas, but for half a pen at its border."""
    pen, margin = 6, 80
    seen = draw_strokes([s + margin for s in strokes], width=pen, size=(240, 260))[80:160, 80:180]
    read = draw_strokes(clip_strokes(strokes, size=(80, 100)), width=pen, size=(80, 100))
    inner = slice(pen, -pen)
    difference = np.abs(read.astype(int) - seen)[inner, inner]
    assert difference.max() <= 64  # of antialiasing: a cut point is rounded to a sixteenth


def test_a_stroke_that_returns_is_two() -> None:
    stroke = np.array([[10.0, 40], [90, 40], [130, 40], [130, 60], [70, 60]])
    first, second = clip_strokes([stroke], size=(80, 100))
    np.testing.assert_array_equal(first, [[10, 40], [90, 40], [100, 40]])
    np.testing.assert_array_equal(second, [[100, 60], [70, 60]])
    # through two sides at once
    (crossing,) = clip_strokes([np.array([[-20.0, 60], [40, -60]])], size=(80, 100))
    np.testing.assert_allclose(crossing, [[0, 20], [10, 0]], atol=1e-9)


def test_strokes_on_the_canvas_stay_and_those_beside_it_vanish() -> None:
    inside, dot = np.array([[0.0, 0], [100, 80], [3, 3]]), np.array([[5.0, 5]])
    outside = np.array([[-1.0, 5], [-1, 60], [-9, 5]])
    left = clip_strokes([inside, outside, np.array([[101.0, 5]]), dot], size=(80, 100))
    assert len(left) == 2
    np.testing.assert_array_equal(left[0], inside)
    np.testing.assert_array_equal(left[1], dot)
    assert clip_strokes([], size=(80, 100)) == []


def test_strokes_belong_to_the_box_that_has_most_of_them() -> None:
    bar = np.array([[10.0, 10], [30, 10], [60, 10]])
    dot, beside = np.array([[20.0, 40]]), np.array([[41.0, 20], [41, 30]])
    half = np.array([[30.0, 10], [60.0, 10]])
    found = strokes_in([bar, dot, beside, half], (5, 5, 35, 40))
    assert [len(stroke) for stroke in found] == [3, 1]
    assert strokes_in([], (0, 0, 9, 9)) == []


@given(st.lists(_STROKE, min_size=1, max_size=3), st.floats(1e-3, 1000))
def test_a_frame_leads_from_points_to_pixels_and_back(
    strokes: list[np.ndarray], width: float
) -> None:
    frame = frame_of_strokes(strokes, width=width)
    points = np.concatenate(strokes)
    pixels = frame.pixels(points)
    np.testing.assert_allclose(frame.points(pixels), points, rtol=1e-6, atol=1e-6)
    height, breadth = picture_of_strokes(strokes, width=width).shape
    assert ((pixels > 0) & (pixels < (breadth, height))).all()
