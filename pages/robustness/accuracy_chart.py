"""Accuracy along a setting, with its intervals."""

import plotly.graph_objects as go

from core.evaluation.robustness.results import Rates, Row
from core.synthesis.filmstrip import TRACKS, short_name
from pages.shared.charts import error_bars, show_figure
from pages.shared.style import INKS

TOTAL = "all"


def accuracy_chart(sweeps: dict[str, Rates], digits: list[str]) -> go.Figure:
    """Accuracy along a setting with 95 % intervals; a line for each sweep (by its title), in total
    or for each chosen class.
    """
    figure = go.Figure(layout={"colorway": INKS})
    styles = ("solid", "dash", "dot", "dashdot")
    for number, (title, swept) in enumerate(sweeps.items()):
        for index, digit in enumerate(digits or [TOTAL]):
            rows = _rows_of(swept, digit)
            color = INKS[(index if digits else number) % len(INKS)]
            accuracy = [row.accuracy for row in rows]
            figure.add_scatter(
                x=[row.value for row in rows],
                y=accuracy,
                mode="lines+markers",
                name=f"{title}, {digit}" if digits else title,
                line={"color": color, "dash": styles[number % len(styles)] if digits else "solid"},
                error_y=error_bars(
                    accuracy,
                    [row.interval[0] for row in rows],
                    [row.interval[1] for row in rows],
                ),
                customdata=[[row.correct, row.n] for row in rows],
                hovertemplate="%{x}: %{y:.2%} (%{customdata[0]} of %{customdata[1]})",
            )
    figure.update_layout(height=360, legend={"orientation": "h", "y": -0.2})
    figure.update_xaxes(title=TRACKS[_along(sweeps)].label)
    figure.update_yaxes(title="accuracy, 95 % interval", tickformat=".0%")
    return figure


def show_accuracy(sweeps: dict[str, Rates], digits: list[str], *, alt: str) -> None:
    """The chart with its data to download."""
    show_figure(
        accuracy_chart(sweeps, digits),
        f"accuracy-by-{short_name(_along(sweeps))}",
        alt=alt,
        table=lambda: _accuracy_table(sweeps, digits),
    )


def _accuracy_table(sweeps: dict[str, Rates], digits: list[str]) -> list[list[object]]:
    table: list[list[object]] = [
        [
            "sweep",
            "digit",
            short_name(_along(sweeps)),
            "correct",
            "n",
            "accuracy",
            "95 % from",
            "to",
        ]
    ]
    for title, swept in sweeps.items():
        for digit in digits or [TOTAL]:
            for row in _rows_of(swept, digit):
                counts = row.value, row.correct, row.n
                table.append([title, digit, *counts, row.accuracy, *row.interval])
    return table


def _along(sweeps: dict[str, Rates]) -> str:
    """What all of them vary."""
    return next(iter(sweeps.values())).totals[0].along


def _rows_of(rates: Rates, digit: str) -> list[Row]:
    """Rows of one class, or of all in total."""
    if digit == TOTAL:
        return list(rates.totals)
    return [row for row in rates.rows if row.digit == digit]
