"""Heat maps: their colours, and a confusion matrix with names at its rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb, sample_colorscale

from pages.shared.style import AGAINST_AND_FOR, PAPER_AND_INK, on_phone, theme

FEW = 20
"""Rows and columns up to which the cells have room for a number."""

_SQUARE, _ROW = 34, 16
"""Pixels that a cell has down the page: a square one, and one of many."""

_PHONE_HEIGHT = 400
_PHONE_WIDTH, _WIDTH = 330, 720
"""Pixels that the cells have across."""


@dataclass(frozen=True)
class Colors:
    """A colour scale from `low` to `high`; `scale` gives colours at fractions of that range."""

    low: float
    high: float
    scale: list[tuple[float, str]]


def ink_colors() -> Colors:
    """Paper at 0, ink at 1."""
    paper, ink = PAPER_AND_INK[theme()]
    return Colors(0, 1, [(0, paper), (1, ink)])


def ink_over() -> Colors:
    """Nothing at 0, ink at 1: for a second heat map over another."""
    return Colors(0, 1, [(0, "rgba(0, 0, 0, 0)"), (1, PAPER_AND_INK[theme()][1])])


def share_colors() -> Colors:
    """Nothing at 0, the accent at 1, and a visible tint at the least share above 0."""
    red, green, blue = hex_to_rgb(AGAINST_AND_FOR[theme()][2])
    tints = [(0.0, 0.0), (1e-6, 0.08), (0.5, 0.55), (1.0, 1.0)]
    return Colors(0, 1, [(at, f"rgba({red}, {green}, {blue}, {tint})") for at, tint in tints])


def signed_colors(most: float = 1, *, steep: bool = False) -> Colors:
    """One colour below 0, another above, up to `most` either way; `steep` as a square root near 0
    if a few large values must not hide the others.
    """
    against, middle, in_favour = AGAINST_AND_FOR[theme()]
    if not steep:
        return Colors(-most, most, [(0, against), (0.5, middle), (1, in_favour)])
    scale = [
        (0.5 + side * share**2 / 2, sample_colorscale([middle, end], share)[0])
        for side, end in ((-1, against), (1, in_favour))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
        if share or side > 0
    ]
    return Colors(-most, most, sorted(scale))


def heat_map(values: np.ndarray, colors: Colors, **options: Any) -> go.Heatmap:
    """A heat map of cells [R, C], unblurred; `options` are Plotly's."""
    return go.Heatmap(
        z=values,
        zmin=colors.low,
        zmax=colors.high,
        colorscale=colors.scale,
        zsmooth=False,
        **{"showscale": False, **options},
    )


def shown_classes(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the classes that have a row (they have images), and of those that have a column
    (they have images or are answered).
    """
    truth, answered = confusion.sum(1) > 0, confusion.sum(0) > 0
    return np.flatnonzero(truth), np.flatnonzero(truth | answered)


def row_shares(confusion: np.ndarray) -> np.ndarray:
    """Row-normalised confusion: of each class, the share read as each, float [C, C]."""
    shares: np.ndarray = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    return shares


def confusion_texts(
    confusion: np.ndarray, classes: Sequence[str], rows: np.ndarray, columns: np.ndarray
) -> list[list[str]]:
    """The hover text of each cell: how many of how many are read so."""
    names, totals, shares = [*map(escape, classes)], confusion.sum(1), row_shares(confusion)
    return [
        [
            f"true {names[row]}, read {names[column]}, {confusion[row, column]:,} of "
            f"{totals[row]:,}"
            f" ({100 * shares[row, column]:.1f} %)"
            for column in columns
        ]
        for row in rows
    ]


def confusion_table(
    values: np.ndarray, classes: Sequence[str], rows: np.ndarray, columns: np.ndarray
) -> list[list[object]]:
    """The values [C, C] of these rows and columns as a table, the header first."""
    return [
        ["truth \\ read as", *(classes[index] for index in columns)],
        *([classes[index], *values[index, columns].tolist()] for index in rows),
    ]


def confusion_figure(
    values: np.ndarray,
    classes: Sequence[str],
    rows: np.ndarray,
    columns: np.ndarray,
    *,
    colors: Colors,
    hover: Sequence[Sequence[str]],
    numbers: np.ndarray,
    bar: str = "",
) -> go.Figure:
    """A matrix, its rows the truth and its columns the answers: square cells, or, where there are
    many, as wide as the page lets them be.

    values : [R, C]. classes : names, of which `rows` [R] and `columns` [C] are shown. hover : [R,
    C], HTML. numbers : [R, C], the text in each cell if there is room. bar : number format of the
    colour bar; no bar if empty.
    """
    few, signed = max(values.shape) <= FEW, colors.low < 0
    ink = {} if signed else {"textfont": {"color": PAPER_AND_INK[theme()][1]}}
    figure = go.Figure(
        heat_map(
            values,
            colors,
            x=[escape(classes[index]) for index in columns],
            y=[escape(classes[index]) for index in rows],
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            xgap=1,
            ygap=1,
            showscale=bool(bar) and not on_phone(),
            colorbar={"tickformat": bar, "thickness": 10, "len": 0.6},
            **({"text": numbers, "texttemplate": "%{text}", **ink} if few else {}),
        )
    )
    across = (_PHONE_WIDTH if on_phone() else _WIDTH) / max(len(columns), 1)
    needed = 90 + round(len(rows) * (min(across, _SQUARE) if few else _ROW))
    figure.update_layout(
        height=min(needed, _PHONE_HEIGHT) if on_phone() else needed,
        margin={"t": 44},
        plot_bgcolor=f"rgba(128, 120, 105, {0.12 if signed else 0.07})",
    )
    axis: dict[str, object] = {
        "type": "category",
        "showgrid": False,
        "constrain": "domain",
        "tickangle": 0,
        "dtick": 1,
        "tickfont": {"size": 12 if len(columns) <= 30 else 6 if on_phone() else 11},
    }
    figure.update_xaxes(title="read as", side="top", range=[-0.5, len(columns) - 0.5], **axis)
    figure.update_yaxes(
        title="truth",
        range=[len(rows) - 0.5, -0.5],
        **({"scaleanchor": "x", "constraintoward": "top"} if few else {}),
        **axis,
    )
    return figure
