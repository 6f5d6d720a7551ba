"""What accuracy of the proposals to expect with more labels: a learning curve of those so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.curation.proposals import Features, propose

FEWEST = 40
"""Labels that a curve needs."""

_MOST, _FOLDS = 600, 3
_SHARES = (0.125, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class LearningCurve:
    """sizes : numbers of labels that were learnt from, ascending. accuracy : of the proposals for
    labelled pictures that were held out, 0-1. n : held out in all, for each size. scale, power : of
    the power law error = scale * labels ** -power through them (Hestness et al.,
    arXiv:1712.00409).
    """

    sizes: tuple[int, ...]
    accuracy: tuple[float, ...]
    n: int
    scale: float
    power: float

    def at(self, labels: int) -> float:
        """The accuracy that the power law gives for so many labels."""
        return 1 - min(1.0, self.scale * labels**-self.power)


def learning_curve(
    features: Features, places: np.ndarray, labels: Sequence[str], *, seed: int = 0
) -> LearningCurve | None:
    """Cross-validated in three folds on the labels so far, see `propose`, or on some of many; None
    for fewer than FEWEST. The same seed gives the same curve.

    Of labels that were given in an order, not at random, it says how those are read: pictures that
    were labelled as the most doubtful ones are harder than the rest.
    """
    if len(labels) < FEWEST:
        return None
    order = np.random.default_rng(seed).permutation(len(labels))[:_MOST]
    folds = np.array_split(order, _FOLDS)
    fewest = len(order) - max(map(len, folds))
    sizes = tuple(round(share * fewest) for share in _SHARES)
    right = np.zeros(len(sizes))
    for fold in folds:
        learnt = order[~np.isin(order, fold)]
        for number, size in enumerate(sizes):
            mine = learnt[:size]
            found = propose(features, places[mine], [labels[index] for index in mine])
            answers = found.answers[places[fold]]
            right[number] += sum(
                found.classes[answer] == labels[index]
                for answer, index in zip(answers, fold, strict=True)
            )
    wrong = (len(order) - right + 0.5) / (len(order) + 1)  # none wrong is not none ever
    slope, start = np.polyfit(np.log(sizes), np.log(wrong), 1)
    power = max(0.0, -float(slope))
    scale = float(np.exp(start)) if power else float(wrong.mean())
    return LearningCurve(sizes, tuple((right / len(order)).tolist()), len(order), scale, power)
