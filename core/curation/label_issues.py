"""Labels that are probably wrong, by confident learning: every image is judged by a model that
never saw it.
"""

import csv
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from io import StringIO
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import write_whole
from core.ink.forms import form_named, to_form
from core.models.cards import Card
from core.progress import Progress, ignore_progress
from core.training.data import DEFAULT_FORM
from core.training.loop import Batches, logits, new_learner, train_epochs
from core.training.recipe import Recipe

CAVEAT = (
    "an estimate, and only as good as the model: it counts what the model reads confidently as another class, "
    "so hard images and look-alikes count too; look before you mend"
)
"""Belongs beside every noise rate that is shown."""

ARCHITECTURE = "resnet8-tiny"
RECIPE = Recipe(
    batch_size=64, label_smoothing=0.0, redrawn=0.0, logit_adjustment=0.0, precision="bfloat16"
)
"""Of the network of each fold. Smoothing would hide how sure it is, and an adjustment would change
what a probability means.
"""

SEEN = 33_000
"""Images that the network of a fold trains on, each counted as often as it is seen: 20 epochs of
1,653 Roman numerals, with which the recipe was chosen (on altered labels of other seeds than those
that are reported), and one of MNIST."""

_MOST_EPOCHS = 60


@dataclass(frozen=True)
class Issues:
    """What confident learning finds among N labels.

    order : int64 [N], all images, worst first: those that are found, then the others. rows : int64
    [K], those that are found, the
    first of `order`. quality : float64 [N], the probability of each image's label
    (self-confidence), 0-1. suggested : int64 [N], the most probable other class, or the label
    itself where there is no other.
    noise_rate : estimated share of the N labels that are not the true class; see CAVEAT.
    """

    order: np.ndarray
    rows: np.ndarray
    quality: np.ndarray
    suggested: np.ndarray
    noise_rate: float


def find_issues(labels: np.ndarray, probabilities: np.ndarray) -> Issues:
    """Confident learning (Northcutt et al., JAIR 2021, by cleanlab) on labels int64 [N] and
    probabilities float [N, C].

    The probabilities must be out of sample: of a model that was trained without these images, as
    `cross_validated` gives, or of one that the caller knows was trained on others. A model that has
    learnt the labels by heart agrees with all of them.

    Of each class as many images are found as the confident joint (equation 1 there) says are
    something else, least probable labels first ("prune by class", their section 3.2), but none
    whose label is the most probable class, and not the last of a class. Ties are broken by row.
    ValueError if a label is not a class or the probabilities are none.
    """
    labels, probabilities = np.asarray(labels, np.int64), np.asarray(probabilities, np.float64)
    count, classes = _checked(labels, probabilities)
    each = np.arange(count)
    others = probabilities.copy()
    others[each, labels] = -1.0
    suggested = others.argmax(1) if count else labels.copy()
    quality = probabilities[each, labels]
    found, noise_rate = np.zeros(count, bool), 0.0
    # of one class nothing can be told apart, and cleanlab refuses it
    if classes > 1 and len(np.unique(labels)) > 1:
        from cleanlab.count import compute_confident_joint, estimate_joint
        from cleanlab.filter import find_label_issues

        joint = compute_confident_joint(labels, probabilities)
        # of a class with one image, whose label it keeps
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            found = find_label_issues(
                labels, probabilities, filter_by="prune_by_class", confident_joint=joint, n_jobs=1
            )
        noise_rate = float(
            np.clip(
                1 - np.trace(estimate_joint(labels, probabilities, confident_joint=joint)), 0, 1
            )
        )
    order = np.lexsort((each, quality, ~found))
    return Issues(order, order[: int(found.sum())], quality, suggested, noise_rate)


def _checked(labels: np.ndarray, probabilities: np.ndarray) -> tuple[int, int]:
    if (
        probabilities.ndim != 2
        or labels.shape != probabilities.shape[:1]
        or not probabilities.shape[1]
    ):
        raise ValueError(
            f"labels [N] and probabilities [N, C], not {labels.shape} and {probabilities.shape}"
        )
    count, classes = probabilities.shape
    if count and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels from {labels.min()} to {labels.max()} for {classes} classes")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # nor what is not a number
        raise ValueError("probabilities are 0 to 1")
    return count, classes


def check_unseen(card: Card, dataset: Dataset) -> None:
    """InklingError if the card names these very data: the recognizer's answers would agree with
    their labels.

    Beyond that, whether answers are out of sample is for the caller to know: a card says in words
    what its model was trained on, and the same images may stand in several sets.
    """
    if dataset.source == card.data:
        raise InklingError(
            f"{card.name} was trained on {dataset.title}, and would agree with its labels; choose other data or no model."
        )


def listed(
    issues: Issues,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The first `limit` images, worst first, or all that are found: number (row), label, suggested
    label, the probability of both, quality, and whether it is found or only listed."""
    rows = issues.order[: len(issues.rows) if limit is None else limit]
    return [
        {
            "number": int(row),
            "label": classes[labels[row]],
            "suggested": classes[issues.suggested[row]],
            "label_probability": float(probabilities[row, labels[row]]),
            "suggested_probability": float(probabilities[row, issues.suggested[row]]),
            "quality": float(issues.quality[row]),
            "found": place < len(issues.rows),
        }
        for place, row in enumerate(rows)
    ]


def write_list(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write what `listed` gives as CSV, whole or not at all."""
    text = StringIO()
    columns = (
        "number",
        "label",
        "suggested",
        "label_probability",
        "suggested_probability",
        "quality",
        "found",
    )
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.getvalue())


def cross_validated(
    dataset: Dataset,
    *,
    folds: int = 5,
    seed: int = 0,
    epochs: int = 0,
    report: Progress = ignore_progress,
) -> np.ndarray:
    """Probabilities float32 [N, C] of every image from a network that was trained without it, nor
    any exact copy of it.

    A small residual network is trained from nothing on all folds but one and reads that one, for
    each in turn: no recognizer's
    features are used, for it may have learnt these very labels. epochs : 0 is until a network has
    seen SEEN images. The same seed gives the same probabilities on the same machine. Nothing is
    written, so that it may be stopped at any moment. InklingError if there are not two folds, or
    images of two classes in each network's training.
    """
    names, count = dataset.classes, len(dataset)
    if count < 2 or not 2 <= folds <= count:
        raise InklingError(
            f"Cross-validation takes 2 folds to as many as there are images, {count:,} here, not {folds}."
        )
    images = np.asarray(to_form(dataset.images, form_named(dataset.form or DEFAULT_FORM)))
    fold_numbers = fold_of(images, dataset.labels, folds=folds, seed=seed)
    if any(len(np.unique(dataset.labels[fold_numbers != fold])) < 2 for fold in range(folds)):
        raise InklingError(
            f"{dataset.title} has too few images of a second class to tell it from the first; add more."
        )
    learnt = count - count // folds
    recipe = replace(_recipe(learnt), seed=seed)
    if epochs:
        recipe = replace(recipe, epochs=epochs)
    seen = recipe.epochs * learnt  # by the network of a fold
    probabilities = np.zeros((count, len(names)), np.float32)
    for fold in np.unique(fold_numbers):  # fewer than were asked for where most images are copies

        def report_images(done: int, total: int = 0, note: str = "", fold: int = int(fold)) -> None:
            report(int((fold + done / total) * seen), folds * seen)

        held_out = fold_numbers == fold
        network = _trained(
            images[~held_out], dataset.labels[~held_out], names, recipe, report_images
        )
        answers = logits(network, torch.from_numpy(images[held_out]))
        probabilities[held_out] = torch.softmax(answers, 1).numpy()
    return probabilities


def _recipe(count: int) -> Recipe:
    """Of a network that learns from `count` images: of few in small batches, or it would end before
    it had learnt anything, with a rate that follows the root of the batch (on 100 MNIST digits 95 %
    are then read, and 36 % with RECIPE as it is)."""
    batch = min(RECIPE.batch_size, max(16, count // 25))
    rate = RECIPE.learning_rate * sqrt(batch / RECIPE.batch_size)
    return replace(
        RECIPE,
        batch_size=batch,
        learning_rate=rate,
        epochs=min(_MOST_EPOCHS, max(1, round(SEEN / count))),
    )


def fold_of(images: np.ndarray, labels: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """The fold, int64 [N], of each of images uint8 [N, H, W]: classes are spread evenly, and exact
    copies stand in one.

    scikit-learn's folds, stratified and grouped, refuse classes of fewer images than folds, and
    take minutes where nearly every image is a group of its own.
    """
    prints = [sha256(np.ascontiguousarray(image).tobytes()).digest() for image in images]
    _, first, same = np.unique(prints, return_index=True, return_inverse=True)
    chance = np.random.default_rng(seed).random(len(first))
    dealt = np.empty(len(first), np.int64)
    # class after class, as cards are dealt
    dealt[np.lexsort((chance, labels[first]))] = np.arange(len(first)) % folds
    return dealt[same]


def _trained(
    images: np.ndarray,
    labels: np.ndarray,
    classes: tuple[str, ...],
    recipe: Recipe,
    report: Progress,
) -> torch.nn.Module:
    """The moving average of a network trained on all of these: none is held out, for no epoch is
    chosen. report : batches done.
    """
    sources = torch.from_numpy(images[:, None])
    batches = Batches(sources, torch.from_numpy(labels), classes, recipe)
    # whoever draws from the global generator goes on as if nothing had been
    with torch.random.fork_rng(devices=[]):
        learner = new_learner(ARCHITECTURE, len(classes), recipe)
        for _ in train_epochs(learner, batches, recipe, seed_epochs=False, report=report):
            pass
    network: torch.nn.Module = learner.average.module
    return network
