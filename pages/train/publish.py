"""Make this a recognizer: a run's best epoch joins the model picker of all screens, with its
card.
"""

import re
from collections.abc import Mapping

import streamlit as st

from core.errors import InklingError
from core.intervals import percent, span
from core.models.cards import Card, find_cards
from core.settings import Settings
from core.training.runs import Run
from pages.shared.take_away import offer_export
from pages.shared.text import plain
from pages.train.run_table import Row

_DONE = "recognizer-made"


def offer_recognizer(run: Run, row: Row, settings: Settings, *, doubtful: bool) -> None:
    """A form for its name and title; afterwards its card. doubtful : it reads badly, which the page
    has said, and a recognizer is made of it only if that is confirmed.
    """
    if not run.best.exists() or not run.answers.exists():
        st.caption("Nothing that could become a recognizer was kept of this run; train it again.")
        return
    made = st.session_state.get(_DONE) == run.name
    with st.expander("Make this a recognizer", icon=":material/add_reaction:", expanded=made):
        name = st.text_input(
            "Name",
            f"my-{row.model}",
            max_chars=40,
            key=f"recognizer-{run.name}",
            help="Letters, figures and hyphens.",
        )
        title = st.text_input(
            "Title", f"{row.model}, trained on {row.data}", max_chars=120, key=f"title-{run.name}"
        )
        cards = find_cards(settings)
        problem = _problem(name, cards, settings)
        sure = not doubtful or st.checkbox(
            "Make it although it reads badly", key=f"badly-{run.name}"
        )
        if name in cards and not problem:
            sure &= st.checkbox(
                f"Replace the recognizer {name} that there is", key=f"replace-{run.name}"
            )
        if problem:
            st.caption(f":material/error: {plain(problem)}")
        if st.button(
            "Make it",
            icon=":material/add_reaction:",
            disabled=bool(problem) or not sure,
            key=f"make-{run.name}",
        ):
            _make(run, name, title or name, settings)
        if st.session_state.get(_DONE) == run.name and (
            card := st.session_state.get("recognizer-card")
        ):
            _show(card, settings)


def _problem(name: str, cards: Mapping[str, object], settings: Settings) -> str:
    if not re.fullmatch(r"\w[\w-]*", name):
        return "A name has letters, figures and hyphens only."
    if name in cards and not (settings.models / f"{name}.json").exists():
        return f"{name} is one of Inkling's own; choose another name."
    return ""


def _make(run: Run, name: str, title: str, settings: Settings) -> None:
    try:
        with st.spinner("Calibrating its confidence …"):
            from core.evaluation.publish import publish

            card = publish(run, name=name, title=title, folder=settings.models)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    except (OSError, KeyError) as error:
        st.error(
            f"The recognizer could not be made ({plain(error)}); the run may be gone, or the disk "
            f"full.",
            icon=":material/error:",
        )
        return
    st.session_state.update({_DONE: run.name, "recognizer-card": card})
    st.toast(
        f"{plain(name)} stands in the model picker of every screen now.", icon=":material/check:"
    )


def _show(card: Card, settings: Settings) -> None:
    figure = card.validation
    assert figure is not None
    st.markdown(f"**{plain(card.name)}**: {plain(card.title)}")
    st.caption(
        f"{percent(figure.accuracy or 0.0)} on {plain(figure.data)} (n = {figure.n:,}, 95 % "
        f"interval "
        f"{span(figure.interval)}). {len(card.classes)} classes, "
        f"{card.parameters:,} parameters, {card.minutes:g} min on {card.hardware}; "
        f"learnt from {plain(card.data)}."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "draw/page.py",
            label="Draw with it",
            icon=":material/draw:",
            query_params={"model": card.name},
        )
        offer_export(card, settings)
