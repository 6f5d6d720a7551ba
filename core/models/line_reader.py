"""The network that reads lines, with its card: loaded once, never changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from core.errors import InklingError
from core.models.cards import Card, read_card
from core.models.line_network import COLUMN, LineNetwork
from core.models.tensors import load_tensors
from core.models.threads import one_thread
from core.settings import SHIPPED_MODELS

LINES = SHIPPED_MODELS / "lines" / "lines.json"
"""Its card; in a folder of its own, as it is no recognizer of single characters."""

_ROOM = 2 * COLUMN
"""Pixels of paper put to either side of a line."""

_TOGETHER = 640
"""Pixels of width that go through the network at once: more gain nothing."""


@dataclass(frozen=True)
class LineReader:
    """A network for lines; its classes, single characters, are those of the card."""

    network: LineNetwork
    card: Card

    @property
    def classes(self) -> tuple[str, ...]:
        return self.card.classes

    def log_probabilities(self, lines: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Of the blank and each class in each column, float32 [T, 1 + C], for the ink uint8
        [32, W] of each line. Column t of an answer is at pixel `column_at(t)`.

        Those that are padded to one width go through the network together.
        """
        padded = [_padded(line) for line in lines]
        of_width = defaultdict(list)
        for place, line in enumerate(padded):
            of_width[line.shape[1]].append(place)
        answers: dict[int, np.ndarray] = {}
        for width, places in of_width.items():
            together = max(1, _TOGETHER // width)
            for first in range(0, len(places), together):
                some = places[first : first + together]
                batch = np.stack([padded[place] for place in some])[:, None]
                answers |= zip(some, self._answer(batch), strict=True)
        return [answers[place] for place in range(len(lines))]

    def _answer(self, batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), one_thread():
            logits = self.network(torch.from_numpy(batch))
            answer: np.ndarray = torch.log_softmax(
                logits.float() / self.card.temperature, 2
            ).numpy()
        return answer


def _padded(line: np.ndarray) -> np.ndarray:
    """Float32 [32, W'] in 0-1 with paper on either side; W' is one of few widths."""
    height, width = line.shape
    room = -(width + 2 * _ROOM) % (4 * COLUMN)
    padded = np.zeros((height, width + 2 * _ROOM + room), np.float32)
    padded[:, _ROOM : _ROOM + width] = line
    return padded / 255


def column_at(columns: np.ndarray) -> np.ndarray:
    """Where the middle of a column of the answer is, pixels of the image."""
    pixels: np.ndarray = (columns + 0.5) * COLUMN - _ROOM
    return pixels


@lru_cache(maxsize=1)
def load_line_reader(path: Path = LINES) -> LineReader:
    """The shipped one."""
    card = read_card(path)
    weights = path.with_name(card.weights or f"{path.stem}.safetensors")
    tensors, _ = load_tensors(weights)
    network = LineNetwork(len(card.classes))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InklingError(
            f"{weights.name} does not hold the weights of the line network."
        ) from error
    return LineReader(network.eval().requires_grad_(False), card)
