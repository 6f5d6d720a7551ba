"""*My drawings*: visitors' drawings, their predictions and true labels; a small store that is also
a data set.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
import sqlalchemy as sql

from core.datasets.dataset import Dataset
from core.datasets.labels import one_form
from core.errors import InklingError
from core.ink.encode import png
from core.ink.forms import FORMS, Form, canonical
from core.ink.handwritten import Handwritten
from core.settings import Settings
from core.store import open_store, own, read_store, remove
from core.tables import DRAWINGS, MAX_LABEL

NAME = "my-drawings"

_TITLE = "My drawings"
_AT_ONCE = 500
"""Ids of one statement: databases bound how many it may name."""

_ID_BITS = 52
"""Whole numbers that JavaScript and every database keep exactly."""

_COLUMNS = [column for column in DRAWINGS.c if column.name != "visitor"]
_OLDEST_FIRST = DRAWINGS.c.created, DRAWINGS.c.id


@dataclass(frozen=True)
class Drawing:
    """One saved drawing.

    picture : grey uint8 [H, W] as given to the model. strokes : lists of [x, y] in its pixels, []
    for an uploaded picture. id, created : given when it is saved.
    label : the true label. predicted, confidence, model : the prediction and its recognizer.
    """

    picture: np.ndarray
    strokes: list[list[list[float]]]
    label: str
    predicted: str
    confidence: float
    model: str
    id: int = 0
    created: datetime | None = None


def save(settings: Settings, drawing: Drawing) -> int:
    """Save a drawing; returns its id. One that was deleted keeps its id and date. InklingError if
    the store cannot be written.
    """
    return save_all(settings, [drawing])[0]


def save_all(settings: Settings, drawings: Sequence[Drawing]) -> list[int]:
    """Save drawings, all or none; returns their ids. One whose id is there already replaces it."""
    values = [_row(settings, drawing) for drawing in drawings]
    ids = [int(value["id"]) for value in values]
    with open_store(settings, _TITLE) as engine, engine.begin() as connection:
        for statement in _deletions(settings, ids):
            connection.execute(statement)
        if values:
            connection.execute(sql.insert(DRAWINGS), values)
    return ids


def _row(settings: Settings, drawing: Drawing) -> dict[str, Any]:
    label = one_form(drawing.label)
    if not 0 < len(label) <= MAX_LABEL or label != label.strip():
        raise InklingError(f"A label has 1 to {MAX_LABEL} characters.")
    return {
        "visitor": settings.visitor,
        # random: an id that was deleted is never another drawing's
        "id": drawing.id or secrets.randbits(_ID_BITS),
        "created": drawing.created or datetime.now(UTC).replace(tzinfo=None),
        "label": label,
        "predicted": drawing.predicted,
        "confidence": float(drawing.confidence),
        "model": drawing.model,
        "strokes": drawing.strokes,
        "picture": png(drawing.picture),
    }


def load(settings: Settings, *, newest: int | None = None) -> list[Drawing]:
    """Saved drawings, newest first; at most `newest` of them."""
    wanted = (
        sql.select(*_COLUMNS)
        .where(own(settings, DRAWINGS))
        .order_by(DRAWINGS.c.created.desc(), DRAWINGS.c.id)
        .limit(newest)
    )
    return [
        Drawing(
            **{
                **row,
                "picture": cv2.imdecode(
                    np.frombuffer(row["picture"], np.uint8), cv2.IMREAD_GRAYSCALE
                ),
            }
        )
        for row in read_store(settings, _TITLE, wanted)
    ]


def labels(settings: Settings) -> dict[int, str]:
    """The true label of every saved drawing by its id, oldest first."""
    wanted = (
        sql.select(DRAWINGS.c.id, DRAWINGS.c.label)
        .where(own(settings, DRAWINGS))
        .order_by(*_OLDEST_FIRST)
    )
    return {int(row["id"]): row["label"] for row in read_store(settings, _TITLE, wanted)}


def with_strokes(settings: Settings) -> dict[int, tuple[str, list[np.ndarray]]]:
    """True label and strokes, each float64 [P, 2], by id; oldest first, without pictures."""
    wanted = (
        sql.select(DRAWINGS.c.id, DRAWINGS.c.label, DRAWINGS.c.strokes)
        .where(own(settings, DRAWINGS))
        .order_by(*_OLDEST_FIRST)
    )
    return {
        int(row["id"]): (
            row["label"],
            [np.array(stroke, np.float64) for stroke in row["strokes"]],
        )
        for row in read_store(settings, _TITLE, wanted)
        if row["strokes"]
    }


def count(settings: Settings) -> int:
    """Number of saved drawings."""
    wanted = sql.select(sql.func.count().label("drawings")).where(own(settings, DRAWINGS))
    return sum(int(row["drawings"]) for row in read_store(settings, _TITLE, wanted))


def delete(settings: Settings, ids: Sequence[int]) -> None:
    """Delete drawings by id."""
    with open_store(settings, _TITLE) as engine:
        remove(engine, _deletions(settings, ids))


def _deletions(settings: Settings, ids: Sequence[int]) -> list[sql.Delete]:
    return [
        sql.delete(DRAWINGS).where(
            own(settings, DRAWINGS), DRAWINGS.c.id.in_(ids[start : start + _AT_ONCE])
        )
        for start in range(0, len(ids), _AT_ONCE)
    ]


def open_drawings(settings: Settings, form: Form = FORMS["emnist"]) -> Dataset:
    """The saved drawings as a data set in a canonical form, oldest first, with their strokes."""
    selected = [(canonical(drawing.picture, form), drawing) for drawing in reversed(load(settings))]
    used = [(stages.model_input, drawing) for stages, drawing in selected if stages is not None]
    if not used:
        raise InklingError("My drawings is empty; draw something and say what it was.")
    written = Handwritten.of(
        (
            (drawing.label, "", [np.array(stroke, np.float32) for stroke in drawing.strokes])
            for _, drawing in used
        ),
        keep_pictures=True,
    )
    classes = tuple(sorted({drawing.label for _, drawing in used}))
    return Dataset(
        name=NAME,
        title="My drawings",
        images=np.stack([image for image, _ in used]),
        labels=np.array([classes.index(drawing.label) for _, drawing in used], np.int64),
        classes=classes,
        form=form.name,
        source=f"My drawings, {len(used):,} of them",
        written=written if written.drawn.any() else None,
    )
