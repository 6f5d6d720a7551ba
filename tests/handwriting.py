"""Pictures of handwriting for tests: pen strokes drawn by this repository, and real ones if the
data are available.
"""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.ink.strokes import draw_strokes

FIVE = ([(0.9, 0.0), (0.2, 0.0), (0.1, 0.45), (0.6, 0.4), (0.95, 0.7), (0.5, 1.0), (0.0, 0.9)],)
SEVEN = ([(0.0, 0.02), (1.0, 0.0), (0.4, 1.0)],)
FOUR = ([(0.6, 0.0), (0.0, 0.65), (1.0, 0.65)], [(0.75, 0.35), (0.7, 1.0)])
THREE = ([(0.05, 0.1), (0.5, 0.0), (0.9, 0.2), (0.4, 0.46), (0.95, 0.7), (0.5, 1.0), (0.0, 0.9)],)
Strokes = Sequence[Sequence[tuple[float, float]]]


def in_box(
    strokes: Strokes, *, left: float, top: float, width: float, height: float
) -> list[np.ndarray]:
    """Strokes of a unit box scaled to a box of pixels."""
    return [np.array(stroke, float) * (width, height) + (left, top) for stroke in strokes]


def canvas(
    strokes: Strokes = SEVEN,
    *,
    size: int = 280,
    left: float = 90,
    top: float = 60,
    height: float = 160,
    pen: float = 20,
) -> np.ndarray:
    """Grey uint8 [size, size]: black ink on white, as the Draw screen has it."""
    placed = in_box(strokes, left=left, top=top, width=0.65 * height, height=height)
    return 255 - draw_strokes(placed, width=pen, size=(size, size))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation of the pixels of two pictures."""
    return float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1])


def pen_digits(root: Path) -> list[tuple[str, list[np.ndarray]]]:
    """UCI pendigits of a data root: (label, strokes float [P, 2], the longer side 1, y down)."""
    with gzip.open(root / "strokes" / "pendigits-train.json.gz") as file:
        rows = json.load(file)
    return [(row["label"], [np.array(stroke, float) for stroke in row["strokes"]]) for row in rows]
