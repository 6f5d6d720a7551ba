"""Models that are fitted in a single step: one epoch, which cannot be interrupted and resumed."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from core.datasets.dataset import Dataset
from core.models.registry import architecture
from core.progress import Progress, ignore_progress
from core.training.data import Extra, split_rows, training_images, validation_images
from core.training.loop import Batches, accuracy, chance, logits
from core.training.metrics import EpochMetrics
from core.training.recipe import Recipe
from core.training.runs import Run
from core.training.train import save_best


def fit(
    run: Run, dataset: Dataset, extra: Extra | None = None, report: Progress = ignore_progress
) -> EpochMetrics:
    """Fit the run's model; returns its metrics. As `train`, but `epochs` counts copies of the
    images: one unchanged and `epochs` - 1 varied."""
    settings = run.settings()
    recipe, fit_model = settings.recipe, architecture(settings.model).fit
    assert fit_model is not None
    run.set_state("running")
    started, worked = time.perf_counter(), time.process_time()
    split = split_rows(dataset.labels, recipe, dataset.writers)
    images, labels = _copies(*training_images(dataset, split, extra), dataset.classes, recipe)
    network = fit_model(
        images,
        labels,
        len(dataset.classes),
        seed=recipe.seed,
        report=report,
        **recipe.hyperparameters,
    )
    seconds = time.perf_counter() - started
    held_out, truth = validation_images(dataset, split)
    answers = logits(network, held_out)
    row = EpochMetrics(
        epoch=1,
        validation_loss=float(F.cross_entropy(answers, truth)),
        validation_accuracy=accuracy(answers, truth),
        validation_n=len(truth),
        chance=chance(truth),
        images=len(images),
        images_per_second=len(images) / seconds,
        seconds=time.perf_counter() - started,
        processor_seconds=time.process_time() - worked,
        seconds_left=0.0,
    )
    numbers = sum(tensor.numel() for tensor in network.state_dict().values())
    save_best(run, network, answers, truth, row.epoch, numbers)
    run.keep_metrics([row])
    run.set_state("done")
    return row


def _copies(
    sources: torch.Tensor, targets: torch.Tensor, classes: tuple[str, ...], recipe: Recipe
) -> tuple[np.ndarray, np.ndarray]:
    images, labels = [sources[:, 0].numpy()], [targets.numpy()]
    batches = Batches(sources, targets, classes, recipe)
    for copy in range(1, recipe.epochs):
        for pictures, target, _, _ in batches.epoch(copy):
            images.append((pictures[:, 0] * 255).round().byte().numpy())
            labels.append(target.numpy())
    return np.concatenate(images), np.concatenate(labels)
