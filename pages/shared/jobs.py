"""A long command on a screen: start, progress with the time left, Cancel, and its result."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.errors import InklingError
from core.jobs.job import Job, JobProgress
from core.jobs.public import refusal
from pages.shared.fragment import fragment
from pages.shared.text import duration, plain


def run_job(
    label: str, arguments: Sequence[str], job: Job, *, key: str, done: Callable[[Job], None]
) -> None:
    """A button that starts `python -m core ARGUMENTS` in a separate process; `done` shows the
    result of a finished job.

    Nothing blocks the page; a job outlives it, and whoever opens the same address later finds its
    progress or its result.
    """
    if sentence := refusal(arguments, job.visitor):
        st.caption(sentence)
        return
    running = job.state() == "running"
    fragment(_watch, every=0.5 if running else None)(
        label, list(arguments), job, running, key, done
    )


def _watch(
    label: str, arguments: list[str], job: Job, running: bool, key: str, done: Callable[[Job], None]
) -> None:
    state = job.state()
    if running and state != "running":
        st.rerun()
    if state == "running":
        progress = job.progress()
        st.progress(progress.share, text=_text(progress))
        if st.button("Cancel", icon=":material/stop_circle:", key=f"{key}-cancel"):
            job.cancel()
        return
    if st.button(
        label if state != "done" else f"{label} again",
        icon=":material/play_arrow:",
        key=f"{key}-start",
    ):
        try:
            job.start(arguments)
        except InklingError as error:
            st.error(plain(error), icon=":material/error:")
            return
        st.rerun()
    if state == "failed":
        st.error(plain(job.problem()), icon=":material/error:")
    elif state == "cancelled":
        st.caption(
            "Cancelled. What was made so far is kept where it can be: starting again goes on from "
            "there."
        )
    elif state == "done":
        done(job)


def _text(progress: JobProgress) -> str:
    if not progress.total:
        return "Starting …"
    left = progress.seconds_left()
    rest = "" if left is None else f", {duration(left)} left"
    return f"{progress.done:,} of {progress.total:,} {progress.unit}s{rest}"
