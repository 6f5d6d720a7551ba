"""What is measured in each epoch of a run, as written to `metrics.jsonl` and stdout."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

SEEN_AGAIN = 2000
"""Most training images evaluated again after each epoch, to compare with validation."""


@dataclass(frozen=True, kw_only=True)
class EpochMetrics:
    """One epoch; the only one of a model that is fitted in a single step.

    epoch : from 1. train_loss, train_accuracy : over the epoch's batches, of the network at each.
    train_accuracy_as_is : on some training images, not varied, by the moving average.
    validation_n : images that `validation_loss` and `validation_accuracy` were measured on.
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
