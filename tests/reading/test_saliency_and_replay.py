"""Attributions satisfy their axioms, and a replay ends with the drawing itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.ink.forms import canonical_strokes
from core.models.knn import fit_knn
from core.models.recognizer import load_recognizer
from core.reading.replay import replay
from core.reading.saliency import (
    METHODS,
    evidence_picture,
    integrated_gradients,
    methods_for,
    occlusion,
)
from core.settings import Settings

SEVEN = [np.array([[70.0, 70], [240, 62], [158, 235], [146, 270]])]
FOUR = [np.array([[120.0, 60], [92, 175], [230, 170]]), np.array([[195.0, 110], [184, 270]])]


@pytest.fixture(scope="module")
def digits():
    return load_recognizer("digits", Settings.from_environment())


@pytest.fixture(scope="module")
def seven(digits):
    return canonical_strokes(SEVEN, digits.form, width=20).model_input


def log_odds(digits, image, target):
    with torch.no_grad():
        chance = digits.probabilities(torch.from_numpy(image)[None, None].float() / 255)[
            0, target
        ].clamp(1e-6, 1 - 1e-6)
    return float(torch.log(chance) - torch.log1p(-chance))


def test_integrated_gradients_sum_to_the_rise_of_the_log_odds(digits, seven):
    evidence = integrated_gradients(digits, seven, 7)
    assert evidence.shape == (28, 28)
    rise = log_odds(digits, seven, 7) - log_odds(digits, np.zeros_like(seven), 7)
    # completeness; 32 steps of a path of many kinks
    assert evidence.sum() == pytest.approx(rise, rel=0.15)
    # paper as blank as the baseline is no evidence
    assert np.abs(evidence[seven == 0]).max() < 1e-6


def test_occlusion_is_the_mean_fall_of_the_log_odds_over_the_patches_on_a_pixel(digits, seven):
    evidence = occlusion(digits, seven, 7)
    whole, falls = log_odds(digits, seven, 7), []
    row, column = np.unravel_index(np.abs(evidence).argmax(), evidence.shape)
    for top in range(max(row - 3, 0), min(row, 24) + 1):
        for left in range(max(column - 3, 0), min(column, 24) + 1):
            hidden = seven.copy()
            hidden[top : top + 4, left : left + 4] = 0
            falls.append(whole - log_odds(digits, hidden, 7))
    assert evidence[row, column] == pytest.approx(np.mean(falls), rel=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_evidence_is_drawn_for_any_class(digits, seven, method):
    picture = evidence_picture(METHODS[method](digits, seven, 1), seven)
    assert (picture.shape, picture.dtype) == ((28, 28, 3), np.uint8)


def test_a_replay_ends_with_the_whole_drawing_and_marks_every_stroke(digits):
    text = replay(digits, FOUR, width=20)
    assert len(text.points) == len(text.stroke) == len(text.prediction.probabilities)
    assert text.stroke[0] == 1
    assert text.stroke[-1] == 2
    assert (np.diff(text.stroke) >= 0).all()
    whole = digits.predict(canonical_strokes(FOUR, digits.form, width=20).model_input[None])
    np.testing.assert_allclose(text.prediction.probabilities[-1], whole.probabilities[0], atol=1e-5)
    assert (np.diff(text.points) >= 0).all()
    assert set(np.cumsum([len(stroke) for stroke in FOUR])) <= set(text.points)
    # of each moment the answer is that to the points drawn until then
    for moment in (0, len(text.points) // 2):
        first = text.points[moment]
        parts = [FOUR[0][:first], FOUR[1][: max(first - 3, 0)]]
        begun = [part for part in parts if len(part)]
        assert len(begun) == text.stroke[moment]
        so_far = digits.predict(canonical_strokes(begun, digits.form, width=20).model_input[None])
        np.testing.assert_allclose(
            text.prediction.probabilities[moment], so_far.probabilities[0], atol=1e-5
        )


@pytest.mark.parametrize("strokes", [[np.array([[5.0, 5.0]])], [np.array([[5.0, 5], [5, 5]])] * 60])
def test_a_replay_of_dots_breaks_nothing(digits, strokes):
    assert len(replay(digits, strokes, width=20).points) >= len(strokes)


def test_what_votes_has_no_gradients_to_integrate(digits, seven):
    fitted = replace(
        digits, network=fit_knn(seven[None].repeat(3, 0), np.array([1, 7, 7]), 10, k=2)
    )
    assert methods_for(digits) == list(METHODS)
    (method,) = methods_for(fitted)
    assert METHODS[method](fitted, seven, 7).shape == seven.shape
