"""Labels proposed for the pictures of a collection: a recognizer's answers, and what is learnt on
its features from the labels given so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.curation.as_dataset import inputs_of
from core.curation.collection import Collection, reading_order
from core.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer  # torch

_AT_ONCE = 256
"""Pictures that are described before it is told how many were."""

MOST = 5000
"""Pictures that are proposed for at once; of more as many are drawn at random."""

_PENALTY = 0.03
"""On the squared weights, where the recognizer reads nothing rightly; the more of the labels it had
read, the larger. This and the next were chosen on cells of pendigits' writers.
"""

_LEAST = 1e-3
"""Probability of a class that the recognizer excludes or does not know: labels outweigh it."""


@dataclass(frozen=True, eq=False)
class Features:
    """What a recognizer says of K pictures.

    rows : int64 [K], their numbers in the collection, ascending; blank and unreadable ones are not
    among them. vectors : float32 [K, D], the input of its last layer, centred, of length 1 in the
    root mean square. probabilities : float32 [K, C]. classes : C names.
    """

    rows: np.ndarray
    vectors: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Proposals:
    """probabilities : float32 [K, C], rows sum to 1. classes : C names."""

    probabilities: np.ndarray
    classes: tuple[str, ...]

    @property
    def answers(self) -> np.ndarray:
        """Indices int64 [K] of the labels proposed."""
        return self.probabilities.argmax(1)

    @property
    def doubt(self) -> np.ndarray:
        """Float32 [K]: 1 minus the margin between the two most probable classes (Scheffer et al.,
        IDA 2001), so 0 for a sure one and 1 for a tie.
        """
        best = np.sort(self.probabilities, 1)[:, -2:]
        return 1 - (best[:, -1] - best[:, 0]) if best.shape[1] > 1 else np.zeros(len(best))


def features_of(
    collection: Collection,
    recognizer: "Recognizer",
    *,
    most: int = MOST,
    seed: int = 0,
    report: Progress = ignore_progress,
) -> Features:
    """Of all its pictures, or of `most` of them drawn at random. The same seed draws the same."""
    rows = np.arange(len(collection))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    kept, vectors, probabilities = [], [], []
    for first in range(0, len(rows), _AT_ONCE):
        part = rows[first : first + _AT_ONCE]
        found = inputs_of(collection, part, recognizer.form)
        written = [image is not None for image in found]
        if any(written):
            images = np.stack([image for image in found if image is not None])
            some, predicted = recognizer.features_and_prediction(images)
            kept.append(part[written])
            vectors.append(some)
            probabilities.append(predicted.probabilities)
        report(first + len(part), len(rows))
    classes = recognizer.classes
    if not kept:
        none = np.zeros((0, len(classes)), np.float32)
        return Features(rows[:0], np.zeros((0, 1), np.float32), none, classes)
    described = np.concatenate(vectors)
    described -= described.mean(0)
    length = max(float(np.sqrt((described**2).sum(1).mean())), 1e-6)
    return Features(
        np.concatenate(kept), described / length, np.concatenate(probabilities), classes
    )


def propose(features: Features, places: np.ndarray, labels: Sequence[str]) -> Proposals:
    """Proposals for all K pictures after some were labelled: `places` int64 [L] are indices into
    them, `labels` their L labels, which may be classes that the recognizer does not know.

    Multinomial logistic regression on the features, by the side of what the recognizer says, whose
    log probabilities are an offset: without labels its answers stand as they are.
    """
    new = reading_order(set(labels) - set(features.classes))
    classes = (*features.classes, *new)
    offsets = _offsets(features.probabilities, len(new))
    index_of = {name: index for index, name in enumerate(classes)}
    given = np.array([index_of[label] for label in labels], np.int64)
    wrong = int((features.probabilities[places].argmax(1) != given).sum())
    penalty = _PENALTY * (len(given) + 2) / (wrong + 1)
    scores = offsets + _learnt(features.vectors, offsets, places, given, penalty)
    return Proposals(_softmax(scores).astype(np.float32), classes)


def _offsets(probabilities: np.ndarray, new: int) -> np.ndarray:
    """Log probabilities float [K, C], with so many classes more."""
    room = np.zeros((len(probabilities), new))
    shares = np.maximum(np.concatenate([probabilities, room], 1), _LEAST)
    offsets: np.ndarray = np.log(shares / shares.sum(1, keepdims=True))
    return offsets


def _learnt(
    vectors: np.ndarray,
    offsets: np.ndarray,
    places: np.ndarray,
    given: np.ndarray,
    penalty: float,
) -> np.ndarray:
    """What labels change of the scores, float [K, C]: the maximum a posteriori of the weights, with
    a Gaussian prior about 0.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    if not len(places):
        return np.zeros_like(offsets)
    inputs = np.column_stack([vectors[places], np.ones(len(places))]).astype(float)
    before, rows = offsets[places], np.arange(len(places))

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(inputs.shape[1], -1)
        shares = _softmax(before + inputs @ weights)
        missed = -np.log(np.maximum(shares[rows, given], 1e-300)).sum()
        shares[rows, given] -= 1
        slope = inputs.T @ shares + penalty * weights
        return float(missed + penalty / 2 * (weights**2).sum()), slope.ravel()

    start = np.zeros(inputs.shape[1] * offsets.shape[1])
    with threadpool_limits(1):  # so small matrices are multiplied faster by one thread
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
        weights = found.x.reshape(inputs.shape[1], -1)
        change: np.ndarray = vectors @ weights[:-1] + weights[-1]
    return change


def _softmax(scores: np.ndarray) -> np.ndarray:
    """Of rows, float [N, C]."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(1, keepdims=True)
    return shares
