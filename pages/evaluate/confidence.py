"""Whether the probabilities are calibrated, and what abstaining gains where the recognizer is
unsure.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.calibration import Coverage, Reliability, coverage, reliability
from core.evaluation.predictions import DatasetPrediction
from core.evaluation.scores import refit
from core.intervals import percent, rates, span, wilson_interval
from core.models.prediction import SURE
from pages.evaluate.source import Source
from pages.shared.cache import cached
from pages.shared.charts import error_bars, show_figure
from pages.shared.fragment import fragment
from pages.shared.style import INKS, PAPER_AND_INK, theme
from pages.shared.text import plain

BINS = 20
"""Of the histogram; the reliability diagram has the 15 of Guo et al."""

THRESHOLDS = np.round(np.arange(0, 1.0005, 0.005), 3)
_NEAR_ONE = 0.05
"""A temperature this near to 1 changes nothing that one would see."""


def show_confidence(source: Source) -> None:
    predictions = source.predictions
    if not len(predictions):
        st.info(
            "No picture is left to look at: all are marked as unreadable. Set Marks to ignored.",
            icon=":material/info:",
        )
        return
    result = reliability(predictions.confidence, predictions.right)
    temperature = cached("temperature", source.state, lambda: refit(predictions))
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Calibration", anchor=False)
        show_figure(
            reliability_figure(result),
            "reliability",
            alt="Reliability diagram",
            table=lambda: _reliability_rows(result),
        )
        st.caption(meaning(result, temperature))
    with right:
        st.subheader("Confidence", anchor=False)
        slot = st.container()
        log = st.toggle("Logarithmic counts", value=True, key="log-counts", bind="query-params")
        with slot:
            counts = _histogram(predictions)
            show_figure(
                histogram_figure(*counts, log=log),
                "confidence",
                alt="Histogram of the confidence of right and wrong answers",
                table=lambda: [
                    ["from", "to", "right", "wrong"],
                    *zip(_edges()[:-1], _edges()[1:], *counts, strict=True),
                ],
            )
    fragment(_threshold)(predictions)
    st.caption(plain(source.caveat))


def reliability_figure(bins: Reliability) -> go.Figure:
    """Accuracy by confidence, with intervals and the diagonal; larger points stand for more
    answers.
    """
    intervals = np.array(rates(bins.hits, bins.count))
    ink = PAPER_AND_INK[theme()][1]
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": ink, "width": 1, "dash": "dot"},
        opacity=0.5,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=bins.confidence,
        y=bins.accuracy,
        mode="lines+markers",
        line={"color": INKS[0], "width": 1.5},
        showlegend=False,
        marker={"size": 5 + 11 * np.sqrt(bins.count / bins.count.max()), "opacity": 1},
        error_y=error_bars(*intervals.T),
        text=[
            f"{count:,} answers between {low:.2f} and {high:.2f}<br>{hits:,} right, 95 % from "
            f"{span(ends)}"
            for low, high, count, hits, (_, *ends) in zip(
                bins.low, bins.high, bins.count, bins.hits, intervals, strict=True
            )
        ],
        hovertemplate="said %{x:.1%}, right %{y:.1%}<br>%{text}<extra></extra>",
    )
    figure.update_layout(height=360)
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[-0.02, 1.02], dtick=0.2)
    figure.update_yaxes(title="right, 95 % interval", tickformat=".0%", range=[-0.02, 1.02])
    return figure


def meaning(bins: Reliability, temperature: float) -> str:
    """The reliability diagram in words."""
    if abs(temperature - 1) <= _NEAR_ONE:
        text = "its probabilities mean what they say"
    elif temperature > 1:
        text = "it is surer than it should be"
    else:
        text = "it could be surer than it is"
    return (
        "Above the dotted line it is more often right than it says, below it less. On average the "
        f"two are {100 * bins.error:.2f} points "
        f"apart (expected calibration error, {bins.count.sum():,} answers in 15 bins). The "
        "temperature that would fit these data is "
        f"{temperature:.2f}: {text}. Larger points hold more answers."
    )


def histogram_figure(right: np.ndarray, wrong: np.ndarray, *, log: bool) -> go.Figure:
    """Right and wrong answers, int [BINS] each, by their confidence."""
    edges = _edges()
    figure = go.Figure()
    texts = [
        f"{low:.2f} to {high:.2f}: {hits:,} right, {misses:,} wrong"
        for low, high, hits, misses in zip(edges[:-1], edges[1:], right, wrong, strict=True)
    ]
    for counts, name, color in ((right, "right", INKS[1]), (wrong, "wrong", INKS[0])):
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            name=name,
            marker_color=color,
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(
        height=360,
        barmode="group",
        bargap=0.12,
        bargroupgap=0,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[-0.02, 1.02], dtick=0.2)
    figure.update_yaxes(
        title="answers", type="log" if log else "linear", dtick=1 if log else None, tickformat=",d"
    )
    if log:
        # a single answer still has a visible bar
        figure.update_yaxes(range=[-0.3, np.log10(max(right.max(), wrong.max(), 1)) + 0.1])
    return figure


def coverage_figure(curve: Coverage, threshold: float) -> go.Figure:
    """Accuracy of the answers against the share answered, with the threshold marked."""
    some = curve.answered > 0
    shares, thresholds = curve.answered[some] / curve.n, curve.thresholds[some]
    result = np.array(rates(curve.hits[some], curve.answered[some]))
    figure = go.Figure()
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=shares, y=result[:, 2], **band)
    figure.add_scatter(
        x=shares, y=result[:, 1], fill="tonexty", fillcolor="rgba(77, 127, 158, 0.2)", **band
    )
    figure.add_scatter(
        x=shares,
        y=result[:, 0],
        mode="lines",
        line={"color": INKS[1], "width": 2},
        customdata=thresholds,
        showlegend=False,
        hovertemplate="from %{customdata:.3f} on: answers %{x:.1%}, %{y:.2%} right<extra></extra>",
    )
    at = np.flatnonzero(thresholds == threshold)
    if len(at):
        figure.add_scatter(
            x=shares[at],
            y=result[at, 0],
            mode="markers",
            marker={"color": INKS[0], "size": 13},
            showlegend=False,
            hoverinfo="skip",
        )
    figure.update_layout(height=320)
    figure.update_xaxes(title="share of the pictures that is answered", tickformat=".0~%")
    figure.update_yaxes(title="right, 95 % interval", tickformat=".2~%")
    return figure


def _threshold(predictions: DatasetPrediction) -> None:
    """A fragment: moving the threshold redraws nothing else."""
    st.subheader("Answer only when sure", anchor=False)
    curve = coverage(predictions.confidence, predictions.right, THRESHOLDS)
    threshold = st.slider(
        "Answer from this confidence on",
        0.0,
        1.0,
        SURE,
        0.005,
        format="%.3f",
        key="threshold",
        bind="query-params",
        help="Below it the Draw screen shows its answer as a question.",
    )
    at = int(np.argmin(np.abs(THRESHOLDS - threshold)))
    st.html(f'<p class="figure-line" data-testid="at-threshold">{at_threshold(curve, at)}</p>')
    show_figure(
        coverage_figure(curve, float(THRESHOLDS[at])),
        "coverage",
        alt="Share of right answers against the share of pictures answered",
        table=lambda: [
            ["threshold", "answered", "right", "n"],
            *zip(THRESHOLDS, curve.answered, curve.hits, [curve.n] * len(THRESHOLDS), strict=True),
        ],
    )


def at_threshold(curve: Coverage, at: int) -> str:
    """In words, as HTML, what is answered at this threshold, and what is left to a person."""
    answered, hits = int(curve.answered[at]), int(curve.hits[at])
    all_hits = int(curve.hits[0])
    if not answered:
        return (
            f"From {curve.thresholds[at]:.3f} on it answers nothing; {all_hits:,} of the "
            f"{curve.n:,} answers it withholds would be right."
        )
    interval = wilson_interval(hits, answered)
    left = curve.n - answered
    return (
        f"From {curve.thresholds[at]:.3f} on it answers <b>{percent(answered / curve.n)}</b> of "
        f"the pictures ({answered:,} of "
        f"{curve.n:,}), and <b>{percent(hits / answered)}</b> of these are right (95 % "
        f"{span(interval)})"
        + (
            f"; {left:,} are left to a person, of which it would read "
            f"{percent((all_hits - hits) / left)} correctly."
            if left
            else "."
        )
    )


def _edges() -> np.ndarray:
    return np.linspace(0, 1, BINS + 1)


def _histogram(predictions: DatasetPrediction) -> tuple[np.ndarray, np.ndarray]:
    right, wrong = (
        np.histogram(predictions.confidence[rows], _edges())[0]
        for rows in (predictions.right, ~predictions.right)
    )
    return right, wrong


def _reliability_rows(bins: Reliability) -> list[list[object]]:
    columns = zip(bins.low, bins.high, bins.count, bins.hits, bins.confidence, strict=True)
    return [["from", "to", "answers", "right", "mean confidence"], *map(list, columns)]
