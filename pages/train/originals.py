"""Originals: the claims of the five sources for their models, beside our measurements."""

import csv
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.intervals import percent
from core.settings import ASSETS, Settings
from core.training.originals import ORIGINALS
from pages.shared.charts import error_bars, show_figure
from pages.shared.style import INKS, on_phone
from pages.train import last_settings
from pages.train.recipe import take_settings, title_of

MEASURED = ASSETS / "results" / "originals.csv"
COMMAND = "python -m tests.benchmarks.originals"

_FIRST = (
    "title",
    "claim",
    "accuracy",
    "low_95",
    "high_95",
    "n",
    "epochs",
    "minutes",
    "parameters",
    "MB",
    "tested_on",
)
_LEFT_OUT = ("name", "source_epochs", "command")
"""Columns of the file that come first on the screen, and those that are not shown."""


def originals_view(settings: Settings) -> None:
    st.caption(
        "The models of five published projects with the recipes of their authors: what they claim, "
        "and what comes of it here."
    )
    rows = _measured()
    if rows:
        show_figure(
            claims_figure(rows),
            "originals",
            alt="Claimed and measured accuracy of every model",
            table=lambda: _table(rows),
        )
        st.caption(
            "Dot: measured here, with its 95 % interval. Bar: what the source reports, on data of "
            "its own; the EMNIST here is a pool, not "
            "the official split. Where the source trained for longer, both numbers of epochs are "
            "told."
        )
        shown = [{**row, "epochs": _epochs(row)} for row in rows]
        st.dataframe(
            shown,
            hide_index=True,
            alt="Claims and measured figures",
            height="content",
            column_config=_columns(rows),
            column_order=[
                *_FIRST,
                *(name for name in rows[0] if name not in (*_FIRST, *_LEFT_OUT)),
            ],
        )
        st.caption(
            f"`claim` is what the source reports, the rest is measured here. Made by `{COMMAND}`."
        )
    else:
        st.dataframe(
            _claims(),
            hide_index=True,
            alt="Claims of the originals",
            height="content",
            column_config=_columns(_claims()),
        )
        st.caption(
            "None of these has been measured with this copy of Inkling yet: train one below, or "
            f"all with `{COMMAND}`."
        )
    if settings.own:  # a visitor of a demo does not train
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Try one",
            list(ORIGINALS),
            key="original",
            bind="query-params",
            format_func=lambda item: ORIGINALS[item].title,
        )
        st.button("Set it up", icon=":material/model_training:", on_click=_set_up, args=(name,))
    chosen = ORIGINALS[name]
    unsaid = (
        f" The source does not say, or it is other here: {chosen.chosen}." if chosen.chosen else ""
    )
    begins = (
        f" from a {ORIGINALS[chosen.start].title} of yours (Start from)" if chosen.start else ""
    )
    st.caption(
        f"{chosen.title}: {percent(chosen.claim)} on {chosen.claimed_on}. Trained{begins} on "
        f"`{chosen.data}`.{unsaid}"
    )


def claims_figure(rows: list[dict[str, Any]]) -> go.Figure:
    """Measured and claimed values of each row of the table, the first on top."""
    names = [escape(f"{row['title']}{_epochs_note(row)}") for row in rows]
    accuracy = [row["accuracy"] for row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=[row["claim"] for row in rows],
        y=names,
        mode="markers",
        name="claimed",
        hovertemplate="%{y}: claimed %{x:.2%}<extra></extra>",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": INKS[1]}},
    )
    figure.add_scatter(
        x=accuracy,
        y=names,
        mode="markers",
        name="measured here",
        marker={"color": INKS[0], "size": 8},
        error_x=error_bars(
            accuracy, [row["low_95"] for row in rows], [row["high_95"] for row in rows]
        ),
        customdata=[row["n"] for row in rows],
        hovertemplate="%{y}: %{x:.2%} of %{customdata:,}<extra></extra>",
    )
    figure.update_layout(
        height=90 + 22 * len(rows), legend={"orientation": "h", "y": 1.01, "yanchor": "bottom"}
    )
    figure.update_xaxes(tickformat=".0%", range=[min(0.5, *accuracy) - 0.02, 1.005])
    figure.update_yaxes(
        autorange="reversed",
        type="category",
        dtick=1,
        automargin=True,
        tickfont={"size": 9 if on_phone() else 12},
    )
    return figure


def _epochs_note(row: dict[str, Any]) -> str:
    few = row["epochs"] and row["source_epochs"] and row["epochs"] < row["source_epochs"]
    return f", {_epochs(row)} epochs" if few else ""


def _epochs(row: dict[str, Any]) -> str:
    if not row["epochs"]:
        return ""
    return (
        f"{row['epochs']:.0f} of {row['source_epochs']:.0f}"
        if row["source_epochs"]
        else f"{row['epochs']:.0f}"
    )


def _table(rows: list[dict[str, Any]]) -> Iterator[Sequence[object]]:
    yield list(rows[0])
    for row in rows:
        yield list(row.values())


def _set_up(name: str) -> None:
    chosen = ORIGINALS[name]
    last_settings.forget()
    st.session_state.update(show="New run", data=chosen.data, model=chosen.architecture, mix=[])
    take_settings(chosen.architecture, title_of(name))


def _claims() -> list[dict[str, Any]]:
    return [
        {
            "model": value.title,
            "data": value.data,
            "claim": value.claim,
            "claimed on": value.claimed_on,
            "epochs": value.recipe.epochs,
            "unsaid, or other here": value.chosen,
        }
        for value in ORIGINALS.values()
    ]


def _measured() -> list[dict[str, Any]]:
    """All columns of the file; numbers as numbers."""
    try:
        with open(MEASURED, encoding="utf-8", newline="") as file:
            return [
                {name: _value(text) for name, text in row.items()} for row in csv.DictReader(file)
            ]
    except (OSError, csv.Error):
        return []


def _value(text: str | None) -> Any:
    try:
        number = float(text or "")
    except ValueError:
        return text or None
    return int(number) if number.is_integer() and "." not in (text or "") else number


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares as percent: numeric columns between 0 and 1 with at least one non-integer."""
    columns: dict[str, Any] = {}
    for name in rows[0]:
        values = [row[name] for row in rows if isinstance(row[name], int | float)]
        if (
            values
            and all(0 <= value <= 1 for value in values)
            and any(isinstance(value, float) for value in values)
        ):
            columns[name] = st.column_config.NumberColumn(format="percent")
        elif values and all(isinstance(value, int) for value in values):
            columns[name] = st.column_config.NumberColumn(format="localized")
    return columns
