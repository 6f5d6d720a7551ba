"""The answer: one large character, five bars, and a sentence when it is not sure."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.intervals import probability
from core.models.prediction import SURE, UNKNOWN


def show_reading(top: Sequence[tuple[str, float]]) -> None:
    """Draw the top classes, most probable first; plain HTML, because it is redrawn at every
    stroke.
    """
    label, confidence = top[0]
    if confidence >= SURE:
        sentence, css = f"{probability(confidence)} sure", "answer"
    elif confidence < UNKNOWN:
        sentence, css = "Perhaps none of the classes", "answer unsure"
    else:
        others = " or ".join(name for name, share in top[:3] if share >= 0.1 or name == label)
        sentence, css = f"Not sure: {others}?", "answer unsure"
    st.html(
        f'<div class="reading" role="status" style="--signs: {len(label)}"><div class="{css}" '
        f'data-testid="answer">{escape(label)}</div>'
        f'<div>{bars(top)}</div><div class="sentence">{escape(sentence)}</div></div>'
    )


def show_bars(top: Sequence[tuple[str, float]]) -> None:
    """Draw the bars alone, where there is no room for the large character."""
    st.html(f'<div class="reading bars-only" data-testid="bars"><div>{bars(top)}</div></div>')


def show_empty(sentence: str) -> None:
    """A hint while there is nothing to read; reserves the space of an answer, so that nothing
    jumps.
    """
    st.html(
        f'<div class="reading" role="status"><div class="sentence">{escape(sentence)}</div></div>'
    )


def told(label: str, confidence: float) -> str:
    """A label, as a question where it is not sure."""
    return label if confidence >= SURE else f"{label}?"


def bars(top: Sequence[tuple[str, float]]) -> str:
    """A bar for each class, most probable first, as HTML."""
    return "".join(
        f'<div class="bar {"first" if rank == 0 else ""}"><b>{escape(name)}</b>'
        f'<div class="track"><div class="fill" style="width:{share:.1%}"></div></div><span '
        f'class="share">{probability(share)}</span></div>'
        for rank, (name, share) in enumerate(top)
    )
