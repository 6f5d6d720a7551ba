"""Calibration: temperature scaling, reliability of probabilities, and coverage at a threshold."""

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def fit_temperature(logits: "torch.Tensor", labels: "torch.Tensor") -> float:
    """The T that minimises the cross-entropy of softmax(logits / T) (Guo et al., ICML 2017); use
    held-out data only.

    logits : float [N, C]. labels : int64 [N].
    """
    from scipy.optimize import minimize_scalar
    from torch.nn import functional as F

    def loss(log_temperature: float) -> float:
        return float(F.cross_entropy(logits.double() / exp(log_temperature), labels))

    return exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: the non-empty bins, [B] each, and the expected calibration error, 0-1.

    confidence : mean probability of the answers in the bin. accuracy : the share of them that are
    right.
    """

    low: np.ndarray
    high: np.ndarray
    count: np.ndarray
    hits: np.ndarray
    confidence: np.ndarray
    error: float

    @property
    def accuracy(self) -> np.ndarray:
        share: np.ndarray = self.hits / self.count
        return share


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> Reliability:
    """Answers in `bins` equal bins of their probability, and ECE (Naeini et al., AAAI 2015; 15 bins
    as Guo et al., ICML 2017).

    confidence : float [N], 0-1. right : bool [N]. The bins and their means are those of
    scikit-learn's `calibration_curve`.
    """
    edges = np.linspace(0, 1, bins + 1)
    index = np.searchsorted(edges[1:-1], confidence)
    count = np.bincount(index, minlength=bins)
    hits = np.bincount(index, right, bins)
    total = np.bincount(index, confidence, bins)
    full = count > 0
    error = float(np.abs(hits - total)[full].sum() / max(len(confidence), 1))
    return Reliability(
        edges[:-1][full],
        edges[1:][full],
        count[full],
        hits[full].astype(np.int64),
        total[full] / count[full],
        error,
    )


@dataclass(frozen=True)
class Coverage:
    """Effect of answering only above a threshold, [T] each: answers given, and how many of them are
    right, of `n` in total.
    """

    thresholds: np.ndarray
    answered: np.ndarray
    hits: np.ndarray
    n: int


def coverage(confidence: np.ndarray, right: np.ndarray, thresholds: np.ndarray) -> Coverage:
    """Answers whose probability is at least each threshold (ascending, 0-1)."""
    order = np.argsort(confidence)
    first = np.searchsorted(confidence[order], thresholds)
    hits_below = np.concatenate([[0], right[order].cumsum()])
    return Coverage(
        thresholds, len(confidence) - first, hits_below[-1] - hits_below[first], len(confidence)
    )
