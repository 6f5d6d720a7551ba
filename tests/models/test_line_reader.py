"""Lines that are read together are read as each alone."""

import numpy as np
import torch

from core.models.line_network import COLUMN, LINE_HEIGHT
from core.models.line_reader import load_line_reader


def test_together_as_alone(random: np.random.Generator) -> None:
    reader = load_line_reader()
    widths = [40, 45, 300, 41, 12, 1000, *[40] * 30]
    lines = [random.integers(256, size=(LINE_HEIGHT, width), dtype=np.uint8) for width in widths]
    together = reader.log_probabilities(lines)
    for line, answer in zip(lines, together, strict=True):
        (alone,) = reader.log_probabilities([line])
        np.testing.assert_allclose(answer, alone, atol=1e-3)
        assert answer.shape[1] == 1 + len(reader.classes)


def test_an_answer_is_the_networks_own(random: np.random.Generator) -> None:
    reader = load_line_reader()
    line = random.integers(256, size=(LINE_HEIGHT, 2 * COLUMN), dtype=np.uint8)
    (answer,) = reader.log_probabilities([line])
    padded = torch.nn.functional.pad(torch.from_numpy(line / 255).float(), (8, 16))
    with torch.inference_mode():
        logits = reader.network(padded[None, None])[0]
    expected = torch.log_softmax(logits / reader.card.temperature, 1).numpy()
    np.testing.assert_allclose(answer, expected, atol=1e-4)


def test_of_no_line_there_is_no_answer() -> None:
    assert load_line_reader().log_probabilities([]) == []
