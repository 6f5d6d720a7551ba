"""Synthetic handwriting: any number of labelled images, each a function of only the settings, the
seed and its number.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.errors import InklingError
from core.synthesis.effects.table import EFFECTS, apply_effects
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import GlyphSet, Hand
from core.synthesis.path import (
    U_PEN,
    U_VARIANT,
    UNIFORMS,
    Manner,
    Table,
    choose_variant,
    lean,
    move,
    pen_width,
    points_in_pixels,
    scratch,
    trace,
)
from core.synthesis.table import manner_of, table_of
from core.synthesis.writer import Writer, check_seed

DIGITS = tuple("0123456789")

_CIRCLE = np.stack(
    [
        np.sin(np.linspace(0, 2 * np.pi, 24, endpoint=False)),
        np.cos(np.linspace(0, 2 * np.pi, 24, endpoint=False)),
    ],
    1,
)


@dataclass(frozen=True)
class Sketch:
    """One image's strokes before inking. Lengths in units of the 28-unit grid, points (row,
    column).

    points : [P, 2] control points, those of bows last. discs : [P, 24, 2] outlines of their jitter
    discs.
    cubics : [S, 4, 2] Beziers. widths : [S, 2] pen widths at their ends.
    """

    label: str
    variant: str
    points: np.ndarray
    discs: np.ndarray
    cubics: np.ndarray
    widths: np.ndarray

    def strokes(self, *, size: float, steps: int = 8) -> list[np.ndarray]:
        """Strokes float32 [P, 2] of x, y on a canvas of `size` pixels; connected curves form one
        stroke.
        """
        t = np.linspace(0, 1, steps + 1)[:, None]
        weights = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])
        strokes: list[np.ndarray] = []
        for curve in self.cubics:
            path = ((weights @ curve)[:, ::-1] * size / 28).astype(np.float32)
            if strokes and np.array_equal(strokes[-1][-1], path[0]):
                strokes[-1] = np.concatenate([strokes[-1], path[1:]])
            else:
                strokes.append(path)
        return strokes


@dataclass(frozen=True)
class Skeleton:
    """How one image's curves follow from the points of its glyph, so that they can be redrawn while
    a point is dragged. P points, those of bows last, in units (row, column); S curves.

    names : of the glyph's own points, those before the bows'. rest : [P, 2], in the table: from the
    grid's corner, or from the mean of the points `of`, int [P, 2], -1 for none. thrown : [P, 2],
    where the jitter put the point from there; where `spread` [P] is not 0, a share of the distance
    of the two points `of`. radius : [P] of the jitter disc; where `spread` is not 0 it is that
    distance / spread, and 0 here. weights : [S, 4, P]; the curves are weights @ points.
    """

    label: str
    variant: str
    names: tuple[str, ...]
    rest: np.ndarray
    of: np.ndarray
    spread: np.ndarray
    thrown: np.ndarray
    radius: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Handwriting(Writer):
    """Any number of images drawn from tables of strokes; image i shows label i, cyclically.

    size : side of an image, pixels. effects : (name, amount) in order of application, see
    `core.synthesis.effects`.
    """

    glyphs: GlyphSet = field(default_factory=lambda: load_glyphs("natural"))
    hand: Hand | None = None
    labels: tuple[str, ...] = DIGITS
    seed: int = 0
    size: int = 28
    effects: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if not 8 <= self.size <= 512:
            raise InklingError(f"The size is 8 to 512 pixels, not {self.size}.")
        table_of(self.glyphs, self.labels)

    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Images `start` to `start + count`, uint8 [count, size, size] with ink 255, and their
        labels.
        """
        from core.synthesis.pen import write_glyphs  # takes seconds to compile the first time

        pictures = np.empty((count, self.size, self.size), np.uint8)
        samples, per_pixel = sample_positions(self.size, self._hand.zoom)
        write_glyphs(
            self._table,
            self.manner,
            np.arange(start, start + count) % len(self.labels),
            self._uniforms(start, count),
            samples,
            per_pixel,
            self._hand.ramp,
            pictures,
        )
        names = [self.labels[number % len(self.labels)] for number in range(start, start + count)]
        self.add_effects(pictures, names, start)
        return pictures, names

    def add_effects(self, pictures: np.ndarray, names: list[str], start: int) -> None:
        """Apply the effects, in place, to images `start` and on, uint8 [N, H, W], and their
        labels.
        """
        for row, name in enumerate(names if self.effects else []):
            generator = np.random.default_rng((self.seed, start + row))
            pictures[row], names[row] = apply_effects(pictures[row], name, self.effects, generator)

    def sketch(self, number: int) -> Sketch:
        """What image `number` was drawn from."""
        table, own = self._table, self._uniforms(number, 1)[0]
        glyph = number % len(self.labels)
        variant = choose_variant(table, glyph, own[U_VARIANT])
        points, pressures, discs, cubics, forces = scratch()
        placed = points_in_pixels(table, self.manner, variant, own, points, pressures, discs)
        circles = (discs[:placed, None, :2] + discs[:placed, None, 2:] * _CIRCLE).reshape(-1, 2)
        leaning = np.empty((2, 3))
        lean(self.manner, own, points, placed, leaning)
        move(leaning, circles, len(circles))
        move(leaning, points, placed)
        curves = trace(table, variant, own, points, pressures, cubics, forces)
        label = self.labels[glyph]
        name = self.glyphs.glyphs[label][variant - table.glyphs[glyph, 0]].name
        widths = forces[:curves] * pen_width(table, self.manner, variant, own[U_PEN])
        return Sketch(
            label, name, points[:placed], circles.reshape(placed, -1, 2), cubics[:curves], widths
        )

    def skeleton(self, number: int) -> Skeleton:
        """How image `number` follows from its glyph's points, written upright."""
        table, own = self._table, self._uniforms(number, 1)[0]
        glyph = number % len(self.labels)
        variant = choose_variant(table, glyph, own[U_VARIANT])
        points, pressures, discs, cubics, forces = scratch()
        placed = points_in_pixels(table, self.manner, variant, own, points, pressures, discs)
        first = table.variants[variant, 0]
        rows, of = table.points[first : first + placed], table.of[first : first + placed]
        thrown = points[:placed] - discs[:placed, :2]
        spread = np.abs(rows[:, 3])
        bowed = spread > 0
        one, two = points[of[bowed, 0]], points[of[bowed, 1]]
        thrown[bowed] /= np.maximum(np.hypot(*(one - two).T), 1e-9)[:, None]
        # curves are linear in the points: each column is what one point contributes
        curves = trace(table, variant, own, points, pressures, cubics, forces)
        weights = np.empty((curves, 4, placed))
        for index in range(placed):
            alone = np.zeros_like(points)
            alone[index, 0] = 1
            trace(table, variant, own, alone, pressures, cubics, forces)
            weights[:, :, index] = cubics[:curves, :, 0]
        label = self.labels[glyph]
        chosen = self.glyphs.glyphs[label][variant - table.glyphs[glyph, 0]]
        return Skeleton(
            label,
            chosen.name,
            tuple(chosen.points),
            rows[:, :2].copy(),
            of.copy(),
            spread,
            thrown,
            np.where(bowed, 0.0, discs[:placed, 2]),
            weights,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Every possible label: the requested ones and their flips; single digits in numeric
        order.
        """
        results = list(self.labels)
        for effect, amount in self.effects:
            table = EFFECTS[effect].labels or {}
            results += [
                table[label]
                for label in results
                if amount and label in table and table[label] not in results
            ]
        return DIGITS if set(results) <= set(DIGITS) else tuple(dict.fromkeys(results))

    def facts(self) -> dict[str, Any]:
        """Everything that determines the images, for the metadata file."""
        return {
            "glyphs": self.glyphs.name,
            "variants": {
                label: [asdict(v) for v in self.glyphs.glyphs[label]] for label in self.labels
            },
            "hand": asdict(self._hand),
            "labels": list(self.labels),
            "seed": self.seed,
            "size": self.size,
            "effects": list(self.effects),
        }

    @cached_property
    def _hand(self) -> Hand:
        return self.hand or self.glyphs.hand

    @cached_property
    def _table(self) -> Table:
        return table_of(self.glyphs, self.labels)

    @cached_property
    def manner(self) -> Manner:
        """The hand in the format of the compiled pen."""
        return manner_of(self._hand)

    def _uniforms(self, start: int, count: int) -> np.ndarray:
        """[count, UNIFORMS]: Philox is counter-based, so the numbers of image i need no earlier
        ones.
        """
        # each counter step gives four numbers
        counter = np.random.Philox(self.seed).advance(start * UNIFORMS // 4)
        return np.random.Generator(counter).random((count, UNIFORMS))


def sample_positions(size: int, zoom: int) -> tuple[np.ndarray, int]:
    """Sample positions of ink along one axis, float32 units, and samples per pixel.

    They match OpenCV's bilinear downsampling of a drawing with `zoom` samples per pixel: the two
    samples around the pixel's centre if zoom is even, the central one if odd.
    """
    offsets = sorted({(zoom - 1) // 2, zoom // 2})
    indices = (np.arange(size)[:, None] + np.array(offsets) / zoom) * 28 / size
    return indices.ravel().astype(np.float32), len(offsets)


def override(hand: Hand, changes: Sequence[str]) -> Hand:
    """The hand with `key=value` texts applied; InklingError for invalid ones."""
    types = {f.name: type(getattr(hand, f.name)) for f in fields(Hand)}
    values = {}
    for change in changes:
        key, _, text = change.partition("=")
        if key not in types:
            raise InklingError(
                f"{change!r} is no setting of a hand; write KEY=VALUE with one of: "
                f"{', '.join(types)}."
            )
        try:
            values[key] = types[key](text)
        except ValueError as error:
            raise InklingError(f"{change!r}: {text!r} is not a number.") from error
    return replace(hand, **values)
