"""A sweep: accuracy along a setting, a confusion matrix for each value, and the failures."""

import json

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.evaluation.robustness.results import JITTER, Level, Sweep
from core.evaluation.robustness.shipped import shipped_sweep
from core.evaluation.robustness.sweep import parse_values, writings_along
from core.intervals import probability
from core.synthesis.filmstrip import TRACKS, short_name
from core.synthesis.request import Request
from pages.robustness.accuracy_chart import show_accuracy
from pages.robustness.along import pick_along, show_examples, write_values
from pages.robustness.source import Source
from pages.shared.address import read_choice, write_choice
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
from pages.shared.text import plain


def show_sweep(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        along = pick_along()
        text = write_values(along)
    with st.sidebar:
        chosen = st.multiselect(
            "Models",
            list(source.weights),
            list(source.weights)[:1],
            key="models",
            bind="query-params",
        )
        count = int(
            st.number_input(
                "Images of each character", 10, 100_000, 100, key="count", bind="query-params"
            )
        )
    if not chosen:
        st.info("Choose a model.", icon=":material/psychology:")
        return
    try:
        values = parse_values(text)
        writings_along(source.request, along, values)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    finished: dict[str, Sweep] = {}
    for name in chosen:
        arguments = _arguments(name, source.request, along, text, count)
        job = source.job(name, arguments)
        shipped = shipped_sweep(
            source.cards[name],
            source.weights[name],
            request=source.request,
            along=along,
            values=values,
            count=count,
        )
        if job.state() == "done":
            finished[name] = Sweep.from_json(json.loads(job.output()))
        elif shipped is not None:
            finished[name] = shipped
        else:
            run_job(f"Sweep {name}", arguments, job, key=f"sweep-{name}", done=lambda _: st.rerun())
    if finished:
        _show_rates(finished)
    show_examples(source.request, along, values)
    if finished:
        _show_values(finished)


def _arguments(model: str, request: Request, along: str, values: str, count: int) -> list[str]:
    """Of the command; along jitter those of every version, whose results are kept."""
    axis = (
        ["--jitter", values]
        if along == JITTER
        else ["--along", short_name(along), "--values", values]
    )
    characters = [] if request.digits == Request.digits else ["--digits", request.digits]
    return [
        *("sweep", "--model", model, "--glyphs", request.glyphs, *characters, *axis),
        *("--count", str(count), "--seed", str(request.seed), "--json"),
    ]


def _show_rates(sweeps: dict[str, Sweep]) -> None:
    """Curves of all sweeps."""
    rates = {title: swept.rates for title, swept in sweeps.items()}
    digits = dict.fromkeys(row.digit for swept in rates.values() for row in swept.rows)
    chosen = st.segmented_control(
        "By character",
        list(digits),
        selection_mode="multi",
        format_func=plain,
        key="by",
        bind="query-params",
    )
    first = next(iter(sweeps.values()))
    show_accuracy(rates, list(chosen), alt=f"Accuracy against {TRACKS[first.along].label}")
    st.caption(
        f"{first.count} images of each character at each value, the same handwriting at all of "
        f"them; {plain(first.glyphs)} glyphs, seed {first.request.seed}. "
        + (
            "Drawings go through the canonical form first, effects come after it."
            if first.canonical
            else "Images are read as they are."
        )
    )


def _show_values(sweeps: dict[str, Sweep]) -> None:
    """Matrix and failures of one sweep at one value."""
    first = next(iter(sweeps.values()))
    levels = {f"{level.value:g}": level.value for level in first.levels}
    usual = list(levels)[min(4, len(levels) - 1)]
    read_choice("at", usual, levels)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = st.segmented_control("At value", list(levels), required=True, key="at") or usual
        title = (
            st.selectbox("Model", list(sweeps), key="of", width=240)
            if len(sweeps) > 1
            else next(iter(sweeps))
        )
    write_choice("at", usual, at)
    swept = sweeps[title]
    level = next(item for item in swept.levels if item.value == levels[at])
    _matrix(level.confusion, swept.classes)
    _failures(swept, level)


def _matrix(confusion: np.ndarray, classes: tuple[str, ...]) -> None:
    """Rows: true classes; columns: every class that was answered."""
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
        alt="Confusion matrix at this value",
        table=lambda: confusion_table(confusion, classes, rows, columns),
    )


def _failures(swept: Sweep, level: Level) -> None:
    if not level.failures:
        st.caption("Nothing was misread at this value.")
        return
    st.caption(
        "The failures of each character that the truth was least probable in, worst first: read "
        "as, and how probable that and the truth are."
    )
    writing = swept.writing(level.value)
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
