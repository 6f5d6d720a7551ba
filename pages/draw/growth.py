"""Stroke by stroke: the drawing and its answer at any moment, moved in the browser without asking
the server; and how probable the leading classes became.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.intervals import probability
from pages.shared.canvas import Drawn
from pages.shared.charts import show_figure
from pages.shared.style import INKS, PAPER_AND_INK, theme

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer
    from core.reading.replay import Replay

_TOP = 3
"""Classes shown at each moment."""

_HTML, _CSS, _JS = (
    (Path(__file__).parent / f"scrubber.{kind}").read_text("utf-8")
    for kind in ("html", "css", "js")
)
_component = st.components.v2.component("inkling_scrubber", html=_HTML, css=_CSS, js=_JS)


def show_growth(model: "Recognizer", drawn: Drawn) -> None:
    from core.reading.replay import replay

    replayed = replay(model, drawn.strokes, width=drawn.pen)
    paper, ink = PAPER_AND_INK[theme()]
    data = {
        "strokes": drawn.to_json(),
        "pen": drawn.pen,
        "size": drawn.size,
        "paper": paper,
        "ink": ink,
        "moments": [_moment(replayed, number) for number in range(len(replayed.points))],
    }
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(key="scrubber", data={"json": json.dumps(data)})
    show_figure(
        _growth_chart(replayed),
        "growth",
        alt="Probability of the leading classes while the pen moved",
        table=lambda: _growth_table(replayed),
    )


def _moment(replay: "Replay", number: int) -> dict[str, object]:
    """The answer once so many points were drawn."""
    return {
        "points": int(replay.points[number]),
        "stroke": int(replay.stroke[number]),
        "top": [
            {"label": label, "share": round(share, 4), "text": probability(share)}
            for label, share in replay.prediction.top(_TOP, number)
        ],
    }


def _growth_chart(replay: "Replay") -> go.Figure:
    probabilities, share = replay.prediction.probabilities, _share_of_ink(replay)
    leading = np.argsort(-probabilities.max(0))[:4]
    figure = go.Figure(layout={"colorway": INKS})
    for index in leading:
        figure.add_scatter(
            x=share, y=probabilities[:, index], name=replay.prediction.classes[index], mode="lines"
        )
    for moment in np.flatnonzero(np.diff(replay.stroke)):
        figure.add_vline(x=share[moment], line_dash="dot", line_width=1, opacity=0.5)
    figure.update_layout(height=280, legend_title="Read as")
    figure.update_xaxes(title="share of the ink; dotted: the pen was lifted", tickformat=".0%")
    figure.update_yaxes(title="probability", tickformat=".0%", range=[0, 1.02])
    return figure


def _growth_table(replay: "Replay") -> list[list[object]]:
    """Table of every class at every moment, the header first."""
    columns = zip(
        _share_of_ink(replay), replay.stroke, replay.prediction.probabilities, strict=True
    )
    return [
        ["share of the ink", "stroke", *replay.prediction.classes],
        *([share, stroke, *probabilities] for share, stroke, probabilities in columns),
    ]


def _share_of_ink(replay: "Replay") -> np.ndarray:
    """Share drawn at each moment, above 0 to 1."""
    return np.linspace(0, 1, len(replay.points) + 1)[1:]
