import sqlite3
import sys
import traceback
from dataclasses import replace
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
from tests.sentences import is_sentence

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
    (tmp_path / "store").mkdir()
    file = tmp_path / "store" / "drawings.db"
    sqlite3.connect(file).execute("create table other (x)")  # another program's
    before = file.read_bytes()
    assert drawings.count(settings) == 0
    assert marks_of(settings, dataset) == {}
    assert file.read_bytes() == before


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

    def full(_: sql.Engine) -> object:
        reason = sqlite3.OperationalError("database or disk is full")
        raise sql.exc.OperationalError("", None, reason)

    with monkeypatch.context() as patched:
        patched.setattr(sql.Engine, "begin", full)
        drawings.delete(settings, [number])
        with pytest.raises(InklingError, match="make room"):
            drawings.save(settings, DRAWING)
    assert drawings.count(settings) == 0


def test_without_its_driver(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    elsewhere = replace(settings, database="postgresql+psycopg://inkling:secret@host/inkling")
    with pytest.raises(InklingError, match=r"psycopg\[binary\]") as error:
        drawings.load(elsewhere)
    assert is_sentence(str(error.value))
    assert "secret" not in str(error.value)


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
