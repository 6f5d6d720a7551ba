"""Rows of the store as JSON lines, the same for every database."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import sqlalchemy as sql

from core.errors import InklingError
from core.settings import Settings
from core.store import open_store, own, read_store

Row = dict[str, Any]

TITLE = "What is kept in the database"

_AT_ONCE, _LONGEST = 500, 64 * 2**20
"""Rows of one statement, and bytes of one row; also the bytes from which fewer rows are one."""


def lines(connection: sql.Connection, table: sql.Table, settings: Settings) -> Iterator[bytes]:
    """Of the visitor's rows in the order of their keys."""
    columns = _columns(table)
    wanted = sql.select(*columns).where(own(settings, table)).order_by(*_keys(table))
    streamed = connection.execution_options(yield_per=_AT_ONCE)
    for row in streamed.execute(wanted).mappings():
        values = {one.name: _written(row[one.name]) for one in columns}
        yield json.dumps(values, separators=(",", ":")).encode() + b"\n"


def differing(settings: Settings, table: sql.Table, file: BinaryIO) -> int:
    """How many rows of the file are in the database with another content."""
    return sum(
        there.get(key, row) != row
        for rows in _batches(table, file)
        for there in [_there(table, read_store(settings, TITLE, _wanted(settings, table, rows)))]
        for key, row in rows.items()
    )


def bring(settings: Settings, files: Iterable[tuple[sql.Table, BinaryIO]]) -> None:
    """Put all rows into the database, or none; they replace others of their keys."""
    with open_store(settings, TITLE) as engine, engine.begin() as connection:
        for table, file in files:
            for rows in _batches(table, file):
                wanted = _wanted(settings, table, rows)
                there = _there(table, connection.execute(wanted).mappings().all())
                changed = {key: row for key, row in rows.items() if there.get(key) != row}
                if changed:
                    connection.execute(sql.delete(table).where(_among(settings, table, changed)))
                    values = [{**row, "visitor": settings.visitor} for row in changed.values()]
                    connection.execute(sql.insert(table), values)


def _columns(table: sql.Table) -> list[sql.Column[Any]]:
    return [column for column in table.c if column.name != "visitor"]


def _keys(table: sql.Table) -> list[sql.Column[Any]]:
    return [column for column in table.primary_key if column.name != "visitor"]


def _key(table: sql.Table, row: Any) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in _keys(table))


def _there(table: sql.Table, rows: Sequence[sql.RowMapping]) -> dict[tuple[Any, ...], Row]:
    return {_key(table, row): dict(row) for row in rows}


def _wanted(
    settings: Settings, table: sql.Table, rows: Iterable[tuple[Any, ...]]
) -> sql.Select[Any]:
    return sql.select(*_columns(table)).where(_among(settings, table, rows))


def _among(
    settings: Settings, table: sql.Table, keys: Iterable[tuple[Any, ...]]
) -> sql.ColumnElement[bool]:
    columns = _keys(table)
    if len(columns) > 1:
        return own(settings, table) & sql.tuple_(*columns).in_(list(keys))
    # SQLite would look through all rows for a tuple of one
    return own(settings, table) & columns[0].in_([key for (key,) in keys])


def _batches(table: sql.Table, file: BinaryIO) -> Iterator[dict[tuple[Any, ...], Row]]:
    """Rows by key, as many as one statement takes."""
    rows: dict[tuple[Any, ...], Row] = {}
    size = 0
    while line := file.readline(_LONGEST):
        row = _read(table, line)
        rows[_key(table, row)] = row
        size += len(line)
        if len(rows) == _AT_ONCE or size > _LONGEST:
            yield rows
            rows, size = {}, 0
    if rows:
        yield rows


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def _read(table: sql.Table, line: bytes) -> Row:
    try:
        values = json.loads(line)
        return {one.name: _value(one, values[one.name]) for one in _columns(table)}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InklingError(
            f"The backup is damaged: a row of {table.name} cannot be read ({error!s:.80})."
        ) from error


def _value(column: sql.Column[Any], value: Any) -> Any:
    if isinstance(column.type, sql.JSON):
        return value
    if isinstance(column.type, sql.LargeBinary):
        return b64decode(value, validate=True)
    if isinstance(column.type, sql.DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    kind = column.type.python_type
    if isinstance(value, str):
        fits = len(value.encode().decode()) <= (getattr(column.type, "length", None) or len(value))
    else:
        fits = not isinstance(value, int) or abs(value) < 2 ** (
            63 if isinstance(column.type, sql.BigInteger) else 31
        )
    if type(value) is not kind or not fits:
        raise ValueError(f"{column.name} is no {kind.__name__} of this size")
    return value
