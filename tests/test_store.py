import sqlite3
import traceback
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sql

from core.datasets import drawings
from core.datasets.catalogue import open_dataset
from core.datasets.drawings import Drawing
from core.datasets.marks import HARD, Mark, mark, marks_of
from core.errors import InklingError
from core.settings import Settings

DRAWING = Drawing(np.zeros((5, 5), np.uint8), [], "7", "", 0.0, "")


def test_reading_writes_nothing(settings: Settings, tmp_path: Path) -> None:
    dataset = open_dataset("uci-digits:test", settings)
    assert (drawings.load(settings), drawings.labels(settings), drawings.count(settings)) == (
        [],
        {},
        0,
    )
    assert marks_of(settings, dataset) == {}
    assert not (tmp_path / "store").exists()
    drawings.save(settings, DRAWING)  # the file is there, the table of marks is not
    assert marks_of(settings, dataset) == {}
    with sqlite3.connect(tmp_path / "store" / "drawings.db") as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        assert [name for (name,) in tables] == ["drawings"]


def test_a_database_that_is_removed_is_empty(settings: Settings, tmp_path: Path) -> None:
    dataset = open_dataset("uci-digits:test", settings)
    label = dataset.classes[dataset.labels[3]]
    drawings.save(settings, DRAWING)
    mark(settings, dataset, [Mark(3, label, HARD)])
    (tmp_path / "store" / "drawings.db").unlink()
    assert drawings.count(settings) == 0
    assert marks_of(settings, dataset) == {}
    drawings.save(settings, DRAWING)
    assert drawings.count(settings) == 1


def test_a_full_disk_lets_drawings_be_deleted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where SQLite's journal cannot be written; tried with a full tmpfs by hand."""
    number = drawings.save(settings, DRAWING)

    begin, calls = sql.Engine.begin, count()

    def full(engine: sql.Engine) -> object:
        if next(calls) % 2 == 0:  # it looks whether the table is there
            return begin(engine)
        reason = sqlite3.OperationalError("database or disk is full")
        raise sql.exc.OperationalError("", None, reason)

    with monkeypatch.context() as patched:
        patched.setattr(sql.Engine, "begin", full)
        drawings.delete(settings, [number])
        with pytest.raises(InklingError, match="make room"):
            drawings.save(settings, DRAWING)
    assert drawings.count(settings) == 0


@pytest.mark.filterwarnings("ignore:Query string argument")
def test_a_password_is_in_no_sentence(settings: Settings, tmp_path: Path) -> None:
    """Neither where a URL has its place for it, nor in a query, nor of a URL that is none."""
    secret = "s3cret"
    for database in (
        f"sqlite:///{tmp_path}?password={secret}",
        f"postgresql+nothing://me:{secret}@127.0.0.1:1/inkling?password={secret}",
        f"postgresql://me@127.0.0.1:{secret}/inkling",
        f"me:{secret}",
    ):
        with pytest.raises(InklingError) as error:
            drawings.save(replace(settings, database=database), DRAWING)
        assert secret not in "".join(traceback.format_exception(error.value)), database
