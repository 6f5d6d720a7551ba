"""The Data-Centric AI competition (2021): the network and how it is trained are fixed, the data are
what one works on.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from core.datasets.competition import BUDGET
from core.datasets.folders import class_folders
from core.datasets.labels import in_order
from core.datasets.pictures import find_pictures
from core.errors import InklingError
from core.ink.decode import read_picture
from core.intervals import wilson_interval
from core.models.resnet import challenge_network
from core.models.tensors import load_tensors, save_tensors
from core.progress import Progress, ignore_progress
from core.training.checkpoint import restore, save_checkpoint
from core.training.loop import Batches, accuracy, learner_of, logits, train_epochs
from core.training.recipe import PLAIN, Recipe

SIDE = 32

FIXED = PLAIN.override(["epochs=100", "batch_size=8", "learning_rate=1e-4"])
"""Adam at 1e-4, batches of 8, 100 epochs without augmentation; the epoch with the best validation
accuracy counts."""

_CHECKPOINT, _BEST = "checkpoint.safetensors", "best.safetensors"


@dataclass(frozen=True)
class Photographs:
    """Pictures as the fixed network reads them: images uint8 [N, 32, 32], ink 255 on paper 0,
    labels int64 [N] into `classes`, and their files within the folder.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Result:
    """What the fixed network reads of the test pictures after its best epoch.

    answers : the class answered for each test picture. interval : 95 % Wilson interval.
    """

    seed: int
    train_n: int
    validation_n: int
    epochs: int
    best_epoch: int
    validation_accuracy: float
    n: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    classes: tuple[str, ...]
    confusion: list[list[int]]
    answers: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_photographs(folder: Path, classes: Sequence[str] = ()) -> Photographs:
    """The pictures of a folder of class folders, reduced to 32x32 whatever their proportions;
    InklingError for one that cannot be read, or whose folder is none of `classes`, if given.
    """
    relative = [path.relative_to(folder) for path in find_pictures([folder])]
    labels = class_folders(relative, [], str(folder)).labels
    if unknown := sorted(set(labels.values()) - set(classes or labels.values())):
        raise InklingError(
            f"{folder} has the class {unknown[0]}, which the training pictures have not."
        )
    known = tuple(classes) or in_order(labels.values())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = list(pool.map(lambda path: reduced(read_picture(folder / path)), labels))
    return Photographs(
        np.stack(images),
        np.array([known.index(label) for label in labels.values()], np.int64),
        known,
        tuple(labels),
    )


def reduced(grey: np.ndarray) -> np.ndarray:
    """A photograph uint8 [H, W], dark on light, as the fixed network reads it: uint8 [32, 32], ink
    255. Where it is larger each pixel is the mean of its area.
    """
    smaller = min(grey.shape) >= SIDE
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(255 - cv2.resize(grey, (SIDE, SIDE), interpolation=method))


def run_challenge(
    train: Photographs,
    validation: Photographs,
    test: Photographs,
    *,
    seed: int = 0,
    epochs: int = FIXED.epochs,
    folder: Path | None = None,
    report: Progress = ignore_progress,
) -> Result:
    """Train the fixed network on `train`, choose the epoch by `validation`, answer `test`.

    folder : keeps a checkpoint, and goes on from the one there, whose pictures must be the same.
    report : batches done. InklingError for more pictures than BUDGET.
    """
    if len(train) + len(validation) > BUDGET:
        raise InklingError(
            f"The challenge allows {BUDGET:,} pictures in train and val together; these are "
            f"{len(train) + len(validation):,}."
        )
    recipe = FIXED.override([f"seed={seed}", f"epochs={epochs}"])
    network, best, highest = _trained(train, validation, recipe, folder, report)
    answers = logits(network, torch.from_numpy(test.images)).argmax(1).numpy()
    correct = int((answers == test.labels).sum())
    confusion = np.zeros((len(test.classes),) * 2, int)
    np.add.at(confusion, (test.labels, answers), 1)
    return Result(
        seed=seed,
        train_n=len(train),
        validation_n=len(validation),
        epochs=epochs,
        best_epoch=best,
        validation_accuracy=highest,
        n=len(test),
        correct=correct,
        accuracy=correct / len(test),
        interval=wilson_interval(correct, len(test)),
        classes=test.classes,
        confusion=confusion.tolist(),
        answers={
            str(path): test.classes[answer]
            for path, answer in zip(test.paths, answers, strict=True)
        },
    )


def _trained(
    train: Photographs,
    validation: Photographs,
    recipe: Recipe,
    folder: Path | None,
    report: Progress,
) -> tuple[nn.Module, int, float]:
    """The network of the best epoch, that epoch's number from 1, and its validation accuracy."""
    torch.manual_seed(recipe.seed)
    learner = learner_of(challenge_network(len(train.classes)), recipe)
    images = torch.from_numpy(train.images).unsqueeze(1)
    batches = Batches(images, torch.from_numpy(train.labels), train.classes, recipe)
    seen, truth = torch.from_numpy(validation.images), torch.from_numpy(validation.labels)

    weights, best, highest, start = learner.network.state_dict(), 0, -1.0, 0
    if folder and (folder / _CHECKPOINT).exists():
        weights, facts = load_tensors(folder / _BEST)
        best, highest = int(str(facts["epoch"])), float(str(facts["accuracy"]))
        start = restore(folder / _CHECKPOINT, learner)
    for epoch in train_epochs(learner, batches, recipe, start=start, report=report):
        now = accuracy(logits(learner.network, seen), truth)
        if now > highest:
            best, highest = epoch.number + 1, now
            weights = {name: value.clone() for name, value in learner.network.state_dict().items()}
            if folder:
                save_tensors(folder / _BEST, weights, {"epoch": best, "accuracy": highest})
        if folder:
            save_checkpoint(folder / _CHECKPOINT, learner, epochs=epoch.number + 1)
    learner.network.load_state_dict(weights)
    return learner.network, best, highest
