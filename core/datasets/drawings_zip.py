"""*My drawings* in a zip and back: pictures in class folders, with strokes and labels as JSON."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from core.datasets.archives import DAMAGE, File, Member, look_through, open_member, open_zip, shown
from core.datasets.drawings import Drawing
from core.datasets.folders import class_folders, is_picture
from core.datasets.labels import folder_of_label
from core.datasets.packing import zipped
from core.errors import InklingError
from core.ink.decode import decode
from core.ink.encode import png

MOST = 5000
"""Drawings of one zip."""

FACTS = "drawings.json"
_MOST_FACTS, _MOST_LISTS, _MOST_POINTS = 64 * 2**20, 4_000_000, 20_000
"""Bytes and lists of the JSON, and points of one drawing."""


def export_png(drawings: Sequence[Drawing]) -> bytes:
    """A zip of the pictures in class folders, and `drawings.json` with file names, strokes, labels
    and predictions.
    """
    names = [
        f"{folder_of_label(drawing.label)}/{number:06d}.png"
        for number, drawing in enumerate(drawings, start=1)
    ]
    facts = [
        {
            "file": name,
            "id": drawing.id,
            "created": f"{drawing.created}",
            "label": drawing.label,
            "predicted": drawing.predicted,
            "confidence": drawing.confidence,
            "model": drawing.model,
            "strokes": drawing.strokes,
        }
        for name, drawing in zip(names, drawings, strict=True)
    ]
    pictures = [(name, png(drawing.picture)) for name, drawing in zip(names, drawings, strict=True)]
    return zipped([*pictures, (FACTS, json.dumps(facts).encode())])


def read_zip(name: str, data: BinaryIO) -> list[Drawing]:
    """The drawings of a zip that `export_png` wrote, or of any with pictures in class folders; each
    has an id, the same every time it is read. InklingError if it is neither.
    """
    data.seek(0, 2)
    file = File(shown(name), data, data.tell())
    try:
        with open_zip(file) as archive:
            members, folders = look_through(archive, file)
            pictures = {
                Path(*member.parts): member for member in members if is_picture(member.parts[-1])
            }
            if len(pictures) > MOST:
                raise InklingError(
                    f"{file.name} holds more than {MOST:,} pictures; bring them in parts."
                )
            facts = [member for member in members if member.parts[-1] == FACTS]
            if facts:
                return _exported(archive, facts[0], pictures, file.name)
            labels = class_folders(list(pictures), folders, file.name).labels
            return [
                _with_id(Drawing(_picture(archive, pictures[path]), [], label, "", 0.0, ""))
                for path, label in labels.items()
            ]
    except DAMAGE as error:
        raise InklingError(f"{file.name} is damaged or no zip; save it again.") from error


def _exported(
    archive: zipfile.ZipFile, facts: Member, pictures: Mapping[Path, Member], name: str
) -> list[Drawing]:
    if facts.info.file_size > _MOST_FACTS:
        raise InklingError(f"{FACTS} in {name} is too large; bring the drawings in parts.")
    parent = Path(*facts.parts).parent
    text = open_member(archive, facts).data.read()
    # counted, for parsing millions of them stops the server for seconds
    if text.count(b"{") > 4 * MOST or text.count(b"[") > _MOST_LISTS:
        raise InklingError(f"{FACTS} in {name} is no list of drawings; export it again.")
    try:
        rows = json.loads(text)
        return [
            _drawing(row, _picture(archive, pictures[parent / Path(row["file"])])) for row in rows
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InklingError(f"{FACTS} in {name} is damaged ({error}); export it again.") from error


def _drawing(row: Mapping[str, Any], picture: Any) -> Drawing:
    """A row of the JSON; ValueError, TypeError or KeyError if it is none."""
    strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in row["strokes"]]
    points = [value for stroke in strokes for point in stroke for value in point]
    if len(points) > 2 * _MOST_POINTS or not all(map(isfinite, points)):
        raise ValueError("its strokes have too many points, or points that are no numbers")
    confidence, number = float(row["confidence"]), row["id"]
    if not 0 <= confidence <= 1 or not isinstance(number, int) or not 0 < number < 2**52:
        raise ValueError("a confidence or an id is out of bounds")
    texts = [str(row[key]) for key in ("label", "predicted", "model")]
    return Drawing(
        picture,
        strokes,
        texts[0],
        texts[1][:16],
        confidence,
        texts[2][:64],
        id=number,
        created=datetime.fromisoformat(row["created"]),
    )


def _picture(archive: zipfile.ZipFile, member: Member) -> Any:
    file = open_member(archive, member)
    return decode(file.data.read(), name=file.name)


def _with_id(drawing: Drawing) -> Drawing:
    digest = sha256(drawing.label.encode() + drawing.picture.tobytes()).hexdigest()
    return replace(drawing, id=int(digest[:13], 16) or 1)
