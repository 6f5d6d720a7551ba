"""Why training and validation accuracy differ, in a sentence or two made from a run's own
figures.
"""

from collections.abc import Sequence
from math import sqrt

from core.intervals import percent
from core.training.metrics import SEEN_AGAIN, EpochMetrics, best_epoch

_NOTABLE, _LARGE = 0.01, 0.05
"""Differences of accuracy below which nobody would act, and above which one should."""


def explain_gap(metrics: Sequence[EpochMetrics]) -> str:
    """Of the best epoch, which is the one saved; "" if there is nothing to compare."""
    if not metrics:
        return ""
    row = best_epoch(metrics)
    validation, learning, as_is = (
        row.validation_accuracy,
        row.train_accuracy,
        row.train_accuracy_as_is,
    )
    if learning is None:
        return ""
    texts = []
    if learning < validation:
        texts.append(
            f"Validation ({percent(validation)}) is the higher, not training "
            f"({percent(learning)}): while it learns, dropout and "
            "augmentation make every image harder, and the weights are those in the middle of the "
            "epoch."
        )
    if as_is is not None:
        texts.append(
            _overfits(
                as_is,
                validation,
                seen=min(SEEN_AGAIN, row.images or SEEN_AGAIN),
                n=row.validation_n or 1,
            )
        )
    return " ".join(texts)


def _overfits(as_is: float, validation: float, *, seen: int, n: int) -> str:
    """Compares accuracy on training images, without augmentation, with that on held-out ones."""
    text, gap = (
        f"Read again as they are, {seen:,} training images give {percent(as_is)}",
        as_is - validation,
    )
    # two standard errors of a difference of two independent shares
    chance = 2 * sqrt(as_is * (1 - as_is) / seen + validation * (1 - validation) / n)
    if abs(gap) <= max(chance, _NOTABLE):
        return (
            f"{text}, within chance of the {percent(validation)} of those held out (n = {n:,}): "
            "it does not overfit."
        )
    if gap < 0:
        return (
            f"{text}, less than those held out ({percent(validation)}): what it learns from is "
            "harder to read, as mixed-in images can be."
        )
    how = "it overfits" if gap > _LARGE else "it overfits a little"
    return (
        f"{text}, {100 * gap:.1f} points above those held out: {how}. More or more varied images, "
        "dropout or weight decay would help."
    )
