"""*My drawings*: visitors' drawings, their predictions and true labels; a small store that is also
a data set.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
import sqlalchemy as sql

from core.datasets.dataset import Dataset
from core.datasets.labels import folder_of_label, one_form
from core.datasets.packing import pack_idx, zipped
from core.errors import InklingError
from core.ink.encode import png
from core.ink.forms import FORMS, Form, canonical
from core.ink.handwritten import Handwritten
from core.settings import Settings
from core.store import open_store

NAME = "my-drawings"
MAX_LABEL = 16

_ID_BITS = 52
"""Whole numbers that JavaScript and every database keep exactly."""

_TABLE = sql.Table(
    "drawings",
    sql.MetaData(),
    sql.Column("id", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True),
    sql.Column("created", sql.DateTime, nullable=False),
    sql.Column("label", sql.String(MAX_LABEL), nullable=False, index=True),
    sql.Column("predicted", sql.String(MAX_LABEL), nullable=False),
    sql.Column("confidence", sql.Float, nullable=False),
    sql.Column("model", sql.String(64), nullable=False),
    sql.Column("strokes", sql.JSON, nullable=False),
    sql.Column("picture", sql.LargeBinary, nullable=False),
)


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
    if not 0 < len(drawing.label) <= MAX_LABEL:
        raise InklingError(f"A label has 1 to {MAX_LABEL} characters.")
    values = {
        # random: an id that was deleted is never another drawing's
        "id": drawing.id or secrets.randbits(_ID_BITS),
        "created": drawing.created or datetime.now(UTC).replace(tzinfo=None),
        "label": one_form(drawing.label),
        "predicted": drawing.predicted,
        "confidence": drawing.confidence,
        "model": drawing.model,
        "strokes": drawing.strokes,
        "picture": png(drawing.picture),
    }
    with open_store(settings, _TABLE, "My drawings") as engine, engine.begin() as connection:
        key = connection.execute(sql.insert(_TABLE).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def load(settings: Settings, *, newest: int | None = None) -> list[Drawing]:
    """Saved drawings, newest first; at most `newest` of them."""
    with open_store(settings, _TABLE, "My drawings") as engine, engine.connect() as connection:
        rows = (
            connection.execute(
                sql.select(_TABLE).order_by(_TABLE.c.created.desc(), _TABLE.c.id).limit(newest)
            )
            .mappings()
            .all()
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
        for row in rows
    ]


def count(settings: Settings) -> int:
    """Number of saved drawings."""
    with open_store(settings, _TABLE, "My drawings") as engine, engine.connect() as connection:
        return int(
            connection.execute(sql.select(sql.func.count()).select_from(_TABLE)).scalar_one()
        )


def delete(settings: Settings, ids: Sequence[int]) -> None:
    """Delete drawings by id."""
    with open_store(settings, _TABLE, "My drawings") as engine, engine.begin() as connection:
        connection.execute(sql.delete(_TABLE).where(_TABLE.c.id.in_(ids)))


def open_drawings(settings: Settings, form: Form = FORMS["emnist"]) -> Dataset:
    """The saved drawings as a data set in a canonical form, oldest first; with their strokes, if
    all of them have some.
    """
    selected = [(canonical(drawing.picture, form), drawing) for drawing in reversed(load(settings))]
    used = [(stages.model_input, drawing) for stages, drawing in selected if stages is not None]
    if not used:
        raise InklingError("My drawings is empty; draw something and say what it was.")
    written = Handwritten.of(
        (drawing.label, "", [np.array(stroke, np.float32) for stroke in drawing.strokes])
        for _, drawing in used
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
        written=written if len(written) == len(used) else None,
    )


def export_idx(data: Dataset) -> bytes:
    """A zip of `images-idx3-ubyte`, `labels-idx1-ubyte` and `mapping.txt` (label, class name)."""
    return pack_idx(data.images, data.labels, data.classes)


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
    return zipped([*pictures, ("drawings.json", json.dumps(facts).encode())])
