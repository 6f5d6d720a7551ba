"""Effects before the pen, against their formulas and against the same effects on pixels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InklingError
from core.synthesis.effects import strokes as kernels
from core.synthesis.effects.table import EFFECTS, STROKE_EFFECTS, parse_effects, vary_strokes
from core.synthesis.effects.variants import VARIANTS, add_variant

BOX = [np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])]
CORNER = [np.array([[0.2, 0.1], [0.2, 0.9]]), np.array([[0.2, 0.9], [0.8, 0.9]])]


def test_a_quarter_turn_is_counter_clockwise() -> None:
    right = [np.array([[0.0, 0.5], [1.0, 0.5]])]
    turned = kernels.turn(right, 90)[0]
    np.testing.assert_allclose(turned, [[0.5, 1.0], [0.5, 0.0]], atol=1e-12)


def test_a_slanted_stem_leans_right_at_the_top() -> None:
    stem = kernels.slant([np.array([[0.5, 0.0], [0.5, 1.0]])], 30)[0]
    assert stem[0, 0] - stem[1, 0] == pytest.approx(math.tan(math.radians(30)))


def test_broader_keeps_the_area() -> None:
    wide, high = np.ptp(kernels.broaden(BOX, 0.2)[0], axis=0)
    assert (wide, high) == (pytest.approx(math.exp(0.2)), pytest.approx(math.exp(-0.2)))


@given(st.integers(0, 10_000), st.floats(0, 0.1))
def test_an_elastic_field_moves_no_point_much_further_than_its_amount(seed, amount) -> None:
    generator = np.random.default_rng(seed)
    bent = kernels.bend(BOX, amount, generator)
    # a bicubic surface may overshoot its knots
    assert np.abs(bent[0] - BOX[0]).max() <= 1.6 * amount + 1e-6


@given(st.floats(0.001, 0.3))
def test_sparse_points_lie_on_the_stroke_and_keep_its_ends(spacing) -> None:
    t = np.linspace(0, 1, 400)
    stroke = np.stack([t, np.sin(3 * t)], 1)
    sparse = kernels.sample_sparsely([stroke], spacing)[0]
    assert {tuple(point) for point in sparse} <= {tuple(point) for point in stroke}
    np.testing.assert_array_equal(sparse[[0, -1]], stroke[[0, -1]])
    gaps = np.hypot(*np.diff(sparse, axis=0).T)[:-1]
    length = np.hypot(*np.diff(stroke, axis=0).T).sum()
    assert len(sparse) <= length / spacing + 2
    assert gaps.max(initial=0) <= spacing + 0.01


def test_a_single_point_survives_everything() -> None:
    dot = [np.array([[0.0, 0.0]])]
    steps = [
        (name, (effect.training or effect.amount).default)
        for name, effect in STROKE_EFFECTS.items()
    ]
    varied = vary_strokes(dot, "1", steps, np.random.default_rng(0))
    assert all(np.isfinite(stroke).all() for stroke in varied)
    assert all(map(len, varied))


@pytest.mark.parametrize("name", STROKE_EFFECTS)
def test_each_effect_changes_strokes_and_nothing_else(name: str) -> None:
    effect = STROKE_EFFECTS[name]
    amount = (effect.training or effect.amount).high
    label = "0"
    before = [stroke.copy() for stroke in CORNER] if name != "variants" else [BOX[0].copy()]
    given_strokes = [stroke.copy() for stroke in before]
    t = np.linspace(0, 1, 30)[:, None]
    if name in ("sampling", "starts"):
        before = given_strokes = [np.hstack([t, t * t])]
    changed = False
    for seed in range(20):
        after = vary_strokes(given_strokes, label, [(name, amount)], np.random.default_rng(seed))
        again = vary_strokes(given_strokes, label, [(name, amount)], np.random.default_rng(seed))
        assert all(np.array_equal(a, b) for a, b in zip(after, again, strict=True))
        changed |= len(after) != len(before) or any(
            a.shape != b.shape or not np.allclose(a, b) for a, b in zip(after, before, strict=False)
        )
    assert changed
    assert all(np.array_equal(a, b) for a, b in zip(given_strokes, before, strict=True))
    assert vary_strokes(before, label, [(name, 0.0)], np.random.default_rng(0)) is before


def test_one_table_serves_pictures_and_strokes() -> None:
    both = EFFECTS.keys() & STROKE_EFFECTS.keys()
    assert both == {"rotation", "shear", "stretch", "elastic"}
    assert all(EFFECTS[name] is STROKE_EFFECTS[name] for name in both)
    assert parse_effects("jitter=0.01, shear=5", STROKE_EFFECTS) == (("jitter", 0.01), ("shear", 5))
    with pytest.raises(InklingError, match="jitter"):
        parse_effects("jitter=0.01")
    with pytest.raises(InklingError, match="noise"):
        parse_effects("noise=3", STROKE_EFFECTS)


def test_marks_are_added_as_often_as_the_table_says() -> None:
    for label, ways in VARIANTS.items():
        marked = 0
        for seed in range(1000):
            marked += len(add_variant(BOX, label, np.random.default_rng(seed))) > 1
        assert marked / 1000 == pytest.approx(sum(odds for odds, _ in ways), abs=0.05)
    assert add_variant(BOX, "8", np.random.default_rng(0)) is BOX
    # what has several strokes may have its mark already
    assert all(
        add_variant(CORNER, "0", np.random.default_rng(seed)) is CORNER for seed in range(30)
    )
