"""Which handwriting is misread: error rate against a measured property, in equally filled bins."""

from dataclasses import dataclass

import numpy as np

BINS = 10
MOST = 10_000
"""Most images measured; of more, a random sample."""

_LEAST = 2


@dataclass(frozen=True, eq=False)
class ErrorsByProperty:
    """Errors in quantile bins of a property, [B] each; a bin reaches from `low` to below the next
    one's, the last to `high`.

    middle : median of the values in the bin. count : images. errors : those misread.
    strength : Cramér's V of bin and error, 0 unrelated to 1. p : of the chi-square test that they
    are unrelated, 1 where it cannot be computed. correlation : Spearman's, of the value and being
    misread, -1 to 1, NaN where either is constant.
    """

    low: np.ndarray
    high: np.ndarray
    middle: np.ndarray
    count: np.ndarray
    errors: np.ndarray
    strength: float
    p: float
    correlation: float

    @property
    def rate(self) -> np.ndarray:
        share: np.ndarray = self.errors / self.count
        return share


def errors_by_property(values: np.ndarray, wrong: np.ndarray, bins: int = BINS) -> ErrorsByProperty:
    """Errors in up to `bins` bins of equally many images; equal values share a bin, so there may be
    fewer.

    values : float [N], NaN where an image has none: it is left out. wrong : bool [N].
    """
    known = np.isfinite(values)
    values, wrong = values[known].astype(np.float64), wrong[known]
    if not len(values):
        none = np.zeros(0)
        return ErrorsByProperty(
            none, none, none, none.astype(np.int64), none.astype(np.int64), 0.0, 1.0, float("nan")
        )
    # Edges are data values, so that no bin is empty.
    edges = np.unique(np.sort(values)[np.arange(bins) * len(values) // bins])
    index = np.searchsorted(edges, values, side="right") - 1
    count = np.bincount(index, minlength=len(edges))
    errors = np.bincount(index[wrong], minlength=len(edges))
    middle = np.array([np.median(values[index == number]) for number in range(len(edges))])
    strength, p = _association(count, errors)
    return ErrorsByProperty(
        edges,
        np.append(edges[1:], values.max()),
        middle,
        count,
        errors,
        strength,
        p,
        _correlation(values, wrong),
    )


def within_class(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Each value as the share of its own class that is below it, ties counted half: 0-1, NaN stays.

    values : float [N]. truth : int [N]. Removes from a property what only distinguishes the
    classes: a 1 has little ink.
    """
    from scipy.stats import rankdata

    result = np.full(len(values), np.nan)
    for class_ in np.unique(truth):
        rows = np.flatnonzero((truth == class_) & np.isfinite(values))
        if len(rows):
            result[rows] = (rankdata(values[rows]) - 0.5) / len(rows)
    return result


def _association(count: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Cramér's V (Mathematical Methods of Statistics, 1946) and Pearson's chi-square p of a table
    [B, wrong or right].
    """
    from scipy.stats import chi2_contingency

    table = np.stack([errors, count - errors])
    if table.shape[1] < _LEAST or not table.sum(1).all():
        return 0.0, 1.0
    result = chi2_contingency(table, correction=False)
    return float(np.sqrt(result.statistic / table.sum())), float(result.pvalue)


def _correlation(values: np.ndarray, wrong: np.ndarray) -> float:
    from scipy.stats import spearmanr

    if len(values) < _LEAST or values.min() == values.max() or wrong.all() or not wrong.any():
        return float("nan")
    return float(spearmanr(values, wrong).statistic)
