"""Bring a database to the newest version of the store's tables, once and by one process alone."""

from pathlib import Path
from threading import Lock

import sqlalchemy as sql
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.errors import InklingError
from core.tables import TABLES

NEWEST = "0002"
"""The last file in `versions`; known without Alembic, which takes a while to import."""

_VERSION = sql.table("inkling_version", sql.column("version_num"))
"""Alembic's table, called so that another program in the same database may have its own."""

_ONE = Lock()
"""Alembic works through global names."""

_KEY = 7_103_120_451
"""Of the lock in Postgres; any number that other programs are unlikely to take."""

_WAIT = 600
"""Seconds to wait for another process that upgrades a large SQLite file."""


def is_newest(connection: sql.Connection) -> bool:
    """Whether the tables are those of this version. InklingError if a newer Inkling made them."""
    wanted = sql.select(_VERSION.c.version_num)
    try:
        version: str = connection.execute(wanted).scalar() or ""
    except (OperationalError, ProgrammingError):  # cheaper than to ask for the table each time
        connection.rollback()
        if not sql.inspect(connection).has_table(_VERSION.name):
            return False
        version = connection.execute(wanted).scalar() or ""  # another has just made it
    if version > NEWEST:
        raise InklingError(
            f"The database was written by a newer Inkling (version {version} of its tables, this "
            f"one knows {NEWEST}); update Inkling, or name another in INKLING_DATABASE."
        )
    return version == NEWEST


def is_empty(connection: sql.Connection) -> bool:
    """Whether no version of Inkling has stored anything."""
    there = {*sql.inspect(connection).get_table_names()}
    return not there & {_VERSION.name, *TABLES.tables}


def upgrade(engine: sql.Engine) -> None:
    """Create the tables, or carry over what an older version stored: all of it or, if it fails,
    nothing.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent))
    with _ONE, engine.begin() as connection:
        # others that find the same old tables wait here, and then find nothing left to do
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_WAIT * 1000}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_KEY)))
        with EnvironmentContext(
            Config(), scripts, fn=lambda version, _: scripts._upgrade_revs("head", version)
        ) as environment:
            environment.configure(connection=connection, version_table=_VERSION.name)
            environment.run_migrations()
