"""Optimizers and learning-rate schedules by their names in a recipe."""

from collections.abc import Callable
from math import cos, pi

import torch
from torch import Tensor, nn

from core.training.recipe import Recipe

Tensors = tuple[Tensor, ...] | list[Tensor]


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer over two groups: weights, with decay, and biases and batch norm,
    without.
    """
    groups = [
        {
            "params": [p for p in network.parameters() if p.ndim > 1],
            "weight_decay": recipe.weight_decay,
        },
        {"params": [p for p in network.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            groups, lr=recipe.learning_rate, momentum=recipe.momentum, nesterov=recipe.momentum > 0
        )
    kinds = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "adamax": torch.optim.Adamax,
        "adadelta": torch.optim.Adadelta,
    }
    return kinds[recipe.optimizer](groups, lr=recipe.learning_rate)


def learning_rate(progress: float, recipe: Recipe) -> float:
    """The rate at a share `progress` (0-1) of all steps."""
    if recipe.schedule == "constant":
        return recipe.learning_rate
    if progress < recipe.warmup:
        return recipe.learning_rate * progress / recipe.warmup
    left = (1 - progress) / (1 - recipe.warmup)
    return recipe.learning_rate * (
        left if recipe.schedule == "one-cycle" else (1 - cos(pi * left)) / 2
    )


def moving_average(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """Exponential moving average that starts as a plain mean, so that the initial weights do not
    linger; a plain copy if `decay` is 0.
    """

    def update(averages: Tensors, values: Tensors, count: Tensor | int) -> None:
        if decay and averages[0].is_floating_point():
            torch._foreach_lerp_(
                averages, values, 1 - min(decay, (1 + int(count)) / (10 + int(count)))
            )
        else:
            torch._foreach_copy_(averages, values)

    return update
