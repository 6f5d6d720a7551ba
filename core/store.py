"""The store of what visitors made: SQLite beside the data, or any SQLAlchemy database URL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from core.errors import InklingError
from core.settings import Settings


@contextmanager
def open_store(settings: Settings, table: sql.Table, title: str) -> Iterator[sql.Engine]:
    """The database with `table` created; any failure in the block becomes an InklingError that
    names it `title`.
    """
    with _told(settings, title) as url:
        engine = _engine(url)
        path = _file_of(url)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            table.create(engine, checkfirst=True)
        # another process may have created it since the check; any other error recurs
        except OperationalError:
            table.create(engine, checkfirst=True)
        yield engine


def read_store(
    settings: Settings, table: sql.Table, title: str, wanted: sql.Select[Any]
) -> Sequence[sql.RowMapping]:
    """The rows that `wanted` selects from `table`; none before anything was stored, as reading
    writes nothing.
    """
    with _told(settings, title) as url:
        path = _file_of(url)
        try:
            if path is not None:
                path.stat()
        except FileNotFoundError:
            return []
        with _engine(url).connect() as connection:
            if not sql.inspect(connection).has_table(table.name):
                return []
            return connection.execute(wanted).mappings().all()


def remove(engine: sql.Engine, statements: Sequence[sql.Delete]) -> None:
    """Delete rows, on a full disk too: there SQLite cannot write how things were before, and keeps
    it in memory.
    """
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)
    except OperationalError as error:
        if engine.dialect.name != "sqlite" or "full" not in str(error.orig):
            raise
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=MEMORY")
            for statement in statements:
                connection.execute(statement)
            connection.commit()


@contextmanager
def _told(settings: Settings, title: str) -> Iterator[sql.URL]:
    """The database's address; any failure in the block becomes a sentence."""
    try:
        url = make_url(settings.database)
    except (ArgumentError, ValueError):  # its text may hold the password
        raise InklingError(
            "INKLING_DATABASE is not an SQLAlchemy URL; write it as sqlite:///PATH."
        ) from None
    try:
        yield url
    except (OSError, ImportError, SQLAlchemyError) as error:
        reason = " ".join(
            str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).split()
        ).rstrip(".")
        # a password may stand in the query too
        where = url.set(query={}).render_as_string(hide_password=True)
        raise InklingError(
            f"{title} cannot be read or written ({reason}); make room or check {where}."
        ) from error


def _file_of(url: sql.URL) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for a server's."""
    if url.get_backend_name() != "sqlite" or url.host or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


@lru_cache(maxsize=8)
def _engine(url: sql.URL) -> sql.Engine:
    # opened anew each time, for a file may be removed or replaced while the server runs
    if _file_of(url) is not None:
        return sql.create_engine(url, poolclass=sql.NullPool)
    return sql.create_engine(url)
