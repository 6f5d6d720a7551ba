"""Options that say where a command's work runs, shared by those that can be spread."""

import argparse

from core.errors import InklingError
from core.jobs.engine import Engine
from core.settings import Settings

_DASK = "dask"
_SCHEDULER = "tcp://127.0.0.1:8786"
"""Where Dask's own scheduler listens unless told otherwise."""

_MOST_WORKERS = 256


def add_engine(parser: argparse.ArgumentParser) -> None:
    """`--engine` and `--scheduler`."""
    group = parser.add_argument_group("where it runs", "the results are the same everywhere")
    group.add_argument(
        "--engine",
        choices=("local", _DASK),
        help="on this machine, or on all workers of a Dask cluster; default local, or dask if a "
        "scheduler is given",
    )
    group.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help=f"of the cluster; default INKLING_SCHEDULER, or {_SCHEDULER}",
    )


def add_workers(parser: argparse.ArgumentParser) -> None:
    """`--workers`, and those of `add_engine`."""
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        help="threads or processes; 0, the default, is one a processor; never changes the images",
    )
    add_engine(parser)


def engine_of(options: argparse.Namespace, settings: Settings) -> Engine:
    """What the options ask for, or else the environment."""
    workers = getattr(options, "workers", 0)
    if not 0 <= workers <= _MOST_WORKERS:
        raise InklingError(f"--workers is 0 to {_MOST_WORKERS}, not {workers}.")
    if options.engine == "local" and options.scheduler:
        raise InklingError("Give --scheduler with --engine dask, or leave it out.")
    scheduler = options.scheduler or settings.scheduler
    if options.engine == _DASK:
        scheduler = scheduler or _SCHEDULER
    return Engine(workers, "" if options.engine == "local" else scheduler)
