"""Compare two recognizers on the same pictures: where they differ, and whether significantly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.datasets.labels import class_index
from core.errors import InklingError
from core.evaluation.predictions import DatasetPrediction
from core.evaluation.scores import confusion_matrix


@dataclass(frozen=True)
class Discordance:
    """Of `n` pictures, how many only the first and only the second reads correctly, and McNemar's p
    of the difference.
    """

    n: int
    only_first: int
    only_second: int
    p: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> Discordance:
    """McNemar's exact test of two readers' hits, bool [N] each (Psychometrika 1947): a two-sided
    binomial test of the discordant pairs.
    """
    from scipy.stats import binomtest

    alone, other = int((first & ~second).sum()), int((second & ~first).sum())
    p = float(binomtest(alone, alone + other).pvalue) if alone + other else 1.0
    return Discordance(len(first), alone, other, p)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two recognizers on one set of C classes.

    classes : those that both distinguish, and those of only one. A small letter without its own
    class in either counts as its capital for both, so that both face the same task. truth, first,
    second : int64 [N], indices into `classes`.
    """

    classes: tuple[str, ...]
    truth: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @cached_property
    def first_right(self) -> np.ndarray:
        """bool [N]."""
        return self.first == self.truth

    @cached_property
    def second_right(self) -> np.ndarray:
        """bool [N]."""
        return self.second == self.truth

    def overall(self) -> Discordance:
        """McNemar's test on all pictures."""
        return mcnemar(self.first_right, self.second_right)

    def by_class(self) -> list[tuple[str, Discordance]]:
        """McNemar's test in each class of the truth that has pictures."""
        results = []
        for index, name in enumerate(self.classes):
            rows = self.truth == index
            if rows.any():
                results.append((name, mcnemar(self.first_right[rows], self.second_right[rows])))
        return results

    def difference(self) -> np.ndarray:
        """float64 [C, C]: by how much larger a share of class i, row, the second reads as class j;
        -1 to 1, 0 where there is no picture.
        """
        both = [
            confusion_matrix(self.truth, answers, len(self.classes))
            for answers in (self.first, self.second)
        ]
        share: np.ndarray = (both[1] - both[0]) / np.maximum(both[0].sum(1, keepdims=True), 1)
        return share


def compare(first: DatasetPrediction, second: DatasetPrediction) -> Comparison:
    """Match two by class name; InklingError if they are not of the same pictures."""
    if first.about.pictures != second.about.pictures or len(first) != len(second):
        raise InklingError(
            "The two have not read the same pictures; predict the same data with both."
        )
    names = [
        [_merged(name, first.classes, second.classes) for name in item.classes]
        for item in (first, second)
    ]
    classes = tuple(dict.fromkeys(names[0] + names[1]))
    indices = [np.array([classes.index(name) for name in item]) for item in names]
    return Comparison(
        classes, indices[0][first.truth], indices[0][first.answers], indices[1][second.answers]
    )


def _merged(name: str, first: Sequence[str], second: Sequence[str]) -> str:
    """The name of a class shared by both; its own name if one of them lacks it."""
    for classes in (first, second):
        index = class_index(name, classes)
        name = name if index is None else classes[index]
    return name


def holm(p: np.ndarray) -> np.ndarray:
    """p-values float [K] corrected for their number (Holm, Scand. J. Statistics 1979)."""
    order = np.argsort(p, kind="stable")
    corrected = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    result = np.empty_like(corrected)
    result[order] = corrected
    return result
