"""Drawings that are none of the characters."""

import numpy as np

from core.ink.forms import FORMS, canonical_strokes
from core.synthesis.negatives import NEGATIVES, draw_negatives, plus


def test_each_is_drawable_and_unlike_the_last() -> None:
    drawings = draw_negatives(60, seed=3)
    inputs = []
    for drawn in drawings:
        assert all(np.isfinite(stroke).all() and stroke.ndim == 2 for stroke in drawn)
        extent = np.ptp(np.concatenate(drawn), axis=0).max()
        stages = canonical_strokes(drawn, FORMS["mnist"], width=extent / 9)
        assert stages is not None
        inputs.append(stages.model_input.tobytes())
    assert len(set(inputs)) == 60


def test_same_seed_same_drawings() -> None:
    first, second, other = (draw_negatives(9, seed=seed) for seed in (1, 1, 2))
    assert all(
        np.array_equal(a, b)
        for one, two in zip(first, second, strict=True)
        for a, b in zip(one, two, strict=True)
    )
    assert any(
        len(a) != len(b) or a[0].shape != b[0].shape or not np.allclose(a[0], b[0])
        for a, b in zip(first, other, strict=True)
    )


def test_what_people_draw_as_a_class_is_none_of_them_no_longer(monkeypatch) -> None:
    drawn = []
    for kind in NEGATIVES:
        if kind.resembles:
            assert kind.draw is plus
    monkeypatch.setattr(
        "core.synthesis.negatives.NEGATIVES",
        tuple(kind for kind in NEGATIVES if kind.draw is plus) + NEGATIVES[:1],
    )
    for classes in ("0123456789", "0123456789t"):
        crossing = [len(one) == 2 for one in draw_negatives(80, seed=0, classes=classes)]
        drawn.append(sum(crossing))
    assert drawn[0] > drawn[1]
