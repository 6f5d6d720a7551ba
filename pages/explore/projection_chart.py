"""The chart of a map of images, and its data as a table."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from core.datasets.dataset import Dataset
from core.statistics.projection import Projection
from pages.shared.style import INKS, hues, on_phone

MISREAD = "misread"
_SVG_POINTS = 3000


def scatter(
    projection: Projection, dataset: Dataset, colored: str, star: np.ndarray | None
) -> go.Figure:
    """Points coloured by class or, if `colored` is "error", by being read right.

    star : float [2], the visitor's own picture.
    """
    labels, right = dataset.labels[projection.rows], read_right(projection, dataset)
    if colored == "error":
        groups = [("right", right, "rgba(128, 120, 105, 0.35)"), (MISREAD, ~right, INKS[0])]
    else:
        colors = hues(len(dataset.classes))
        groups = [
            (name, labels == index, colors[index])
            for index, name in enumerate(dataset.classes)
            if (labels == index).any()
        ]
    kind = go.Scatter if len(projection.rows) <= _SVG_POINTS else go.Scattergl
    figure = go.Figure()
    names = np.array(
        [*map(escape, dataset.classes), "something else" if was_asked(projection) else "?"]
    )
    for name, members, color in groups:
        indices = np.flatnonzero(members)
        details = np.stack(
            [
                indices.astype(object),
                projection.rows[indices],
                names[labels[indices]],
                names[projection.answers[indices]],
            ],
            1,
        )
        figure.add_trace(
            kind(
                x=projection.points[indices, 0],
                y=projection.points[indices, 1],
                mode="markers",
                name=escape(name),
                customdata=details,
                marker={
                    "size": 9 if name == MISREAD else 5 if len(projection.rows) <= 5000 else 4,
                    "color": color,
                },
                hovertemplate=(
                    "number %{customdata[1]:,}: %{customdata[2]}, read as "
                    "%{customdata[3]}<extra></extra>"
                ),
            )
        )
    if star is not None:
        marker = {
            "symbol": "star",
            "size": 18,
            "color": INKS[0],
            "line": {"width": 1.5, "color": "#fff"},
        }
        figure.add_trace(
            kind(
                x=star[:1],
                y=star[1:],
                mode="markers",
                name="found",
                hoverinfo="skip",
                marker=marker,
            )
        )
    height = 400 if on_phone() else 560
    figure.update_layout(
        height=height,
        dragmode="lasso",
        legend={"itemsizing": "constant"},
        hoverlabel={"namelength": 0},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure


def read_right(projection: Projection, dataset: Dataset) -> np.ndarray:
    """Whether each is read right; if no recognizer could, all are."""
    return (
        projection.answers == dataset.labels[projection.rows]
        if was_asked(projection)
        else np.ones(len(projection.rows), bool)
    )


def was_asked(projection: Projection) -> bool:
    """Whether a recognizer that knows any of the classes was used."""
    return bool((projection.answers >= 0).any())


def projection_table(projection: Projection, dataset: Dataset) -> Iterator[Sequence[object]]:
    """A header, then a row for each image."""
    yield [
        "number",
        "label",
        "read as",
        "x",
        "y",
        "distance to the nearest",
        "to the fifth nearest",
    ]
    names = [*dataset.classes, ""]
    for index, row in enumerate(projection.rows):
        yield [
            row,
            dataset.classes[dataset.labels[row]],
            names[projection.answers[index]],
            *projection.points[index],
            projection.distance[index],
            projection.oddity[index],
        ]
