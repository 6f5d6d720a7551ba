"""Originals: what the authors of the five sources claim for their models, beside what the same gives here."""

import csv
from typing import Any

import streamlit as st

from core.settings import ASSETS, Settings
from core.training.originals import ORIGINALS
from pages.widgets.train import memory
from pages.widgets.train.recipe import take_settings, title_of

MEASURED = ASSETS / "results" / "originals.csv"
COMMAND = "python -m tests.benchmarks.originals"


def originals_view(_: Settings) -> None:
    st.caption("The models of five published projects with the recipes of their authors: what they claim, and what comes of it here.")
    rows = _measured()
    if rows:
        st.dataframe(rows, hide_index=True, alt="Claims and measured figures", height="content", column_config=_columns(rows))
        st.caption(f"`claim` is what the source reports, the rest is measured here. From `{rows[0].get('command', COMMAND)}`.")
    else:
        st.dataframe(_claims(), hide_index=True, alt="Claims of the originals", height="content", column_config=_columns(_claims()))
        st.caption(f"None of these has been measured with this copy of Inkling yet: train one below, or all with `{COMMAND}`.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Try one", list(ORIGINALS), key="original", bind="query-params", format_func=lambda each: ORIGINALS[each].title)
        st.button("Set it up", icon=":material/model_training:", on_click=_set_up, args=(name,))
    chosen = ORIGINALS[name]
    unsaid = f" The source does not say, or it is other here: {chosen.chosen}." if chosen.chosen else ""
    st.caption(f"{chosen.title}: {chosen.claim:.2%} on {chosen.claimed_on}. Trained on {chosen.data}.{unsaid}")


def _set_up(name: str) -> None:
    chosen = ORIGINALS[name]
    memory.forget()
    st.session_state.update(show="New run", data=chosen.data, model=chosen.architecture, mix=[])
    take_settings(chosen.architecture, title_of(name))


def _claims() -> list[dict[str, Any]]:
    return [
        {
            "model": each.title,
            "data": each.data,
            "claim": each.claim,
            "claimed on": each.claimed_on,
            "epochs": each.recipe.epochs,
            "unsaid, or other here": each.chosen,
        }
        for each in ORIGINALS.values()
    ]


def _measured() -> list[dict[str, Any]]:
    """Whatever columns the file has; numbers as numbers."""
    try:
        with open(MEASURED, encoding="utf-8", newline="") as file:
            return [{name: _value(text) for name, text in row.items()} for row in csv.DictReader(file)]
    except (OSError, csv.Error):
        return []


def _value(text: str | None) -> Any:
    try:
        number = float(text or "")
    except ValueError:
        return text or None
    return int(number) if number.is_integer() and "." not in (text or "") else number


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares as percent: a column of numbers between 0 and 1, at least one of which is no whole number."""
    columns: dict[str, Any] = {}
    for name in rows[0]:
        values = [row[name] for row in rows if isinstance(row[name], int | float)]
        if values and all(0 <= value <= 1 for value in values) and any(isinstance(value, float) for value in values):
            columns[name] = st.column_config.NumberColumn(format="percent")
        elif values and all(isinstance(value, int) for value in values):
            columns[name] = st.column_config.NumberColumn(format="localized")
    return columns
