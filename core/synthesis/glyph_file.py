"""Glyph sets as JSON files: read, checked, and changed.

Shipped sets are in `assets/glyphs`; your own have the same format. Names contain no /. Points are
[row, column] on a grid of 28 units. A glyph (a character) is a list of variants, one of which is
drawn at random by `share`. A variant has

- `points`: name -> [row, column], or [row, column, factor], or {"of": [other, …], "at": [rows,
  columns], …}, an offset from the mean of earlier points. A point is jittered in a disc of radius
  jitter x factor; the factor defaults to the variant's `"jitter"`. With {"spread": k} the radius is
  the distance of its two points / k instead.
- `curves`: ["line", A, B], ["quadratic", A, B, C], ["cubic", A, B, C, D] (Bezier), ["bow", A, B,
  k]: a quadratic whose control point is around the middle of A and B, within a radius drawn twice,
  up to the distance AB / k; ["smooth", before, A, B, after]: one piece of a Catmull-Rom spline, ""
  if there is no neighbour.
- `strokes`: lists of anchors [row, column] or [row, column, "corner"], joined by a Catmull-Rom
spline that breaks at corners.
- `parts`: {"name", "probability", "curves" or "strokes", "within": another part}: drawn with a
probability.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import cache, lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from core.errors import InklingError
from core.files import write_whole
from core.settings import ASSETS, Settings
from core.synthesis.glyphs import (
    Curve,
    GlyphSet,
    Hand,
    Part,
    Point,
    Variant,
    smooth_curves,
)
from core.synthesis.path import MAX_CURVES, MAX_PARTS, MAX_POINTS
from core.visitors import check_room

FOLDER = ASSETS / "glyphs"
SETS = ("natural", "classic")

MAX_FILE_BYTES = 2**20
CORNER = "corner"
POINTS_OF = {"line": 2, "quadratic": 3, "cubic": 4, "bow": 2, "smooth": 4}


def load_glyphs(name: str) -> GlyphSet:
    """The shipped set called `name`, or the set in the file at that path; InklingError if it is
    invalid.
    """
    path = glyph_path(name)
    if name in SETS:
        return _shipped(path)
    try:
        facts = path.stat()
        if facts.st_size > MAX_FILE_BYTES:
            raise InklingError(
                f"{path.name} is larger than 1 MB; a glyph set is a small JSON file."
            )
        return _own_set(path, facts.st_mtime_ns, facts.st_size)
    except (OSError, ValueError) as error:
        raise InklingError(
            f"There is no readable glyph set {name!r}; give {' or '.join(SETS)}, or the path of a "
            "JSON file."
        ) from error


def glyph_path(name: str) -> Path:
    """The file that `load_glyphs` reads."""
    return FOLDER / f"{name}.json" if name in SETS else Path(name).expanduser()


@cache
def _shipped(path: Path) -> GlyphSet:
    return parse_glyphs(path.read_text(encoding="utf-8"), where=path.name)


@lru_cache(maxsize=8)
def _own_set(path: Path, _modified: int, _size: int) -> GlyphSet:
    return parse_glyphs(path.read_text(encoding="utf-8"), where=path.name)


def find_glyphs(settings: Settings) -> dict[str, str]:
    """Name -> argument of `load_glyphs`, for the shipped sets and your own."""
    own = sorted(_own(settings).glob("*.json"))
    return {name: name for name in SETS} | {
        path.stem: str(path) for path in own if path.stem not in SETS
    }


def named_glyphs(name: str, settings: Settings) -> str:
    """The argument of `load_glyphs` for a set by its name; a path is taken as it is."""
    return find_glyphs(settings).get(name, name)


def keep_glyphs(text: str, name: str, settings: Settings) -> str:
    """Validate a set and save it among your own; returns its name, made of letters, digits and
    hyphens. InklingError if it is invalid.
    """
    parse_glyphs(text, where=name)
    plain = _file_name(name)
    if plain in SETS:
        raise InklingError(f"{plain} is the name of a shipped set; give yours another.")
    folder = _own(settings)
    check_room(settings, len(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{plain}.json", text)
    except OSError as error:
        raise InklingError(
            f"The set cannot be kept ({error.strerror}); make room in {folder}."
        ) from error
    return plain


def has_glyphs(name: str, settings: Settings) -> bool:
    """Whether `keep_glyphs` would replace a set of this name."""
    return (_own(settings) / f"{_file_name(name)}.json").exists()


def _file_name(name: str) -> str:
    signs = "".join(sign if sign.isalnum() or sign == "-" else "-" for sign in name)
    return signs[:40].strip("-") or "custom"


def _own(settings: Settings) -> Path:
    return settings.own_data / "glyphs"


def parse_glyphs(text: str, *, where: str = "The glyph set") -> GlyphSet:
    """A glyph set from its JSON; InklingError if it cannot be drawn."""
    try:
        values = json.loads(text)
        hand_fields = {f.name for f in fields(Hand)}
        hand = Hand(
            **{key: value for key, value in values.get("hand", {}).items() if key in hand_fields}
        )
        glyphs = {
            _name(label): tuple(_variant(variant) for variant in variants)
            for label, variants in values["glyphs"].items()
        }
        if not glyphs or not all(glyphs.values()):
            raise ValueError("it has no glyphs, or one without a variant")
        if any(sum(variant.share for variant in variants) <= 0 for variants in glyphs.values()):
            raise ValueError("a glyph has no variant with a share above 0")
        return GlyphSet(
            str(values.get("name", "custom")), str(values.get("title", "")), glyphs, hand
        )
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise InklingError(
            f"{where} is not a glyph set ({' '.join(str(error).split()) or type(error).__name__})."
        ) from error


def _variant(values: Mapping[str, Any]) -> Variant:
    points: dict[str, Point] = {}
    factor = _number(values.get("jitter", 1))
    for name, index in values.get("points", {}).items():
        points[_name(name)] = _point(index, factor, points)
    curves = _curves(values, points, factor)
    parts: list[Part] = []
    for part in values.get("parts", []):
        probability, within = _number(part["probability"], 0, 1), str(part.get("within", ""))
        if within and within not in [earlier.name for earlier in parts]:
            raise ValueError(f"part {within!r} must stand before the part within it")
        parts.append(
            Part(_name(part["name"]), probability, tuple(_curves(part, points, factor)), within)
        )
    count = len(curves) + sum(len(part.curves) for part in parts)
    if not curves or len(points) > MAX_POINTS or len(parts) > MAX_PARTS or count > MAX_CURVES:
        raise ValueError(
            f"a variant has 1-{MAX_CURVES} curves, at most {MAX_POINTS} points and {MAX_PARTS} "
            "parts"
        )
    thinnest, share = _number(values.get("thinnest", 0), 0, 10), _number(values.get("share", 1), 0)
    return Variant(
        _name(values.get("name", "")), points, tuple(curves), tuple(parts), share, thinnest
    )


def _point(index: Any, factor: float, earlier: Mapping[str, Point]) -> Point:
    if isinstance(index, Mapping):
        of = tuple(index["of"])
        if not 1 <= len(of) <= 2 or not set(of) <= set(earlier):
            raise ValueError(
                f"a point lies about one or two points that stand before it, not {list(of)}"
            )
        spread = _number(index.get("spread", 0), 0)
        if spread and len(of) < 2:
            raise ValueError("spread needs two points to measure between")
        row, column = index["at"]
        return Point(
            _number(row), _number(column), _number(index.get("factor", factor), 0, 20), of, spread
        )
    row, column, *rest = index
    return Point(_number(row), _number(column), _number(rest[0], 0, 20) if rest else factor)


def _curves(values: Mapping[str, Any], points: dict[str, Point], factor: float) -> list[Curve]:
    """The curves of a variant or part; the anchors of its strokes become separate points."""
    results: list[Curve] = []
    for kind, *rest in values.get("curves", []):
        names, k = (rest[:-1], _number(rest[-1], 0.1)) if kind == "bow" else (rest, 0.0)
        needed = [
            name
            for index, name in enumerate(names)
            if not (kind == "smooth" and index in (0, 3) and name == "")
        ]
        if POINTS_OF.get(kind) != len(names) or not set(needed) <= set(points):
            raise ValueError(f"{[kind, *rest]} is no curve through points of its variant")
        results.append((kind, tuple(names), k))
    for stroke in values.get("strokes", []):
        names = []
        for anchor in stroke:
            names.append(f"{len(points) + 1}")
            points[names[-1]] = Point(_number(anchor[0]), _number(anchor[1]), factor)
        if len(names) < 2:
            raise ValueError("a stroke has at least two anchors")
        results += smooth_curves(names, [CORNER in anchor[2:] for anchor in stroke])
    return results


def _name(value: Any) -> str:
    """A name that is valid in GLYPH/VARIANT/PART."""
    name = str(value)
    if "/" in name:
        raise ValueError(f"the name {name!r} has a / in it")
    return name


def _number(value: Any, low: float = -100, high: float = 100) -> float:
    number = float(value)
    if not (isfinite(number) and low <= number <= high):
        raise ValueError(f"{value} is not between {low:g} and {high:g}")
    return number


def dump_glyphs(glyphs: GlyphSet) -> str:
    """The JSON of a set, one variant per line; inverse of `parse_glyphs`."""

    def point(value: Point) -> Any:
        if not value.of:
            return [value.row, value.column, value.factor]
        return {
            "of": value.of,
            "at": [value.row, value.column],
            "factor": value.factor,
            "spread": value.spread,
        }

    def curves(values: Iterable[Curve]) -> list[Any]:
        return [[kind, *names, *([k] if kind == "bow" else [])] for kind, names, k in values]

    def variant(value: Variant) -> str:
        parts = [
            {
                "name": p.name,
                "probability": p.probability,
                "within": p.within,
                "curves": curves(p.curves),
            }
            for p in value.parts
        ]
        points = {name: point(index) for name, index in value.points.items()}
        facts = {"name": value.name, "share": value.share, "thinnest": value.thinnest}
        return json.dumps(
            {**facts, "points": points, "curves": curves(value.curves), "parts": parts},
            ensure_ascii=False,
        )

    rows = [
        f"  {json.dumps(label)}: [\n   " + ",\n   ".join(variant(value) for value in variants) + "]"
        for label, variants in glyphs.glyphs.items()
    ]
    head = json.dumps(
        {"name": glyphs.name, "title": glyphs.title, "hand": asdict(glyphs.hand)},
        ensure_ascii=False,
    )
    return head[:-1] + ', "glyphs": {\n' + ",\n".join(rows) + "}}\n"
