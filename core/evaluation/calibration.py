"""Probabilities that mean what they say."""

from math import exp

import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as F


def fit_temperature(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """The T that minimises the cross-entropy of softmax(logits / T) (Guo et al., ICML 2017); use held-out data only.

    logits : float [N, C]. labels : int64 [N].
    """

    def loss(log_temperature: float) -> float:
        return float(F.cross_entropy(logits.double() / exp(log_temperature), labels))

    return exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)
