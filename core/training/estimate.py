"""How long a run will take and how much memory, from a few real steps of it on this machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn

from core.datasets.dataset import Dataset
from core.datasets.synthetic import characters_of
from core.ink.forms import DEFAULT_FORM, form_named, to_form
from core.models.network import count_parameters
from core.models.registry import architecture
from core.models.summary import weights_bytes
from core.synthesis.characters import synthetic_characters
from core.training.data import split_rows
from core.training.loop import Batches, logits, new_learner, train_steps
from core.training.metrics import SEEN_AGAIN
from core.training.recipe import Recipe
from core.training.redraw import redraw

PROCESS_BYTES = 550 * 10**6
"""Memory of a process that trains the smallest network, torch and data loaded, measured on Linux.
"""

_AND_GRADIENTS = 1.2
"""Peak bytes per byte saved for the backward pass: 1.17 for resnet8 from batches of 256 to 512."""

_SMALL = 16
"""Images of the first batch tried: the largest networks take a second for that many."""

_STEPS_AN_EPOCH, _MOST_EPOCHS, _FEWEST_STEPS = 8, 10_000, 4
"""Of the timed training, which is stopped long before its end."""

_STATES = {"sgd": 1, "adam": 2, "adamw": 2, "adamax": 2, "adadelta": 2}
"""Numbers that an optimizer stores for each weight."""


@dataclass(frozen=True)
class Pace:
    """What was measured of one network, batch size and recipe.

    step : seconds for a batch of the run's size, from `steps` steps of `measured_batch` images.
    answer : seconds to read one image.
    prepare : seconds to prepare one image of the data set. synthetic : seconds for one drawn
    character.
    kept_bytes : what the network stores of one image for the backward pass. weights_bytes : the
    network's tensors.
    """

    steps: int
    measured_batch: int
    step: float
    answer: float
    prepare: float
    synthetic: float
    saved_bytes: int
    weights_bytes: int
    parameters: int


@dataclass(frozen=True)
class Estimate:
    """Seconds of a whole run without early stopping, including those before the first epoch; peak
    memory in bytes.
    """

    seconds: float
    preparing: float
    memory: int
    steps_an_epoch: int
    images: int


def images_of(recipe: Recipe, dataset: Dataset, *, pooled: int = 0) -> int:
    """How many images a run trains on, with `pooled` more than the recipe's own."""
    drawn = recipe.synthetic * len(characters_of(dataset.classes)) + recipe.negatives
    return len(split_rows(dataset.labels, recipe, dataset.writers).train) + pooled + drawn


def measure(
    model: str, recipe: Recipe, dataset: Dataset, *, pooled: int = 0, seconds: float = 1.0
) -> Pace:
    """Train for some `seconds` with the real training loop, on images of the data set.

    Batches grow to the size that the run will have; where one takes longer than `seconds`, the rest
    is extrapolated from the last two. Of everything timed the fastest counts: whatever else the
    machine does meanwhile, a page that loads, only adds to it.
    """
    recipe = recipe.for_images(images_of(recipe, dataset, pooled=pooled))
    network = architecture(model).build(len(dataset.classes), **recipe.hyperparameters)
    form = form_named(dataset.form or DEFAULT_FORM)
    rows = np.random.default_rng(recipe.seed).permutation(len(dataset))[:500]
    images = to_form(dataset.images[rows], form)
    few = replace(dataset, images=images, labels=np.asarray(dataset.labels[rows]), form=form.name)
    batch = min(_SMALL, recipe.batch_size)
    steps = _steps(model, recipe, few, batch, seconds)
    step = min(steps)
    an_image = step / batch
    while batch < recipe.batch_size and step < seconds:
        before, batch_before, batch = step, batch, min(4 * batch, recipe.batch_size)
        steps = _steps(model, recipe, few, batch, seconds)
        step = min(steps)
        # not step / batch: much of a small batch's time does not depend on its size
        an_image = max(0.0, step - before) / (batch - batch_before)
    sample, count = torch.from_numpy(images[:64]), min(64, len(images))
    logits(network, sample[:2])
    answer = _timed(lambda: logits(network, sample)) / count
    prepare = _timed(lambda: to_form(dataset.images[rows[:32]], form)) if not dataset.form else 0.0
    if recipe.redrawn:
        redraw(images[:2], form, seed=0)
        prepare += _timed(lambda: redraw(images[:32], form, seed=0))
    if recipe.synthetic:
        synthetic_characters(form, per_class=1, seed=0)
    drawing = (
        _timed(lambda: synthetic_characters(form, per_class=3, seed=0)) / 30
        if recipe.synthetic
        else 0.0
    )
    return Pace(
        steps=len(steps),
        measured_batch=batch,
        step=step + (recipe.batch_size - batch) * an_image,
        answer=answer,
        prepare=prepare / min(32, len(rows)),
        synthetic=drawing,
        saved_bytes=_saved_bytes(network, sample[:4]),
        weights_bytes=weights_bytes(network),
        parameters=count_parameters(network),
    )


def estimate(pace: Pace, recipe: Recipe, dataset: Dataset, *, pooled: int = 0) -> Estimate:
    """For all epochs of the recipe on a data set, with `pooled` more images to train on."""
    split = split_rows(dataset.labels, recipe, dataset.writers)
    drawn = recipe.synthetic * len(characters_of(dataset.classes))
    images = images_of(recipe, dataset, pooled=pooled)
    size = min(recipe.for_images(images).batch_size, max(1, images))
    steps = images // size
    read = len(split.validation) + min(SEEN_AGAIN, len(split.train))
    epoch = steps * pace.step + read * pace.answer
    preparing = len(dataset) * pace.prepare + drawn * pace.synthetic
    side = form_named(dataset.form or DEFAULT_FORM).size
    # as scanned and as drawn, and the scans and drawings that they are combined from
    held = 4 * images * side * side
    memory = (
        PROCESS_BYTES
        + held
        + round(_AND_GRADIENTS * size * pace.saved_bytes)
        + (3 + _STATES[recipe.optimizer]) * pace.weights_bytes
    )
    return Estimate(preparing + recipe.epochs * epoch, preparing, memory, steps, images)


def _steps(model: str, recipe: Recipe, dataset: Dataset, batch: int, seconds: float) -> list[float]:
    """Seconds of each step except the first, which includes setup; at least `_FEWEST_STEPS`."""
    # As many images as eight batches need; if they take too little time, more epochs follow
    # on the same images.
    rows = np.resize(np.arange(len(dataset)), _STEPS_AN_EPOCH * batch)
    pictures = torch.from_numpy(dataset.images[rows])
    targets = torch.from_numpy(dataset.labels[rows])
    own = replace(recipe, batch_size=batch, epochs=_MOST_EPOCHS)
    batches = Batches(torch.stack([pictures, pictures], 1), targets, dataset.classes, own)
    learner = new_learner(model, len(dataset.classes), own)
    epochs = (train_steps(learner, batches, own, epoch=epoch) for epoch in range(_MOST_EPOCHS))
    taken: list[float] = []
    started = 0.0
    for _ in chain.from_iterable(epochs):
        now = time.perf_counter()
        if started:
            taken.append(now - started)
        started = now
        if len(taken) >= _FEWEST_STEPS and sum(taken) > seconds / 2:
            break
    return taken


def _saved_bytes(network: nn.Module, images: Tensor) -> int:
    """Bytes per image that autograd saves for the backward pass, each storage counted once, weights
    excluded.
    """
    weights = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict().values()}
    # held until all are counted, or their addresses would be reused
    pieces: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        pieces.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    network.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        network(images.unsqueeze(1).float() / 255)
    return sum(
        tensor.untyped_storage().nbytes()
        for index, tensor in pieces.items()
        if index not in weights
    ) // len(images)


def _timed(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few."""
    taken = []
    for _ in range(_FEWEST_STEPS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)
