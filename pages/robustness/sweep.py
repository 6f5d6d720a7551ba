"""A sweep: accuracy against jitter, a confusion matrix for each level, and the failures."""

import json
from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.evaluation.robustness.results import Level, Sweep
from core.evaluation.robustness.shipped import shipped_sweep
from core.evaluation.robustness.sweep import JITTERS, parse_jitters
from core.intervals import probability
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.robustness.accuracy_chart import show_accuracy
from pages.robustness.source import Source
from pages.shared.charts import show_figure
from pages.shared.gallery import gallery
from pages.shared.heat_map import (
    confusion_figure,
    confusion_table,
    confusion_texts,
    row_shares,
    share_colors,
    shown_classes,
)
from pages.shared.jobs import run_job


def show_sweep(source: Source) -> None:
    with st.sidebar:
        chosen = st.multiselect(
            "Models",
            list(source.weights),
            list(source.weights)[:1],
            key="models",
            bind="query-params",
        )
        jitters = st.text_input(
            "Jitter radii R",
            ",".join(map("{:g}".format, JITTERS)),
            key="jitters",
            bind="query-params",
        )
        count = int(
            st.number_input(
                "Images of each digit", 10, 100_000, 100, key="count", bind="query-params"
            )
        )
    if not chosen:
        st.info("Choose a model.", icon=":material/psychology:")
        return
    st.caption(
        "R is the radius of the discs that control points fall into, in units of a grid of 28."
    )
    try:
        radii = parse_jitters(jitters)
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return
    finished: dict[str, Sweep] = {}
    for name in chosen:
        options = ["--jitter", jitters, "--count", str(count), "--seed", str(source.seed), "--json"]
        arguments = ["sweep", "--model", name, "--glyphs", source.glyphs, *options]
        job = source.job(name, arguments)
        shipped = shipped_sweep(
            source.cards[name],
            source.weights[name],
            glyphs=source.glyphs,
            jitters=radii,
            count=count,
            seed=source.seed,
        )
        if job.state() == "done":
            finished[name] = Sweep.from_json(json.loads(job.output()))
        elif shipped is not None:
            finished[name] = shipped
        else:
            run_job(f"Sweep {name}", arguments, job, key=f"sweep-{name}", done=lambda _: st.rerun())
    if finished:
        _show(finished)


def _show(sweeps: dict[str, Sweep]) -> None:
    """Curves of all sweeps, then matrix and failures of one sweep at one jitter."""
    chosen = st.segmented_control(
        "By digit", DIGITS, selection_mode="multi", key="by", bind="query-params"
    )
    rates = {title: swept.rates for title, swept in sweeps.items()}
    show_accuracy(rates, list(chosen), alt="Accuracy against jitter radius")
    first = next(iter(sweeps.values()))
    st.caption(
        f"{first.count} images of each digit at each R, the same handwriting at all of them; "
        f"{first.glyphs} glyphs, seed {first.seed}. "
        + (
            "Images go through the canonical form first."
            if first.canonical
            else "Images are read as they are."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        levels = [level.jitter for level in first.levels]
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
    at = next(item for item in swept.levels if item.jitter == level)
    _matrix(at.confusion, swept.classes)
    _failures(swept, at)


def _matrix(confusion: np.ndarray, classes: tuple[str, ...]) -> None:
    """Rows: true digits; columns: every class that was answered."""
    rows, columns = shown_classes(confusion)
    cell = np.ix_(rows, columns)
    figure = confusion_figure(
        row_shares(confusion)[cell],
        classes,
        rows,
        columns,
        colors=share_colors(),
        hover=confusion_texts(confusion, classes, rows, columns),
        numbers=np.where(confusion[cell] > 0, confusion[cell].astype(str), ""),
    )
    show_figure(
        figure,
        "sweep-confusion",
        alt="Confusion matrix at this jitter",
        table=lambda: confusion_table(confusion, classes, rows, columns),
    )


def _failures(swept: Sweep, level: Level) -> None:
    if not level.failures:
        st.caption("Nothing was misread at this R.")
        return
    st.caption(
        "The failures of each digit that the truth was least probable in, worst first: read as, "
        "and how probable that and the truth are."
    )
    glyphs = load_glyphs(swept.glyphs)
    hand = replace(glyphs.hand, jitter=level.jitter)
    writing = Handwriting(glyphs, hand, seed=swept.handwriting_seed)
    gallery(
        [writing.draw(failure.number, 1)[0][0] for failure in level.failures],
        [
            f"{failure.answer}, {probability(failure.confidence)}\n"
            f"{failure.truth}, {probability(failure.truth_probability)}"
            for failure in level.failures
        ],
        alts=[f"A misread {failure.truth}" for failure in level.failures],
        name="failures",
    )
