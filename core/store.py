"""The store of what visitors made: SQLite beside the data, or any SQLAlchemy database URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

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
    try:
        path = make_url(settings.database)
    except (ArgumentError, ValueError) as error:
        raise InklingError(
            "INKLING_DATABASE is not an SQLAlchemy URL; write it as sqlite:///PATH."
        ) from error
    try:
        yield _engine(path, table)
    except (OSError, ImportError, SQLAlchemyError) as error:
        reason = " ".join(
            str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).split()
        ).rstrip(".")
        where = path.render_as_string(hide_password=True)
        raise InklingError(
            f"{title} cannot be read or written ({reason}); make room or check {where}."
        ) from error


@lru_cache(maxsize=8)
def _engine(index: sql.URL, table: sql.Table) -> sql.Engine:
    if index.get_backend_name() == "sqlite" and index.database:
        Path(index.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sql.create_engine(index)
    try:
        table.create(engine, checkfirst=True)
    # another process may have created it since the check; any other error recurs
    except OperationalError:
        table.create(engine, checkfirst=True)
    return engine
