"""Train a run on disk: every epoch is recorded, so that a kill loses at most one."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.datasets.dataset import Dataset
from core.models.network import count_parameters
from core.models.tensors import save_tensors
from core.progress import Progress, ignore_progress
from core.training import workers
from core.training.checkpoint import restore, save_checkpoint
from core.training.data import Extra, split_rows, training_images, validation_images
from core.training.loop import (
    Batches,
    TrainedEpoch,
    accuracy,
    chance,
    logits,
    new_learner,
    train_epochs,
)
from core.training.metrics import SEEN_AGAIN, EpochMetrics, best_epoch
from core.training.recipe import Recipe
from core.training.runs import Run


def train(
    run: Run, dataset: Dataset, extra: Extra | None = None, report: Progress = ignore_progress
) -> Iterator[tuple[EpochMetrics, ...]]:
    """Train to the end from the run's checkpoint; a generator, which starts when iterated.

    Yields the metrics so far, oldest first: those at the checkpoint, and again after each epoch
    once it is on disk. To stop iterating stops the run, which may be resumed later. Under
    `torchrun` each process takes its share of every batch, and only the first writes. report :
    batches done. ArithmeticError if the weights diverge.
    """
    settings = run.settings()

    # Validation images are set aside before anything is added to the training images.
    split = split_rows(dataset.labels, settings.recipe, dataset.writers)
    validation = validation_images(dataset, split, extra)
    sources, targets = training_images(dataset, split, extra)
    recipe = settings.recipe.for_images(len(targets))

    # All randomness follows from the seed: the same recipe gives the same weights.
    weights = None if extra is None else extra.weights
    learner = new_learner(settings.model, len(dataset.classes), recipe, weights)

    # Metrics are written before the checkpoint, and may be an epoch ahead of it after a kill.
    metrics = run.metrics()[: restore(run.checkpoint, learner)] if run.checkpoint.exists() else []
    batches = Batches(sources, targets, dataset.classes, recipe, device=workers.device())

    # Some of the data set's own training images are evaluated after each epoch, to compare.
    order = np.random.default_rng(recipe.seed).permutation(len(split.train))
    rows = torch.from_numpy(order[:SEEN_AGAIN])
    again = sources[rows, 0], targets[rows]

    if workers.first():
        run.keep_metrics(metrics)
        run.set_state("running")
    yield tuple(metrics)

    epochs = train_epochs(learner, batches, recipe, start=len(metrics), report=report)
    while not has_ended(metrics, recipe):
        epoch = next(epochs)

        # The moving average is what is validated and published.
        network: nn.Module = learner.average.module
        answers, row = _measure(epoch, network, validation, again)
        row = replace(row, seconds_left=_seconds_left([*metrics, row], recipe))

        # The first process's clock and rounding decide: all must agree on when it has ended.
        metrics.append(workers.agree(row))

        # Metrics before the checkpoint: resuming can drop an extra line, not restore a lost one.
        if workers.first():
            if best_epoch(metrics) is metrics[-1]:
                parameters = count_parameters(network)
                save_best(run, network, answers, validation[1], row.epoch, parameters)
            run.keep_metrics(metrics)
            save_checkpoint(run.checkpoint, learner, epochs=row.epoch)
        yield tuple(metrics)

    if workers.first():
        run.set_state("done")


def has_ended(metrics: Sequence[EpochMetrics], recipe: Recipe) -> bool:
    """Whether all epochs are done, or none has improved within the recipe's patience."""
    stale = len(metrics) - best_epoch(metrics).epoch if metrics else 0
    return len(metrics) >= recipe.epochs or bool(recipe.patience and stale >= recipe.patience)


def _measure(
    epoch: TrainedEpoch,
    network: nn.Module,
    validation: tuple[Tensor, Tensor],
    again: tuple[Tensor, Tensor],
) -> tuple[Tensor, EpochMetrics]:
    """The network's logits of the validation images, float [N, C], and the metrics of the epoch.

    validation, again : uint8 [N, H, W] and int64 [N]; `again` are training images.
    """
    started, worked = time.perf_counter(), time.process_time()
    images, truth = validation
    answers = logits(network, images)
    if not bool(torch.isfinite(answers).all()):
        raise ArithmeticError(
            f"The weights grew beyond all bounds in epoch {epoch.number + 1}; "
            "lower the learning rate."
        )
    as_is = accuracy(logits(network, again[0]), again[1])
    return answers, EpochMetrics(
        epoch=epoch.number + 1,
        train_loss=epoch.loss,
        train_accuracy=epoch.accuracy,
        train_accuracy_as_is=as_is,
        validation_loss=float(F.cross_entropy(answers, truth)),
        validation_accuracy=accuracy(answers, truth),
        validation_n=len(truth),
        chance=chance(truth),
        learning_rate=epoch.learning_rate,
        images=epoch.images,
        images_per_second=epoch.images / epoch.seconds,
        seconds=epoch.seconds + time.perf_counter() - started,
        processor_seconds=epoch.processor_seconds + time.process_time() - worked,
    )


def _seconds_left(metrics: Sequence[EpochMetrics], recipe: Recipe) -> float:
    """Seconds until the recipe's last epoch, at the mean pace so far."""
    mean = sum(row.seconds for row in metrics) / len(metrics)
    return (recipe.epochs - len(metrics)) * mean


def save_best(
    run: Run, network: nn.Module, answers: Tensor, truth: Tensor, epoch: int, parameters: int
) -> None:
    """Save the weights of the run's best epoch and their logits of the validation images."""
    save_tensors(run.best, network.state_dict(), {"epoch": epoch, "parameters": parameters})
    save_tensors(run.answers, {"logits": answers, "labels": truth}, {"epoch": epoch})
