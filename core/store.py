"""The store of what visitors made: SQLite beside the data, or any SQLAlchemy database URL."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import sqlalchemy as sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from core.errors import InklingError
from core.logs import hide_secrets
from core.migrations.upgrade import is_empty, is_newest, upgrade
from core.settings import Settings

_WAIT = 30
"""Seconds that a statement waits for another process that writes to an SQLite file."""


@contextmanager
def open_store(settings: Settings, title: str) -> Iterator[sql.Engine]:
    """The database with its tables, made or upgraded if need be; any failure in the block becomes
    an InklingError that names it `title`.
    """
    with _told(settings, title) as url:
        path = _file_of(url)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(url)
        with engine.connect() as connection:
            ready = is_newest(connection)
        if not ready:
            upgrade(engine)
        yield engine


def read_store(settings: Settings, title: str, wanted: sql.Select[Any]) -> Sequence[sql.RowMapping]:
    """The rows that `wanted` selects; none before anything was stored, as reading creates
    nothing.
    """
    with _told(settings, title) as url:
        path = _file_of(url)
        try:
            if path is not None:
                path.stat()
        except FileNotFoundError:
            return []
        engine = _engine(url)
        with engine.connect() as connection:
            if is_newest(connection):
                return connection.execute(wanted).mappings().all()
            if is_empty(connection):
                return []
        try:
            upgrade(engine)
        except OperationalError:  # on a full disk, or where nothing may be written
            if path is None:
                raise
            engine = _upgraded_copy(path)
        with engine.connect() as connection:
            return connection.execute(wanted).mappings().all()


@contextmanager
def snapshot(settings: Settings, title: str, beside: Path) -> Iterator[sql.Connection | None]:
    """The database as it is now, while others go on writing; None if nothing was ever stored.

    SQLite's is copied to a file `beside` another for as long: reading at length would stop writers.
    """
    with _told(settings, title) as url, ExitStack() as stack:
        path = _file_of(url)
        if path is not None and not path.exists():
            yield None
            return
        engine = _engine(url)
        with engine.connect() as connection:
            empty, newest = is_empty(connection), is_newest(connection)
        if empty:
            yield None
            return
        if not newest:
            upgrade(engine)
        if path is not None:
            part = TemporaryDirectory(".part", f".{beside.name[:50]}.", beside.absolute().parent)
            copy = Path(stack.enter_context(part), "copy.db")
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            engine = sql.create_engine(f"sqlite:///{copy}", poolclass=sql.NullPool)
        connection = stack.enter_context(engine.connect())
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def own(settings: Settings, table: sql.Table) -> sql.ColumnElement[bool]:
    """Of the rows of a table, those of this visitor: part of every statement there is."""
    return table.c.visitor == settings.visitor


def check_store(settings: Settings) -> None:
    """InklingError unless the database answers; a file that is not there yet is made when it is
    needed.
    """
    with _told(settings, "The database") as url:
        path = _file_of(url)
        if path is not None and not path.exists():
            return
        with _engine(url).connect() as connection:
            sql.inspect(connection).get_table_names()


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


def _upgraded_copy(path: Path) -> sql.Engine:
    """In memory, of a file that an older version wrote."""
    engine = sql.create_engine("sqlite://", poolclass=sql.StaticPool)
    with closing(sqlite3.connect(path)) as source, closing(engine.raw_connection()) as target:
        source.backup(cast(sqlite3.Connection, target.driver_connection))
    upgrade(engine)
    return engine


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
    except ImportError as error:
        package = "psycopg[binary]" if error.name == "psycopg" else error.name
        raise InklingError(
            f"{title} cannot be read or written without {error.name}, the database's driver; "
            f'install it with pip install "{package}".'
        ) from error
    except (OSError, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
        hidden = re.sub(r"\[Errno -?\d+\]", "", hide_secrets(str(reason)))
        plain = " ".join(hidden.split()).rstrip(".")
        where = hide_secrets(url.render_as_string(hide_password=True))
        raise InklingError(
            f"{title} cannot be read or written ({plain}); make room or check {where}."
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
        return sql.create_engine(url, poolclass=sql.NullPool, connect_args={"timeout": _WAIT})
    return sql.create_engine(url, pool_pre_ping=True)  # or the server may have been restarted
