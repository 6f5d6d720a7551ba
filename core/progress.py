"""How far a long command has come: a bar on stderr, and a small file for whoever started it to read."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from core.files import write_whole

VARIABLE = "INKLING_PROGRESS"
"""Environment variable: the file that is told of progress, {"done", "total", "unit", "seconds"}, several times a second."""

_EVERY = 0.25


class Update(Protocol):
    """Tells how far a command has come."""

    def __call__(self, done: int, total: int = ..., note: str = ...) -> None: ...


@contextmanager
def progress_bar(total: int, *, unit: str) -> Iterator["Update"]:
    """Gives update(done, total, note): the number done so far, of how many if that was not known before, and what to say of it."""
    from tqdm import tqdm

    file, started, told = os.environ.get(VARIABLE), time.monotonic(), -1.0
    with tqdm(total=total, unit=unit, file=sys.stderr, mininterval=_EVERY, delay=0.5) as bar:

        def update(done: int, total: int = total, note: str = "") -> None:
            nonlocal told
            if bar.total != total:
                bar.reset(total)
            bar.set_description(note, refresh=False)
            bar.update(done - bar.n)
            now = time.monotonic() - started
            if file and (now - told >= _EVERY or done == total):
                told = now
                write_whole(Path(file), json.dumps({"done": done, "total": total, "unit": unit, "seconds": now}))

        yield update
