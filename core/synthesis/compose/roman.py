"""Roman numerals i to x joined from letters of EMNIST or Chars74K, as in the YaRoMNIST article."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import cv2
import numpy as np

from core.synthesis.compose.composer import Composer, spread
from core.synthesis.compose.letters import Letter
from core.synthesis.compose.parts import Parts
from core.synthesis.compose.pieces import Piece

NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")

LETTERS = tuple("ivxIVX")


@dataclass(frozen=True, kw_only=True)
class Roman(Composer):
    """Numerals in turn, ten in lower case, then ten in upper case; the classes ignore case.

    noise : 0 to 1, strength of the noise at the ink's edges: Gaussian, uniform or impulses, one
    kind per numeral.
    """

    noise: float = 0.2

    @property
    def classes(self) -> tuple[str, ...]:
        """ "i" to "x"."""
        return NUMERALS

    def text(self, number: int) -> str:
        """The letters of image `number`."""
        numeral = self.label(number)
        return numeral.upper() if number // len(NUMERALS) % 2 else numeral

    def lay_out(self, number: int, generator: np.random.Generator) -> Sequence[Piece]:
        """The letters of the numeral from left to right."""
        kind = int(generator.integers(3))
        return [
            Piece(
                piece.label,
                roughen(piece.ink, self.noise, kind, generator),
                piece.left,
                piece.top,
                piece.width,
                piece.height,
                piece.pen,
            )
            for piece in self.arrange(number, self.text(number), generator)
        ]

    @abstractmethod
    def arrange(self, number: int, text: str, generator: np.random.Generator) -> Sequence[Piece]:
        """The letters of `text`, with their original ink."""


@dataclass(frozen=True, kw_only=True)
class RomanOfLetters(Roman):
    """Numerals from letters without writer information, each centred in its own picture (EMNIST
    byclass).

    Units are 1/28 of that picture. As in the article, i and i are 8 units apart, and i and another
    letter 7 units either side of their middle; but an i of a thick pen is placed further away, and
    others far enough not to overlap (a slanted I and a V made an N). Canvases are as wide as
    needed. jitter : half-width of the uniform change of each distance, units. Letters of a numeral
    are similar in pen, slant and width, as if by one writer.
    """

    parts: Parts
    jitter: float = 1.0

    @property
    def height(self) -> float:
        """Height of a letter, units: EMNIST's fill a box of 24 of 28 pixels."""
        return 24.0

    def arrange(self, number: int, text: str, generator: np.random.Generator) -> Sequence[Piece]:
        """The letters, vertically centred on one line."""
        unit, middle = 28 / self.parts.side, 0.0
        pieces: list[Piece] = []
        for letter, row in zip(text, self.parts.choose(text, generator, among=16), strict=True):
            ink = self.parts.ink(row)
            height, width = (side * unit for side in ink.shape)
            if pieces:
                alike = letter == pieces[-1].label
                apart = (
                    max(8.0, pieces[-1].pen + 4.5)
                    if alike
                    else max(14.0, (width + pieces[-1].width) / 2 + 1.5)
                )
                middle += apart + generator.uniform(-self.jitter, self.jitter)
            pieces.append(
                Piece(
                    letter,
                    ink,
                    middle - width / 2,
                    -height / 2,
                    width,
                    height,
                    float(self.parts.pens[row]) * unit,
                )
            )
        return pieces


@dataclass(frozen=True, kw_only=True)
class RomanOfWriters(Roman):
    """Numerals each from letters of one writer (Chars74K): writers take turns, all with the same
    numerals.

    writers : the six LETTERS of each, at original size; a unit is one of their pixels. gap :
    minimum and maximum distance between the ink of two letters, drop : standard deviation of a
    letter's vertical offset, both relative to the tallest letter.
    scale : standard deviation of the log of a letter's size. bars : share of capital numerals whose
    V and X are written between two lines.
    """

    writers: Sequence[Mapping[str, Letter]]
    gap: tuple[float, float] = (0.0, 0.22)
    drop: float = 0.03
    scale: float = 0.06
    bars: float = 0.3

    @property
    def height(self) -> float:
        """Height of a typical letter, units."""
        return float(
            np.median(
                [letter.ink.shape[0] for writer in self.writers for letter in writer.values()]
            )
        )

    def arrange(self, number: int, text: str, generator: np.random.Generator) -> Sequence[Piece]:
        """The letters on one line."""
        writer = self.writers[number // (2 * len(NUMERALS)) % len(self.writers)]
        tallest = max(writer[letter].ink.shape[0] for letter in text)
        pieces: list[Piece] = []
        for name in text:
            letter, size = writer[name], exp(spread(generator, self.scale))
            height, width = (side * size for side in letter.ink.shape)
            left = pieces[-1].right + tallest * generator.uniform(*self.gap) if pieces else 0.0
            pieces.append(
                Piece(
                    name,
                    letter.ink,
                    left,
                    spread(generator, self.drop * tallest) - height,
                    width,
                    height,
                    letter.pen * size,
                )
            )
        if generator.random() < self.bars:
            pieces += [bar for piece in pieces if piece.label in "VX" for bar in _bars(piece)]
        return pieces


def roughen(
    ink: np.ndarray, amount: float, kind: int, generator: np.random.Generator
) -> np.ndarray:
    """Ink uint8 [h, w] with noise: Gaussian (kind 0), uniform (1) or impulses (2), `amount` 0 to 1.

    Only edges get noise: specks on the paper are removed before recognition (`core.ink.paper`), and
    a hole in a stroke would become a gap when the pen is thinned.
    """
    if not amount:
        return ink
    if kind == 2:
        hit = generator.random(ink.shape)
        noisy = np.where(hit < 0.05 * amount, 0, np.where(hit > 1 - 0.05 * amount, 255, ink))
    else:
        grain = (
            generator.normal(0, 100, ink.shape)
            if kind == 0
            else generator.uniform(-170, 170, ink.shape)
        )
        noisy = np.clip(ink + amount * grain, 0, 255)
    square = np.ones((3, 3), np.uint8)
    edge = (cv2.dilate(ink, square) > 127) & (cv2.erode(ink, square) <= 127)
    return np.where(edge, noisy, ink).astype(np.uint8)


def _bars(piece: Piece) -> list[Piece]:
    """The lines above and below a capital, a little wider than it."""
    wide, ink = 0.15 * piece.width, np.full((8, 8), 255, np.uint8)
    return [
        Piece("", ink, piece.left - wide, top, piece.width + 2 * wide, piece.pen, piece.pen)
        for top in (piece.top - piece.pen / 2, piece.bottom - piece.pen / 2)
    ]
