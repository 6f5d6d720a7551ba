"""Curves over the epochs: accuracy, loss, learning rate; of one run, or of several overlaid."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.training.metrics import EpochMetrics
from pages.shared.charts import show_figure
from pages.shared.style import INKS, hues

Metrics = Sequence[EpochMetrics]

LINES: dict[str, dict[str, str]] = {
    "Accuracy": {
        "validation_accuracy": "validation",
        "train_accuracy_as_is": "train, as it is",
        "train_accuracy": "train, as it learns",
    },
    "Loss": {"validation_loss": "validation", "train_loss": "train, as it learns"},
    "Learning rate": {"learning_rate": "learning rate"},
    "Images a second": {"images_per_second": "images a second"},
}
"""Of each chart: fields of EpochMetrics, and what their lines are called."""

_COLORS = {"validation": INKS[0], "train, as it is": INKS[1], "train, as it learns": INKS[2]}
_DASHES = {"validation": "solid", "train, as it is": "dash", "train, as it learns": "dot"}
_TRAINING = ("Accuracy", "Loss")
_FEW = 30
"""Epochs of which each has a marker."""


def show_curves(runs: Sequence[tuple[str, Metrics]]) -> None:
    """Accuracy and loss side by side, and speed on demand; runs are (label, metrics). A single
    epoch is no curve.
    """
    fitted = any(metrics and metrics[0].train_loss is None for _, metrics in runs)
    runs = [(label, metrics) for label, metrics in runs if len(metrics) > 1]
    if fitted:
        st.caption("What is fitted in one go has no curve.")
    elif not runs:
        st.caption("Curves appear after the second epoch.")
    if not runs:
        return
    slot = st.container()
    with st.container(horizontal=True):
        rates = st.toggle("Learning rate and speed", key="rates", bind="query-params")
        training = len(runs) == 1 or st.toggle(
            "Training too, dashed", key="with-training", bind="query-params"
        )
    with slot:
        left, right = st.columns(2)
        with left:
            _chart("Accuracy", runs, training=training)
        with right:
            _chart("Loss", runs, training=training)
    if rates:
        left, right = st.columns(2)
        with left:
            _chart("Learning rate", runs)
        with right:
            _chart("Images a second", runs)


def _chart(title: str, runs: Sequence[tuple[str, Metrics]], *, training: bool = True) -> None:
    st.caption(f"Validation {title.lower()}" if not training else title)
    slug = title.lower().replace(" ", "-")
    show_figure(
        curves(title, runs, training=training),
        slug,
        alt=f"{title} over the epochs of {_names(runs)}",
        table=lambda: curve_rows(title, runs),
    )


def curves(title: str, runs: Sequence[tuple[str, Metrics]], *, training: bool = True) -> go.Figure:
    """One figure, with lines of training or of validation alone.

    A single run has one colour per line; of several, each run has a colour, and dashes distinguish
    the lines.
    """
    figure, lines, number_format = (
        go.Figure(),
        LINES[title],
        ".2%" if title == "Accuracy" else ".4~g",
    )
    single = len(runs) == 1
    colors = hues(len(runs))
    for number, (label, metrics) in enumerate(runs):
        for index, (key, name) in enumerate(list(lines.items())[: None if training else 1]):
            points = [
                (row.epoch, value) for row in metrics if (value := getattr(row, key)) is not None
            ]
            if not points:
                continue
            text = name if single else label
            figure.add_scatter(
                x=[epoch for epoch, _ in points],
                y=[value for _, value in points],
                name=text,
                legendgroup=text,
                showlegend=single or index == 0,
                mode="lines+markers" if len(points) <= _FEW else "lines",
                line={
                    "color": _COLORS.get(name, INKS[0]) if single else colors[number],
                    "dash": _DASHES.get(name, "solid"),
                    "width": 2,
                },
                marker={"size": 5},
                cliponaxis=False,  # at 100 %
                hovertemplate=(
                    f"epoch %{{x}}, "
                    f"{name}<br>%{{y:{number_format}}}<extra>{'' if single else label}</extra>"
                ),
            )
    figure.update_layout(
        height=300,
        uirevision=title,
        showlegend=len(figure.data) > 1,
        hovermode="closest",
        legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
    )
    last = max((row.epoch for _, metrics in runs for row in metrics), default=1)
    figure.update_xaxes(tickformat="d", dtick=1 if last <= 10 else None)
    figure.update_yaxes(
        tickformat=".1~%" if title == "Accuracy" else None,
        rangemode="normal" if title in _TRAINING else "tozero",
        minallowed=0,
        maxallowed=1 if title == "Accuracy" else None,
    )
    return figure


def curve_rows(title: str, runs: Sequence[tuple[str, Metrics]]) -> list[list[object]]:
    """The same as a table, the header first."""
    keys = list(LINES[title])
    return [
        ["run", "epoch", *keys],
        *(
            [label, row.epoch, *(getattr(row, key) for key in keys)]
            for label, metrics in runs
            for row in metrics
        ),
    ]


def _names(runs: Sequence[tuple[str, Metrics]]) -> str:
    return ", ".join(label for label, _ in runs)
