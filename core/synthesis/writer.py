"""Base class for generators of labelled images, each a function of only the settings, the seed and
its number.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from core.errors import InklingError

CHUNK = 1000
"""Images yielded at a time, which limits memory."""


class Writer(ABC):
    """Labelled images by number, independent of batch size and number of threads."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Side of an image, pixels."""

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Every possible label, in order."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """Everything that determines the images, for the metadata file."""

    @abstractmethod
    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Images `start` to `start + count`, uint8 [count, size, size] with ink 255, and their
        labels.
        """

    def chunks(
        self, count: int, *, start: int = 0, workers: int = 0
    ) -> Iterator[tuple[np.ndarray, list[str]]]:
        """`draw` of the images from `start` up to `count`, up to CHUNK at a time, in order, in
        threads (0: one per CPU).
        """
        workers = workers or os.cpu_count() or 1
        pieces = [(first, min(CHUNK, count - first)) for first in range(start, count, CHUNK)]
        with ThreadPoolExecutor(workers) as pool:
            # in groups, so that results do not accumulate
            for group in range(0, len(pieces), 2 * workers):
                yield from pool.map(
                    lambda piece: self.draw(*piece), pieces[group : group + 2 * workers]
                )


def check_seed(seed: int) -> None:
    """InklingError for an invalid seed."""
    if not 0 <= seed < 2**63:
        raise InklingError(f"The seed is a whole number from 0 to 2^63 - 1, not {seed}.")
