"""A recognizer's predictions for images, and their scores if the true labels are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

SURE = 0.6
"""Calibrated probability below which an answer is told as a question."""

UNKNOWN = 0.35
"""Probability below which a picture is said to show perhaps none of the classes: networks that
learnt from drawings of nothing answer those with less.
"""

_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predictions for N images.

    probabilities : float32 or float16 [N, C], rows sum to 1; often a memory map. classes : C names.
    """

    probabilities: np.ndarray
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.probabilities)

    @cached_property
    def answers(self) -> np.ndarray:
        """The most probable class of each, int64 [N]; ties go to the first."""
        return self.probabilities.argmax(1) if len(self) else np.zeros(0, np.int64)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The probability of the answer, float32 [N]."""
        return self.probability_of(self.answers)

    def probability_of(self, indices: np.ndarray) -> np.ndarray:
        """The probability, float32 [N], of one class of each image: indices int64 [N]."""
        return self.probabilities[np.arange(len(self)), indices].astype(np.float32)

    def labels(self) -> list[str]:
        """The most probable class of each, by name."""
        return [self.classes[index] for index in self.answers]

    def top(self, count: int = 5, row: int = 0) -> list[tuple[str, float]]:
        """The `count` most probable classes of one image, most probable first."""
        order = np.argsort(-self.probabilities[row], kind="stable")[:count]
        return [(self.classes[index], float(self.probabilities[row, index])) for index in order]

    def only(self, classes: Sequence[str]) -> Self:
        """The answer known to be one of these classes: the others' probability is shared among them
        in proportion, which is the conditional probability; equally where they had none.
        """
        names = tuple(name for name in self.classes if name in classes)
        columns = [self.classes.index(name) for name in names]
        chosen = self.probabilities[:, columns].astype(np.float32)
        total = chosen.sum(1, keepdims=True)
        shared = np.divide(
            chosen, total, out=np.full_like(chosen, 1 / len(names)), where=total > _LEAST
        )
        return replace(self, probabilities=shared, classes=names)


@dataclass(frozen=True, eq=False)
class ScoredPrediction(Prediction):
    """Predictions for N images with known `truth`: int64 [N], indices into `classes`."""

    truth: np.ndarray

    @cached_property
    def right(self) -> np.ndarray:
        """Whether the answer is the truth, bool [N]."""
        return self.answers == self.truth

    @cached_property
    def truth_probability(self) -> np.ndarray:
        """The probability of the truth, float32 [N]."""
        return self.probability_of(self.truth)

    def only(self, classes: Sequence[str]) -> Self:
        """The same for the images whose truth is one of these classes; the others are left out."""
        kept = np.flatnonzero([name in classes for name in self.classes])
        rows = np.flatnonzero(np.isin(self.truth, kept))
        known = self.take(rows, np.searchsorted(kept, self.truth[rows]))
        return super(ScoredPrediction, known).only(classes)

    def loss(self) -> float:
        """Mean cross-entropy in nats; probabilities are clipped below at 1e-12."""
        return float(-np.log(np.maximum(self.truth_probability.astype(np.float64), _LEAST)).mean())

    def take(self, rows: np.ndarray, truth: np.ndarray | None = None) -> Self:
        """Predictions of some rows, with new true classes if `truth` int64 [len(rows)] given."""
        return replace(
            self,
            probabilities=self.probabilities[rows],
            truth=self.truth[rows] if truth is None else truth,
        )
