"""Errors against a property, compared with a plain loop, SciPy and made-up answers whose dependence
is known.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import percentileofscore, spearmanr
from scipy.stats.contingency import association

from core.evaluation.by_property import errors_by_property, within_class

counts = st.integers(0, 60)
steps = st.sampled_from([0, 1, 1.5, 2, 7, np.nan]) | st.floats(-5, 5, width=32)
few = counts.flatmap(
    lambda count: st.tuples(arrays(np.float32, count, elements=steps), arrays(bool, count))
)
quick = settings(max_examples=25)


@quick
@given(few, st.integers(1, 12))
def test_every_measured_image_is_in_one_bin(
    given_: tuple[np.ndarray, np.ndarray], bins: int
) -> None:
    values, wrong = given_
    result = errors_by_property(values, wrong, bins)
    known = np.isfinite(values)
    assert len(result.count) <= bins
    assert (result.count > 0).all()
    assert (result.count.sum(), result.errors.sum()) == (known.sum(), wrong[known].sum())
    for at, (low, high) in enumerate(zip(result.low, result.high, strict=True)):
        last = at == len(result.low) - 1
        inside = (values >= low) & ((values <= high) if last else (values < high))
        assert result.count[at] == inside.sum()
        assert result.errors[at] == (inside & wrong).sum()
        assert result.middle[at] == np.median(values[inside].astype(float))
    assert 0 <= result.strength <= 1 + 1e-12
    assert 0 <= result.p <= 1


@quick
@given(st.integers(10, 400), st.integers(1, 10))
def test_bins_hold_as_many_where_no_two_are_equal(count: int, bins: int) -> None:
    values = np.random.default_rng(count).permutation(count).astype(np.float32)
    result = errors_by_property(values, np.zeros(count, bool), bins)
    assert len(result.count) == bins
    assert result.count.max() - result.count.min() <= 1


@quick
@given(few)
def test_strength_and_correlation_are_scipys(given_: tuple[np.ndarray, np.ndarray]) -> None:
    values, wrong = given_
    result = errors_by_property(values, wrong, 4)
    known = np.isfinite(values)
    values, wrong = values[known], wrong[known]
    if wrong.any() and not wrong.all() and len(result.count) > 1:
        table = np.array([result.errors, result.count - result.errors])
        assert result.strength == pytest.approx(association(table, method="cramer"))
        assert result.correlation == pytest.approx(
            spearmanr(values.astype(float), wrong).statistic, nan_ok=True
        )
    else:
        assert (result.strength, result.p) == (0.0, 1.0)


def test_what_matters_is_found_and_what_does_not_is_not(random: np.random.Generator) -> None:
    """Errors depend on the first property, on both ends of the second, and not on the third."""
    rising, both_ends, nothing = random.normal(size=(3, 20_000))
    wrong = random.random(20_000) < 0.05 + 0.1 * (rising > 1) + 0.1 * (np.abs(both_ends) > 1.5)
    one, two, three = (errors_by_property(values, wrong) for values in (rising, both_ends, nothing))
    assert one.correlation > 0.05 > abs(two.correlation)
    assert min(one.strength, two.strength) > 0.08 > 0.04 > three.strength
    assert max(one.p, two.p) < 1e-6 < 0.001 < three.p
    assert two.rate[0] > 0.1 > two.rate[5]


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [2.0], [3.0, 3.0, 3.0]])
@pytest.mark.parametrize("error", [False, True])
def test_too_little_to_say_anything(values: list[float], error: bool) -> None:
    result = errors_by_property(np.array(values, np.float32), np.full(len(values), error))
    assert (result.strength, result.p) == (0.0, 1.0)
    assert np.isnan(result.correlation)
    assert len(result.count) == len({value for value in values if value == value})
    assert result.rate.tolist() == [float(error)] * len(result.count)


@quick
@given(few, st.integers(1, 3))
def test_the_place_within_a_class_is_scipys_percentile(
    given_: tuple[np.ndarray, np.ndarray], classes: int
) -> None:
    values, _ = given_
    truth = np.arange(len(values)) % classes
    result = within_class(values, truth)
    for at, value in enumerate(values):
        own = values[(truth == truth[at]) & np.isfinite(values)]
        if np.isnan(value):
            assert np.isnan(result[at])
        else:
            assert 100 * result[at] == pytest.approx(
                percentileofscore(own, value, "mean"), abs=50 / len(own) + 1e-6
            )
            assert result[at] == pytest.approx(
                ((own < value).sum() + (own == value).sum() / 2) / len(own)
            )


def test_classes_that_only_differ_in_ink_do_not_within_themselves(
    random: np.random.Generator,
) -> None:
    """A class with little ink is misread more; within a class, ink does not matter."""
    truth = random.integers(0, 2, 4000)
    ink, wrong = (
        random.normal(size=4000) + 5 * truth,
        random.random(4000) < 0.1 + 0.3 * (truth == 0),
    )
    assert errors_by_property(ink, wrong).strength > 0.3
    assert errors_by_property(within_class(ink, truth), wrong).p > 0.001
