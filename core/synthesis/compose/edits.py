"""Edits of pictures of Roman numerals that know what the picture shows afterwards."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from core.ink.paper import distance_inside
from core.synthesis.compose.roman import NUMERALS
from core.synthesis.effects.flips import LEFT_RIGHT, TOP_BOTTOM

Axis = Literal["left-right", "top-bottom"]
_TABLES: Mapping[Axis, Mapping[str, str]] = {"left-right": LEFT_RIGHT, "top-bottom": TOP_BOTTOM}

FLIPS = "flips"
STROKES = "strokes"
KINDS = (FLIPS, STROKES)

_SPECK = 0.02
"""Share of the largest piece of ink below which a piece is neither a dot nor a stroke."""

_BAND = 0.32, 0.74
"""Of a numeral's height, from its top: here strokes are counted, below most of a V's opening and
above a bar.
"""

_OPEN = 0.3
"""Share of these rows in which a V must show two arms, or it is none."""


@dataclass(frozen=True)
class Edited:
    """A picture after an edit, ink uint8 [H, W], what it shows now, and what was done."""

    ink: np.ndarray
    label: str
    done: str


@dataclass(frozen=True)
class Upright:
    """Upright strokes from left to right: each at x = at + lean * y; `pen` is their width, pixels.

    at : float64 [K]. lean : one for all, pixels right per pixel down. top, bottom : the numeral's.
    """

    at: np.ndarray
    lean: float
    pen: float
    top: int
    bottom: int


def edits(ink: np.ndarray, label: str, kinds: Collection[str] = KINDS) -> Iterator[Edited]:
    """Other numerals made of a picture uint8 [H, W] of one, ink 255, whose strokes stay those of
    the hand: its mirror images, and vii as viii and viii as vii.
    """
    if label not in NUMERALS:
        return
    for axis in flips(label, ink) if FLIPS in kinds else ():
        yield Edited(*flip(ink, label, axis), f"mirrored {axis}")
    if STROKES in kinds and label in _STROKES:
        after, done, edit = _STROKES[label]
        changed = edit(ink)
        if changed is not None:
            yield Edited(changed, after, done)


def flips(label: str, ink: np.ndarray) -> Mapping[Axis, str]:
    """What a picture uint8 [H, W] of the numeral `label`, ink 255, shows when it is mirrored, by
    axis; axes that would make no numeral are left out.

    A numeral with dots is a small one, others count as capitals. A small ix is mirrored top to
    bottom as well: its dot is moved (`flip`).
    """
    if not _dots(ink):
        return {
            axis: table[label.upper()].lower()
            for axis, table in _TABLES.items()
            if label.upper() in table
        }
    if label == "ix":
        return {"top-bottom": "ix"}
    return {axis: table[label] for axis, table in _TABLES.items() if label in table}


def flip(ink: np.ndarray, label: str, axis: Axis) -> tuple[np.ndarray, str]:
    """The mirrored picture and what it shows; KeyError if `flips` does not offer the axis.

    A dot that would come to lie below its i is put above it again.
    """
    after = flips(label, ink)[axis]
    if axis == "left-right":
        return np.ascontiguousarray(ink[:, ::-1]), after
    flipped = np.ascontiguousarray(ink[::-1])
    for dot in _dots(ink):
        flipped = _lifted(flipped, dot[::-1])
    return flipped, after


def add_stroke(ink: np.ndarray) -> np.ndarray | None:
    """A picture of vii, uint8 [H, W], with one more i; None if its strokes are not found for sure.

    All right of the middle between the last two strokes moves on by their distance, and what was
    there is written once more: bars, dots and the pen stay as they were.
    """
    found = find_upright(ink, 2)
    if found is None:
        return None
    step = float(found.at[1] - found.at[0])
    seam = found.at.mean() + found.lean * np.arange(len(ink))
    room = round(step) + ink.shape[1]
    wide = np.zeros((len(ink), room), ink.dtype)
    wide[:, : ink.shape[1]] = ink
    columns = np.arange(room)[None]
    source = np.where(columns < seam[:, None] + step, columns, columns - round(step))
    added = np.take_along_axis(wide, source, 1)
    if not _is_clean(ink, seam, found) or find_upright(added, 3) is None:
        return None
    return _centred(added, ink.shape[1])


def remove_stroke(ink: np.ndarray) -> np.ndarray | None:
    """A picture of viii, uint8 [H, W], without the middle i; None if its strokes are not found for
    sure.
    """
    found = find_upright(ink, 3)
    if found is None:
        return None
    rows = np.arange(len(ink))
    first, second = (found.at[:2] + found.at[1:]) / 2
    step = round(float(second - first))
    seam = first + found.lean * rows
    wide = np.pad(ink, ((0, 0), (0, step)))
    columns = np.arange(ink.shape[1])[None]
    removed = np.take_along_axis(
        wide, np.where(columns < seam[:, None], columns, columns + step), 1
    )
    clean = _is_clean(ink, seam, found) and _is_clean(ink, seam + step, found)
    if not clean or find_upright(removed, 2) is None:
        return None
    return _centred(removed, ink.shape[1])


def find_upright(ink: np.ndarray, count: int) -> Upright | None:
    """The `count` upright strokes right of a V in a picture uint8 [H, W] of vii or viii; None if
    there are more, fewer, or others.
    """
    mask = ink > 127
    largest = _pieces(mask)
    if not len(largest):
        return None
    box = _extent(largest)
    left, top, right, bottom = box
    pen = 2 * float(np.percentile(distance_inside(mask)[mask], 80))
    first, last = (round(top + share * (bottom - top)) for share in _BAND)
    rows = np.unique(np.linspace(first, last, 25).astype(int))
    centres, opening = [], []
    for row in rows:
        runs = _runs(mask[row, left:right])
        arms = len(runs) - count
        if arms not in (1, 2) or any(end - start > 3 * pen for start, end in runs[arms:]):
            continue
        middles = [(start + end) / 2 + left for start, end in runs]
        centres.append((row, *middles[arms:]))
        if arms == 2:
            opening.append(middles[1] - middles[0])
    if len(centres) < 0.75 * len(rows) or len(opening) < _OPEN * len(rows):
        return None
    found = np.array(centres, float)
    lean = float(np.mean(np.polyfit(found[:, 0], found[:, 1:], 1)[0]))
    at = (found[:, 1:] - lean * found[:, :1]).mean(0)
    stray = np.abs(found[:, 1:] - lean * found[:, :1] - at).max()
    steps = np.diff(at)
    closes = opening[0] > opening[-1] + 0.5 * pen
    even = steps.min() > 1.3 * pen and steps.max() < 2.2 * steps.min()
    if not closes or not even or stray > max(0.6 * steps.min(), 2 * pen):
        return None
    return Upright(at, lean, pen, top, bottom)


def _is_clean(ink: np.ndarray, seam: np.ndarray, found: Upright) -> bool:
    """Whether a cut along x = seam [H] meets no ink but bars above and below the strokes."""
    height = found.bottom - found.top
    inner = np.arange(found.top + round(0.3 * height), found.bottom - round(0.22 * height))
    columns = np.clip(np.round(seam[inner]).astype(int), 0, ink.shape[1] - 1)
    return not bool((ink[inner, columns] > 127).any())


def _runs(row: np.ndarray) -> list[tuple[int, int]]:
    """Where ink begins and ends in a row bool [W]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _pieces(mask: np.ndarray) -> np.ndarray:
    """Left, top, width, height and area of the connected pieces of ink, int [K, 5], no specks."""
    facts = cv2.connectedComponentsWithStats(mask.astype(np.uint8))[2][1:]
    return facts[facts[:, 4] >= _SPECK * facts[:, 4].max(initial=0)]


def _extent(pieces: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of pieces."""
    low = pieces[:, :2].min(0)
    high = (pieces[:, :2] + pieces[:, 2:4]).max(0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _dots(ink: np.ndarray) -> list[np.ndarray]:
    """The pieces of ink, each bool [H, W], that are dots: small and round, in the upper half, with
    a larger piece below them.
    """
    _, pieces, facts, _ = cv2.connectedComponentsWithStats((ink > 127).astype(np.uint8))
    if len(facts) < 3:
        return []
    large = facts[1:][facts[1:, 4] >= _SPECK * facts[1:, 4].max()]
    _, top, _, bottom = _extent(large)
    dots = []
    for number, (x, y, width, height, area) in enumerate(facts[1:], 1):
        others = large[(large[:, 1] >= y + 0.5 * height) & (large[:, 3] > 1.5 * height)]
        below = others[(others[:, 0] <= x + 2 * width) & (others[:, 0] + others[:, 2] >= x - width)]
        round_enough = max(width, height) <= 2.5 * min(width, height)
        small = height < 0.35 * (bottom - top) and area >= _SPECK * large[:, 4].max()
        if round_enough and small and len(below) and y + height / 2 < (top + bottom) / 2:
            dots.append(pieces == number)
    return dots


def _lifted(ink: np.ndarray, dot: np.ndarray) -> np.ndarray:
    """The ink with its dot bool [H, W], which lies below a stroke, as far above it."""
    rows, columns = np.nonzero(dot)
    rest = np.where(dot, 0, ink)
    left, right = columns.min(), columns.max() + 1
    width = right - left
    near = rest[:, max(0, left - width) : right + width].max(1) > 127
    inked = np.flatnonzero(near)
    if not len(inked):
        return ink
    gap = rows.min() - inked.max() - 1
    top = max(0, inked.min() - gap - (rows.max() - rows.min() + 1))
    lifted = rest.copy()
    lifted[rows - rows.min() + top, columns] = ink[rows, columns]
    return lifted


def _centred(ink: np.ndarray, width: int) -> np.ndarray:
    """The picture with this width: paper is cut off or added so that no ink is lost, or the whole
    made narrower.
    """
    columns = np.flatnonzero(ink.max(0) > 0)
    if not len(columns) or ink.shape[1] == width:
        return ink
    left, right = int(columns[0]), int(columns[-1]) + 1
    if right - left > width:
        size = width, round(len(ink) * width / (right - left))
        small = cv2.resize(ink[:, left:right], size, interpolation=cv2.INTER_AREA)
        above = (len(ink) - len(small)) // 2
        return np.pad(small, ((above, len(ink) - len(small) - above), (0, 0)))
    start = min(left, max(0, right - width))
    fitted = np.zeros((len(ink), width), ink.dtype)
    part = ink[:, start : start + width]
    fitted[:, : part.shape[1]] = part
    return fitted


_STROKES: Mapping[str, tuple[str, str, Callable[[np.ndarray], np.ndarray | None]]] = {
    "vii": ("viii", "one i added", add_stroke),
    "viii": ("vii", "one i removed", remove_stroke),
}
"""What a numeral becomes, what is done for it, and how."""
