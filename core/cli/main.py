"""Every command of `python -m core`: results go to stdout, progress to stderr; exit 0, 1 (failure)
or 2 (usage).
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence

from core import __version__
from core.cli import (
    backup,
    curation,
    data,
    evaluation,
    models,
    reading,
    robustness,
    roman,
    sheet,
    statistics,
    synthesis,
    training,
)
from core.errors import InklingError
from core.jobs.job import is_cancelled, job_of_this_process, leave_exit, record_this_process
from core.jobs.watch import watch
from core.settings import Settings

GROUPS = (
    data,
    models,
    reading,
    sheet,
    evaluation,
    training,
    synthesis,
    robustness,
    curation,
    roman,
    statistics,
    backup,
)
"""One file per group of commands; each has `add_commands`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; a job also records it in its folder, whatever
    happens.
    """
    job = job_of_this_process()
    if job is None:
        return run(arguments)
    # a server may ignore it, and its children inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        record_this_process(job, sys.argv[1:] if arguments is None else arguments)
        if not is_cancelled(job):  # or the signal came before the handler, and was lost
            code = run(arguments)
    finally:
        leave_exit(job, code)
    return code


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; errors become sentences on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names that the console cannot write
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        settings, job = Settings.from_environment(), job_of_this_process()
        if settings.own and job:
            watch(settings, job)
        options.run(options, settings)
    except BrokenPipeError:  # the reader closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except InklingError as error:
        print(f"python -m core: {error}", file=sys.stderr)
        if error.command:
            print(f"    python -m core {error.command}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"python -m core: {error.filename or 'A file'} cannot be read or written: "
            f"{error.strerror or error}.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("python -m core: stopped.", file=sys.stderr)
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Inkling's command line.")
    parser.add_argument("--version", action="version", version=f"Inkling {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_commands(commands)
    return parser
