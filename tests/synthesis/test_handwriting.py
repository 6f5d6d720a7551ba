"""Glyphs, the pen path, and drawn digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ink.forms import FORMS
from core.synthesis import digits
from core.synthesis.glyphs import CORNER, GLYPHS
from core.synthesis.handwriting import smooth, write_digit


@pytest.mark.parametrize("digit", GLYPHS)
def test_every_glyph_is_well_formed(digit):
    for glyph in GLYPHS[digit]:
        for stroke in glyph:
            assert len(stroke) >= 2
            assert all(len(anchor) == 2 or anchor[2] == CORNER for anchor in stroke)
            assert all(-0.2 <= value <= 1.2 for anchor in stroke for value in anchor[:2])


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=8), st.data())
def test_a_smooth_path_passes_through_every_anchor(points, data):
    anchors = np.array(points)
    corners = data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points)))
    path = smooth(anchors, corners)
    distance = np.linalg.norm(path[None] - anchors[:, None], axis=2).min(1)
    assert distance.max() < 1e-9
    assert np.allclose(path[[0, -1]], anchors[[0, -1]])


def test_a_path_between_two_corners_is_straight():
    path = smooth(np.array([[0.0, 0], [1, 0], [1, 1]]), [False, True, False])
    assert np.allclose(path, [[0, 0], [1, 0], [1, 1]])


@given(st.sampled_from(sorted(GLYPHS)), st.integers(0, 2**32))
def test_a_digit_stays_on_its_canvas(digit, seed):
    strokes = write_digit(digit, np.random.default_rng(seed), height=150, size=280)
    points = np.concatenate(strokes)
    assert np.isfinite(points).all()
    assert points.min() > -60
    assert points.max() < 340


def test_the_seed_decides_whatever_the_number_of_threads(monkeypatch):
    form = FORMS["mnist"]
    images, labels = digits.synthetic_digits(form, per_digit=3, seed=5)
    monkeypatch.setattr(digits.os, "cpu_count", lambda: 1)
    again, _ = digits.synthetic_digits(form, per_digit=3, seed=5)
    longer, _ = digits.synthetic_digits(form, per_digit=4, seed=5)
    assert labels == [digit for digit in "0123456789" for _ in range(3)]
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(images.reshape(10, 3, 28, 28), longer.reshape(10, 4, 28, 28)[:, :3])
