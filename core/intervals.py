"""Rates with their uncertainty, and their formatting."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite, sqrt
from typing import Any

import numpy as np

Z_95 = 1.959963984540054
_NEAR_ONE = 0.98


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """95 % score interval of a proportion (Wilson, JASA 1927); (0, 1) if `count` is 0."""
    if count == 0:
        return 0.0, 1.0
    rate, z2 = hits / count, Z_95**2
    centre = (rate + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 / (1 + z2 / count) * sqrt(rate * (1 - rate) / count + z2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def rates(
    hits: Sequence[int] | np.ndarray, counts: Sequence[int] | np.ndarray
) -> list[tuple[float, float, float]]:
    """(rate, low, high) of each, with 95 % Wilson interval; the rate is 0 where the count is 0."""
    return [
        (int(hit) / max(int(count), 1), *wilson_interval(int(hit), int(count)))
        for hit, count in zip(hits, counts, strict=True)
    ]


@dataclass(frozen=True)
class Measured:
    """A measured accuracy, as displayed everywhere.

    accuracy : 0-1, None if nothing was counted. n : number of images. interval : 95 % Wilson
    interval. data : description of the data, with its caveat.
    """

    accuracy: float | None
    n: int
    interval: tuple[float, float]
    data: str

    @staticmethod
    def of(hits: int, count: int, data: str) -> "Measured":
        """`hits` of `count` images were classified correctly."""
        accuracy = hits / count if count else None
        return Measured(accuracy, count, wilson_interval(hits, count), data)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Measured":
        """Inverse of `to_json`, computing a missing interval; LookupError, TypeError or ValueError
        for invalid input.
        """
        accuracy, n, data = values["accuracy"], values["n"], values["data"]
        if not (isfinite(accuracy) and isinstance(n, int) and isinstance(data, str)):
            raise ValueError("a figure has accuracy, n and data")
        low, high = values.get("interval") or wilson_interval(round(accuracy * n), n)
        if not (isfinite(low) and isfinite(high)):
            raise ValueError("an interval has two numbers")
        return Measured(accuracy, n, (low, high), data)

    def to_json(self) -> dict[str, Any]:
        """accuracy, n, interval, data."""
        return asdict(self)


def percent(rate: float) -> str:
    """A measured rate for use in a sentence: 93.4 %, or with two decimals near 0 or 100 %: 99.62 %.
    The percent sign does not wrap.
    """
    return f"{100 * rate:.{_digits(rate)}f}\N{NO-BREAK SPACE}%"


def span(interval: tuple[float, float]) -> str:
    """An interval of rates: 96.5 to 98.2 %; two decimals where both are near 0 or 100 %."""
    low, high = interval
    digits = _digits(low)
    return f"{100 * low:.{digits}f} to {100 * high:.{digits}f}\N{NO-BREAK SPACE}%"


def probability(share: float) -> str:
    """A calibrated probability, never shown as 0 or 100 %: 87 %, > 99 %."""
    text = "> 99 %" if share > 0.99 else "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _digits(rate: float) -> int:
    return 2 if rate > _NEAR_ONE else 1
