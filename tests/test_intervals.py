import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.intervals import Measured, percent, probability, span, wilson_interval

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
    assert Measured.of(0, 0, "nothing").accuracy is None


def test_a_figure_carries_its_n() -> None:
    figure = Measured.of(9, 12, "twelve")
    assert (figure.accuracy, figure.n, figure.data) == (0.75, 12, "twelve")
    assert figure.interval == wilson_interval(9, 12)
    assert list(figure.to_json()) == ["accuracy", "n", "interval", "data"]
    assert Measured.from_json(json.loads(json.dumps(figure.to_json()))) == figure


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.0, "0.0 %"), (0.9344, "93.4 %"), (0.98, "98.0 %"), (0.99617, "99.62 %"), (1, "100.00 %")],
)
def test_a_rate_has_two_digits_near_the_end(rate: float, text: str) -> None:
    assert percent(rate).replace("\N{NO-BREAK SPACE}", " ") == text


def test_both_ends_of_an_interval_have_the_same_digits() -> None:
    assert span((0.965, 0.9818)) == "96.5 to 98.2\N{NO-BREAK SPACE}%"
    assert span((0.9812, 0.99116)) == "98.12 to 99.12\N{NO-BREAK SPACE}%"


@given(st.floats(0, 1))
def test_a_probability_is_never_certain_and_stays_on_its_line(share: float) -> None:
    text = probability(share)
    assert "100" not in text
    assert not text.startswith("0")
    assert text.split(" ") == [text]
    if text[0] not in "<>":
        assert abs(float(text.removesuffix("\N{NO-BREAK SPACE}%")) / 100 - share) <= 0.005 + 1e-9
