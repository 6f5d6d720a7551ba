"""Accuracy against jitter, of one sweep or of several."""

from typing import Any

import plotly.graph_objects as go

from pages.shared.style import INKS

_TOTAL = "all digits"


def accuracy_chart(sweeps: dict[str, dict[str, Any]], digits: list[str]) -> go.Figure:
    """Accuracy against jitter with 95 % intervals; a line for each sweep (by its title), in total
    or for each chosen digit.
    """
    figure = go.Figure(layout={"colorway": INKS})
    styles = ("solid", "dash", "dot", "dashdot")
    for number, (title, swept) in enumerate(sweeps.items()):
        for place, digit in enumerate(digits or [_TOTAL]):
            rows = (
                swept["totals"]
                if digit == _TOTAL
                else [row for row in swept["rows"] if row["digit"] == digit]
            )
            color = INKS[(place if digits else number) % len(INKS)]
            accuracy = [row["accuracy"] for row in rows]
            figure.add_scatter(
                x=[row["jitter"] for row in rows],
                y=accuracy,
                mode="lines+markers",
                name=f"{title}, {digit}" if digits else title,
                line={"color": color, "dash": styles[number % len(styles)] if digits else "solid"},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 1,
                    "width": 3,
                    "array": [row["interval"][1] - row["accuracy"] for row in rows],
                    "arrayminus": [row["accuracy"] - row["interval"][0] for row in rows],
                },
                customdata=[[row["correct"], row["n"]] for row in rows],
                hovertemplate="R %{x}: %{y:.2%} (%{customdata[0]} of %{customdata[1]})",
            )
    figure.update_layout(
        height=360, margin={"l": 0, "r": 0, "t": 10, "b": 0}, legend={"orientation": "h", "y": -0.2}
    )
    figure.update_xaxes(title="jitter radius R, units of the 28-unit grid")
    figure.update_yaxes(title="accuracy, 95 % interval", tickformat=".0%", rangemode="tozero")
    return figure
