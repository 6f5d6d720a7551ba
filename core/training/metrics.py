"""What is measured in each epoch of a run, as written to `metrics.jsonl` and stdout."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from core.intervals import percent

SEEN_AGAIN = 2000
"""Most training images evaluated again after each epoch, to compare with validation."""

_DIVERGED = 2.0
"""The last epoch's loss, as a multiple of the first's, from which training has diverged."""


@dataclass(frozen=True, kw_only=True)
class EpochMetrics:
    """One epoch; the only one of a model that is fitted in a single step.

    epoch : from 1. train_loss, train_accuracy : over the epoch's batches, of the network at each.
    train_accuracy_as_is : on some training images, not varied, by the moving average.
    validation_n : images that `validation_loss` and `validation_accuracy` were measured on.
    chance : the accuracy of always answering their most frequent class.
    learning_rate : of the last step. images : trained on, each counted as often as it was seen.
    seconds, processor_seconds : of the epoch with its validation. seconds_left : until the end
    without early stopping. Accuracies are 0-1, losses mean cross-entropies. None: not available,
    for a fitted model or in a file of an older version.
    """

    epoch: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    train_accuracy_as_is: float | None = None
    validation_loss: float
    validation_accuracy: float
    validation_n: int | None = None
    chance: float | None = None
    learning_rate: float | None = None
    images: int | None = None
    images_per_second: float | None = None
    seconds: float = 0.0
    processor_seconds: float = 0.0
    seconds_left: float | None = None

    def to_line(self) -> str:
        """A JSON object on one line, without fields that are None."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})

    @staticmethod
    def from_line(line: str) -> "EpochMetrics":
        """ValueError if it is invalid, as a kill may leave it; keys of other versions are
        ignored.
        """
        values = json.loads(line)
        known = {field.name for field in fields(EpochMetrics)}
        try:
            return EpochMetrics(**{key: values[key] for key in values if key in known})
        except TypeError as error:
            raise ValueError(f"{line!r} is not the metrics of an epoch") from error


def best_epoch(metrics: Sequence[EpochMetrics]) -> EpochMetrics:
    """The epoch with the highest validation accuracy; ties go to the lowest loss."""
    return max(metrics, key=lambda row: (row.validation_accuracy, -row.validation_loss))


def doubt(metrics: Sequence[EpochMetrics]) -> str:
    """Why the result of a run should not be relied on, and what to do, in a sentence: it diverged,
    or reads nearer to guessing than to everything; "" if neither.
    """
    if not metrics:
        return ""
    best, first, last = best_epoch(metrics), metrics[0].train_loss, metrics[-1].train_loss
    fitted = first is None or last is None
    better = (
        "give it more images or choose another model"
        if fitted
        else "train it for more epochs or at a lower learning rate"
    )
    if best.chance is not None and best.validation_accuracy < (1 + best.chance) / 2:
        return (
            f"It reads {percent(best.validation_accuracy)} of the images held out, nearer to "
            f"guessing ({percent(best.chance)}) than to reading all of them; {better}."
        )
    if first is not None and last is not None and last > _DIVERGED * first:
        return (
            f"It diverged: its loss grew from {first:.2g} in the first epoch to {last:.2g} in the "
            "last; train it at a lower learning rate."
        )
    return ""
