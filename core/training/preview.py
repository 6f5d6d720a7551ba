"""What a network will see of a few training images, taken from the training loop's own batches."""

from dataclasses import replace

import numpy as np
import torch

from core.datasets.dataset import Dataset
from core.ink.forms import DEFAULT_FORM, form_named, to_form
from core.training.loop import Batches
from core.training.recipe import Recipe
from core.training.redraw import redraw


def preview(
    dataset: Dataset, recipe: Recipe, *, count: int = 8, variants: int = 4, epoch: int = 0
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Images uint8 [n, size, size], of different classes as far as possible, their training
    variants uint8 [n, variants, size, size], and their labels, sorted by label. Mixup is left
    out."""
    rows = _different(dataset.labels, min(count, len(dataset)), np.random.default_rng(recipe.seed))
    form = form_named(dataset.form or DEFAULT_FORM)
    before = to_form(dataset.images[rows], form)
    drawn = redraw(before, form, seed=recipe.seed) if recipe.redrawn else before
    after = []
    # a batch repeats one image, so that each variant's source is known whatever the order
    for index, row in enumerate(rows):
        pair = torch.from_numpy(np.stack([before[index], drawn[index]])).expand(
            max(2, variants), 2, -1, -1
        )
        targets = torch.full((max(2, variants),), int(dataset.labels[row]))
        images, *_ = next(
            Batches(pair, targets, dataset.classes, _alone(recipe, index)).epoch(epoch)
        )
        after.append((images[:variants, 0].clamp(0, 1) * 255).round().to(torch.uint8).numpy())
    return before, np.stack(after), [dataset.classes[dataset.labels[row]] for row in rows]


def _alone(recipe: Recipe, index: int) -> Recipe:
    """The recipe for one of several images: its own seed, no mixup."""
    return replace(
        recipe, seed=recipe.seed + index, mixup=0.0, batch_size=max(recipe.batch_size, 64)
    )


def _different(labels: np.ndarray, count: int, random: np.random.Generator) -> list[int]:
    """Row numbers, one of each class first."""
    order = random.permutation(len(labels))
    _, first = np.unique(labels[order], return_index=True)
    rest = np.setdiff1d(np.arange(len(order)), first)
    chosen = order[np.concatenate([random.permutation(first), rest])][:count]
    return [int(row) for row in chosen[np.argsort(labels[chosen], kind="stable")]]
