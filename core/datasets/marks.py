"""Marks on the pictures of a data set: mislabelled, unreadable, hard. Stored apart from the data,
used when scoring or training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sql

from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_picture
from core.errors import InklingError
from core.settings import Settings
from core.store import open_store, own, read_store, remove
from core.tables import MARKS, MAX_DATA

MISLABELLED, UNREADABLE, HARD = "mislabelled", "unreadable", "hard"
KINDS = (MISLABELLED, UNREADABLE, HARD)

_TITLE = "Marks"


@dataclass(frozen=True)
class Mark:
    """A person's judgement of one picture.

    row : its number in the data set. label : its label in the data set. kind : one of KINDS.
    becomes : the true label if it is mislabelled, "" for the others.
    """

    row: int
    label: str
    kind: str
    becomes: str = ""


def mark(settings: Settings, dataset: Dataset, marks: Sequence[Mark]) -> None:
    """Store marks, each replacing an earlier one on the same picture."""
    for item in marks:
        if item.kind not in KINDS or bool(item.becomes) != (item.kind == MISLABELLED):
            raise InklingError(
                f"A mark is {', '.join(KINDS[:-1])} or {KINDS[-1]}; say what a mislabelled picture "
                "becomes."
            )
        if not 0 <= item.row < len(dataset):
            raise InklingError(
                f"{dataset.title} has no picture {item.row:,}; its numbers go from 0 to "
                f"{len(dataset) - 1:,}."
            )
    now = datetime.now(UTC).replace(tzinfo=None)
    values = [
        {
            "visitor": settings.visitor,
            "data": dataset.name[:MAX_DATA],
            "row": item.row,
            "picture": digest_of_picture(dataset.images[item.row]),
            "label": item.label,
            "kind": item.kind,
            "becomes": item.becomes,
            "marked": now,
        }
        for item in marks
    ]
    with open_store(settings, _TITLE) as engine, engine.begin() as connection:
        connection.execute(_forget(settings, dataset, [item.row for item in marks]))
        if values:
            connection.execute(sql.insert(MARKS), values)


def unmark(settings: Settings, dataset: Dataset, rows: Sequence[int]) -> None:
    """Delete the marks on these pictures."""
    with open_store(settings, _TITLE) as engine:
        remove(engine, [_forget(settings, dataset, rows)])


def marks_of(settings: Settings, dataset: Dataset) -> dict[int, Mark]:
    """The marks on a data set by row; a mark whose picture or label has changed is ignored."""
    wanted = sql.select(MARKS).where(_on(settings, dataset)).order_by(MARKS.c.row)
    rows = read_store(settings, _TITLE, wanted)
    return {
        item["row"]: Mark(item["row"], item["label"], item["kind"], item["becomes"])
        for item in rows
        if item["row"] < len(dataset)
        and dataset.classes[dataset.labels[item["row"]]] == item["label"]
        and digest_of_picture(dataset.images[item["row"]]) == item["picture"]
    }


def with_marks(dataset: Dataset, marks: Mapping[int, Mark]) -> tuple[Dataset, np.ndarray]:
    """A data set as the marks say it is, and where its mislabelled and hard pictures are in it,
    int64 [M].

    Mislabelled pictures have their true labels; unreadable ones are left out, and those whose true
    label is none of its classes.
    """
    labels, kept, marked = np.array(dataset.labels), np.ones(len(dataset), bool), []
    for row, item in marks.items():
        if item.kind == UNREADABLE or (item.becomes and item.becomes not in dataset.classes):
            kept[row] = False
            continue
        if item.becomes:
            labels[row] = dataset.classes.index(item.becomes)
        marked.append(row)
    changed, rows = replace(dataset, labels=labels), np.flatnonzero(kept)
    if len(rows) < len(dataset):
        changed = changed.take(rows)
    return changed, np.searchsorted(rows, np.array(sorted(marked), np.int64))


def _on(settings: Settings, dataset: Dataset) -> sql.ColumnElement[bool]:
    return own(settings, MARKS) & (MARKS.c.data == dataset.name[:MAX_DATA])


def _forget(settings: Settings, dataset: Dataset, rows: Sequence[int]) -> sql.Delete:
    return sql.delete(MARKS).where(_on(settings, dataset), MARKS.c.row.in_(rows))
