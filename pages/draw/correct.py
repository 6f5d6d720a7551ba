"""One character of a line: what else it may be, and its true label if it was misread.

A correction lives as long as the drawing. It keeps the character in My drawings; undone, the
character is taken out again.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.encode import negative
from core.intervals import probability
from core.models.cards import Card
from pages.shared.canvas import Strokes
from pages.shared.gallery import img
from pages.shared.reading import told
from pages.shared.text import plain
from pages.shared.visitor import check_drawings, settings_here

if TYPE_CHECKING:
    from core.reading.line import Line, LineCharacter


class Written(NamedTuple):
    """One character by itself: grey picture [H, W], and its strokes if they are known."""

    picture: np.ndarray
    strokes: Strokes


Cut = Callable[["LineCharacter"], Written]
"""Cuts a character out of its line."""


class Corrected(NamedTuple):
    """A true label, and the id of the character in My drawings, or why it could not be kept."""

    label: str
    drawing: int | None
    problem: str = ""


def name_of(line: "Line") -> str:
    """A name for this drawing of a line: another drawing has another."""
    boxes = str([character.box for character in line.characters])
    return sha256(line.ink.tobytes() + boxes.encode()).hexdigest()[:16]


def corrections(name: str) -> dict[int, Corrected]:
    """What was corrected in the drawing of that name, by position."""
    found: dict[int, Corrected] = st.session_state.get(f"corrected-{name}", {})
    return found


def picked(name: str) -> int | None:
    """The position of the character that `pick_character` has, before it is drawn."""
    position: int | None = st.session_state.get(f"line-{name}")
    return position


def pick_character(line: "Line", name: str) -> int | None:
    """A row of the characters to tap one; its position, None for none."""
    labels = [
        shown_label(character, corrections(name).get(at)) + _unseen(at)
        for at, character in enumerate(line.characters)
    ]
    position: int | None = st.pills(
        "Tap a character to see what else it may be",
        range(len(labels)),
        format_func=lambda at: plain(labels[at]),
        key=f"line-{name}",
    )
    return position


def _unseen(number: int) -> str:
    """A number in characters without width: pills are told apart by their text, and a line may have
    a character twice.
    """
    return f"{number:b}".translate({ord("0"): "\u200b", ord("1"): "\u200c"})


def shown_label(character: "LineCharacter", corrected: Corrected | None) -> str:
    """The label of a character, as a question where it is neither corrected nor sure."""
    return corrected.label if corrected else told(character.label, character.confidence)


def correct(card: Card, line: "Line", position: int, cut_out: Cut, name: str) -> None:
    """What the character at a position may be, to choose from."""
    character = line.characters[position]
    given = corrections(name).get(position)
    current = given.label if given else character.label
    shares = dict(character.top)
    # widgets of their own for each character and label: they follow the corrections
    key = f"line-{name}-{position}-{current}"

    def choose(widget: str) -> None:
        label = st.session_state.get(f"{widget}-{key}")
        _correct(card.name, character, label, cut_out, position, name)

    with st.container(horizontal=True, vertical_alignment="center", key="line-character"):
        with st.container(width=88):
            st.html(img(negative(cut_out(character).picture), alt=f"Character {position + 1}"))
        with st.container(width="stretch"):
            st.pills(
                f"Character {position + 1} is",
                list(dict.fromkeys([*shares, current])),
                default=current,
                format_func=lambda label: (
                    f"{plain(label)} · {probability(shares[label])}"
                    if label in shares
                    else plain(label)
                ),
                key=f"likely-{key}",
                on_change=choose,
                args=("likely",),
            )
            st.selectbox(
                "Or another",
                [label for label in card.classes if label != current],
                index=None,
                placeholder="Any class",
                width=160,
                key=f"other-{key}",
                on_change=choose,
                args=("other",),
            )
    if given and given.problem:
        st.error(plain(given.problem), icon=":material/error:")
    elif given:
        st.caption(
            f"Read as {plain(character.label)}, corrected to {plain(current)} and kept in My "
            f"drawings. Tap {plain(current)} again to undo it."
        )


def _correct(
    model: str,
    character: "LineCharacter",
    label: str | None,
    cut_out: Cut,
    position: int,
    name: str,
) -> None:
    """Take a label for the true one; None, or the one that was read, takes it back."""
    from core.datasets.drawings import Drawing, delete, save

    settings = settings_here()
    given: dict[int, Corrected] = st.session_state.setdefault(f"corrected-{name}", {})
    before = given.pop(position, None)
    if before is not None and before.drawing is not None:
        with suppress(InklingError):  # it stays in My drawings, where it can be deleted
            delete(settings, [before.drawing])
    if label is None or label == character.label:
        return
    answer = character.label, character.confidence
    try:
        drawing = Drawing(*cut_out(character), label, *answer, model)
        check_drawings(settings, [drawing])
        given[position] = Corrected(label, save(settings, drawing))
    except InklingError as error:
        given[position] = Corrected(label, None, str(error))
