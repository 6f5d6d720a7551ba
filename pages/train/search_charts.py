"""Charts of a search: all settings beside the accuracy, and the best accuracy so far."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.training.search.space import Dimension
from core.training.search.trials import Trial
from pages.shared.style import AGAINST_AND_FOR, INKS, PAPER_AND_INK, on_phone, theme

_FAINT = {"light": "#cbbfa8", "dark": "#5d564b"}


def axes_style() -> str:
    """For `st.html`: Plotly draws these axes black, and a shadow under their text, on any paper."""
    page, ink = AGAINST_AND_FOR[theme()][1], PAPER_AND_INK[theme()][1]
    lines = (
        f".parcoords .axis line, .parcoords .axis path {{ stroke: {ink}; stroke-opacity: 0.4; }}"
    )
    return (
        f"<style>{lines} .parcoords .axis text {{ text-shadow: 0 0 3px {page} !important; "
        f"}}</style>"
    )


def coordinates(trials: Sequence[Trial], dimensions: Sequence[Dimension]) -> go.Figure:
    """Parallel coordinates (Inselberg 1985): an axis for each setting that was varied, the accuracy
    last; of trials that have a value.
    """
    ink, values = PAPER_AND_INK[theme()][1], [trial.value or 0.0 for trial in trials]
    columns = [
        (dimension, [trial.parameters[dimension.key] for trial in trials])
        for dimension in dimensions
    ]
    axes = [_axis(dimension, column) for dimension, column in columns if len(set(column)) > 1]
    low, high = min(values), max(values)
    axes.append(
        {
            "label": "accuracy",
            "values": values,
            "tickformat": ".0%" if high - low > 0.1 else ".1%",
            "range": [low, high if high > low else low + 0.01],
        }
    )
    figure = go.Figure(
        go.Parcoords(
            dimensions=axes,
            line={
                "color": values,
                "colorscale": [[0, _FAINT[theme()]], [1, AGAINST_AND_FOR[theme()][2]]],
                "showscale": False,
            },
            labelfont={"color": ink, "size": 11 if on_phone() else 13},
            tickfont={"color": ink, "size": 11},
            rangefont={"color": "rgba(0, 0, 0, 0)", "size": 1},
            labelangle=-20 if len(axes) > 4 else 0,
            unselected={"line": {"opacity": 0.06}},
        )
    )
    figure.update_layout(
        height=360,
        margin={"l": 60, "r": 50, "t": 76 if len(axes) > 4 else 64, "b": 16},
        paper_bgcolor=AGAINST_AND_FOR[theme()][1],
    )
    return figure


def _axis(dimension: Dimension, values: Sequence[Any]) -> dict[str, Any]:
    """Choices are spaced equally in their given order; a logarithmic range has its powers of ten
    and more.
    """
    if dimension.choices:
        indices = {value: index for index, value in enumerate(dimension.choices)}
        return {
            "label": dimension.key,
            "values": [indices[value] for value in values],
            "tickvals": list(indices.values()),
            "ticktext": [
                f"{value:g}" if isinstance(value, float) else str(value) for value in indices
            ],
            "range": [-0.1, len(indices) - 0.9],
        }
    if not dimension.log:
        return {
            "label": dimension.key,
            "values": list(values),
            "range": [dimension.low, dimension.high],
        }
    low, high = math.log10(dimension.low), math.log10(dimension.high)
    ticks = [
        digit * 10.0**power
        for power in range(math.floor(low), math.ceil(high) + 1)
        for digit in ((1, 3) if high - low > 1 else (1, 2, 5))
    ]
    ticks = sorted({dimension.low, dimension.high, *ticks})
    ticks = [
        tick
        for tick in ticks
        if dimension.low <= tick <= dimension.high and _apart(tick, dimension)
    ]
    return {
        "label": dimension.key,
        "values": [math.log10(value) for value in values],
        "range": [low, high],
        "tickvals": [math.log10(tick) for tick in ticks],
        "ticktext": [f"{tick:g}" for tick in ticks],
    }


def _apart(tick: float, dimension: Dimension) -> bool:
    """Whether it is an end, or far enough from both that the labels do not overlap."""
    if tick in (dimension.low, dimension.high):
        return True
    share = math.log(tick / dimension.low) / math.log(dimension.high / dimension.low)
    return 0.06 < share < 0.94


def _percent(low: float, high: float) -> str:
    return ".0%" if high - low > 0.1 else ".1%" if high - low > 0.01 else ".2%"


def history(trials: Sequence[Trial]) -> go.Figure:
    """Accuracy of each trial in order of creation, and the best so far; of trials that have a
    value.
    """
    ordered = sorted(trials, key=lambda trial: trial.number)
    figure, best, line = go.Figure(), -math.inf, []
    for trial in ordered:
        if trial.state == "done":
            best = max(best, trial.value or 0.0)
        line.append(best if best > -math.inf else None)
    figure.add_scatter(
        x=[trial.number + 1 for trial in ordered],
        y=line,
        mode="lines",
        name="best so far",
        line={"shape": "hv", "color": INKS[0], "width": 2},
        hovertemplate="best so far %{y:.2%}<extra></extra>",
    )
    for state, symbol in (("done", "circle"), ("pruned", "circle-open")):
        own = [trial for trial in ordered if trial.state == state]
        if own:
            figure.add_scatter(
                x=[trial.number + 1 for trial in own],
                y=[trial.value for trial in own],
                mode="markers",
                name=state,
                marker={"symbol": symbol, "size": 8, "color": INKS[1]},
                error_y={"type": "data", "array": [trial.spread for trial in own], "thickness": 1}
                if own[0].spread is not None
                else None,
                hovertemplate="trial %{x}: %{y:.2%}<extra></extra>",
            )
    figure.update_layout(
        height=300, legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0}
    )
    last = ordered[-1].number + 1
    figure.update_xaxes(
        title="trial",
        tickformat="d",
        title_standoff=4,
        range=[0.5, last + 0.5],
        dtick=1 if last <= 12 else None,
    )
    values = [trial.value or 0.0 for trial in trials]
    figure.update_yaxes(tickformat=_percent(min(values), max(values)))
    return figure
