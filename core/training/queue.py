"""A queue of runs, trained in turn by a process that outlives page, browser and server.

The runs' folders are the queue; there is no other state. One process at a time holds the lock and
starts waiting runs, each in its own process; if it is killed, the next access to the queue starts
another.
"""

import time
from contextlib import suppress

import psutil

from core.files import HeldError, hold
from core.jobs.job import Job
from core.settings import Settings
from core.training.runs import Run, find_runs

_EVERY = 0.3
_LAST_LINES, _PATIENCE = 3, 10


def submit(run: Run, settings: Settings) -> None:
    """Queue it, to be trained or resumed when its turn comes."""
    leaving = run.job.process()
    if leaving is not None:  # cancelled a moment ago
        with suppress(psutil.TimeoutExpired):
            leaving.wait(_PATIENCE)
    run.job.forget()
    run.set_state("queued")
    keep_going(settings)


def cancel(run: Run) -> None:
    """Remove it from the queue, or stop it as Ctrl-C does: its best epoch so far is kept."""
    if run.job.state() == "running":
        run.job.cancel()
    elif run.state() == "queued":
        run.set_state("cancelled")


def keep_going(settings: Settings) -> None:
    """Start a process that serves the queue, if anything waits and none is running."""
    server = Job(settings.runs / "queue")
    if _waiting(settings) and server.state() != "running":
        server.start(["queue"])


def serve(settings: Settings) -> None:
    """Start waiting runs, at most `settings.at_once` at a time, until none waits; return at once if
    another process serves the queue.
    """
    # checked again after the lock is released: a run may have been queued just then
    while _waiting(settings):
        try:
            with hold(settings.runs / "queue.lock", "Another process serves the queue."):
                while _tend(settings):
                    time.sleep(_EVERY)
        except HeldError:
            return


def _tend(settings: Settings) -> bool:
    """Check every run once; whether any waits or trains."""
    waiting = []
    for run in _waiting(settings):
        state = run.job.state()
        if not state:
            waiting.append(run)
        elif state == "cancelled":  # before it ran its own first line
            run.set_state("cancelled")
        elif state != "running":
            run.set_state(
                "failed",
                " ".join(run.job.log()[-_LAST_LINES:])
                or "It ended before it began; start it again.",
            )
    training = [
        run for run in find_runs(settings.runs) if "running" in (run.state(), run.job.state())
    ]
    for run in waiting[: max(0, settings.at_once - len(training))]:
        run.job.start(["train", "--resume", run.name])
    return bool(training or waiting)


def _waiting(settings: Settings) -> list[Run]:
    """Runs in the state queued, oldest first."""
    queued = [run for run in find_runs(settings.runs) if run.state() == "queued"]
    return sorted(queued, key=lambda run: (run.folder / "state.json").stat().st_mtime_ns)
