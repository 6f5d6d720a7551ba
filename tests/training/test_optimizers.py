"""Optimizers and schedules by name, and the moving average, against their definitions."""

from math import cos, pi

import pytest
import torch
from torch import nn

from core.training.optimizers import learning_rate, make_optimizer, moving_average
from core.training.recipe import OPTIMIZERS, Recipe


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_lowers_a_loss_and_decays_weights_only(name):
    torch.manual_seed(0)
    network = nn.Linear(5, 1)
    inputs, rate = torch.randn(50, 5), {"adadelta": 1.0}.get(name, 0.02)
    target = inputs @ torch.tensor([[1.0], [2.0], [-1.0], [0.0], [3.0]]) + 4
    optimizer = make_optimizer(
        network, Recipe(optimizer=name, learning_rate=rate, weight_decay=1e-6)
    )
    decays = {
        id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]
    }
    assert decays == {id(network.weight): 1e-6, id(network.bias): 0}
    losses = []
    for _ in range(300):
        loss = (network(inputs) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3


def test_one_cycle_is_a_triangle():
    recipe = Recipe(learning_rate=0.4, warmup=0.25)
    rates = [learning_rate(report, recipe) for report in (0, 0.125, 0.25, 0.625, 1)]
    assert rates == pytest.approx([0, 0.2, 0.4, 0.2, 0])


def test_cosine_and_constant():
    cosine = Recipe(learning_rate=0.4, warmup=0.2, schedule="cosine")
    assert [learning_rate(p, cosine) for p in (0, 0.1, 0.2, 1)] == pytest.approx([0, 0.2, 0.4, 0])
    assert learning_rate(0.4, cosine) == pytest.approx(0.4 * (1 + cos(pi * 0.25)) / 2)
    assert {
        learning_rate(p / 10, Recipe(learning_rate=0.4, schedule="constant")) for p in range(11)
    } == {0.4}
    assert learning_rate(0, Recipe(learning_rate=0.4, warmup=0)) == 0.4


def test_moving_average_is_the_textbook_one_after_a_plain_start():
    update, value, expected = moving_average(0.5), [torch.zeros(1)], 0.0
    for count in range(30):
        new = float(count % 7)
        update(value, [torch.tensor([new])], count)
        decay = min(0.5, (1 + count) / (10 + count))
        expected = decay * expected + (1 - decay) * new
    assert value[0].item() == pytest.approx(expected, rel=1e-5)


def test_counters_are_copied_not_averaged_and_an_average_of_0_is_a_copy():
    counter, weight = [torch.tensor(3)], [torch.tensor(3.0)]
    moving_average(0.9)(counter, [torch.tensor(8)], 5)
    moving_average(0.0)(weight, [torch.tensor(8.0)], 5)
    assert (counter[0].item(), weight[0].item()) == (8, 8.0)
