import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.evaluation.calibration import fit_temperature


def drawn(
    temperature: float, random: np.random.Generator, *, count: int = 20_000, classes: int = 10
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits that are right at a temperature: each label is drawn from softmax(logits / T)."""
    calibrated = torch.from_numpy(random.normal(0, 2, (count, classes)))
    cumulated = torch.softmax(calibrated, 1).cumsum(1)
    labels = (torch.from_numpy(random.random((count, 1))) > cumulated).sum(1).clamp(max=classes - 1)
    return calibrated * temperature, labels


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5, 8.0])
def test_the_temperature_of_drawn_labels_is_found(
    temperature: float, random: np.random.Generator
) -> None:
    logits, labels = drawn(temperature, random)
    assert fit_temperature(logits.float(), labels) == pytest.approx(temperature, rel=0.04)


def test_no_other_temperature_is_better(random: np.random.Generator) -> None:
    logits, labels = drawn(1.7, random, count=500)
    best = fit_temperature(logits, labels)
    least = F.cross_entropy(logits / best, labels)
    assert all(
        least <= F.cross_entropy(logits / other, labels) + 1e-9
        for other in np.geomspace(0.06, 19, 200)
    )


def test_answers_that_are_all_right_stay_finite() -> None:
    logits = torch.eye(5) * 10
    assert 0 < fit_temperature(logits, torch.arange(5)) < 1
