"""Whole numbers 0 to 36 joined from single digits, as the article on numbers 0-36 made its training
set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from core.synthesis.compose.composer import Composer, spread
from core.synthesis.compose.parts import Parts
from core.synthesis.compose.pieces import Piece

DIGITS = tuple("0123456789")

NUMBERS = tuple(str(number) for number in range(37))
"""The 37 classes of "Digit recognition with convolutional neural network": 30 is one of them, not a
3 and a 0.
"""


@dataclass(frozen=True, kw_only=True)
class Numbers(Composer):
    """Numbers from the digits of `parts`, without leading zeros. A unit is 1/28 of a digit's
    picture, which in MNIST is a pixel.

    gap : least and largest distance between the ink of two digits, units; negative: they overlap.
    drop : spread (standard deviation) of a digit's height on the line, units. scale : spread of the
    log of its size. A set of digits that does not say who wrote them, as MNIST, cannot give both
    digits of a number from one writer: they are alike in pen and slant instead.
    """

    parts: Parts
    gap: tuple[float, float] = (-1.5, 5.0)
    drop: float = 1.2
    scale: float = 0.08

    @property
    def classes(self) -> tuple[str, ...]:
        """ "0" to "36"."""
        return NUMBERS

    @property
    def height(self) -> float:
        """Of a digit, units: MNIST's fill a box of 20 of 28 pixels."""
        return 20.0

    def lay_out(self, number: int, generator: np.random.Generator) -> Sequence[Piece]:
        """The digits from left to right, their middles on one line but for the drop."""
        text = self.label(number)
        unit = 28 / self.parts.side
        pieces: list[Piece] = []
        for digit, row in zip(text, self.parts.choose(text, generator), strict=True):
            ink = self.parts.ink(row)
            size = unit * exp(spread(generator, self.scale))
            left = pieces[-1].right + generator.uniform(*self.gap) if pieces else 0.0
            width, height = ink.shape[1] * size, ink.shape[0] * size
            drop = spread(generator, self.drop)
            pieces.append(
                Piece(
                    digit,
                    ink,
                    max(left, 0.0),
                    drop - height / 2,
                    width,
                    height,
                    size * self.parts.pens[row],
                )
            )
        return pieces
