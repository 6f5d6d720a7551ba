"""Databases of older versions are carried over whole, by one of any processes; newer ones are
refused.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sql
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.datasets import drawings
from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_picture
from core.datasets.drawings import Drawing
from core.datasets.marks import HARD, Mark, marks_of
from core.errors import InklingError
from core.ink.encode import png
from core.migrations import upgrade
from core.settings import Settings
from core.tables import TABLES
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]

# as version 0.3.0 has made it
DRAWINGS = """
CREATE TABLE drawings (
    id INTEGER NOT NULL, created DATETIME NOT NULL, label VARCHAR(16) NOT NULL,
    predicted VARCHAR(16) NOT NULL, confidence FLOAT NOT NULL, model VARCHAR(64) NOT NULL,
    strokes JSON NOT NULL, picture BLOB NOT NULL, PRIMARY KEY (id)
);
CREATE INDEX ix_drawings_label ON drawings (label);
"""
MARKS = """
CREATE TABLE marks (
    data VARCHAR(200) NOT NULL, "row" INTEGER NOT NULL, picture VARCHAR(32) NOT NULL,
    label VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, becomes VARCHAR(64) NOT NULL,
    marked DATETIME NOT NULL, PRIMARY KEY (data, "row")
);
"""
PICTURE = np.arange(30, dtype=np.uint8).reshape(5, 6)
STROKES = [[[1.5, 2.0], [3.0, 4.25]]]
DATASET = Dataset("some:test", "Some", PICTURE[None, :4, :4], np.array([0]), ("a",), "", "made up")


@pytest.fixture
def old(settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    """Writes a database of version 0.3.0 with so many drawings."""

    def write(count: int, tables: str = DRAWINGS + MARKS) -> Path:
        path = tmp_path / "store" / "drawings.db"
        path.parent.mkdir()
        connection = sqlite3.connect(path)
        connection.executescript(tables)
        rows = [
            (n + 1, f"2024-02-29 12:00:{n % 60:02}.000000", "7", "1" * 20, 0.75, "tiny")
            for n in range(count)
        ]
        content = json.dumps(STROKES), png(PICTURE)
        connection.executemany(
            "INSERT INTO drawings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, *content) for row in rows],
        )
        if "marks" in tables:
            digest = digest_of_picture(DATASET.images[0])
            connection.execute(
                "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?)",
                ("some:test", 0, digest, "a", "hard", "", "2024-02-29 12:00:00.000000"),
            )
        connection.commit()
        return path

    return write


def test_what_an_older_version_stored_is_there(settings: Settings, old: Callable[..., Path]):
    old(3)
    assert marks_of(settings, DATASET) == {0: Mark(0, "a", HARD)}
    found = drawings.load(settings)
    assert sorted(one.id for one in found) == [1, 2, 3]
    assert found[-1].created is not None
    assert (f"{found[-1].created}", found[0].predicted) == ("2024-02-29 12:00:00", "1" * 20)
    np.testing.assert_array_equal(found[0].picture, PICTURE)
    assert found[0].strokes == STROKES
    drawings.save(settings, Drawing(PICTURE, [], "8", "", 0.0, "", id=2))
    assert drawings.labels(settings) == {1: "7", 2: "8", 3: "7"}


def test_one_of_the_tables_may_be_missing(settings: Settings, old: Callable[..., Path]):
    old(3, DRAWINGS)
    assert marks_of(settings, DATASET) == {}
    assert drawings.count(settings) == 3


def test_the_tables_are_those_that_the_code_uses(settings: Settings, old: Callable[..., Path]):
    old(1)
    drawings.count(settings)
    for url in (settings.database, "sqlite://"):
        engine = sql.create_engine(url)
        if url == "sqlite://":
            upgrade.upgrade(engine)
        with engine.connect() as connection:
            options = {"compare_type": True, "version_table": "inkling_version"}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, TABLES) == []
            assert upgrade.is_newest(connection)
    assert ScriptDirectory(str(ROOT / "core" / "migrations")).get_heads() == [upgrade.NEWEST]


def test_processes_upgrade_at_once(settings: Settings, old: Callable[..., Path]):
    old(5000)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from core.datasets.drawings import count\n"
        "from core.settings import Settings\n"
        "settings = Settings(Path(), Path(), Path(), sys.argv[1])\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(count(settings))\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, settings.database],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n", timeout=60)[0] for process in running] == ["5000\n"] * 2
    assert len(drawings.labels(settings)) == 5000


def test_another_upgrades_between_the_question_and_its_answer(settings: Settings, tmp_path: Path):
    tmp_path.joinpath("store").mkdir()
    engine, another = (sql.create_engine(settings.database) for _ in range(2))
    sql.event.listen(engine, "handle_error", lambda context: upgrade.upgrade(another))
    with engine.connect() as connection:
        assert upgrade.is_newest(connection)


def test_an_upgrade_that_fails_changes_nothing(
    settings: Settings, old: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    path = old(3)
    before = list(sqlite3.connect(path).iterdump())

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.rename_table", fail)
        with pytest.raises(sqlite3.OperationalError):
            drawings.count(settings)
    assert list(sqlite3.connect(path).iterdump()) == before
    assert drawings.count(settings) == 3


def test_an_old_database_that_cannot_be_written_is_read(
    settings: Settings, old: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    """Where the disk is full, or the folder another's; root may write everywhere."""
    path = old(3)
    before, whole = path.read_bytes(), upgrade.upgrade

    def refuse(engine: sql.Engine) -> None:
        if engine.url.database:
            reason = sqlite3.OperationalError("attempt to write a readonly database")
            raise sql.exc.OperationalError("", None, reason)
        whole(engine)

    monkeypatch.setattr("core.store.upgrade", refuse)
    assert drawings.count(settings) == len(drawings.load(settings)) == 3
    assert marks_of(settings, DATASET) == {0: Mark(0, "a", HARD)}
    with pytest.raises(InklingError, match="make room"):
        drawings.delete(settings, [1])
    assert path.read_bytes() == before


def test_a_newer_database_is_refused(settings: Settings):
    drawings.save(settings, Drawing(PICTURE, [], "8", "", 0.0, ""))
    connection = sqlite3.connect(settings.database.removeprefix("sqlite:///"))
    with connection:
        connection.execute("update inkling_version set version_num = '9999'")
    for call in (drawings.count, drawings.load, lambda one: drawings.delete(one, [1])):
        with pytest.raises(InklingError, match="newer Inkling") as error:
            call(settings)
        assert is_sentence(str(error.value))
