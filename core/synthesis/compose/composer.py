"""The base class of compositions: pieces are laid out, joined, framed and given a pen width."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import exp
from typing import Any

import numpy as np

from core.errors import InklingError
from core.ink.forms import FORMS, Form
from core.synthesis.compose.framing import (
    SIZE,
    Frame,
    frame_as_written,
    frame_in,
    lay_on_cells,
    reduce_cells,
    set_pens,
)
from core.synthesis.compose.pieces import Piece
from core.synthesis.writer import Writer, check_seed

_BLOCK = 50
"""Images made at a time, so that their cells fit in the CPU cache."""


@dataclass(frozen=True)
class Composition:
    """One image and its intermediate stages: pieces, ink uint8 [h, w] joined and enlarged, image
    uint8 [size, size].
    """

    label: str
    pieces: tuple[Piece, ...]
    ink: np.ndarray
    image: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Composer(Writer):
    """Any number of images joined from written characters; image i shows class i, cyclically.

    form : the canonical form that images are framed in, like a drawing before recognition; None: as
    written, with the same pen and size for any number of characters. pens : standard deviation of
    the log pen width around the form's own.
    """

    seed: int = 0
    form: Form | None = FORMS["number"]
    pens: float = 0.2

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if not 0 <= self.pens <= 1:
            raise InklingError(f"The spread of pens is 0 to 1, not {self.pens:g}.")
        if self.form and self.form.centre != "box":
            raise InklingError(
                "Compositions lie in the middle by their box, and those of the form "
                f"{self.form.name} do not."
            )

    @property
    @abstractmethod
    def height(self) -> float:
        """Height of a character, units; as written, all have the same."""

    @abstractmethod
    def lay_out(self, number: int, generator: np.random.Generator) -> Sequence[Piece]:
        """The characters of image `number`, which shows `label(number)`."""

    def facts(self) -> dict[str, Any]:
        """Every setting, for the metadata file; excludes the source characters."""
        settings = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.type in (int, float, tuple[float, float])
        }
        return {
            "composer": type(self).__name__,
            "form": self.form.name if self.form else None,
            **settings,
        }

    @property
    def size(self) -> int:
        """Side of an image, pixels."""
        return self.form.size if self.form else SIZE

    def label(self, number: int) -> str:
        """What image `number` shows."""
        return self.classes[number % len(self.classes)]

    def compose(self, number: int) -> Composition:
        """Image `number` and what it was joined from."""
        pieces, frame = self._plan(number)
        cells = lay_on_cells([pieces], [frame], self.size)
        return Composition(
            self.label(number), tuple(pieces), cells[0], self._finish(cells, [frame])[0]
        )

    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Images `start` to `start + count`, uint8 [count, size, size] with ink 255, and their
        labels.
        """
        images = np.empty((count, self.size, self.size), np.uint8)
        for first in range(0, count, _BLOCK):
            plans = [self._plan(start + row) for row in range(first, min(first + _BLOCK, count))]
            frames = [frame for _, frame in plans]
            images[first : first + _BLOCK] = self._finish(
                lay_on_cells([pieces for pieces, _ in plans], frames, self.size), frames
            )
        return images, [self.label(number) for number in range(start, start + count)]

    def _plan(self, number: int) -> tuple[Sequence[Piece], Frame]:
        generator = np.random.default_rng((self.seed, number))
        pieces = self.lay_out(number, generator)
        if self.form is None:
            return pieces, frame_as_written(pieces, self.height)
        pen = self.form.pen * exp(spread(generator, self.pens))
        return pieces, frame_in(self.form, pieces, pen)

    def _finish(self, cells: np.ndarray, frames: Sequence[Frame]) -> np.ndarray:
        if self.form is None:
            return reduce_cells(cells)
        return reduce_cells(
            set_pens(cells, np.array([frame.move for frame in frames])), self.form.blur
        )


def spread(generator: np.random.Generator, deviation: float) -> float:
    """A normal random number with this standard deviation, clipped at 2.5 deviations."""
    return deviation * min(max(generator.standard_normal(), -2.5), 2.5)
