"""Where the characters of a composition come from: pictures of unknown hands, or letters by writer,
as pictures or as pen strokes.

All lie in one frame: capitals and digits are 1 high, from 0 to the line at 1, and begin at x = 0.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from core.errors import InklingError
from core.ink.handwritten import Handwritten, in_unit_box
from core.synthesis.compose.lines import EXTENTS, TALL
from core.synthesis.compose.parts import Parts
from core.synthesis.compose.pieces import Piece, piece_of_strokes

PEN = 0.09
"""Of the height of a capital: strokes are drawn so until a step changes it."""

_LOWEST = 0.4
"""Of its longer side: a flatter letter is not blown up to the height of others."""


@dataclass(frozen=True)
class Letter:
    """A handwritten letter: its ink uint8 [h, w], and its pen width, pixels."""

    ink: np.ndarray
    pen: float


class Letters(ABC):
    """A source of characters."""

    @property
    @abstractmethod
    def signs(self) -> str:
        """The characters that it has."""

    @abstractmethod
    def write(self, text: str, generator: np.random.Generator) -> list[Piece]:
        """The characters of `text`, as by one hand where that is known."""

    def check(self, signs: str, *, called: str) -> None:
        """InklingError if one of these characters is missing."""
        missing = [sign for sign in signs if sign not in self.signs]
        if missing:
            raise InklingError(
                f"{called} has no {missing[0]!r}, only {' '.join(sorted(self.signs))}; choose "
                "another source, other numerals, or another share of capitals."
            )


@dataclass(frozen=True)
class PictureLetters(Letters):
    """Pictures that each fill their frame, like EMNIST's, by unknown hands: the letters of a text
    are alike in pen, slant and width. How high a letter stands is from the table of `lines`.
    """

    parts: Parts

    @property
    def signs(self) -> str:
        return "".join(self.parts.rows)

    def write(self, text: str, generator: np.random.Generator) -> list[Piece]:
        pieces = []
        for sign, row in zip(text, self.parts.choose(text, generator, among=16), strict=True):
            ink = self.parts.ink(row)
            top, bottom = extent_of(sign, dotted=sign != "i" or is_dotted(ink))
            height = bottom - top
            scale = height / max(ink.shape[0], _LOWEST * ink.shape[1])
            pieces.append(_standing(sign, Letter(ink, float(self.parts.pens[row])), scale, bottom))
        return pieces


@dataclass(frozen=True)
class WriterLetters(Letters):
    """One picture of each letter by each writer, all in one scale (Chars74K, print); a writer's
    capitals and digits are 1 high at their median.
    """

    writers: Sequence[Mapping[str, Letter]]

    @property
    def signs(self) -> str:
        return "".join(self.writers[0])

    def write(self, text: str, generator: np.random.Generator) -> list[Piece]:
        own = self.writers[int(generator.integers(len(self.writers)))]
        heights = [letter.ink.shape[0] for sign, letter in own.items() if not sign.islower()]
        scale = 1 / float(np.median(heights))
        return [_standing(sign, own[sign], scale, 1.0) for sign in text]


@dataclass(frozen=True)
class StrokeLetters(Letters):
    """Pen strokes by writer.

    in_place : the strokes lie in the frame of this module already; otherwise each character fills a
    box of its own, and its height is from the table of `lines`.
    """

    written: Handwritten
    in_place: bool = False

    @property
    def signs(self) -> str:
        return "".join(self._all)

    @cached_property
    def _all(self) -> Mapping[str, np.ndarray]:
        """Numbers of the pieces of each character."""
        return _by_label(self.written.labels, np.arange(len(self.written)))

    @cached_property
    def _own(self) -> Sequence[Mapping[str, np.ndarray]]:
        """The same of each writer."""
        order = np.argsort(self.written.writers, kind="stable")
        _, starts = np.unique(self.written.writers[order], return_index=True)
        return [_by_label(self.written.labels[rows], rows) for rows in np.split(order, starts[1:])]

    def write(self, text: str, generator: np.random.Generator) -> list[Piece]:
        """By a writer who has all of these characters, if there is one."""
        able = self._able.get(key := "".join(sorted(set(text))))
        if able is None:
            able = self._able[key] = [own for own in self._own if own.keys() >= set(text)]
        own = able[int(generator.integers(len(able)))] if able else self._all
        return [
            self._piece(sign, int(own[sign][generator.integers(len(own[sign]))])) for sign in text
        ]

    @cached_property
    def _able(self) -> dict[str, list[Mapping[str, np.ndarray]]]:
        """Writers who have all characters of a text."""
        return {}

    def _piece(self, sign: str, row: int) -> Piece:
        strokes = tuple(stroke.tobytes() for stroke in self.written.piece(row))
        return _drawn(sign, strokes, in_place=self.in_place)


# of letters, as workers get the source anew with each task; a piece has about 6 kB
@lru_cache(4096)
def _drawn(sign: str, written: tuple[bytes, ...], *, in_place: bool) -> Piece:
    """A character of strokes, each float32 [P, 2], in the frame of this module."""
    strokes: list[np.ndarray] = [
        np.frombuffer(stroke, np.float32).reshape(-1, 2) for stroke in written
    ]
    if in_place:
        strokes = [stroke.astype(np.float64) for stroke in strokes]
    else:
        strokes = in_unit_box(strokes)
        points = np.concatenate(strokes)
        reach = max(float(np.ptp(points[:, 1])), _LOWEST)
        dotted = sign != "i" or len(strokes) > 1
        top, bottom = extent_of(sign, dotted=dotted)
        # the pen's own width is within the height
        scale = (bottom - top - PEN) / reach
        low = points.max(0)[1]
        strokes = [(stroke - (0, low)) * scale + (0, bottom - PEN / 2) for stroke in strokes]
    left = min(float(stroke[:, 0].min()) for stroke in strokes) - PEN / 2
    return piece_of_strokes(sign, [stroke - (left, 0) for stroke in strokes], PEN)


def extent_of(sign: str, *, dotted: bool = True) -> tuple[float, float]:
    """From where to where a character reaches: 0 is the top of the capitals, 1 the line."""
    return EXTENTS.get(sign if dotted else "v", TALL)


def is_dotted(ink: np.ndarray) -> bool:
    """Whether an i, uint8 [h, w], has a part above another."""
    _, _, boxes, _ = cv2.connectedComponentsWithStats((ink > 100).astype(np.uint8))
    tall = boxes[1:][boxes[1:, cv2.CC_STAT_AREA] > 2]
    return len(tall) > 1 and bool(
        (tall[:, cv2.CC_STAT_TOP] + tall[:, cv2.CC_STAT_HEIGHT]).min()
        <= tall[:, cv2.CC_STAT_TOP].max()
    )


def _standing(sign: str, letter: Letter, scale: float, bottom: float) -> Piece:
    """A letter on the line, `scale` units a pixel."""
    height, width = (side * scale for side in letter.ink.shape)
    return Piece(sign, letter.ink, 0.0, bottom - height, width, height, letter.pen * scale)


def _by_label(labels: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {str(label): rows[labels == label] for label in np.unique(labels)}
