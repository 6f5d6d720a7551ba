"""Characters or lines that people wrote, as pen strokes: many of them in four arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

_WRITERS_HELD_OUT = 5
"""One writer in so many is for validation."""


@dataclass(frozen=True)
class Handwritten:
    """N pieces of handwriting, characters or whole lines, each of one or more strokes.

    points : float32 [P, 2], x right, y down, in any unit; may be a memory map. strokes : int64 [S +
    1], where each stroke begins in `points`. pieces : int64 [N + 1], where each piece begins in
    `strokes`. labels, writers : texts [N]; a writer is "" if unknown.
    """

    points: np.ndarray
    strokes: np.ndarray
    pieces: np.ndarray
    labels: np.ndarray
    writers: np.ndarray

    @staticmethod
    def of(
        pieces: Iterable[tuple[str, str, Sequence[np.ndarray]]], *, keep_pictures: bool = False
    ) -> "Handwritten":
        """From (label, writer, strokes), each stroke [P, 2]; pieces without points are left out,
        unless pictures are kept.
        """
        labels, writers, points, strokes, ends = [], [], [], [0], [0]
        for label, writer, drawn in pieces:
            drawn = [stroke for stroke in drawn if len(stroke)]
            if not drawn and not keep_pictures:
                continue
            labels.append(label)
            writers.append(writer)
            points += [np.asarray(stroke, np.float32).reshape(-1, 2) for stroke in drawn]
            strokes += [len(stroke) for stroke in drawn]
            ends.append(len(drawn))
        return Handwritten(
            np.concatenate(points) if points else np.zeros((0, 2), np.float32),
            np.cumsum(strokes, dtype=np.int64),
            np.cumsum(ends, dtype=np.int64),
            np.array(labels, np.str_),
            np.array(writers, np.str_),
        )

    def __len__(self) -> int:
        return len(self.labels)

    def piece(self, number: int) -> list[np.ndarray]:
        """The strokes of one piece, each float32 [P, 2]."""
        first, last = self.pieces[number], self.pieces[number + 1]
        if first == last:
            return []
        ends = self.strokes[first : last + 1]
        points = np.asarray(self.points[ends[0] : ends[-1]])
        return np.split(points, ends[1:-1] - ends[0])

    @property
    def drawn(self) -> np.ndarray:
        """Whether the strokes of each are known, bool [N]."""
        return np.diff(self.pieces) > 0

    def take(self, rows: np.ndarray) -> "Handwritten":
        """Some pieces, by their numbers int64 [M] or as bool [N]."""
        strokes, pieces = _pick(self.pieces, np.arange(len(self))[rows])
        points, ends = _pick(self.strokes, strokes)
        return Handwritten(self.points[points], ends, pieces, self.labels[rows], self.writers[rows])

    @property
    def held_out(self) -> np.ndarray:
        """Whether each is by a writer for validation, bool [N]."""
        held = {writer: is_held_out(str(writer)) for writer in np.unique(self.writers)}
        return np.array([held[writer] for writer in self.writers], bool)


def _pick(begins: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of all parts of some wholes, int64 [P], and where each whole begins among them,
    int64 [M + 1]; whole n has the parts from begins[n] to begins[n + 1].
    """
    counts = begins[rows + 1] - begins[rows]
    ends = np.concatenate([[0], counts.cumsum()])
    return np.repeat(begins[rows] - ends[:-1], counts) + np.arange(ends[-1]), ends


def is_held_out(writer: str) -> bool:
    """Whether a writer is for validation: one in five, by a checksum of the name, so that the
    choice is the same everywhere and for ever.
    """
    return crc32(writer.encode()) % _WRITERS_HELD_OUT == 0


def in_unit_box(strokes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Strokes float64 [P, 2] moved and scaled: they begin at 0, and the longer side is 1."""
    points = np.concatenate(strokes)
    low, longer = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    return [(np.asarray(stroke, np.float64) - low) / longer for stroke in strokes]
