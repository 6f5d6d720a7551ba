"""What all that gives labelled images by number shares: each is a function of the settings, the
seed and its number alone.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from core.errors import InklingError

CHUNK = 1000
"""Images handed on at a time: what memory holds of a million of them."""


class Writer(ABC):
    """Labelled images by number. Nothing depends on how many are asked for at a time, or by how
    many threads.
    """

    @property
    @abstractmethod
    def size(self) -> int:
        """Side of an image, pixels."""

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Every label there can be, in order."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """Everything the images follow from, for a note beside them."""

    @abstractmethod
    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Images `start` to `start + count`, uint8 [count, size, size] with ink 255, and their
        labels.
        """

    def chunks(
        self, count: int, *, start: int = 0, workers: int = 0
    ) -> Iterator[tuple[np.ndarray, list[str]]]:
        """`draw` of the images from `start` up to `count`, up to CHUNK at a time, in order, by
        threads (0: one a processor).
        """
        workers = workers or os.cpu_count() or 1
        pieces = [(first, min(CHUNK, count - first)) for first in range(start, count, CHUNK)]
        with ThreadPoolExecutor(workers) as pool:
            # not all at once: the results must not pile up
            for group in range(0, len(pieces), 2 * workers):
                yield from pool.map(
                    lambda piece: self.draw(*piece), pieces[group : group + 2 * workers]
                )


def check_seed(seed: int) -> None:
    """InklingError unless it is a seed."""
    if not 0 <= seed < 2**63:
        raise InklingError(f"The seed is a whole number from 0 to 2^63 - 1, not {seed}.")
