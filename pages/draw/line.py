"""A line of characters: each is boxed and read, and can be corrected."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.ink.encode import negative
from core.ink.strokes import draw_strokes, picture_of_strokes, strokes_in
from core.models.cards import Card
from core.settings import Settings
from pages.draw.correct import (
    Corrected,
    Cut,
    Written,
    correct,
    corrections,
    name_of,
    pick_character,
    picked,
    shown_label,
)
from pages.draw.share import share
from pages.shared.canvas import canvas
from pages.shared.classes import narrowed
from pages.shared.fragment import fragment
from pages.shared.gallery import img
from pages.shared.models import recognizer
from pages.shared.reader import pick_reader
from pages.shared.reading import show_empty
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer
    from core.reading.line import Line, LineCharacter

WIDTH, HEIGHT = 680, 200
"""Of the canvas, pixels, where there is room."""


@fragment
def show_line(settings: Settings) -> None:
    from core.reading.line import read_line_strokes

    with st.container(width=WIDTH + 4):
        drawn = canvas("line", width=WIDTH, height=HEIGHT, pen=10)
    answer = st.container()
    card = pick_reader(settings)
    if card is None:
        return
    share("line", drawn, size=(HEIGHT, WIDTH))
    with answer:
        if not drawn.strokes:
            show_empty(
                "Write several characters side by side, a little apart; each is boxed and read."
            )
            return
        model = narrowed(recognizer(card.name, settings))
        line = read_line_strokes(model, drawn.strokes, width=drawn.pen)
        picture = negative(draw_strokes(drawn.strokes, width=drawn.pen, size=drawn.size))

        def cut_out(character: "LineCharacter") -> Written:
            own = strokes_in(drawn.strokes, character.box)
            if not own:  # it shares a stroke with its neighbours
                return _cut(picture, character)
            strokes = [stroke.tolist() for stroke in own]
            return Written(picture_of_strokes(own, width=drawn.pen), strokes)

        _show(card, line, picture, cut_out)


def show_line_answer(model: "Recognizer", picture: np.ndarray) -> None:
    """A grey picture [H, W] of several characters: the text, with a box and its label over each."""
    from core.reading.line import read_line

    line = read_line(model, picture)
    _show(model.card, line, picture, lambda character: _cut(picture, character))


def _cut(picture: np.ndarray, character: "LineCharacter") -> Written:
    from core.reading.line import cut

    return Written(cut(picture, character.box), [])


def _show(card: Card, line: "Line | None", picture: np.ndarray, cut_out: Cut) -> None:
    if line is None:
        show_empty("No ink was found; try a picture with more contrast.")
        return
    name = name_of(line)
    corrected = corrections(name)
    text = line.text_with({at: given.label for at, given in corrected.items()})
    # in one element, as both change at once
    st.html(
        f'<div class="line-text" role="status" data-testid="line">{escape(text)}</div>'
        + _boxes(line, corrected, picked(name), picture)
    )
    for note in line.notes:
        st.caption(plain(note))
    position = pick_character(line, name)
    if position is not None:
        correct(card, line, position, cut_out, name)


def _boxes(
    line: "Line", corrected: Mapping[int, Corrected], selected: int | None, picture: np.ndarray
) -> str:
    height, width = picture.shape
    boxes = "".join(
        f'<div class="box{" selected" if position == selected else ""}" style="'
        f"left:{left / width:.2%};top:{top / height:.2%};"
        f'width:{w / width:.2%};height:{h / height:.2%}">'
        f"<span>{escape(shown_label(character, corrected.get(position)))}</span></div>"
        for position, character in enumerate(line.characters)
        for left, top, w, h in [character.box]
    )
    return (
        f'<div class="line" style="max-width:{min(width, 720)}px">'
        f"{img(negative(picture), alt='The line as it was split')}{boxes}</div>"
    )
