"""The compiled pen and the classic table against the notebook, rewritten in plain Python."""

import math
import random

import cv2
import numpy as np
import pytest

from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting, sample_positions
from core.synthesis.pen import lay_ink
from tests.synthesis import notebook


def cubic(curve):
    """A curve's four control points; a quadratic is elevated by a degree."""
    points = np.array(curve)
    return (
        points
        if len(points) == 4
        else np.array(
            [points[0], (points[0] + 2 * points[1]) / 3, (2 * points[1] + points[2]) / 3, points[2]]
        )
    )


def render(curves, brush, *, size=28, zoom=10, ramp=0.4):
    cubics = np.stack([cubic(curve) for curve in curves])
    samples, per_pixel = sample_positions(size, zoom)
    picture = np.empty((size, size), np.uint8)
    scratch = np.empty((len(samples), len(samples)), np.float32)
    lay_ink(
        cubics,
        np.full((len(cubics), 2), brush / 2),
        len(cubics),
        samples,
        per_pixel,
        ramp,
        scratch,
        picture,
    )
    return picture


def differences(count, **options):
    results = []
    for number in range(count):
        dice = random.Random(number)
        curves, brush = (
            notebook.curves_of(number % 10, 2, dice),
            notebook.brush_of(number % 10, dice),
        )
        drawing = notebook.reduced(notebook.drawing(curves, brush, **options))
        results.append(np.abs(drawing - render(curves, brush, **options) / 255))
    return np.stack(results)


def check(difference):
    assert difference.mean() <= 0.01
    assert np.quantile(difference, 0.999) <= 0.1


def test_the_pen_draws_what_the_notebook_draws():
    check(differences(10))


@pytest.mark.slow
def test_the_pen_draws_what_the_notebook_draws_over_200_digits():
    check(differences(200))


@pytest.mark.parametrize("size", [14, 40])
def test_other_sizes_are_the_same_drawing_reduced(size):
    check(differences(3, size=size))


@pytest.mark.parametrize(("zoom", "taken"), [(1, [0]), (2, [0, 0.5]), (5, [0.4]), (10, [0.4, 0.5])])
def test_samples_are_those_that_bilinear_reduction_takes(zoom, taken):
    indices, per_pixel = sample_positions(28, zoom)
    assert per_pixel == len(taken)
    np.testing.assert_allclose(indices[:per_pixel], taken)
    ramp = np.tile(np.arange(28 * zoom, dtype=np.float32), (28 * zoom, 1))
    np.testing.assert_allclose(
        cv2.resize(ramp, (28, 28), interpolation=cv2.INTER_LINEAR)[0] / zoom,
        indices.reshape(28, -1).mean(1),
        atol=1e-4,
    )


def test_a_straight_stroke_has_the_notebook_profile():
    picture = render([((14, -20), (14, 50), (14, 50), (14, 50))], 5.0, zoom=1).astype(float)
    expected = [1 if d <= 1 else max(0, 1 - d / 2.5) for d in abs(np.arange(28) - 14)]
    np.testing.assert_allclose(picture[:, 14] / 255, expected, atol=1 / 255)


def test_ink_beyond_the_paper_is_left_out():
    assert not render([((-40, -40), (-30, -40), (-30, -30), (-20, -90))], 5.0).any()
    assert not render([((60, 60), (70, 60), (70, 70), (90, 60))], 5.0).any()


@pytest.mark.parametrize("digit", range(10))
def test_the_classic_table_is_the_notebooks(digit):
    """Without jitter every variant of the notebook's digit is one of ours, by its ends: bows bend
    at random in both.
    """
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=0), labels=(str(digit),))
    ours = {ends(writing.sketch(number).cubics) for number in range(200)}
    theirs = {
        ends([cubic(curve) for curve in notebook.curves_of(digit, 0, random.Random(number))])
        for number in range(200)
    }
    assert ours == theirs


def ends(curves):
    """Start and end points of a digit's curves; of a dash, whose ends are random, only that it
    exists.
    """
    results = [[round(float(value), 4) for value in (*curve[0], *curve[3])] for curve in curves]
    return tuple(
        sorted(
            str(index) if all(value == round(value, 1) for value in index) else "a dash"
            for index in results
        )
    )


@pytest.mark.parametrize("digit", [0, 2, 3, 6, 8])
def test_bezier_control_points_are_the_notebooks(digit):
    ours = (
        Handwriting(load_glyphs("classic"), Hand(jitter=0), labels=(str(digit),)).sketch(0).cubics
    )
    theirs = np.stack([cubic(curve) for curve in notebook.curves_of(digit, 0, random.Random(0))])
    np.testing.assert_allclose(ours, theirs)


@pytest.mark.parametrize(
    ("digit", "point", "nominal", "factor"),
    [(0, 0, (7, 14), 2), (1, 2, (21, 14), 3), (5, 4, (14, 23), 1), (8, 6, (21, 13), 1)],
)
def test_jitter_is_a_uniform_radius_at_a_uniform_angle(digit, point, nominal, factor):
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=1.5), labels=(str(digit),))
    away = np.array([writing.sketch(number).points[point] for number in range(1500)]) - nominal
    radius, angle = np.hypot(*away.T), np.arctan2(*away.T)
    assert radius.max() <= 1.5 * factor
    # uniform in the radius, not in the area
    assert abs(radius.mean() - 0.75 * factor) < 0.05 * factor
    assert abs(np.exp(1j * angle).mean()) < 0.08


def test_parts_and_variants_come_as_often_as_the_notebook_says():
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=1), labels=("1", "4", "7"))
    counts = {label: [] for label in "147"}
    for number in range(6000):
        sketch = writing.sketch(number)
        counts[sketch.label].append((sketch.variant, len(sketch.cubics)))
    strokes = np.array([count for _, count in counts["1"]])
    assert abs((strokes >= 2).mean() - 0.5) < 0.04
    assert abs((strokes == 3).mean() - 0.25) < 0.04
    assert abs(np.mean([name == "closed" for name, _ in counts["4"]]) - 0.15) < 0.03
    assert abs(np.mean([count - 2 for _, count in counts["7"]]) - 0.25) < 0.04


def test_a_bow_bends_within_its_radius():
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=0), labels=("9",))
    start, end = np.array([7, 16]), np.array([21, 14])
    bends = []
    for number in range(800):
        curve = writing.sketch(number).cubics[1]
        control = (3 * curve[1] - curve[0]) / 2
        bends.append(math.dist(control, (start + end) / 2) / (math.dist(start, end) / 3))
    assert max(bends) <= 1
    assert abs(np.mean(bends) - 0.25) < 0.03  # a uniform share of a uniform share


def test_pens_are_as_wide_as_the_notebooks():
    writing = Handwriting(load_glyphs("classic"))
    widths = {label: [] for label in writing.labels}
    for number in range(3000):
        sketch = writing.sketch(number)
        widths[sketch.label].append(sketch.widths[0, 0])
    for label, result in widths.items():
        low = 3.2 if label in "789" else 2.8
        assert low <= min(result) < low + 0.1
        assert 4.9 < max(result) <= 5
