"""A visitor's job, from within: it ends when it has taken more time or room than a visitor has."""

import os
import signal
import sys
import time
from threading import Thread

from core.errors import InklingError
from core.jobs.job import Job, leave_exit
from core.settings import Settings
from core.visitors import check_room


def watch(settings: Settings, job: Job) -> None:
    """Look after this process, which runs the job, every second; a sentence says why it ends."""
    minutes, started = settings.limits.minutes, time.monotonic()

    def look() -> None:
        while True:
            time.sleep(1)
            try:
                check_room(settings)
                if time.monotonic() - started > 60 * minutes:
                    raise InklingError(
                        f"This demo gives a job {minutes} minutes; ask for less of it."
                    )
            except InklingError as error:
                print(f"\npython -m core: {error}", file=sys.stderr, flush=True)
                leave_exit(job, 1)
                # its workers too: it leads a group of its own
                os.killpg(os.getpgrp(), signal.SIGKILL)

    Thread(target=look, daemon=True).start()
