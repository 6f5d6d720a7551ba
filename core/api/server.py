"""What the server does when it starts."""

import os
import socket
import time
from contextlib import suppress
from threading import Thread

import psutil

from core import logs
from core.files import remove_left_overs
from core.jobs.log import watch_jobs
from core.jobs.visitors import forget_unused
from core.models.cards import remove_unnamed_weights
from core.settings import Settings

_PRIVATE = 0o077
"""Of the permissions of a file, what others have."""


def start(settings: Settings) -> None:
    """Once it listens: answers leave at once, what it writes is its user's alone, and what was left
    behind is removed in the meantime.
    """
    os.umask(_PRIVATE)
    answer_at_once()
    logs.set_up(settings.logs)
    Thread(target=tidy, args=(settings,), daemon=True).start()
    Thread(target=watch_jobs, args=(settings,), daemon=True).start()
    if settings.visitors:
        Thread(target=_hourly, args=(settings,), daemon=True).start()


def tidy(settings: Settings) -> None:
    """Remove what killed processes left, and close the home folder to others."""
    if settings.home is not None:
        with suppress(OSError):  # there is none yet, or it is another's
            settings.home.chmod(settings.home.stat().st_mode & ~_PRIVATE)
    for folder in (settings.data, settings.runs, settings.models):
        remove_left_overs(folder)
    remove_unnamed_weights(settings.models)


def _hourly(settings: Settings) -> None:
    """What visitors of a demo left behind goes while it runs."""
    while settings.visitors:
        forget_unused(settings)
        remove_left_overs(settings.visitors)
        time.sleep(3600)


def answer_at_once() -> None:
    """Set TCP_NODELAY on the sockets that this process listens on, and so on all that they accept.

    Without it the second half of each answer waits 40 ms for the client to acknowledge the first
    (Nagle's algorithm against delayed acknowledgements). asyncio sets it on sockets that name TCP
    as their protocol; Streamlit makes its own without a name.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
            with socket.socket(fileno=os.dup(connection.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
