"""Plotly figures as all screens show them: crisp, downloadable as a picture and as data."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

Table = Callable[[], Iterable[Sequence[object]]]
"""Gives rows, the header first; asked only when somebody downloads them."""


def show_figure(figure: go.Figure, name: str, *, alt: str, table: Table, **options: Any) -> Any:
    """Show a figure with its data as CSV below; the chart's toolbar offers the picture, NAME.png.
    Returns the selection.
    """
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 10, "b": 0} | figure.layout.margin.to_plotly_json()
    )
    shown = st.plotly_chart(
        figure,
        config={"displaylogo": False, "toImageButtonOptions": {"filename": name, "scale": 2}},
        alt=alt,
        key=f"figure-{name}",
        **options,
    )
    st.download_button(
        "Data",
        lambda: as_csv(table()),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=f"data-{name}",
        help="The figures as CSV. The picture is in the chart's own toolbar.",
    )
    return shown


def error_bars(
    values: Sequence[float] | np.ndarray,
    low: Sequence[float] | np.ndarray,
    high: Sequence[float] | np.ndarray,
) -> dict[str, Any]:
    """Plotly's `error_x` or `error_y` of values with their intervals."""
    values = np.asarray(values)
    return {
        "type": "data",
        "symmetric": False,
        "array": np.asarray(high) - values,
        "arrayminus": values - np.asarray(low),
        "thickness": 1.5,
        "width": 0,
    }


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
