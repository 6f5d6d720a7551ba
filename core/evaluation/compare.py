"""Two recognizers on the same pictures: where they differ, and whether it is more than chance."""

from dataclasses import dataclass

import numpy as np

from core.datasets.labels import class_index
from core.errors import InklingError
from core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Discordance:
    """Of `n` pictures, how many only the first and only the second reads right, and McNemar's p of that difference."""

    n: int
    only_first: int
    only_second: int
    p: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> Discordance:
    """McNemar's exact test of two readers' hits, bool [N] each (Psychometrika 1947): a two-sided binomial test of who is alone."""
    from scipy.stats import binomtest

    alone, other = int((first & ~second).sum()), int((second & ~first).sum())
    p = float(binomtest(alone, alone + other).pvalue) if alone + other else 1.0
    return Discordance(len(first), alone, other, p)


@dataclass(frozen=True)
class Comparison:
    """Two recognizers on one set of C classes, the names that either answers or the truth has.

    truth, answers : int64 [N]. Hits count a letter as right that the recognizer keeps no separate class for.
    """

    classes: tuple[str, ...]
    truth: np.ndarray
    first: np.ndarray
    second: np.ndarray
    first_right: np.ndarray
    second_right: np.ndarray

    def by_class(self) -> list[tuple[str, Discordance]]:
        """McNemar's test in each class of the truth that has pictures."""
        found = []
        for place, name in enumerate(self.classes):
            rows = self.truth == place
            if rows.any():
                found.append((name, mcnemar(self.first_right[rows], self.second_right[rows])))
        return found


def compare(first: Predictions, second: Predictions) -> Comparison:
    """Lay two over each other by class name; InklingError if they are not of the same pictures."""
    if first.about.pictures != second.about.pictures or len(first) != len(second):
        raise InklingError("The two have not read the same pictures; predict the same data with both.")
    classes = first.classes + tuple(name for name in second.classes if name not in first.classes)
    # A name that one keeps no separate class for is the one it answers instead: truth is told in the first's names.
    places = np.array([_place(name, classes) for name in second.classes])
    return Comparison(classes, first.truth, first.answers, places[second.answers], first.right, second.right)


def _place(name: str, classes: tuple[str, ...]) -> int:
    place = class_index(name, classes)
    assert place is not None
    return place


def holm(p: np.ndarray) -> np.ndarray:
    """p-values float [K] corrected for their number (Holm, Scand. J. Statistics 1979)."""
    order = np.argsort(p, kind="stable")
    corrected = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    result = np.empty_like(corrected)
    result[order] = corrected
    return result
