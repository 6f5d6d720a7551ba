"""Lines of handwriting: characters that people drew, set side by side as one of them would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from core.ink.handwritten import Handwritten, in_unit_box
from core.synthesis.effects import strokes as kernels
from core.synthesis.effects.strokes import Strokes
from core.synthesis.effects.variants import add_variant

SIGNS = ".,-"
"""Signs that numbers have, drawn here because the collections have none."""

_BANDS = 24
"""Horizontal bands in which the gap between two neighbours is measured."""

TALL = (0.0, 1.0)
EXTENTS: dict[str, tuple[float, float]] = {
    **dict.fromkeys("acemnorsuvwxz", (0.45, 1.0)),
    **dict.fromkeys("gpqy", (0.45, 1.4)),
    "i": (0.15, 1.0),
    "j": (0.15, 1.4),
    "t": (0.15, 1.0),
}
"""From the top of the capitals (0) to the line (1): where a character's ink begins and ends."""


@dataclass(frozen=True)
class Spacing:
    """How one line is set; lengths in heights of its capitals.

    gap : mean distance between the ink of neighbours. uneven : its standard deviation. lift :
    standard deviation of a character's height over the line. size : of the logarithm of its size.
    """

    gap: float
    uneven: float
    lift: float
    size: float

    @staticmethod
    def draw(generator: np.random.Generator) -> "Spacing":
        """As people differ: one in three writes so closely that neighbours touch."""
        gap = (
            generator.uniform(-0.12, 0.04)
            if generator.random() < 0.35
            else generator.uniform(0.02, 0.42)
        )
        return Spacing(
            gap,
            generator.uniform(0.01, 0.07),
            generator.uniform(0, 0.06),
            generator.uniform(0.02, 0.12),
        )


@dataclass(frozen=True)
class Typesetter:
    """Lines made of the characters of `written`, each line of one writer's as far as they go."""

    written: Handwritten

    @cached_property
    def _rows(self) -> Mapping[str, np.ndarray]:
        """Numbers of the pieces of each label."""
        labels, order = self.written.labels, np.argsort(self.written.labels, kind="stable")
        names, starts = np.unique(labels[order], return_index=True)
        return dict(zip(map(str, names), np.split(order, starts[1:]), strict=True))

    @cached_property
    def _own(self) -> Mapping[str, Mapping[str, np.ndarray]]:
        """The same by writer."""
        writers, order = self.written.writers, np.argsort(self.written.writers, kind="stable")
        names, starts = np.unique(writers[order], return_index=True)
        own = {}
        for name, rows in zip(names, np.split(order, starts[1:]), strict=True):
            labels = self.written.labels[rows]
            own[str(name)] = {str(label): rows[labels == label] for label in np.unique(labels)}
        return own

    def write(
        self, text: str, generator: np.random.Generator, spacing: Spacing | None = None
    ) -> Strokes:
        """`text` as strokes float64 [P, 2]: capitals are 1 high, from 0 to the line at 1.

        spacing : of the line; None draws one.
        """
        names = list(self._own)
        own = self._own[names[int(generator.integers(len(names)))]]
        spacing = spacing or Spacing.draw(generator)
        line: Strokes = []
        right = np.full(_BANDS, -np.inf)
        space = 0.0
        for sign in text:
            if sign == " ":
                space = generator.uniform(0.45, 1.1)
                continue
            drawn = self._character(sign, own, spacing, generator)
            left, own_right = _edges(drawn)
            if not line:
                line, right = drawn, own_right
                continue
            between = left - right
            nearest = np.min(between[np.isfinite(between)], initial=np.inf)
            if not np.isfinite(nearest):  # one is above or below the other
                nearest = left[np.isfinite(left)].min() - right[np.isfinite(right)].max() + 0.1
            gap = generator.normal(max(spacing.gap, 0) if space else spacing.gap, spacing.uneven)
            move = np.array([gap + space - nearest, 0.0])
            # slanted neighbours may reach over each other, but not past each other's middle
            past = right[np.isfinite(right)].max() - (left[np.isfinite(left)].min() + move[0])
            move[0] += max(0.0, past - 0.35)
            line = line + [stroke + move for stroke in drawn]
            right = np.maximum(right, own_right + move[0])
            space = 0.0
        return line

    def _character(
        self,
        sign: str,
        own: Mapping[str, np.ndarray],
        spacing: Spacing,
        generator: np.random.Generator,
    ) -> Strokes:
        """One character in its place over the line, beginning at x = 0."""
        if sign in SIGNS:
            return _sign(sign, generator)
        rows = own.get(sign)
        if rows is None or (len(rows) < 3 and generator.random() < 0.5):
            rows = self._rows[sign]
        strokes = in_unit_box(self.written.piece(int(rows[generator.integers(len(rows))])))
        strokes = add_variant(strokes, sign, generator) if generator.random() < 0.5 else strokes
        strokes = kernels.bend(strokes, 0.04, generator)
        strokes = kernels.resize_parts(strokes, 0.08, generator)
        strokes = kernels.slant(strokes, generator.uniform(-4, 4))
        top, bottom = EXTENTS.get(sign, TALL)
        if sign == "f" and generator.random() < 0.4:
            bottom = 1.35
        points = np.concatenate(strokes)
        low, high = points.min(0), points.max(0)
        scale = (bottom - top) / max(high[1] - low[1], 0.4)
        scale *= np.exp(generator.normal(0, spacing.size))
        place = np.array([0.0, bottom + generator.normal(0, spacing.lift)])
        corner = np.array([low[0], high[1]])
        return [(stroke - corner) * scale + place for stroke in strokes]


def _sign(sign: str, generator: np.random.Generator) -> Strokes:
    """A point, comma or minus in its place."""
    if sign == "-":
        y, length = generator.uniform(0.4, 0.65), generator.uniform(0.25, 0.5)
        tilt = generator.normal(0, 0.03)
        return [np.array([[0, y], [length / 2, y + tilt / 2], [length, y + tilt]])]
    y = generator.uniform(0.92, 1.02)
    if sign == ".":
        return [np.array([[0, y], [generator.uniform(0, 0.03), y + generator.uniform(0, 0.03)]])]
    x, depth = generator.uniform(0.02, 0.1), generator.uniform(0.1, 0.22)
    return [np.array([[x, y], [x - 0.01, y + depth / 2], [0, y + depth]])]


def _edges(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """How far the ink goes to the left and to the right in each band from -0.25 to 1.5; infinite
    where there is none.
    """
    left, right = np.full(_BANDS, np.inf), np.full(_BANDS, -np.inf)
    points = np.concatenate([_dense(stroke) for stroke in strokes])
    bands = np.clip((points[:, 1] + 0.25) / 1.75 * _BANDS, 0, _BANDS - 1).astype(int)
    np.minimum.at(left, bands, points[:, 0])
    np.maximum.at(right, bands, points[:, 0])
    # ink just above or below is as near as ink beside
    padded = np.pad(left, 1, constant_values=np.inf)
    return np.min([padded[:-2], left, padded[2:]], 0), right


def _dense(stroke: np.ndarray) -> np.ndarray:
    """The stroke with points at most about half a band apart."""
    if len(stroke) == 1:
        return stroke
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    where = np.concatenate([[0], lengths.cumsum()])
    count = int(where[-1] / 0.035) + 2
    at = np.linspace(0, where[-1], count)
    return np.stack([np.interp(at, where, stroke[:, axis]) for axis in (0, 1)], 1)


def vary_line(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A line of any unit as it could have been written another time, in capitals' heights."""
    points = np.concatenate(strokes)
    low, height = points.min(0), max(float(np.ptp(points[:, 1])), 1e-6)
    strokes = [(stroke - low) / height for stroke in strokes]
    strokes = kernels.slant(strokes, generator.uniform(-15, 15))
    strokes = kernels.turn(strokes, generator.normal(0, 1.5))
    strokes = kernels.broaden(strokes, generator.uniform(-0.12, 0.12))
    strokes = kernels.resize_parts(strokes, 0.05, generator)
    strokes = kernels.change_starts(strokes, 0.1, generator)
    if generator.random() < 0.5:
        strokes = kernels.sample_sparsely(strokes, generator.uniform(0, 0.1))
    wave = generator.uniform(0.3, 1.5), generator.uniform(0, 6.3), generator.normal(0, 0.025)
    strokes = [
        stroke + np.stack([0 * stroke[:, 0], wave[2] * np.sin(wave[0] * stroke[:, 0] + wave[1])], 1)
        for stroke in strokes
    ]
    return kernels.tremble(strokes, generator.uniform(0, 0.01), generator)


def underline(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A line of any text, in capitals' heights, with a stroke under it."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    y = max(float(high[1]), 1.0) + generator.uniform(0.08, 0.35)
    left, right = low[0] - generator.uniform(-0.2, 0.3), high[0] + generator.uniform(-0.2, 0.3)
    middle = np.array([(low[0] + high[0]) / 2, y + generator.normal(0, 0.03)])
    return [*strokes, np.stack([[left, y], middle, [right, y + generator.normal(0, 0.05)]])]


def draw_line(strokes: Strokes, *, height: int, margin: int, pen: float) -> np.ndarray:
    """Ink uint8 [height, W] of a line: its own height, pen included, fills `height` less two
    margins.

    pen : pixels of the picture.
    """
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    room = height - 2 * margin - pen
    # a dash or a row of dots has no height of its own
    scale = room / max(float(extent[1]), float(extent[0]) / 30, 1e-6)
    width = max(int(np.ceil(extent[0] * scale + pen)) + 2 * margin, height // 2)
    over = 2
    picture = np.zeros((height * over, width * over), np.uint8)
    offset = np.array([margin + pen / 2, height / 2 - extent[1] * scale / 2])
    for stroke in strokes:
        place = np.round(((stroke - low) * scale + offset) * over * 16).astype(np.int32)
        place = np.repeat(place, 2, 0) if len(place) == 1 else place
        thickness = max(1, round(pen * over))
        cv2.polylines(picture, [place[:, None]], False, 255, thickness, cv2.LINE_AA, 4)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
