"""What changes while runs train: the progress of one, every second; the whole page reruns only when
there is something new on it.
"""

import time
from collections.abc import Sequence

import streamlit as st

from core.intervals import percent
from core.settings import Settings
from core.training.metrics import EpochMetrics
from core.training.queue import keep_going
from core.training.runs import Run
from pages.shared.fragment import fragment
from pages.shared.text import duration
from pages.train.run_table import Listed, list_runs
from pages.train.torch_loading import warm_up

ACTIVE = ("running", "queued")
_EVERY, _IDLY = 1.0, 5.0
"""Seconds between two looks while something trains or waits, and otherwise: a run may be started
elsewhere.
"""

_REST = 3.0
"""Seconds at least between two pages drawn anew for another epoch; for another state they are at
once.
"""


def watch(shown: Listed, every: Sequence[Listed], settings: Settings) -> None:
    """Progress of the shown run; watches all for changes."""
    busy = any(item.state in ACTIVE for item in every) or warm_up().is_alive()
    fragment(_look, every=_EVERY if busy else _IDLY)(
        shown, _states(every), _done(every), time.monotonic(), settings
    )


def trains(run: Run, state: str) -> bool:
    """Whether a process is working on it; true from just before its first report, and for a moment
    after its end.
    """
    return state == "running" or (state == "queued" and run.job.state() == "running")


def _look(shown: Listed, states: object, done: object, at: float, settings: Settings) -> None:
    every = list_runs(settings)
    if _states(every) != states or (_done(every) != done and time.monotonic() - at > _REST):
        st.rerun()
    if any(item.state == "queued" for item in every):
        keep_going(settings)
    if trains(shown.run, shown.state):
        _progress(shown.run, shown.run.metrics(), shown.row.epochs)


def _states(every: Sequence[Listed]) -> object:
    return [
        (item.row.name, item.state, trains(item.run, item.state)) for item in every
    ], warm_up().is_alive()


def _done(every: Sequence[Listed]) -> object:
    return [item.row.done for item in every]


def _progress(run: Run, metrics: Sequence[EpochMetrics], epochs: int) -> None:
    progress = run.job.progress()
    done, total = progress.done, progress.total
    if not total or progress.unit != "batch":
        what = f"Making the images ready: {done:,} of {total:,}" if total else "Starting …"
        st.progress(min(done / total, 1.0) if total else 0.0, text=what)
        return
    share = min(done / total, 1.0)
    # the pace of whole epochs: a resumed run's progress includes earlier epochs
    if metrics:
        an_epoch = sum(row.seconds for row in metrics) / len(metrics)
        left: float | None = max(0.0, epochs * (1 - share)) * an_epoch
    else:
        left = progress.seconds_left()
    rest = "" if left is None else f", about {duration(left)} left"
    epoch = min(int(share * epochs), epochs - 1)
    st.progress(
        share, text=f"Epoch {epoch + 1} of {epochs}, {percent(share * epochs - epoch)} of it{rest}"
    )
    if metrics:
        last = metrics[-1]
        rate = "" if last.learning_rate is None else f", learning rate {last.learning_rate:.2g}"
        st.caption(
            f"{last.images_per_second or 0.0:,.0f} images a second{rate}; "
            f"validation accuracy {percent(last.validation_accuracy)}."
        )
