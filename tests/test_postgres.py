"""The store in a Postgres server: SQLite's own tests, and what an older version stored there."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import signature
from secrets import token_hex

import numpy as np
import pytest
import sqlalchemy as sql
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core import store
from core.datasets import drawings
from core.ink.encode import png
from core.settings import Settings
from core.tables import TABLES
from tests import postgres
from tests.datasets import test_drawings, test_visitors

OLD = """
CREATE TABLE drawings (
    id BIGINT PRIMARY KEY, created TIMESTAMP NOT NULL, label VARCHAR(16) NOT NULL,
    predicted VARCHAR(16) NOT NULL, confidence FLOAT NOT NULL, model VARCHAR(64) NOT NULL,
    strokes JSON NOT NULL, picture BYTEA NOT NULL
);
CREATE INDEX ix_drawings_label ON drawings (label);
"""
"""As version 0.3.0 has made it."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its URL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if postgres.program("initdb") is None:
        pytest.skip("Postgres is not installed")
    with postgres.running() as url:
        yield url


@pytest.fixture
def settings(settings: Settings, server: str) -> Iterator[Settings]:
    """In a schema of this test alone."""
    name = f"test_{token_hex(4)}"
    with sql.create_engine(server).begin() as connection:
        connection.execute(sql.schema.CreateSchema(name))
    url = f"{server}&options=-csearch_path%3D{name}"
    yield replace(settings, database=url)
    store._engine(sql.make_url(url)).dispose()


@pytest.mark.parametrize(
    "test",
    [
        test_drawings.test_strokes_are_listed_without_pictures,
        test_drawings.test_what_is_kept_comes_back,
        test_drawings.test_numbers_of_numpy_are_kept_too,
        test_drawings.test_deleting_forgets_those_alone,
        test_drawings.test_an_id_is_never_given_again,
        test_drawings.test_an_empty_store_says_what_to_do,
        test_drawings.test_threads_write_at_once,
        pytest.param(test_drawings.test_processes_write_at_once, marks=pytest.mark.slow),
        test_visitors.test_another_visitors_drawings_are_not_there,
        test_visitors.test_another_visitors_drawings_cannot_be_deleted,
        test_visitors.test_an_id_of_another_visitor_is_a_drawing_of_ones_own,
        test_visitors.test_marks_are_each_visitors_own,
    ],
)
def test_like_sqlite(test: Callable[..., None], settings: Settings):
    known = {
        "settings": settings,
        "first": replace(settings, visitor="a" * 32),
        "other": replace(settings, visitor="b" * 32),
    }
    test(**{name: known[name] for name in signature(test).parameters})


def test_reading_creates_nothing(settings: Settings):
    assert drawings.load(settings) == []
    assert sql.inspect(sql.create_engine(settings.database)).get_table_names() == []


def test_what_an_older_version_stored_is_there(settings: Settings):
    picture = np.arange(30, dtype=np.uint8).reshape(5, 6)
    engine = sql.create_engine(settings.database)
    with engine.begin() as connection:
        connection.exec_driver_sql(OLD)
        connection.execute(
            sql.text("INSERT INTO drawings VALUES (:id, now(), '7', '', 0.5, 'tiny', :s, :p)"),
            [
                {"id": number, "s": json.dumps([[[1.5, 2.0]]]), "p": png(picture)}
                for number in (5, 2**51)
            ],
        )
    assert drawings.labels(settings) == {5: "7", 2**51: "7"}
    found = drawings.load(settings)[0]
    assert (found.strokes, found.picture.tolist()) == ([[[1.5, 2.0]]], picture.tolist())
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": "inkling_version"}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, TABLES) == []
