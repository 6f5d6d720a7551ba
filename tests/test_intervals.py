import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.intervals import measured, wilson_interval

_COUNTS = st.integers(1, 20_000).flatmap(
    lambda count: st.tuples(st.integers(0, count), st.just(count))
)


@given(_COUNTS)
def test_the_interval_is_scipys(counts: tuple[int, int]) -> None:
    theirs = binomtest(*counts).proportion_ci(0.95, method="wilson")
    assert wilson_interval(*counts) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_an_example_by_hand() -> None:
    """8 of 10: centre (0.8 + 1.92073/10)/1.384146, half width 1.959964/1.384146 sqrt(0.016 +
    0.0096036).
    """
    assert wilson_interval(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)


def test_nothing_counted() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert measured(0, 0, "nothing")["accuracy"] is None


def test_a_figure_carries_its_n() -> None:
    figure = measured(9, 12, "twelve")
    assert (figure["accuracy"], figure["n"], figure["data"]) == (0.75, 12, "twelve")
    assert figure["interval"] == list(wilson_interval(9, 12))
