"""Whole numbers 0 to 36 joined from single digits, like the training set of the article on numbers
0-36.
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
"""The 37 classes of "Digit recognition with convolutional neural network": 30 is one class, not a 3
and a 0.
"""


@dataclass(frozen=True, kw_only=True)
class Numbers(Composer):
    """Numbers from the digits of `parts`, without leading zeros. A unit is 1/28 of a digit's
    picture (a pixel in MNIST).

    gap : minimum and maximum distance between the ink of two digits, units; negative: overlap.
    drop : standard deviation of a digit's vertical offset, units. scale : standard deviation of the
    log of its size. For a set of digits without writer information, like MNIST, the digits of a
    number are matched in pen and slant instead of by writer.
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
        """Height of a digit, units: MNIST's fill a box of 20 of 28 pixels."""
        return 20.0

    def lay_out(self, number: int, generator: np.random.Generator) -> Sequence[Piece]:
        """The digits from left to right, vertically centred except for the drop."""
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
