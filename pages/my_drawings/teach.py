"""Teach it: a copy of a recognizer learns the drawings; it is compared, and kept or dropped."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.datasets import drawings
from core.datasets.labels import class_index, in_order
from core.errors import InklingError
from core.intervals import percent, span
from core.jobs.job import Job
from core.jobs.public import NO_TRAINING
from core.models.cards import Card, is_shipped
from core.settings import Settings
from core.synthesis.own_glyphs import OWN
from pages.my_drawings.gallery import count_of
from pages.shared.jobs import run_job
from pages.shared.models import pick_model
from pages.shared.text import plain

FEW = 10
"""Drawings of a class; with fewer, little can be learnt of it."""


def teach(settings: Settings, *, pick_glyphs: Callable[[], str] | None = None) -> None:
    """The recognizer to start from, what it would learn, the job, and its result.

    pick_glyphs : draws a picker of the glyph set that writes half of what it learns: OWN, or the
    path of one.
    """
    st.subheader("Teach it")
    learns = "your drawings" + (", and as many that your hand writes," if pick_glyphs else "")
    st.caption(
        f"A copy of a recognizer learns {learns} in a minute or two, beside what it knows. Both "
        "are then measured; you keep the copy or drop it."
    )
    if settings.own:
        st.caption(NO_TRAINING)
        return
    kept = drawings.labels(settings)
    labels = in_order(kept.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=220):
            card = pick_model(settings, classes=labels)
        if card is None:
            return
        with st.container(width=220):
            name = st.text_input(
                "Name of the copy", f"{card.name}-mine", max_chars=40, key=f"copy-of-{card.name}"
            )
        with st.container(width=220):
            glyphs = pick_glyphs() if pick_glyphs else ""
    st.caption(plain(_learns(kept, labels, card)))
    if problem := _problem(name, card):
        st.caption(f":material/error: {plain(problem)}")
        return
    arguments = ["fine-tune", card.name, "--data", drawings.NAME, "--save-as", name, "--json"]
    arguments += ["--glyphs", glyphs] if glyphs else []
    inputs: list[Path | str] = [str(sorted(kept.items()))]
    if glyphs and glyphs != OWN:
        inputs.append(Path(glyphs))  # it may be edited
    job = Job.of(arguments, settings, inputs=inputs)
    run_job("Teach it", arguments, job, key="teach", done=lambda job: _result(job, name, settings))


def _learns(kept: Mapping[int, str], labels: Sequence[str], card: Card) -> str:
    new = [label for label in labels if class_index(label, card.classes) is None]
    few = [label for label in new if [*kept.values()].count(label) < FEW]
    sentence = f"{count_of(len(kept)).capitalize()} of {', '.join(labels)}."
    if new:
        sentence += f" New to {card.name}: {', '.join(new)}."
    if few:
        sentence += f" Draw a dozen of each new class; there are fewer of {' and '.join(few)}."
    return sentence


def _problem(name: str, card: Card) -> str:
    if not re.fullmatch(r"\w[\w-]*", name):
        return "A name has letters, figures and hyphens only."
    if name == card.name:
        return "The copy needs a name of its own."
    if is_shipped(name):
        return f"{name} is one of Inkling's own; choose another name."
    return ""


def _result(job: Job, name: str, settings: Settings) -> None:
    from core.evaluation.fine_tune import FineTuned

    try:
        result = FineTuned.from_json(json.loads(job.output()))
    except (ValueError, TypeError, KeyError):
        st.warning("The result cannot be read; teach it again.", icon=":material/error:")
        return
    compared = {
        "Drawings held out": result.held_out,
        "Drawings learnt": result.learnt,
        result.test.data if result.test else "": result.test,
    }
    shown = {title: item for title, item in compared.items() if item}
    rows = [
        f"| {plain(title)} | {item.n:,} | {percent(item.before.accuracy or 0)} | "
        f"{percent(item.after.accuracy or 0)} |"
        for title, item in shown.items()
    ]
    st.markdown("| | n | before | after |\n|:--|--:|--:|--:|\n" + "\n".join(rows))
    intervals = [f"{plain(title)} {span(item.after.interval)}" for title, item in shown.items()]
    st.caption(
        f"Read correctly by {plain(result.model)} before, by {plain(name)} after; 95 % intervals "
        f"of it: "
        f"{'; '.join(intervals)}. What it learnt from flatters it."
    )
    if not result.held_out:
        st.caption("Nothing was held out: of each class there were fewer than five drawings.")
    if not result.test:
        st.caption(
            "The old test set is not on this machine, so what was forgotten is not measured."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep it", icon=":material/check:", type="primary"):
            job.forget()
            st.toast(
                f"{plain(name)} stands in the model picker of every screen.",
                icon=":material/check:",
            )
            st.rerun()
        if st.button("Drop it", icon=":material/delete:"):
            _drop(job, name, settings)
        st.page_link(
            "draw/page.py",
            label="Draw with it",
            icon=":material/draw:",
            query_params={"model": name},
        )


def _drop(job: Job, name: str, settings: Settings) -> None:
    from core.evaluation.publish import remove_recognizer

    try:
        remove_recognizer(name, settings)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    job.forget()
    st.toast(f"{plain(name)} is gone.", icon=":material/delete:")
    st.rerun()
