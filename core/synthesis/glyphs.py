"""The glyph model: control points with their jitter, curves through them, optional parts; and the
hand that writes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise

from core.errors import InklingError

LARGEST_MOVE = 28

Curve = tuple[str, tuple[str, ...], float]
"""(kind, names of points, k of a bow). `smooth` runs from the second to the third of its four
points; "" means none.
"""


@dataclass(frozen=True)
class Point:
    """A control point: (row, column) from the grid's corner, or from the mean of the points `of`.

    factor : the jitter disc has radius jitter x factor. spread : if not 0, the radius is |of[0]
    of[1]| / spread instead.
    """

    row: float
    column: float
    factor: float = 1.0
    of: tuple[str, ...] = ()
    spread: float = 0.0


def smooth_curves(names: Sequence[str], corners: Sequence[bool]) -> Iterator[Curve]:
    """The pieces of a Catmull-Rom spline through named points; it breaks at corners."""
    for index, (start, end) in enumerate(pairwise(names)):
        before = names[index - 1] if index > 0 and not corners[index] else ""
        after = names[index + 2] if index + 2 < len(names) and not corners[index + 1] else ""
        yield "smooth", (before, start, end, after), 0.0


@dataclass(frozen=True)
class Part:
    """Curves drawn with a probability (0-1), if the part they are `within` is drawn."""

    name: str
    probability: float
    curves: tuple[Curve, ...]
    within: str = ""


@dataclass(frozen=True)
class Variant:
    """One way of writing a character; `thinnest` is the minimum pen width, units."""

    name: str
    points: Mapping[str, Point]
    curves: tuple[Curve, ...]
    parts: tuple[Part, ...] = ()
    share: float = 1.0
    thinnest: float = 0.0


@dataclass(frozen=True)
class Hand:
    """How a set is written. Lengths in units of the 28-unit grid; "spread" is a standard deviation.

    jitter : radius of the disc around each control point; angle and radius of a point are uniform
    in it.
    correlation : of the jitter of consecutive points, 0 (independent) to 1 (fully correlated).
    turn : spread of the rotation, degrees. slant, slant_spread : columns right per row up. breadth
    : spread of the log width. pressure : spread of the log pen width along a stroke.
    thinnest, thickest : range of the uniform pen width. ramp : share of the half-width that is full
    ink; beyond it ink falls linearly to 0 at the edge. zoom : samples per unit before downsampling.
    """

    jitter: float = 1.0
    correlation: float = 0.0
    turn: float = 0.0
    slant: float = 0.0
    slant_spread: float = 0.0
    breadth: float = 0.0
    pressure: float = 0.0
    thinnest: float = 2.8
    thickest: float = 5.0
    ramp: float = 0.4
    zoom: int = 10

    def __post_init__(self) -> None:
        for f in fields(self):
            value, (low, high) = getattr(self, f.name), HAND_LIMITS[f.name]
            # NaN is in no range
            if not low <= value <= high or f.type(value) != value:  # type: ignore[operator]
                whole = " a whole number" if f.type is int else ""
                raise InklingError(
                    f"{f.name} must be{whole} between {low:g} and {high:g}, not {value}."
                )
            # The pen is recompiled for each mix of int and float, which takes seconds.
            object.__setattr__(self, f.name, f.type(value))  # type: ignore[operator]
        if self.thinnest > self.thickest:
            raise InklingError(
                f"The pen is {self.thinnest:g} to {self.thickest:g} wide; thinnest must not exceed "
                "thickest."
            )


@dataclass(frozen=True)
class Setting:
    """A setting of the hand, as sliders, axes and commands name it.

    unit : "" if it has none. low, high : its range; whole numbers if these are. step : of a slider.
    about : what it means.
    """

    title: str
    unit: str
    low: float
    high: float
    step: float
    about: str

    @property
    def label(self) -> str:
        """The title with its unit."""
        return ", ".join(filter(None, (self.title, self.unit)))


_DEVIATION, _LOGARITHM = "Standard deviation.", "Standard deviation of the logarithm"
HAND_SETTINGS = {
    "jitter": Setting(
        "Jitter radius",
        "units",
        0.0,
        10.0,
        0.1,
        "How far a control point may fall from where it is on the 28-unit grid, times its factor.",
    ),
    "correlation": Setting(
        "One hand",
        "",
        0.0,
        1.0,
        0.05,
        "0: every point is thrown by itself. 1: neighbouring points move together.",
    ),
    "turn": Setting("Rotation", "degrees", 0.0, 45.0, 0.5, _DEVIATION),
    "slant": Setting(
        "Slant", "", -1.0, 1.0, 0.02, "Columns to the right for each row up, on average."
    ),
    "slant_spread": Setting("Spread of the slant", "", 0.0, 1.0, 0.02, _DEVIATION),
    "breadth": Setting("Spread of the width", "", 0.0, 1.0, 0.02, f"{_LOGARITHM}."),
    "pressure": Setting(
        "Pressure", "", 0.0, 1.0, 0.02, f"{_LOGARITHM} of the pen's width along a stroke."
    ),
    "thinnest": Setting("Thinnest brush", "units", 0.5, 10.0, 0.1, "The pen's least width."),
    "thickest": Setting("Thickest brush", "units", 0.5, 10.0, 0.1, "The pen's greatest width."),
    "ramp": Setting(
        "Ramp",
        "",
        0.0,
        0.99,
        0.05,
        "Share of the pen's half-width that is full ink; the rest fades to the edge.",
    ),
    "zoom": Setting(
        "Zoom", "", 1, 20, 1, "The drawing is this many times larger before it is reduced."
    ),
}
"""By the names of the fields of `Hand`."""

HAND_LIMITS = {name: (setting.low, setting.high) for name, setting in HAND_SETTINGS.items()}


@dataclass(frozen=True)
class GlyphSet:
    """Variants of each character, and the default hand that writes them."""

    name: str
    title: str
    glyphs: Mapping[str, tuple[Variant, ...]]
    hand: Hand = field(default_factory=Hand)

    def __hash__(self) -> int:
        return id(self)


def with_probabilities(glyphs: GlyphSet, changes: Mapping[str, float]) -> GlyphSet:
    """The set with changed probabilities: `{"1/stem/flag": 0.2}` for a part, `{"4/open": 0.5}` for
    the share of a variant.
    """
    changed = dict(glyphs.glyphs)
    for key, value in changes.items():
        label, *names = key.split("/")
        number = next(
            (
                n
                for n, variant in enumerate(changed.get(label, ()))
                if names and variant.name == names[0]
            ),
            None,
        )
        if number is None or not 0 <= value <= (100 if len(names) == 1 else 1):
            raise InklingError(
                f"{key}={value:g} is no probability of the set; write GLYPH/VARIANT=SHARE or "
                "GLYPH/VARIANT/PART=0-1."
            )
        variant = changed[label][number]
        if len(names) == 1:
            variant = replace(variant, share=value)
        else:
            if names[1] not in [part.name for part in variant.parts]:
                raise InklingError(f"{label}/{variant.name} has no part {names[1]!r}.")
            parts = tuple(
                replace(part, probability=value) if part.name == names[1] else part
                for part in variant.parts
            )
            variant = replace(variant, parts=parts)
        changed[label] = (*changed[label][:number], variant, *changed[label][number + 1 :])
        if sum(other.share for other in changed[label]) <= 0:
            raise InklingError(f"Every variant of {label} has the share 0; one must be above.")
    # a set that is the same object keeps its compiled table
    return replace(glyphs, glyphs=changed) if changes else glyphs


def parse_probabilities(texts: Iterable[str]) -> dict[str, float]:
    """`["4/open=0.5"]` as input for `with_probabilities`; InklingError for a non-number."""
    changes = {}
    for text in texts:
        key, _, value = text.rpartition("=")
        try:
            changes[key] = float(value)
        except ValueError as error:
            raise InklingError(
                f"{text!r} is no probability; write GLYPH/VARIANT=SHARE or GLYPH/VARIANT/PART=0-1."
            ) from error
    return changes


Moves = Mapping[tuple[str, str, str], tuple[float, float]]
"""(glyph, variant, point) -> rows and columns to move the point by."""


def move_points(glyphs: GlyphSet, moves: Moves) -> GlyphSet:
    """The set with points moved; InklingError for an unknown point, or one moved off the paper."""
    changed = dict(glyphs.glyphs)
    for (label, variant_name, point_name), (rows, columns) in moves.items():
        number = next(
            (n for n, variant in enumerate(changed.get(label, ())) if variant.name == variant_name),
            None,
        )
        point = changed[label][number].points.get(point_name) if number is not None else None
        if number is None or point is None:
            raise InklingError(
                f"The glyph set has no point {label}/{variant_name}/{point_name} to move."
            )
        if not (abs(rows) <= LARGEST_MOVE and abs(columns) <= LARGEST_MOVE):
            raise InklingError(
                f"A point is moved by at most {LARGEST_MOVE} units, not {rows:g},{columns:g}."
            )
        variant = changed[label][number]
        points = {
            **variant.points,
            point_name: replace(point, row=point.row + rows, column=point.column + columns),
        }
        changed[label] = (
            *changed[label][:number],
            replace(variant, points=points),
            *changed[label][number + 1 :],
        )
    return replace(glyphs, name="custom", glyphs=changed) if moves else glyphs


def parse_moves(texts: Iterable[str]) -> dict[tuple[str, str, str], tuple[float, float]]:
    """`["4/open/A=1.5,-2"]` as input for `move_points`."""
    moves = {}
    for text in texts:
        key, _, value = text.rpartition("=")
        try:
            (label, variant, point), (rows, columns) = key.split("/"), map(float, value.split(","))
        except ValueError as error:
            raise InklingError(
                f"{text!r} moves no point; write GLYPH/VARIANT/POINT=ROWS,COLUMNS."
            ) from error
        moves[label, variant, point] = rows, columns
    return moves


def format_moves(moves: Moves) -> list[str]:
    """Inverse of `parse_moves`."""
    return [f"{'/'.join(key)}={rows:g},{columns:g}" for key, (rows, columns) in moves.items()]
