"""Scores of each class, and the most confused pairs; a pair links to its cell of the matrix."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.predictions import DatasetPrediction
from core.evaluation.scores import (
    TOP,
    ClassScores,
    class_scores,
    confused_pairs,
    confusion_matrix,
    top_k_hits,
)
from core.intervals import percent, rates, span
from pages.evaluate.cell import choose_cell
from pages.evaluate.source import Source, show_accuracy
from pages.shared.cache import cached
from pages.shared.charts import error_bars, show_figure
from pages.shared.heat_map import shown_classes
from pages.shared.style import INKS, on_phone
from pages.shared.text import plain

SCORES = ("Recall", "Precision", "F1", "Errors")
SORTS = ("classes", "worst first")
PAIRS = 20
"""Confused pairs that are listed."""

_PAIRS_TABLE = "confused-pairs"
_FEW = 20
"""Classes up to which columns have room on a phone."""

_WHAT = {
    "Recall": "Of the pictures of a class, the share that was read as it.",
    "Precision": "Of the pictures read as a class, the share that is of it.",
    "F1": "The harmonic mean of recall and precision; no proportion, so without an interval here.",
    "Errors": "Pictures of a class read as another, and pictures of others read as it.",
}


def show_classes(source: Source) -> None:
    predictions = source.predictions
    if not len(predictions):
        st.info(
            "No picture is left to score: all are marked as unreadable. Set Marks to ignored.",
            icon=":material/info:",
        )
        return
    _overall(source)
    confusion = confusion_matrix(predictions.truth, predictions.answers, len(predictions.classes))
    scores = cached("scores", source.state, lambda: class_scores(predictions))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        score = st.segmented_control(
            "Score", SCORES, default=SCORES[0], required=True, key="score", bind="query-params"
        )
        sort = st.segmented_control(
            "Sort by", SORTS, default=SORTS[0], required=True, key="sort-by", bind="query-params"
        )
    _, here = shown_classes(confusion)
    indices = (
        here[np.argsort(_goodness(score, scores, confusion)[here], kind="stable")]
        if sort == SORTS[1]
        else here
    )
    rows = _rows(predictions.classes, scores, confusion)
    show_figure(
        class_figure(score, predictions.classes, scores, confusion, indices),
        f"{score.lower()}-by-class",
        alt=f"{score} of each of {len(indices)} classes",
        table=lambda: [list(rows[0]), *(list(rows[index].values()) for index in indices)],
    )
    left_out = len(predictions.classes) - len(here)
    without = f" {left_out} classes that are neither in these data nor answered are left out."
    st.caption(_WHAT[score] + (without if left_out else ""))
    _pairs(predictions.classes, confusion)
    st.subheader("Every class", anchor=False)
    _table([rows[index] for index in indices])
    st.caption(plain(source.caveat))


def class_figure(
    score: str,
    classes: Sequence[str],
    scores: ClassScores,
    confusion: np.ndarray,
    indices: np.ndarray,
) -> go.Figure:
    """Scores of the classes at `indices`, in that order: points with intervals, as bars of rates
    near 100 % all look alike; errors as bars.

    On a phone many classes go down the page, else across.
    """
    names, down = [escape(classes[index]) for index in indices], on_phone() and len(indices) > _FEW
    figure = go.Figure()
    if score == "Errors":
        missed, taken = confusion.sum(1) - np.diag(confusion), confusion.sum(0) - np.diag(confusion)
        for values, of, name, color in (
            (missed, scores.support, "of it, read as another", INKS[0]),
            (taken, scores.answered, "of others, read as it", INKS[1]),
        ):
            sentence = (
                "pictures of it are read as another"
                if of is scores.support
                else "pictures read as it are of others"
            )
            figure.add_bar(
                **_across(names, values[indices], down),
                orientation="h" if down else "v",
                name=name,
                marker_color=color,
                customdata=names,
                text=[f"{values[index]:,} of {of[index]:,} {sentence}" for index in indices],
                textposition="none",
                hovertemplate="%{customdata}: %{text}<extra></extra>",
            )
    else:
        _add_rates(figure, score, names, scores, np.diag(confusion), indices, down)
    value_axis: dict[str, object] = {
        "title": "pictures" if score == "Errors" else f"{score.lower()}{', 95 %' * (score != 'F1')}"
    }
    value_axis |= {"rangemode": "tozero"} if score == "Errors" else {"tickformat": ".1~%"}
    class_axis: dict[str, object] = {
        "type": "category",
        "tickangle": 0,
        "dtick": 1,
        "tickfont": {"size": 12 if len(indices) <= 47 else 10},
    }
    class_axis["range"] = [len(indices) - 0.4, -0.6] if down else [-0.6, len(indices) - 0.4]
    figure.update_layout(
        height=60 + 19 * len(indices) if down else 320,
        showlegend=score == "Errors",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        margin={"t": 30 if score == "Errors" else 10},
    )
    figure.update_xaxes(**(value_axis | {"side": "top"} if down else class_axis))
    figure.update_yaxes(**(class_axis if down else value_axis))
    return figure


def _add_rates(
    figure: go.Figure,
    score: str,
    names: Sequence[str],
    scores: ClassScores,
    hits: np.ndarray,
    indices: np.ndarray,
    down: bool,
) -> None:
    if score == "F1":
        values, errors = scores.f1[indices], None
        texts = [
            f"precision {percent(scores.precision[index])}, recall {percent(scores.recall[index])}"
            for index in indices
        ]
    else:
        counts = scores.support if score == "Recall" else scores.answered
        result = np.array(rates(hits[indices], counts[indices]))
        result[counts[indices] == 0] = np.nan  # a rate of 0 images is not 0
        values = result[:, 0]
        errors = error_bars(values, result[:, 1], result[:, 2])
        texts = [
            f"{hits[index]:,} of {counts[index]:,}, 95 % from {span((low, high))}"
            for index, (_, low, high) in zip(indices, result, strict=True)
        ]
    value = "x" if down else "y"
    figure.add_scatter(
        **_across(names, values, down),
        mode="markers",
        marker={"color": INKS[0], "size": 8},
        text=texts,
        customdata=names,
        hovertemplate=f"%{{customdata}}: %{{{value}:.2%}}<br>%{{text}}<extra></extra>",
        **({f"error_{value}": errors} if errors else {}),
    )


def _across(names: Sequence[str], values: np.ndarray, down: bool) -> dict[str, object]:
    return {"x": values, "y": names} if down else {"x": names, "y": values}


def _goodness(score: str, scores: ClassScores, confusion: np.ndarray) -> np.ndarray:
    """Sort key, worst first; undefined rates come last."""
    if score == "Errors":
        return 2 * np.diag(confusion) - confusion.sum(1) - confusion.sum(0)
    if score == "F1":
        return scores.f1
    rate, counts = (
        (scores.recall, scores.support)
        if score == "Recall"
        else (scores.precision, scores.answered)
    )
    return np.where(counts > 0, rate, np.inf)


def _overall(source: Source) -> None:
    predictions = source.predictions
    top = cached("top", source.state, lambda: _top(predictions))
    within = ", ".join(f"{k}: {percent(result / len(predictions))}" for k, result in top)
    show_accuracy(predictions, f" The truth is among its first {within}." if within else "")


def _top(predictions: DatasetPrediction) -> list[tuple[int, int]]:
    return [(k, top_k_hits(predictions, k)) for k in TOP if k < len(predictions.classes)]


def _rows(
    classes: Sequence[str], scores: ClassScores, confusion: np.ndarray
) -> list[dict[str, object]]:
    """A table row for each class; None if nothing was counted."""
    hits = np.diag(confusion)
    recall, precision = rates(hits, scores.support), rates(hits, scores.answered)
    return [
        {
            "class": name,
            "n": int(scores.support[index]),
            **_rate("recall", recall[index], int(scores.support[index])),
            "answered": int(scores.answered[index]),
            **_rate("precision", precision[index], int(scores.answered[index])),
            "F1": float(scores.f1[index]),
        }
        for index, name in enumerate(classes)
    ]


def _rate(name: str, interval: tuple[float, float, float], count: int) -> dict[str, object]:
    return dict(
        zip((name, f"{name} from", f"{name} to"), interval if count else (None,) * 3, strict=True)
    )


def _table(rows: list[dict[str, object]]) -> None:
    share = st.column_config.NumberColumn
    st.dataframe(
        rows,
        hide_index=True,
        alt="Scores of each class",
        column_config={
            "class": st.column_config.TextColumn(pinned=True, width=60),
            "n": share("n", help="Pictures of the class (support)", format="localized"),
            "answered": share(help="Pictures read as it", format="localized"),
            **{
                f"{name}{end}": share(
                    f"{end.strip()}" if end else name,
                    format="percent",
                    help=f"{name}{end}, 95 %" if end else None,
                )
                for name in ("recall", "precision")
                for end in ("", " from", " to")
            },
            "F1": share(format="percent"),
        },
    )


def _pairs(classes: Sequence[str], confusion: np.ndarray) -> None:
    pairs = confused_pairs(confusion, PAIRS)
    st.subheader("Confused most", anchor=False)
    if not pairs:
        st.caption("Nothing was misread.")
        return
    errors = int(confusion.sum() - np.trace(confusion))
    rows = []
    for truth, answer, images in pairs:
        of = int(confusion[truth].sum())
        rows.append(
            {
                "truth": classes[truth],
                "read as": classes[answer],
                "pictures": images,
                "of": of,
                "share": images / of,
                "the other way": int(confusion[answer, truth]),
                "of all errors": images / errors,
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        alt="The pairs that are confused most",
        key=_PAIRS_TABLE,
        selection_mode="single-cell",
        on_select=lambda: _open_pair(
            [(classes[truth], classes[answer]) for truth, answer, _ in pairs]
        ),
        column_config={
            "share": st.column_config.NumberColumn("share of the truth", format="percent"),
            "of all errors": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            ),
        },
    )
    shown = sum(images for *_, images in pairs)
    st.caption(
        f"These {len(pairs)} make {shown:,} of {errors:,} errors. Click one to see its pictures in "
        "the matrix."
    )


def _open_pair(pairs: Sequence[tuple[str, str]]) -> None:
    """Go to the matrix, at the cell of the clicked row; the rest of the address stays."""
    cells = st.session_state[_PAIRS_TABLE]["selection"]["cells"]
    if cells:
        truth, answer = pairs[cells[0][0]]
        choose_cell(truth, answer)
        # its pickers are not on the screen yet and would not update the address
        st.query_params.update(truth=truth, read=answer)
        st.session_state["show"] = "Matrix"
