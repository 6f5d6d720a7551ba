"""Functions of a piece for tests of engines; a process that is sent one imports this alone."""

import os
import signal
import time
from pathlib import Path

from core.errors import InklingError


def square(number: int) -> int:
    time.sleep(0.002 * (number % 3))  # they end in another order
    return number**2


def refuse_five(number: int) -> int:
    if number == 5:
        raise InklingError("Five is refused; take another.", command="take 6")
    return number


def die_once(marker: Path, number: int) -> int:
    if number == 7 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def process(_: int) -> int:
    return os.getpid()
