"""The answer: one large character, five bars, and a sentence when it is not sure."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.gallery import img

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SURE = 0.6
"""Calibrated probability below which an answer is shown as a question."""


def percent(share: float) -> str:
    """A probability that is never called certain or impossible."""
    return (
        "> 99 %" if share > 0.99 else "< 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
    )


def show_reading(top: Sequence[tuple[str, float]]) -> None:
    """Draw the top classes, most probable first; plain HTML, because it is redrawn at every
    stroke.
    """
    label, confidence = top[0]
    if confidence >= SURE:
        sentence, css = f"{percent(confidence)} sure", "answer"
    else:
        others = " or ".join(name for name, share in top[:3] if share >= 0.1 or name == label)
        sentence, css = f"Not sure: {others}?", "answer unsure"
    st.html(
        f'<div class="reading" role="status"><div class="{css}" data-testid="answer">{escape(label)}</div>'
        f'<div>{bars(top)}</div><div class="sentence">{escape(sentence)}</div></div>'
    )


def bars(top: Sequence[tuple[str, float]]) -> str:
    """A bar for each class, most probable first, as HTML."""
    return "".join(
        f'<div class="bar {"first" if rank == 0 else ""}"><b>{escape(name)}</b>'
        f'<div class="track"><div class="fill" style="width:{share:.1%}"></div></div><span class="share">{percent(share)}</span></div>'
        for rank, (name, share) in enumerate(top)
    )


def show_empty(sentence: str) -> None:
    """What to do while there is nothing to read; keeps the room of an answer, so that nothing
    jumps.
    """
    st.html(
        f'<div class="reading" role="status"><div class="sentence">{escape(sentence)}</div></div>'
    )


def show_line(model: "Recognizer", picture: np.ndarray) -> None:
    """A picture of several characters with a box and its label over each, and the text."""
    from core.reading.line import read_line

    line = read_line(model, picture)
    if line is None:
        show_empty("No ink was found; try a picture with more contrast.")
        return
    height, width = line.ink.shape
    boxes = "".join(
        f'<div class="box" style="left:{left / width:.2%};top:{top / height:.2%};width:{w / width:.2%};height:{h / height:.2%}">'
        f"<span>{escape(label)}{'' if confidence >= SURE else '?'}</span></div>"
        for (left, top, w, h), label, confidence in zip(
            line.boxes, line.labels, line.confidences, strict=True
        )
    )
    st.html(
        f'<div class="line-text" role="status" data-testid="line">{escape(line.text)}</div>'
        f'<div class="line" style="max-width:{min(width, 720)}px">{img(255 - line.ink, alt="The line as it was split")}{boxes}</div>'
    )
    st.caption(
        ", ".join(
            f"{label} {percent(confidence)}"
            for label, confidence in zip(line.labels, line.confidences, strict=True)
        )
    )
