"""Shapes of known pen, slant and proportions measure as drawn; real digits as published."""

from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.published import open_mnist
from core.statistics import properties as module
from core.statistics.properties import PROPERTIES, Properties, differences, properties

FINE = 16
NAMES = tuple(PROPERTIES)


def reduced(fine):
    """Averaged down FINE times: edges as soft as a scanner's."""
    return cv2.resize(fine, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)


def bar(across, height, slant, size=28):
    """A parallelogram `across` pixels wide in each row, `height` high, its sides `slant` degrees
    right of upright.
    """
    y, x = (np.indices((size * FINE, size * FINE)) + 0.5) / FINE - size / 2
    inside = (np.abs(x + y * np.tan(np.deg2rad(slant))) < across / 2) & (np.abs(y) < height / 2)
    return reduced(inside.astype(np.uint8) * 255)


def drawn(points, pen, size=28):
    """A polyline through points in pixels."""
    fine = np.zeros((size * FINE, size * FINE), np.uint8)
    line = np.round(np.array(points) * FINE).astype(np.int32)
    return reduced(cv2.polylines(fine, [line], False, 255, round(pen * FINE), cv2.LINE_AA))


points = st.tuples(st.integers(6, 22), st.integers(6, 22))
lines = st.builds(drawn, st.lists(points, min_size=2, max_size=5, unique=True), st.floats(1.5, 5))


def measured(*images):
    result = properties(np.stack(images))
    return {name: getattr(result, name) for name in NAMES}


@pytest.mark.parametrize("slant", [-40, -15, 0, 10, 30, 45])
@pytest.mark.parametrize("across", [2, 3, 5])
def test_a_bar_measures_as_it_was_drawn(across, slant):
    """Ink to 1 %, slant to half a degree; soft edges and the steps of a slope add up to 2 pixels to
    the width.
    """
    result = measured(bar(across, 18, slant))
    assert result["ink"] == pytest.approx(across * 18, rel=0.01)
    assert result["slant"] == pytest.approx(slant, abs=0.5)
    assert 0.98 * across / 18 < result["aspect"] < (across + 2) / 18


@pytest.mark.parametrize(("across", "height"), [(4, 18), (18, 4), (6, 6), (28, 2), (10, 28)])
def test_a_bar_of_whole_pixels_is_exact(across, height):
    assert measured(bar(across, height, 0))["aspect"] == pytest.approx(across / height, rel=1e-3)


@given(
    st.floats(2, 5),
    st.floats(15, 75),
    st.sampled_from([-1, 1]),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)
def test_a_pen_is_as_wide_as_it_was_drawn(pen, angle, side, offset):
    """To 0.45 pixel, as its two sides move in steps of a quarter, unless they run along pixels,
    which hides a half.
    """
    along = 9 * np.array([np.cos(np.deg2rad(angle)), side * np.sin(np.deg2rad(angle))])
    middle = np.add(offset, 14)
    assert measured(drawn([middle - along, middle + along], pen))["stroke_width"] == pytest.approx(
        pen, abs=0.45
    )


def test_right_is_positive():
    image = np.zeros((28, 28), np.uint8)
    cv2.line(image, (8, 22), (20, 6), 255, 2)  # like a slash
    assert measured(image)["slant"] > 20
    assert "right is positive" in PROPERTIES["slant"][1]


@settings(max_examples=25)
@given(st.floats(-0.4, 0.4), st.integers(10, 18), st.integers(6, 9), st.integers(0, 2**32 - 1))
def test_slant_and_proportions_are_those_of_many_points(shear, height, across, seed):
    """Each pixel as 64 points: covariance by np.cov, proportions by np.percentile of the points
    with the shear taken out.
    """
    image = bar(across, height, np.rad2deg(np.arctan(shear)))
    image = (image * np.random.default_rng(seed).uniform(0.3, 1, image.shape)).astype(np.uint8)
    y, x = (np.indices((28 * 8, 28 * 8)) + 0.5).reshape(2, -1) / 8
    times = np.kron(image, np.ones((8, 8), int)).ravel()
    y, x = np.repeat(y, times), np.repeat(x, times)
    (_, both), (_, down) = np.cov(x, y)
    upright = x - both / down * (y - y.mean())
    result = measured(image)
    assert result["slant"] == pytest.approx(np.rad2deg(np.arctan(-both / down)), abs=0.2)
    assert result["aspect"] == pytest.approx(
        np.ptp(np.percentile(upright, [1, 99])) / np.ptp(np.percentile(y, [1, 99])), rel=0.04
    )


@given(lines)
def test_a_mirror_turns_the_slant_and_half_a_turn_nothing(image):
    """Thinning is not symmetric: the skeleton may lie a quarter pixel off, which is half a pixel of
    width.
    """
    result = measured(image, image[:, ::-1], image[::-1], image[::-1, ::-1])
    np.testing.assert_allclose(result["slant"] * [1, -1, -1, 1], result["slant"][0], atol=1e-3)
    np.testing.assert_allclose(result["stroke_width"], result["stroke_width"][0], atol=0.5)
    for name in ("ink", "aspect"):
        np.testing.assert_allclose(result[name], result[name][0], rtol=1e-3)


@given(lines, st.integers(-3, 3), st.integers(-3, 3))
def test_place_does_not_matter(image, right, down):
    result = measured(image, np.roll(image, (down, right), (0, 1)))
    for name in NAMES:
        np.testing.assert_allclose(result[name][1], result[name][0], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("size", [(28, 28), (8, 8), (40, 17), (1, 1)])
def test_chunks_do_not_matter(monkeypatch, random, size):
    images = random.integers(0, 256, (50, *size), np.uint8) * random.integers(
        0, 2, (50, 1, 1), np.uint8
    )
    whole = properties(images)
    monkeypatch.setattr(module, "_CHUNK_PIXELS", 3 * size[0] * size[1])
    parts = properties(images)
    for name in NAMES:
        assert getattr(whole, name).dtype == np.float32
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), rtol=1e-4, atol=1e-4)


def test_a_blank_image_has_no_ink_and_no_properties():
    result = measured(np.zeros((28, 28), np.uint8), bar(3, 18, 0))
    assert result["ink"][0] == 0
    assert all(np.isnan(result[name][0]) and np.isfinite(result[name][1]) for name in NAMES[1:])
    assert all(
        getattr(properties(np.zeros((0, 28, 28), np.uint8)), name).shape == (0,) for name in NAMES
    )


def test_full_ink_is_as_wide_as_high():
    result = measured(np.full((28, 28), 255, np.uint8))
    assert result["ink"] == 784
    assert result["slant"] == pytest.approx(0, abs=1e-4)
    assert result["aspect"] == pytest.approx(1, rel=1e-4)
    assert 0 < result["stroke_width"] <= 28.25


@pytest.mark.parametrize(("y", "x"), [(0, 0), (14, 14), (27, 5)])
@pytest.mark.parametrize("value", [1, 128, 255])
def test_a_single_pixel_is_a_square(y, x, value):
    image = np.zeros((28, 28), np.uint8)
    image[y, x] = value
    result = measured(image)
    assert result["ink"] == pytest.approx(value / 255)
    assert result["slant"] == pytest.approx(0, abs=1e-4)
    assert result["aspect"] == pytest.approx(1, rel=1e-3)
    assert result["stroke_width"] == pytest.approx(1, abs=0.5)


def test_faint_ink_is_as_wide_as_dark():
    image = drawn([(8, 20), (18, 6)], 3)
    result = measured(image, image // 3)
    for name in NAMES[1:]:
        np.testing.assert_allclose(result[name][1], result[name][0], rtol=0.1)


def test_ink_far_from_the_rest_does_not_widen():
    """Two rows hold nearly all ink, so the shear is steep, and a far pixel lands many image widths
    away once it is undone.
    """
    image = np.zeros((40, 40), np.uint8)
    image[20, :20], image[21, 20:], image[0, 0] = 255, 255, 60
    assert 1 < measured(image)["aspect"] < 40


def test_real_digits_are_as_published(real_data: Path):
    """Morpho-MNIST's plain MNIST is some 2 to 3.5 pixels thick and leans within 30 degrees; the
    medial axis itself is our oracle.
    """
    from skimage.morphology import medial_axis
    from skimage.transform import rescale

    images = open_mnist(real_data, "train").images[:1000]
    result = properties(images)
    assert 2 < result.stroke_width.mean() < 3.5
    assert np.percentile(result.stroke_width, 99) < 6
    assert (np.abs(result.slant) < 30).mean() > 0.9
    assert result.slant.mean() > 0  # most hands lean right
    theirs = []
    for image in images[:50]:
        axis, distance = medial_axis(
            np.pad(rescale(image / 255, 4, order=3), 1) >= 0.5, return_distance=True
        )
        theirs.append(distance[axis].mean() / 2)
    assert np.corrcoef(theirs, result.stroke_width[:50])[0, 1] > 0.95
    assert abs(np.mean(theirs) - result.stroke_width[:50].mean()) < 0.4


def group(random, shift=0.0, count=60):
    ink, stroke_width, slant, aspect = (
        random.normal([100 + shift, 2, 5, 1], [10, 1, 10, 1], (count, 4)).astype(np.float32).T
    )
    return Properties(ink, stroke_width, slant, aspect)


def test_differences_are_those_of_the_formulas(random):
    groups = {"a": group(random), "b": group(random, 8, 45), "c": group(random, 30)}
    groups["b"].slant[:5] = np.nan
    rows = differences(groups)
    assert len(rows) == 3 * 4
    assert all(a.distance >= b.distance for a, b in pairwise(rows))
    assert (rows[0].name, rows[0].first, rows[0].second) == ("ink", "a", "c")
    for row in rows:
        a, b = (
            [float(value) for value in getattr(groups[name], row.name) if value == value]
            for name in (row.first, row.second)
        )
        gaps = [
            abs(mean(value <= at for value in a) - mean(value <= at for value in b)) for at in a + b
        ]
        spread = (
            ((len(a) - 1) * stdev(a) ** 2 + (len(b) - 1) * stdev(b) ** 2) / (len(a) + len(b) - 2)
        ) ** 0.5
        assert row.distance == pytest.approx(max(gaps))
        assert row.effect == pytest.approx((mean(a) - mean(b)) / spread)
        assert row.means == pytest.approx((mean(a), mean(b)))
        assert row.counts == (len(a), len(b))


def test_differences_of_what_has_no_values(random):
    blank, dot = (
        properties(np.zeros((3, 8, 8), np.uint8)),
        properties(np.full((1, 8, 8), 255, np.uint8)),
    )
    assert [row.name for row in differences({"a": group(random), "blank": blank})] == ["ink"]
    assert all(
        np.isnan(row.effect) and row.distance == 0 for row in differences({"a": dot, "b": dot})
    )
    assert differences({"alone": dot}) == []
