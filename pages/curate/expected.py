"""How far labelling has come: the accuracy to expect with more labels, and how they are spread over
the classes.
"""

from dataclasses import dataclass
from math import log

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.curation.collection import reading_order
from core.curation.expected import FEWEST, LearningCurve, learning_curve
from core.curation.proposals import Features, Proposals
from core.intervals import percent
from pages.curate.balance import show_counts
from pages.curate.source import Source
from pages.shared.cache import cached
from pages.shared.charts import show_figure
from pages.shared.style import hues

_GROWTH = 1.2
"""So many times more labels are worth another curve."""


@dataclass(frozen=True, eq=False)
class Given:
    """Which of the pictures that are proposed for have a label from a person: places int64 [L],
    indices into the features, and their labels. waiting : int64, those not decided on.
    """

    places: np.ndarray
    labels: tuple[str, ...]
    waiting: np.ndarray

    @staticmethod
    def of(source: Source, features: Features) -> "Given":
        """As it is now."""
        now = source.curated()
        decided, kept = now.decided[features.rows], now.kept[features.rows]
        places = np.flatnonzero(decided & kept)
        labels = tuple(now.classes[label] for label in now.labels[features.rows[places]])
        return Given(places, labels, np.flatnonzero(~decided))


def show_expected(
    source: Source, features: Features, proposals: Proposals, *, of: tuple[object, ...]
) -> None:
    """Both charts. of : identifies the features."""
    given = Given.of(source, features)
    st.markdown("##### Accuracy to expect")
    if len(given.labels) < FEWEST:
        # the count stands above the board, which is drawn anew more often
        st.caption(f"It is told here once there are {FEWEST} labels.")
    else:
        often = int(log(len(given.labels)) / log(_GROWTH))
        curve = cached(
            "learning-curve",
            (*of, source.log, often),
            lambda: learning_curve(features, given.places, given.labels),
        )
        assert curve is not None
        _show_curve(curve, len(features))
    st.markdown("##### Labels")
    _show_labels(given, proposals)


def _show_curve(curve: LearningCurve, most: int) -> None:
    sizes = np.unique(np.geomspace(curve.sizes[0], max(most, 2 * curve.sizes[-1]), 40).astype(int))
    measured, law = hues(2)
    figure = go.Figure()
    figure.add_scatter(
        x=sizes,
        y=[100 * curve.at(int(size)) for size in sizes],
        mode="lines",
        name="power law",
        line={"color": law, "dash": "dot"},
    )
    figure.add_scatter(
        x=curve.sizes,
        y=[100 * share for share in curve.accuracy],
        mode="markers",
        name="measured",
        marker={"color": measured, "size": 8},
    )
    figure.update_layout(height=210, showlegend=False)
    figure.update_xaxes(title="labels", type="log", dtick=1)
    figure.update_yaxes(title="right, %", range=[100 * min(curve.accuracy) - 1, 100.3])
    show_figure(
        figure,
        "expected",
        alt="Accuracy of the proposals by number of labels",
        table=lambda: [
            ("labels", "measured", "power law"),
            *[
                (size, share, curve.at(size))
                for size, share in zip(curve.sizes, curve.accuracy, strict=True)
            ],
        ],
    )
    now, more = curve.sizes[-1], 2 * curve.sizes[-1]
    promised = "more promise no better ones"
    if curve.at(more) > curve.accuracy[-1]:
        promised = f"by a power law {percent(curve.at(more))} with {more:,}"
    st.caption(
        f"Proposals: {percent(curve.accuracy[-1])} right with {now:,} labels (cross-validated, n = "
        f"{curve.n:,}), {promised}. Doubtful pictures that were labelled first are harder than the "
        "rest."
    )


def _show_labels(given: Given, proposals: Proposals) -> None:
    """Given ones, and on them those proposed for the rest."""
    proposed = [proposals.classes[answer] for answer in proposals.answers[given.waiting]]
    classes = reading_order({*proposals.classes, *given.labels})
    counts = {
        kind: np.array([labels.count(name) for name in classes])
        for kind, labels in (("labelled", list(given.labels)), ("proposed", proposed))
    }
    show_counts(
        classes, counts, "rows-labels", alt="Labels given and proposed of each class", height=260
    )
