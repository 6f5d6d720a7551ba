"""A line of characters: each is boxed and read."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.ink.strokes import picture_of_strokes
from core.intervals import probability
from core.models.cards import Card
from core.settings import Settings
from pages.draw.answer import show_empty
from pages.draw.pen import canvas_and_pen
from pages.shared.canvas import clear_button, strokes_on_canvas
from pages.shared.fragment import fragment
from pages.shared.gallery import img
from pages.shared.models import recognizer
from pages.shared.reading import SURE
from pages.shared.style import on_phone

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SIZES = {"phone": (340, 150), "desk": (680, 200)}


@fragment
def show_line(card: Card, settings: Settings) -> None:
    width, height = SIZES["phone" if on_phone() else "desk"]
    strokes, pen = canvas_and_pen("line", width=width, height=height, pen=10)
    clear_button("line")
    drawn = strokes_on_canvas(strokes, pen=pen)
    if not drawn:
        show_empty("Write several characters side by side, a little apart; each is boxed and read.")
        return
    show_line_answer(recognizer(card.name, settings), picture_of_strokes(drawn, width=pen))


def show_line_answer(model: "Recognizer", picture: np.ndarray) -> None:
    """A picture of several characters with a box and its label over each, and the text."""
    from core.reading.line import read_line

    line = read_line(model, picture)
    if line is None:
        show_empty("No ink was found; try a picture with more contrast.")
        return
    height, width = line.ink.shape
    boxes = "".join(
        '<div class="box" '
        f'style="left:{left / width:.2%};top:{top / height:.2%};'
        f'width:{w / width:.2%};height:{h / height:.2%}">'
        f"<span>{escape(label)}{'' if confidence >= SURE else '?'}</span></div>"
        for (left, top, w, h), label, confidence in zip(
            line.boxes, line.labels, line.confidences, strict=True
        )
    )
    st.html(
        f'<div class="line-text" role="status" data-testid="line">{escape(line.text)}</div>'
        '<div class="line" '
        f'style="max-width:{min(width, 720)}px">'
        f"{img(line.ink, alt='The line as it was split')}{boxes}</div>"
    )
    st.caption(
        ", ".join(
            f"{label} {probability(confidence)}"
            for label, confidence in zip(line.labels, line.confidences, strict=True)
        )
    )
