"""Visitors of a demo who come no more, or say so, are forgotten, with all that is theirs."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sql

from core.errors import InklingError
from core.files import remove_folder
from core.jobs.job import running_jobs
from core.settings import Settings
from core.store import open_store, own, remove
from core.tables import TABLES
from core.visitors import SEEN

_HOUR = 3600.0


def forget(settings: Settings) -> None:
    """Remove all that is a visitor's: jobs that run, files, and rows of the database."""
    if settings.own is None:
        return
    for job in running_jobs(settings):
        if process := job.process():
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
    _forget_rows(settings)
    with suppress(FileNotFoundError):
        remove_folder(settings.own)


def forget_unused(settings: Settings) -> None:
    """Forget the visitors who were not here for as many hours as the limits say, unless a job of
    theirs runs.
    """
    if settings.visitors is None:
        return
    for folder in settings.visitors.glob("*"):
        with suppress(OSError, InklingError):  # another folder, or it is gone already
            visitor = settings.for_visitor(folder.name)
            age = time.time() - _last_seen(folder)
            if age > settings.limits.hours * _HOUR and not running_jobs(visitor):
                forget(visitor)


def _last_seen(folder: Path) -> float:
    seen = folder / SEEN
    return (seen if seen.exists() else folder).stat().st_mtime


def _forget_rows(settings: Settings) -> None:
    with open_store(settings, "What visitors kept") as engine:
        tables = TABLES.sorted_tables
        remove(engine, [sql.delete(table).where(own(settings, table)) for table in tables])
