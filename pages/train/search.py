"""Search: which settings read best; a new search, or the progress and results of one."""

import shlex
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import InklingError
from core.intervals import percent
from core.settings import Settings
from core.training.runs import Run
from core.training.search.grids import grid_of
from core.training.search.search import Search, find_searches
from core.training.search.space import Plan, Value
from core.training.search.trials import FINISHED, Trial, best_of, epochs_of, seconds_left
from pages.shared.charts import as_csv, show_figure
from pages.shared.fragment import fragment
from pages.shared.text import duration, plain
from pages.train.new_search import new_search
from pages.train.search_charts import axes_style, coordinates, history

NEW = "New search"
_ORDER = {"done": 0, "running": 1, "pruned": 2, "failed": 3, "waiting": 4}


def search_view(settings: Settings) -> None:
    """All choices are in the address: `?search=NAME&trial=N`, or the search space of a new one."""
    searches = {search.name: search for search in find_searches(settings.runs)}
    asked, options = st.query_params.get("search", NEW), [NEW, *searches]
    if asked not in options:
        st.warning(
            f"There is no search {plain(repr(asked))} here; start a new one, or choose another.",
            icon=":material/search_off:",
        )
    # Not bound to the address, which would have to say the whole title; a key for each address
    # keeps the two together.
    key = f"search-{asked}"
    name = st.selectbox(
        "Search",
        options,
        options.index(asked) if asked in options else 0,
        key=key,
        on_change=lambda: _choose_search(st.session_state[key]),
        format_func=lambda item: _title(searches.get(str(item))),
    )
    if name not in searches:
        if not searches:
            st.caption(
                "Nothing has been searched yet. Say below what to try, or take a grid of the "
                "sources, and start it."
            )
        new_search(settings)
        return
    try:
        _show(searches[name], settings)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")


def _choose_search(name: str) -> None:
    _leave_trial()
    if name == NEW:
        st.query_params.pop("search", None)
    else:
        st.query_params["search"] = name


def _title(search: Search | None) -> str:
    if search is None:
        return NEW
    day, time = search.name[:8], search.name[9:13]
    try:
        plan = search.plan
    except InklingError:
        return f"{search.name}, damaged"
    keys = ", ".join(dimension.key for dimension in plan.dimensions)
    return (
        f"{plan.model} on {plan.data}: {keys} ({day[:4]}-{day[4:6]}-{day[6:]} "
        f"{time[:2]}:{time[2:]})"
    )


def _show(search: Search, settings: Settings) -> None:
    plan, state = search.plan, search.state()
    trials = search.trials(running=state == "running")
    finished = sum(trial.state in FINISHED for trial in trials)
    fragment(_watch, every=1.0 if state == "running" else None)(
        search, (state, len(trials), finished)
    )
    _result(search, trials, settings)
    if trials:
        _table(plan, trials)
    measured = [
        trial for trial in trials if trial.state in ("done", "pruned") and trial.value is not None
    ]
    if len(measured) > 1:
        _charts(plan, measured)
    st.code(shlex.join(["python", "-m", "core", *plan.command()]), language="bash", wrap_lines=True)
    if state != "running":
        with st.popover("Delete", icon=":material/delete:"):
            st.caption("The table will be gone for good. The runs that it made stay.")
            st.button(
                "Delete for good",
                icon=":material/delete_forever:",
                on_click=_delete,
                args=(search,),
            )


def _charts(plan: Plan, measured: Sequence[Trial]) -> None:
    st.caption(
        "Every trial is a line through its settings, the better the stronger; drag along an axis "
        "to pick some out."
    )
    st.html(axes_style())
    keys = [dimension.key for dimension in plan.dimensions]
    show_figure(
        coordinates(measured, plan.dimensions),
        "coordinates",
        alt="Parallel coordinates: settings and accuracy of each trial",
        table=lambda: [
            [*keys, "value"],
            *([*(trial.parameters[key] for key in keys), trial.value] for trial in measured),
        ],
    )
    st.caption("The trials in the order in which they were made.")
    show_figure(
        history(measured),
        "history",
        alt="Accuracy of each trial and the best so far",
        table=lambda: [
            ["trial", "state", "value"],
            *([trial.number + 1, trial.state, trial.value] for trial in measured),
        ],
    )


def _watch(search: Search, before: tuple[str, int, int]) -> None:
    """Progress, Cancel, or Resume; the rest of the page reruns only when a trial has begun or
    ended.
    """
    plan, state = search.plan, search.state()
    trials = search.trials(running=state == "running")
    ended = sum(trial.state in FINISHED for trial in trials)
    if (state, len(trials), ended) != before:
        st.rerun()
    if state == "running":
        text, share = _progress(search, trials, ended)
        st.progress(share, text=text)
        if search.job.state() == "running":
            if st.button(
                "Cancel",
                icon=":material/stop_circle:",
                help="What was found stays, and it can go on later.",
            ):
                search.job.cancel()
        else:
            st.caption("It was started in a terminal; Ctrl-C there stops it.")
        return
    states = Counter(trial.state for trial in trials)
    counts = ", ".join(f"{states[name]} {name}" for name in FINISHED if states[name])
    left = plan.total - ended
    seconds = sum(trial.seconds for trial in trials)
    summary = (
        f"{counts or 'no trial made'} of {plan.total:,} trials; {duration(seconds)} of training."
    )
    if state == "failed":
        st.error(plain(search.job.problem()), icon=":material/error:")
    st.caption(
        f"{'Finished' if not left else 'Stopped'}: {summary}"
        + (f" It goes on with the {left:,} that are left." if left else "")
    )
    if left:
        st.button("Resume", icon=":material/play_arrow:", on_click=search.resume, type="primary")


def _progress(search: Search, trials: Sequence[Trial], ended: int) -> tuple[str, float]:
    plan, share = search.plan, float(ended)
    text = f"Trial {min(ended + 1, plan.total):,} of {plan.total:,}"
    under_way = next((trial for trial in trials if trial.state == "running"), None)
    if under_way and not plan.fitted:
        epochs = epochs_of(plan, under_way)
        text += f", {under_way.trained} of {epochs} epochs done"
        share += under_way.trained / epochs
    making = search.job.progress()
    if making.unit == "image" and making.done < making.total:
        text += f", making the images ready: {making.done:,} of {making.total:,}"
    left = seconds_left(plan, trials)
    return text + (f", about {duration(left)} left" if left else ""), min(share / plan.total, 1.0)


def _delete(search: Search) -> None:
    try:
        search.delete()
        _choose_search(NEW)
    except (InklingError, OSError) as error:
        st.toast(plain(error), icon=":material/error:")


def _result(search: Search, trials: Sequence[Trial], settings: Settings) -> None:
    best, plan = best_of(trials), search.plan
    if best is None or best.value is None:
        return
    drawn = ", ".join(f"{key} {_short(value)}" for key, value in best.parameters.items())
    if plan.fitted:
        spread = f", which spread by {percent(best.spread)}" if best.spread is not None else ""
        measured = f"Mean accuracy over {plan.folds} folds of the training images{spread}"
    else:
        n = next((row.validation_n for row in Run(settings.runs / best.run).metrics()), None)
        measured = f"Accuracy on {n:,} images held out" if n else "Accuracy on images held out"
    so_far = " so far" if sum(trial.state in FINISHED for trial in trials) < plan.total else ""
    st.markdown(f"Best{so_far}: **{percent(best.value)}** with {plain(drawn)}.")
    st.caption(
        f"{measured}; as the best of several it is a little too high. No test set was looked at."
    )


def _short(value: Value | None) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(plan: Plan, trials: Sequence[Trial]) -> None:
    """Best first; selecting a row puts its trial into the address."""
    ordered = sorted(
        trials, key=lambda trial: (_ORDER[trial.state], -(trial.value or 0), trial.number)
    )
    grid = grid_of(plan)
    shown = [
        _line(plan, trial) | ({"source": grid.claim(trial.parameters)} if grid else {})
        for trial in ordered
    ]
    numbers = [trial.number for trial in ordered]
    # with another order it is another table, as in the list of runs
    key = f"trials-{zlib.crc32(str(numbers).encode()):08x}"
    asked = st.query_params.get("trial", "")
    chosen = next((trial for trial in ordered if str(trial.number + 1) == asked), None)
    config = {
        "accuracy": st.column_config.NumberColumn(format="percent"),
        "spread": st.column_config.NumberColumn(format="percent"),
        "source": st.column_config.NumberColumn(
            format="percent", help=f"What the source got on {grid.claimed_on}." if grid else None
        ),
        "trained": st.column_config.NumberColumn("epochs done"),
        "seconds": st.column_config.NumberColumn(format="%.0f"),
        **{
            dimension.key: st.column_config.NumberColumn(format="%.4g")
            for dimension in plan.dimensions
            if not dimension.choices and not dimension.whole
        },
    }
    choosing: dict[str, Any] = {
        "on_select": lambda: _choose(key, numbers),
        "selection_mode": "single-row",
        "selection_default": {"selection": {"rows": [ordered.index(chosen)] if chosen else []}},
    }
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        column_config=config,
        alt="Trials, best first",
        placeholder="",
        height=min(36 * (len(shown) + 1) + 2, 400),
        **({} if plan.fitted else choosing),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Table",
            lambda: as_csv([list(shown[0]), *(list(dimension.values()) for dimension in shown)]),
            "search.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )
        if chosen is None and not plan.fitted:
            st.caption("Tick a trial to see its run.")
        elif chosen is not None and chosen.run:
            st.button(
                f"Curves of trial {chosen.number + 1}",
                icon=":material/show_chart:",
                on_click=_open_run,
                args=(chosen.run,),
            )
    if chosen is not None and chosen.detail:
        st.caption(f"Trial {chosen.number + 1} failed: {plain(chosen.detail)}")


def _line(plan: Plan, trial: Trial) -> dict[str, Any]:
    own = {"trial": trial.number + 1, "state": trial.state, "accuracy": trial.value}
    own |= {"spread": trial.spread} if plan.fitted else {}
    own |= trial.parameters
    return own | ({} if plan.fitted else {"trained": trial.trained}) | {"seconds": trial.seconds}


def _choose(key: str, numbers: Sequence[int]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(numbers):
        st.query_params["trial"] = str(numbers[rows[0]] + 1)
    else:
        _leave_trial()


def _leave_trial() -> None:
    st.query_params.pop("trial", None)


def _open_run(name: str) -> None:
    """`?show=Runs&run=NAME` of the same page."""
    st.session_state["show"] = "Runs"
    st.query_params["run"] = name
