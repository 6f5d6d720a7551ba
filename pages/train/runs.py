"""Runs: a table of all, the chosen ones as overlaid curves, and one of them in detail."""

import zlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.settings import Settings
from pages.shared.charts import as_csv
from pages.train.curves import show_curves
from pages.train.run import show_run
from pages.train.run_table import SORTS, Listed, as_rows, list_runs, pick

STATES = ("running", "queued", "done", "failed", "cancelled", "stopped", "new")
MOST_CURVES = 12

_COLUMNS = {
    "accuracy": st.column_config.NumberColumn(
        "best accuracy", format="percent", help="On the images held out, n of them."
    ),
    "n": st.column_config.NumberColumn(format="localized"),
    "started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
    "epochs": st.column_config.TextColumn(help="Done, of those planned."),
    "tags": st.column_config.ListColumn(),
}


def runs_view(settings: Settings) -> None:
    every = list_runs(settings)
    if not every:
        st.info(
            "Nothing has been trained yet. Choose data and a model, and press Train.",
            icon=":material/model_training:",
        )
        st.button("New run", icon=":material/add:", on_click=_new_run)
        return
    shown = _filtered(every)
    if not shown:
        st.caption("No run fits this filter.")
        return
    chosen = _table(shown, every)
    one = chosen[0]
    if len(chosen) > 1:
        one = _together(chosen)
    show_run(one, every, settings, alone=len(chosen) == 1)


def _new_run() -> None:
    st.session_state["show"] = "New run"


def _filtered(listed: Sequence[Listed]) -> list[Listed]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        find = st.text_input(
            "Find", key="find", bind="query-params", placeholder="model, data, tag, note", width=240
        )
        states = st.multiselect(
            "State", STATES, key="states", bind="query-params", placeholder="Any", width=240
        )
        sort = st.selectbox("Sort by", list(SORTS), key="sort", bind="query-params", width=150)
    return pick(listed, find=find, states=states, sort=sort)


def _table(shown: list[Listed], listed: Sequence[Listed]) -> list[Listed]:
    """The table; returns the chosen runs: those of the address, or else the first."""
    names = [item.row.name for item in shown]
    wanted = st.query_params.get_all("run")
    # Selected rows are indices into a list: another list needs another table, whose selection is
    # rebuilt from the names.
    key = f"runs-{zlib.crc32(' '.join(names).encode()):08x}"
    st.dataframe(
        as_rows(shown),
        hide_index=True,
        key=key,
        on_select=lambda: _choose(key, names),
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [names.index(name) for name in wanted if name in names]}
        },
        column_config=_COLUMNS,
        height=min(36 * (len(shown) + 1) + 2, 330),
        alt="Training runs",
        placeholder="",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        count = (
            f"{len(shown):,} of {len(listed):,} runs"
            if len(shown) < len(listed)
            else f"{len(listed):,} run{'s' * (len(listed) > 1)}"
        )
        st.caption(f"{count}. Tick several to lay their curves over each other.")
        table = as_rows(shown)
        st.download_button(
            "Table",
            lambda: as_csv(_lines(table)),
            "runs.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )
    chosen = [item for item in listed if item.row.name in wanted]
    return chosen or shown[:1]


def _lines(table: list[dict[str, Any]]) -> list[list[object]]:
    return [list(table[0]), *(list(row.values()) for row in table)]


def _choose(key: str, names: Sequence[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    st.query_params["run"] = [names[row] for row in rows if row < len(names)]


def _together(chosen: Sequence[Listed]) -> Listed:
    """Curves of several, overlaid; returns the one to show in detail."""
    if len(chosen) > MOST_CURVES:
        st.caption(f"The first {MOST_CURVES} are drawn.")
    show_curves([(item.row.short, item.run.metrics()) for item in chosen[:MOST_CURVES]])
    labels = {item.row.name: item.row.short for item in chosen}
    name = st.selectbox(
        "Closer look at", list(labels), format_func=labels.__getitem__, key="closer", width=420
    )
    return next(item for item in chosen if item.row.name == name)
