"""Out-of-sample judges of a data set's labels: cross-validated networks, or a recognizer trained on
other data.
"""

from dataclasses import replace
from hashlib import sha256

import numpy as np
import torch

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.ink.forms import DEFAULT_FORM, form_named, to_form
from core.models.cards import Card
from core.progress import Progress, ignore_progress
from core.training.loop import Batches, logits, new_learner, train_epochs
from core.training.recipe import Recipe

ARCHITECTURE = "resnet8-tiny"
RECIPE = Recipe(
    batch_size=64, label_smoothing=0.0, redrawn=0.0, logit_adjustment=0.0, precision="bfloat16"
)
"""Recipe of each fold's network. Smoothing would hide its confidence, and an adjustment would
change what a probability means.
"""

SEEN = 33_000
"""Images that the network of a fold trains on, each counted as often as it is seen: 20 epochs of
1,653 Roman numerals, with which the recipe was chosen (on altered labels of other seeds than those
that are reported), and one of MNIST."""

_MOST_EPOCHS = 60


def check_unseen(card: Card, dataset: Dataset) -> None:
    """InklingError if the card names the same data: the recognizer's answers would agree with their
    labels.

    Beyond that, the caller must know whether answers are out of sample: a card describes its
    training data in words, and the same images may be in several sets.
    """
    if dataset.source == card.data:
        raise InklingError(
            f"{card.name} was trained on {dataset.title}, and would agree with its labels; choose "
            "other data or no model."
        )


def cross_validated(
    dataset: Dataset,
    *,
    folds: int = 5,
    seed: int = 0,
    epochs: int = 0,
    report: Progress = ignore_progress,
) -> np.ndarray:
    """Probabilities float32 [N, C] of every image from a network trained without it and its exact
    copies.

    A small residual network is trained from scratch on all folds but one and predicts that one, for
    each in turn: no recognizer's features are used, as it may have learnt these labels. epochs : 0
    trains until a network has seen SEEN images. The same seed gives the same probabilities on the
    same machine. Nothing is written, so it may be stopped at any moment. InklingError if there are
    not two folds, or images of two classes in each network's training.
    """
    names, count = dataset.classes, len(dataset)
    if count < 2 or not 2 <= folds <= count:
        raise InklingError(
            f"Cross-validation takes 2 folds to as many as there are images, {count:,} here, not "
            f"{folds}."
        )
    images = np.asarray(to_form(dataset.images, form_named(dataset.form or DEFAULT_FORM)))
    fold_numbers = fold_of(images, dataset.labels, folds=folds, seed=seed)
    if any(len(np.unique(dataset.labels[fold_numbers != fold])) < 2 for fold in range(folds)):
        raise InklingError(
            f"{dataset.title} has too few images of a second class to tell it from the first; add "
            "more."
        )
    learnt = count - count // folds
    recipe = replace(_recipe(learnt), seed=seed)
    if epochs:
        recipe = replace(recipe, epochs=epochs)
    seen = recipe.epochs * learnt  # images seen by the network of a fold
    probabilities = np.zeros((count, len(names)), np.float32)
    for fold in np.unique(fold_numbers):  # fewer than `folds` if most images are copies

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
    """The recipe for `count` training images."""
    epochs = min(_MOST_EPOCHS, max(1, round(SEEN / count)))
    return replace(RECIPE.for_images(count), epochs=epochs)


def fold_of(images: np.ndarray, labels: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """The fold, int64 [N], of each of images uint8 [N, H, W]: classes are spread evenly, and exact
    copies share a fold.

    scikit-learn's folds, stratified and grouped, refuse classes of fewer images than folds, and
    take minutes if nearly every image is its own group.
    """
    prints = [sha256(np.ascontiguousarray(image).tobytes()).digest() for image in images]
    _, first, same = np.unique(prints, return_index=True, return_inverse=True)
    chance = np.random.default_rng(seed).random(len(first))
    dealt = np.empty(len(first), np.int64)
    # class by class, in rotation
    dealt[np.lexsort((chance, labels[first]))] = np.arange(len(first)) % folds
    return dealt[same]


def _trained(
    images: np.ndarray,
    labels: np.ndarray,
    classes: tuple[str, ...],
    recipe: Recipe,
    report: Progress,
) -> torch.nn.Module:
    """The moving average of a network trained on all of these: none is held out, as no epoch is
    chosen. report : batches done.
    """
    sources = torch.from_numpy(images[:, None])
    batches = Batches(sources, torch.from_numpy(labels), classes, recipe)
    # the global generator's state is left undisturbed
    with torch.random.fork_rng(devices=[]):
        learner = new_learner(ARCHITECTURE, len(classes), recipe)
        for _ in train_epochs(learner, batches, recipe, seed_epochs=False, report=report):
            pass
    network: torch.nn.Module = learner.average.module
    return network
