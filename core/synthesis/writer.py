"""Base class for generators of labelled images, each a function of only the settings, the seed and
its number.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import partial
from math import inf
from typing import Any, ClassVar

import numpy as np

from core.errors import InklingError
from core.jobs.engine import HERE, Engine

CHUNK = 1000
"""Images yielded at a time, which limits memory."""


class Writer(ABC):
    """Labelled images by number, independent of batch size and of who makes them.

    many : so many at once are worth processes, which take a second to start; threads share a
    processor while they run Python.
    """

    many: ClassVar[float] = inf

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
        self, count: int, *, start: int = 0, engine: Engine = HERE
    ) -> Iterator[tuple[np.ndarray, list[str]]]:
        """`draw` of the images from `start` up to `count`, up to CHUNK at a time, in order."""
        return engine.map(
            partial(_chunk, self, count),
            range(start, count, CHUNK),
            here="threads" if count - start < self.many else "processes",
        )


def _chunk(writer: Writer, count: int, start: int) -> tuple[np.ndarray, list[str]]:
    return writer.draw(start, min(CHUNK, count - start))


def check_first(first: int) -> None:
    """InklingError for an invalid number of a first image."""
    if not 0 <= first < 2**53:
        raise InklingError(f"The first image is number 0 to 2^53 - 1, not {first}.")


def check_seed(seed: int) -> None:
    """InklingError for an invalid seed."""
    if not 0 <= seed < 2**63:
        raise InklingError(f"The seed is a whole number from 0 to 2^63 - 1, not {seed}.")
