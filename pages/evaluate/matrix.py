"""The confusion matrix: counts or shares, with selectable order and classes; a click on a cell
opens its pictures.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.errors import errors_zip, left_out
from core.evaluation.scores import confusion_matrix, similarity_order
from pages.evaluate.cell import choose_cell, chosen_cell, show_cell
from pages.evaluate.pairs import show_pairs
from pages.evaluate.picture import show_picture
from pages.evaluate.source import Source, show_accuracy
from pages.shared.chart_events import on_press
from pages.shared.charts import as_csv, show_figure
from pages.shared.heat_map import (
    FEW,
    confusion_figure,
    confusion_table,
    confusion_texts,
    share_colors,
    shown_classes,
)
from pages.shared.picture import opened
from pages.shared.style import PAPER_AND_INK, theme
from pages.shared.text import plain

CHART, PICTURES = "confusion-matrix", "pictures-of-cell"
SHARES = ("counts", "of the truth", "of the answers", "of all")
ORDERS = ("name", "error", "similarity")


def show_matrix(source: Source) -> None:
    predictions = source.predictions
    confusion = confusion_matrix(predictions.truth, predictions.answers, len(predictions.classes))
    show_accuracy(predictions)
    share, order, log, diagonal, zoom = _choices(predictions.classes)
    indices = _shown_classes(confusion, predictions.classes, order, zoom)
    many = len(indices) > FEW
    if many:  # they fill the width; on a phone the worst of them are listed instead
        left = st.container(key="many-classes")
        show_pairs(predictions.classes, confusion)
        right = st.container(key=PICTURES)
    else:
        left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen = chosen_cell(predictions.classes)
        figure = matrix_figure(
            confusion,
            predictions.classes,
            indices,
            share=share,
            log=log,
            diagonal=diagonal,
            chosen=chosen,
        )
        show_figure(
            figure,
            CHART,
            alt=f"Confusion matrix of {len(indices)} classes",
            table=lambda: confusion_table(confusion, predictions.classes, indices, indices),
        )
        on_press(
            f"figure-{CHART}",
            lambda answer, truth: choose_cell(truth, answer),
            then_show=PICTURES if many else "",
        )
        _downloads(source)
        absent = len(predictions.classes) - len(indices)
        left_out = (
            f" {absent} classes, neither in these data nor answered, are left out."
            if absent and not zoom
            else ""
        )
        st.caption(plain(source.caveat) + left_out)
    with right:
        rows = show_cell(source)
    if opened() >= 0:
        show_picture(source, rows)


def matrix_figure(
    confusion: np.ndarray,
    classes: Sequence[str],
    indices: np.ndarray,
    *,
    share: str,
    log: bool,
    diagonal: bool,
    chosen: tuple[int, int] = (-1, -1),
) -> go.Figure:
    """Rows are the truth. indices : the classes shown, in order. log : colour by the logarithm.
    chosen : the cell that is framed.
    """
    rows, columns = confusion.sum(1, keepdims=True), confusion.sum(0, keepdims=True)
    per = {"of the truth": rows, "of the answers": columns, "of all": confusion.sum()}.get(share, 1)
    cell = np.ix_(indices, indices)
    counts = confusion[cell]
    values = (confusion / np.maximum(per, 1))[cell]
    colored = (counts > 0) & (diagonal | ~np.eye(len(indices), dtype=bool))
    shown = counts.astype(str) if share == "counts" else np.char.mod("%.1f", 100 * values)
    figure = confusion_figure(
        _strength(values, colored, log),
        classes,
        indices,
        indices,
        colors=share_colors(),
        hover=confusion_texts(confusion, classes, indices, indices),
        numbers=np.where(counts > 0, shown, ""),
    )
    for name, at in (("x", chosen[1]), ("y", chosen[0])):
        _frame(
            figure,
            name,
            int(np.flatnonzero(indices == at)[0]) if at in indices else None,
            len(indices),
        )
    return figure


def _frame(figure: go.Figure, axis: str, at: int | None, count: int) -> None:
    """A line on either side of the chosen row or column."""
    if at is None:
        return
    line = {"color": PAPER_AND_INK[theme()][1], "width": 1}
    low, high = at - 0.5, at + 0.5
    ends = {"x": (low, high, -0.5, count - 0.5), "y": (-0.5, count - 0.5, low, high)}[axis]
    figure.add_shape(
        type="rect", x0=ends[0], x1=ends[1], y0=ends[2], y1=ends[3], line=line, opacity=0.7
    )


def _strength(values: np.ndarray, colored: np.ndarray, log: bool) -> np.ndarray:
    """Colour value of each cell, over 0 to 1 if coloured; 0, not a gap, for the others: a gap
    cannot be clicked.
    """
    if not colored.any():
        return np.zeros(values.shape)
    low, high = values[colored].min(), values[colored].max()
    logarithm = log and low < high
    share = (
        np.log(np.where(colored, values, low) / low) / np.log(high / low)
        if logarithm
        else values / high
    )
    return np.where(colored, np.maximum(share, 2e-6), 0.0)


def _shown_classes(
    confusion: np.ndarray, classes: Sequence[str], order: str, zoom: Sequence[str]
) -> np.ndarray:
    indices = np.arange(len(classes))
    if order == "error":
        indices = np.argsort(np.diag(confusion) / np.maximum(confusion.sum(1), 1), kind="stable")
    elif order == "similarity":
        indices = similarity_order(confusion)
    _, here = shown_classes(confusion)
    wanted = [classes.index(name) for name in zoom if name in classes]
    if wanted:
        return indices[np.isin(indices, wanted)]
    return indices[np.isin(indices, here)] if len(here) else indices


def _choices(classes: Sequence[str]) -> tuple[str, str, bool, bool, list[str]]:
    """Display settings; remembered while another view is open."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = st.selectbox("Cell values", SHARES, 1, width=150, key="share", bind="query-params")
        order = st.selectbox("Order", ORDERS, width=120, key="order", bind="query-params")
        log = st.toggle("Log colours", key="log", bind="query-params")
        diagonal = st.toggle("Diagonal", key="diagonal", bind="query-params")
        zoom = st.multiselect(
            "Only classes",
            classes,
            key="classes",
            bind="query-params",
            placeholder="all",
            width=200,
        )
    return share, order, log, diagonal, zoom


def _downloads(source: Source) -> None:
    """Downloads: misread pictures, and the marks."""
    dataset, name = source.dataset, f"{source.card.name}-on-{source.name.replace(':', '-')}"
    if dataset is None:
        return
    with st.container(horizontal=True):
        st.download_button(
            "All errors",
            lambda: errors_zip(source.predictions, dataset, source.rows),
            f"{name}-errors.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
            help=left_out(source.predictions)
            or (
                "A zip of the pictures, named row_truth_predicted_probability.png, and a table of "
                "them"
            ),
        )
        if source.marks:
            st.download_button(
                "Marks",
                lambda: as_csv(_marks(source)),
                f"{name}-marks.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                type="tertiary",
                help=f"The {len(source.marks):,} marks on these data as CSV",
            )


def _marks(source: Source) -> Iterator[Sequence[object]]:
    yield ["row", "label", "mark", "becomes"]
    for value in source.marks.values():
        yield [value.row, value.label, value.kind, value.becomes]
