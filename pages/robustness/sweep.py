"""A robustness sweep on a screen: accuracy against jitter, a confusion matrix for each level, and
the failures.
"""

from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.shared.gallery import img
from pages.shared.reading import percent
from pages.shared.style import INKS, PAPER_AND_INK, theme

TOTAL = "all digits"
_PLAIN = {"displaylogo": False}


def accuracy_chart(sweeps: dict[str, dict[str, Any]], digits: list[str]) -> go.Figure:
    """Accuracy against jitter with 95 % intervals; a line for each sweep (by its title), in total
    or for each chosen digit.
    """
    figure = go.Figure(layout={"colorway": INKS})
    styles = ("solid", "dash", "dot", "dashdot")
    for number, (title, swept) in enumerate(sweeps.items()):
        for place, digit in enumerate(digits or [TOTAL]):
            rows = (
                swept["totals"]
                if digit == TOTAL
                else [row for row in swept["rows"] if row["digit"] == digit]
            )
            color = INKS[(place if digits else number) % len(INKS)]
            accuracy = [row["accuracy"] for row in rows]
            figure.add_scatter(
                x=[row["jitter"] for row in rows],
                y=accuracy,
                mode="lines+markers",
                name=f"{title}, {digit}" if digits else title,
                line={"color": color, "dash": styles[number % len(styles)] if digits else "solid"},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 1,
                    "width": 3,
                    "array": [row["interval"][1] - row["accuracy"] for row in rows],
                    "arrayminus": [row["accuracy"] - row["interval"][0] for row in rows],
                },
                customdata=[[row["correct"], row["n"]] for row in rows],
                hovertemplate="R %{x}: %{y:.2%} (%{customdata[0]} of %{customdata[1]})",
            )
    figure.update_layout(
        height=360, margin={"l": 0, "r": 0, "t": 10, "b": 0}, legend={"orientation": "h", "y": -0.2}
    )
    figure.update_xaxes(title="jitter radius R, units of the 28-unit grid")
    figure.update_yaxes(title="accuracy, 95 % interval", tickformat=".0%", rangemode="tozero")
    return figure


def show_sweeps(sweeps: dict[str, dict[str, Any]]) -> None:
    """Curves of all sweeps, then matrix and failures of one of them at one jitter."""
    chosen = st.segmented_control(
        "By digit", DIGITS, selection_mode="multi", key="by", bind="query-params"
    )
    st.plotly_chart(
        accuracy_chart(sweeps, list(chosen)), config=_PLAIN, alt="Accuracy against jitter radius"
    )
    first = next(iter(sweeps.values()))
    st.caption(
        f"{first['count']} images of each digit at each R, the same handwriting at all of them; {first['glyphs']} glyphs, "
        f"seed {first['seed']}."
        f" {'Images go through the canonical form first.' if first['canonical'] else 'Images are read as they are.'}"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        levels = [row["jitter"] for row in first["totals"]]
        level = st.segmented_control(
            "At R",
            levels,
            default=levels[min(4, len(levels) - 1)],
            required=True,
            key="at",
            format_func="{:g}".format,
        )
        title = (
            st.selectbox("Model", list(sweeps), key="of", width=240)
            if len(sweeps) > 1
            else next(iter(sweeps))
        )
    swept = sweeps[title]
    place = [row["jitter"] for row in swept["totals"]].index(level)
    _matrix(np.array(swept["confusion"][place]), swept["classes"])
    _failures(swept, level)


def _matrix(confusion: np.ndarray, classes: list[str]) -> None:
    """Rows: truth, of digits; columns: every class that was answered."""
    truth = [place for place, name in enumerate(classes) if confusion[place].any()]
    answers = [
        place for place, name in enumerate(classes) if place in truth or confusion[:, place].any()
    ]
    counts = confusion[np.ix_(truth, answers)]
    shares = counts / counts.sum(1, keepdims=True)
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[classes[place] for place in answers],
            y=[classes[place] for place in truth],
            text=np.where(counts > 0, counts.astype(str), ""),
            texttemplate="%{text}",
            textfont={"color": PAPER_AND_INK[theme()][1]},
            colorscale=[[0, "rgba(192, 82, 47, 0)"], [1, "rgba(192, 82, 47, 1)"]],
            zmin=0,
            zmax=1,
            showscale=False,
            hovertemplate="%{y} read as %{x}: %{text} times, %{z:.1%}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    figure.update_layout(height=60 + 30 * len(truth), margin={"l": 0, "r": 0, "t": 30, "b": 0})
    figure.update_xaxes(title="read as", type="category", side="top", showgrid=False)
    figure.update_yaxes(title="truth", type="category", autorange="reversed", showgrid=False)
    st.plotly_chart(figure, config=_PLAIN, alt="Confusion matrix at this jitter")


def _failures(swept: dict[str, Any], level: float) -> None:
    rows = [row for row in swept["failures"] if row["jitter"] == level]
    if not rows:
        st.caption("Nothing was misread at this R.")
        return
    st.caption(
        "The failures of each digit that the truth was least probable in, worst first: read as, and how probable that and the truth are."
    )
    glyphs = load_glyphs(swept["glyphs"])
    writing = Handwriting(
        glyphs, replace(glyphs.hand, jitter=level), seed=swept["handwriting_seed"]
    )
    items = []
    for row in rows:
        image = writing.draw(row["number"], 1)[0][0]
        told = f"{row['answer']}, {percent(row['confidence'])}\n{row['truth']}, {percent(row['truth_probability'])}"
        picture = img(255 - image, alt="A misread " + row["truth"])
        items.append(f"<figure>{picture}<figcaption>{escape(told)}</figcaption></figure>")
    st.html(f'<div class="gallery" data-testid="failures">{"".join(items)}</div>')
