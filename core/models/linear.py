"""Multinomial logistic regression: one weight for each pixel and class."""

import warnings
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import InklingError
from core.models.fitted import FLOOR, Fitted, require, training_pixels
from core.progress import Progress, ignore_progress


class LogisticRegression(Fitted):
    """weight : float32 [classes, pixels]. bias : float32 [classes]. Pixels are 0-1."""

    STORED: ClassVar = {"weight": (torch.float32, 2), "bias": (torch.float32, 1)}
    weight: Tensor
    bias: Tensor

    def check(self, tensors: dict[str, Tensor]) -> None:
        require(
            tensors["weight"].shape == (self.classes, self.pixels),
            f"weight is to be {self.classes} by {self.pixels}",
        )
        require(tensors["bias"].shape == (self.classes,), f"bias is to be {self.classes} numbers")

    def logits(self, pixels: Tensor) -> Tensor:
        return F.linear(pixels, self.weight, self.bias)


def build_logistic(classes: int) -> LogisticRegression:
    """An empty model for 28x28 images."""
    return LogisticRegression(classes)


def fit_logistic(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    *,
    seed: int = 0,
    report: Progress = ignore_progress,
    C: float = 1.0,  # noqa: N803
    max_iter: int = 100,
) -> LogisticRegression:
    """Fit to uint8 images [N, H, W] with labels int64 [N] by L-BFGS, which is deterministic: `seed`
    is unused.

    C : inverse strength of the L2 penalty on the weights. max_iter : maximum iterations; often
    reached before convergence, which is not an error. InklingError unless there are images of two
    classes.
    """
    from sklearn import linear_model
    from sklearn.exceptions import ConvergenceWarning

    if not C > 0 or max_iter < 1:
        raise InklingError(f"C must be above 0 and max_iter at least 1, not {C} and {max_iter}.")
    rows = training_pixels(images, labels, classes, different=2)
    report(0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = linear_model.LogisticRegression(C=C, max_iter=max_iter).fit(
            rows.astype(np.float32) / 255, labels
        )
    weight, bias = (
        np.zeros((classes, rows.shape[1]), np.float32),
        np.full(classes, FLOOR, np.float32),
    )
    # for two classes scikit-learn stores only the difference
    weight[model.classes_] = (
        model.coef_ if len(model.coef_) > 1 else np.concatenate([-model.coef_, model.coef_]) / 2
    )
    bias[model.classes_] = (
        model.intercept_
        if len(model.intercept_) > 1
        else np.concatenate([-model.intercept_, model.intercept_]) / 2
    )
    network = LogisticRegression(classes, rows.shape[1])
    network.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    report(1, 1)
    return network
