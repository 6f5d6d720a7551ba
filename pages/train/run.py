"""One run in detail: its progress, its curves and what they say, its settings, notes and
actions.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from core.errors import InklingError
from core.intervals import percent
from core.settings import Settings
from core.training import queue
from core.training.metrics import EpochMetrics, best_epoch, doubt
from core.training.runs import Run
from pages.shared.text import code, duration, plain
from pages.train.curves import show_curves
from pages.train.overfitting import explain_gap
from pages.train.progress import trains, watch
from pages.train.publish import offer_recognizer
from pages.train.run_table import Listed
from pages.train.torch_loading import warm_up

_ICONS = {
    "running": ":material/directions_run:",
    "queued": ":material/hourglass_empty:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
    "cancelled": ":material/stop_circle:",
    "stopped": ":material/power_off:",
    "new": ":material/fiber_new:",
}
_LOG_LINES = 10
_SEARCH = "search "
"""What the tag of a search's trials begins with."""


def show_run(listed: Listed, every: Sequence[Listed], settings: Settings, *, alone: bool) -> None:
    """every : all existing runs. alone : no other run is chosen, so that its curves are not drawn
    yet.
    """
    run, row, state = listed.run, listed.row, listed.state
    metrics = run.metrics()
    st.subheader(f"{_ICONS.get(state, '')} {plain(row.model)} on {plain(row.data)}", anchor=False)
    watch(listed, every, settings)
    if not trains(run, state):
        st.caption(_state_note(state, row.done, row.epochs, every) + _result(metrics, row.minutes))
    if state == "failed":
        st.error(plain(run.detail() or "It ended before it said why."), icon=":material/error:")
    _buttons(run, state, row.done, settings)
    if state in ("failed", "stopped") and (log := run.job.log()[-_LOG_LINES:]):
        with st.expander("The last lines of its log", icon=":material/article:"):
            st.code("\n".join(log), language=None, wrap_lines=True)
    if alone:
        show_curves([(row.short, metrics)])
    ended = state not in ("running", "queued")
    doubtful = doubt(metrics) if ended else ""
    if doubtful:
        st.warning(plain(doubtful), icon=":material/warning:")
    elif sentence := explain_gap(metrics):
        st.caption(sentence)
    if row.done and ended:
        offer_recognizer(run, row, settings, doubtful=bool(doubtful))
    with st.expander("Settings, tags and note", icon=":material/sell:"):
        _notes(run, sorted({tag for item in every for tag in item.row.tags}))
        _settings(run)


def _state_note(state: str, done: int, epochs: int, every: Sequence[Listed]) -> str:
    if state == "queued":
        before = [item.row.short for item in every if item.state == "running"]
        return (
            f"Waits its turn; {before[0]} is training."
            if before
            else "Waits its turn; it starts in a moment."
        )
    when = f"after {done} of {epochs} epochs" if done else "before there was a result"
    rest = "can go on from there" if done else "can start again"
    texts = {
        "done": f"Finished {when}."
        if done < epochs
        else f"All {epochs} epochs are done."
        if epochs > 1
        else "It is done.",
        "failed": f"Failed {when}.",
        "cancelled": f"Cancelled {when}; {'its best epoch is kept, and ' * bool(done)}it {rest}.",
        "stopped": f"Stopped from outside {when}; it {rest}.",
        "new": "Not started yet.",
    }
    return texts.get(state, state)


def _result(metrics: Sequence[EpochMetrics], minutes: float) -> str:
    if not metrics:
        return ""
    best = best_epoch(metrics)
    n = f" of {best.validation_n:,} images held out" if best.validation_n is not None else ""
    text = f"{percent(best.validation_accuracy)}{n}"
    if len(metrics) > 1:
        text = f"At best {text}, in epoch {best.epoch}"
    return f" {text}; {duration(60 * minutes)} of training."


def _buttons(run: Run, state: str, done: int, settings: Settings) -> None:
    tags = run.notes().tags
    search = next((tag.removeprefix(_SEARCH) for tag in tags if tag.startswith(_SEARCH)), "")
    with st.container(horizontal=True):
        if search and state == "running" and run.job.state() != "running":
            st.caption(
                f"A trial of the search {code(search)}, which starts it, cancels it and goes on "
                f"with "
                "it."
            )
        elif state in ("running", "queued"):
            _button("Cancel", ":material/stop_circle:", run, lambda: queue.cancel(run))
        elif state != "done":
            label = "Resume" if done else "Start"
            _button(label, ":material/play_arrow:", run, lambda: queue.submit(run, settings))
        if state not in ("running", "queued"):
            with st.popover("Delete", icon=":material/delete:"):
                st.caption(
                    "Its weights, curves and notes will be gone for good. A recognizer made of it "
                    "stays."
                )
                _button("Delete for good", ":material/delete_forever:", run, run.delete)
    if problem := st.session_state.pop("run-problem", ""):
        st.error(plain(problem), icon=":material/error:")


def _button(label: str, icon: str, run: Run, act: Callable[[], None]) -> None:
    st.button(label, icon=icon, on_click=_try, args=(act,), key=f"{label}-{run.name}")


def _try(act: Callable[[], None]) -> None:
    """Call it; errors (run deleted elsewhere, full disk) become messages."""
    try:
        act()
    except InklingError as error:
        st.session_state["run-problem"] = str(error)
    except OSError as error:
        st.session_state["run-problem"] = (
            f"That did not work ({error.strerror or error}); the run may be gone already."
        )


def _notes(run: Run, every: Sequence[str]) -> None:
    notes = run.notes()
    tags, note = f"tags-{run.name}", f"note-{run.name}"
    st.multiselect(
        "Tags",
        every,
        notes.tags,
        key=tags,
        accept_new_options=True,
        placeholder="Choose or write one",
        on_change=lambda: _try(lambda: run.annotate(tags=st.session_state[tags])),
    )
    st.text_input(
        "Note",
        notes.note,
        key=note,
        on_change=lambda: _try(lambda: run.annotate(note=st.session_state[note])),
    )


def _settings(run: Run) -> None:
    """Settings that differ from Inkling's recipe, which is known once torch is loaded."""
    if warm_up().is_alive():
        st.caption("Its settings appear in a moment.")
        return
    from core.models.registry import architecture
    from core.training.recipe import assignments, own_recipe

    try:
        own = run.settings()
        known = architecture(own.model).hyperparameters
        texts = assignments(own.recipe, own_recipe(own.model), known)
    except InklingError as error:
        st.caption(plain(error))
        return
    st.caption(
        "Settings that differ from Inkling's own:" if texts else "All settings are Inkling's own."
    )
    if texts:
        st.code("\n".join(texts), language=None, wrap_lines=True)
    st.caption(f"{code(run.name)}, in {plain(run.folder)}")
