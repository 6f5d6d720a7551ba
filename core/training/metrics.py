"""What is measured of each epoch of a run, as it stands in `metrics.jsonl` and on stdout."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

SEEN_AGAIN = 2000
"""Training images at most that are read once more after each epoch, to compare with validation."""


@dataclass(frozen=True, kw_only=True)
class EpochMetrics:
    """One epoch; of a model that is fitted in one go, the only one.

    epoch : from 1. train_loss, train_accuracy : over the epoch's batches, of the network as it was
    at each. train_accuracy_as_is : of some training images read again, not varied, by the moving
    average. validation_n : images that `validation_loss` and `validation_accuracy` were measured
    on. learning_rate : of the last step. images : trained on, each counted as often as it was seen.
    seconds, processor_seconds : of the epoch with its validation. seconds_left : until the end if
    no epoch is spared. Accuracies are 0-1, losses mean cross-entropies. None: there is no such
    figure, of a model that is fitted or in a file of an older version.
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
        """A JSON object on one line, without what is None."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})

    @staticmethod
    def from_line(line: str) -> "EpochMetrics":
        """ValueError if it is not one, as a kill may leave it; keys of other versions are left
        out.
        """
        values = json.loads(line)
        known = {field.name for field in fields(EpochMetrics)}
        try:
            return EpochMetrics(**{key: values[key] for key in values if key in known})
        except TypeError as error:
            raise ValueError(f"{line!r} is not the metrics of an epoch") from error


def best_epoch(metrics: Sequence[EpochMetrics]) -> EpochMetrics:
    """The one with the highest validation accuracy, or of equal ones the lowest loss."""
    return max(metrics, key=lambda row: (row.validation_accuracy, -row.validation_loss))
