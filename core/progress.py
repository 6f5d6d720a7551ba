"""Progress of long work: a common callback, a bar on stderr, and a file for the parent process."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from core.files import write_whole

JOB_FOLDER = "INKLING_JOB"
"""Environment variable with the folder of the job this process runs as (`core.jobs.job`)."""

_INTERVAL = 0.25
"""Seconds between two updates of the bar and of the file."""


class Progress(Protocol):
    """Called as report(done, total, note) during work; may raise to stop it.

    done, total : in the unit of the work; total is 0 if unknown. note : a short description of the
    current step.
    """

    def __call__(self, done: int, total: int = ..., note: str = ...) -> None: ...


def ignore_progress(done: int, total: int = 0, note: str = "") -> None:
    """A `Progress` that does nothing."""


def part_of_progress(report: Progress, *, start: int, total: int) -> Progress:
    """A `Progress` for part of a longer task: steps count from `start`, of `total` in all."""
    whole = total

    def report_part(done: int, total: int = total, note: str = "") -> None:
        report(start + done, whole, note)

    return report_part


@contextmanager
def _interrupts() -> Iterator[Callable[[], None]]:
    """A check that raises KeyboardInterrupt if Ctrl-C was pressed in the block.

    Python drops the exception if the signal arrives in a destructor or in a callback of a library;
    the work would then go on as if nothing had happened.
    """
    handler, pressed = signal.getsignal(signal.SIGINT), False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        if callable(handler):
            handler(number, frame)

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    # only the main thread may set a handler, and a signal that is ignored stays so
    ours = callable(handler) and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, handler)


@contextmanager
def progress_bar(total: int, *, unit: str, scale: bool = False) -> Iterator[Progress]:
    """A bar on stderr; in a job also `progress.json` in its folder: done, total, unit, seconds.

    unit : name of the counted unit, singular. scale : show thousands as k, millions as M.
    """
    from tqdm import tqdm

    folder, started, written = os.environ.get(JOB_FOLDER), time.monotonic(), -1.0
    with (
        _interrupts() as check,
        tqdm(
            total=total,
            unit=unit,
            unit_scale=scale,
            file=sys.stderr,
            mininterval=_INTERVAL,
            delay=0.5,
        ) as bar,
    ):

        def report(done: int, total: int = total, note: str = "") -> None:
            nonlocal written
            check()
            if bar.total != total:
                bar.reset(total)
            bar.set_description(note, refresh=False)
            bar.update(done - bar.n)
            now = time.monotonic() - started
            if folder and (now - written >= _INTERVAL or done == total):
                written = now
                values = {"done": done, "total": total, "unit": unit, "seconds": now}
                write_whole(Path(folder) / "progress.json", json.dumps(values))

        yield report
