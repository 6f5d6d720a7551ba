"""Pen strokes that people wrote, drawn as on the canvas of the Draw screen: pictures to read.

The strokes are those of UCI's "Pen-Based Recognition of Handwritten Digits" (Alpaydin & Alimoglu,
1998; CC BY 4.0), 7,494 digits by 30 people: `pendigits-orig.tra.Z` of
https://archive.ics.uci.edu/dataset/81, unpacked with `uncompress`. A gzipped JSON list of
{"label", "writer", "strokes": [[[x, y], ...], ...]}, y down, is read too.
"""

import argparse
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.datasets.labels import folder_of_label
from core.errors import InklingError
from core.ink.strokes import draw_strokes
from core.settings import Settings

SIDE = 280
"""Of the canvas, pixels."""

_SHARE = 0.45, 0.80
"""Of the canvas: the longer side of a drawing lies between these."""

_SEGMENT = re.compile(r'\.SEGMENT\s+DIGIT\s.*"(\d)"')


@dataclass(frozen=True)
class Written:
    """One character as written. strokes : each float64 [P, 2] of x and y, y down, in units of its
    source.
    """

    label: str
    writer: str
    strokes: tuple[np.ndarray, ...]


def read_strokes(path: Path) -> list[Written]:
    """The characters of a UNIPEN file, or of a gzipped JSON list; InklingError if there are
    none.
    """
    if not path.exists():
        raise InklingError(
            f"There are no pen strokes at {path}; unpack pendigits-orig.tra.Z of"
            " https://archive.ics.uci.edu/dataset/81 there, or name another file with --strokes."
        )
    if path.suffix == ".gz":
        rows = json.loads(gzip.decompress(path.read_bytes()))
        written = [
            Written(row["label"], row["writer"], tuple(np.array(s, float) for s in row["strokes"]))
            for row in rows
        ]
    else:
        written = _read_unipen(path.read_text(encoding="latin-1"))
    if not written:
        raise InklingError(f"There are no characters in {path}.")
    return written


def draw_on_canvas(
    written: Written, *, width: float, generator: np.random.Generator, side: int = SIDE
) -> np.ndarray:
    """Grey uint8 [side, side], black on white: the character at a random size and position.

    width : of the pen, pixels. The ink's longer side, without the pen, is 45 to 80 % of `side`, or
    less if the pen would run over the edge.
    """
    strokes = in_unit_box(written)
    room = side - 2 * width  # the ink keeps half of a pen width off the edge
    longer = min(room, generator.uniform(*_SHARE) * side)
    corner = width + generator.random(2) * (room - longer * np.concatenate(strokes).max(0))
    placed = [stroke * longer + corner for stroke in strokes]
    return 255 - draw_strokes(placed, width=width, size=(side, side))


def in_unit_box(written: Written) -> list[np.ndarray]:
    """Its strokes float64 [P, 2], from 0 and the longer side of the character 1."""
    points = np.concatenate(written.strokes)
    low, longer = points.min(0), max(np.ptp(points, axis=0).max(), 1e-6)
    return [(stroke - low) / longer for stroke in written.strokes]


def write_drawings(
    written: Sequence[Written], folder: Path, *, width: float, seed: int = 0, inverted: bool = False
) -> None:
    """A PNG file for each character under `folder`, in a folder per class; the same seed gives the
    same bytes.
    """
    generator = np.random.default_rng(seed)
    for index, character in enumerate(written):
        picture = draw_on_canvas(character, width=width, generator=generator)
        path = folder / folder_of_label(character.label) / f"{index:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), 255 - picture if inverted else picture)


def strokes_of_command_line(settings: Settings) -> list[Written]:
    """The characters of the file that --strokes names; a usage error if there are none."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--strokes",
        type=Path,
        default=settings.data / "pendigits" / "pendigits-orig.tra",
        help="UNIPEN file or gzipped JSON list; default: %(default)s",
    )
    try:
        return read_strokes(parser.parse_args().strokes)
    except InklingError as error:
        parser.error(str(error))


def _read_unipen(text: str) -> list[Written]:
    """`.SEGMENT DIGIT 0-1 ? "4"`, `.COMMENT 4 12 224` (label, writer, number), then the points of
    each stroke between `.PEN_DOWN` and `.PEN_UP`; y up, from the bottom of the tablet's box.
    """
    written = []
    for segment in re.split(r"^(?=\s*\.SEGMENT)", text, flags=re.MULTILINE)[1:]:
        head = _SEGMENT.search(segment)
        writer = re.search(r"\.COMMENT\s+\d\s+(\d+)", segment)
        downs = re.findall(r"\.PEN_DOWN(.*?)\.PEN_UP", segment, flags=re.DOTALL)
        strokes = [np.array(down.split(), float).reshape(-1, 2) * (1, -1) for down in downs]
        strokes = [stroke for stroke in strokes if len(stroke)]
        if head and strokes:
            name = writer[1] if writer else ""
            written.append(Written(head[1], name, tuple(strokes)))
    return written
