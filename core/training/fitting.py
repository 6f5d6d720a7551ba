"""Models that are fitted in one go: one epoch, which cannot be cut in two."""

import time
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from core.datasets.dataset import Dataset
from core.models.registry import architecture
from core.models.tensors import save_tensors
from core.training.data import Extra, split, training_images
from core.training.loop import Batches, Report, accuracy, logits
from core.training.recipe import Recipe
from core.training.runs import Run


def fit(
    run: Run, dataset: Dataset, extra: Extra | None = None, report: Report | None = None
) -> dict[str, Any]:
    """Fit the run's model; returns its metrics. As `train`, but what an epoch is to a network is to
    this a copy of the images: they are taken once as they are and `epochs` - 1 times varied."""
    name, _, recipe = run.settings()
    run.set_state("running")
    kind = architecture(name)
    assert kind.fit is not None
    started, worked = time.perf_counter(), time.process_time()
    parts = split(
        dataset.labels,
        per_class=recipe.validation_per_class,
        seed=recipe.seed,
        at_most=recipe.at_most,
    )
    images, labels = _copies(*training_images(dataset, parts.train, extra), dataset.classes, recipe)

    def report_fit(done: int, total: int = 0, note: str = "") -> None:
        if report:
            report(0, max(done - 1, 0), max(total, 1), float("nan"))

    network = kind.fit(
        images,
        labels,
        len(dataset.classes),
        seed=recipe.seed,
        report=report_fit,
        **recipe.hyperparameters,
    )
    seconds = time.perf_counter() - started
    truth = torch.from_numpy(dataset.labels[parts.validation])
    answers = logits(
        network, torch.from_numpy(np.ascontiguousarray(dataset.images[parts.validation]))
    )
    row = {
        "epoch": 1,
        "validation_loss": float(F.cross_entropy(answers, truth)),
        "validation_accuracy": accuracy(answers, truth),
        "validation_n": len(truth),
        "images": len(images),
        "images_per_second": len(images) / seconds,
        "seconds": time.perf_counter() - started,
        "processor_seconds": time.process_time() - worked,
        "seconds_left": 0.0,
    }
    tensors = network.state_dict()
    save_tensors(
        run.best,
        tensors,
        {"epoch": 1, "parameters": sum(tensor.numel() for tensor in tensors.values())},
    )
    save_tensors(run.answers, {"logits": answers, "labels": truth}, {"epoch": 1})
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
