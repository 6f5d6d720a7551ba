"""Draw: a character is read as the pen lifts; or a line of them; or a picture."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import InklingError
from core.ink.strokes import checked_strokes, picture_of_strokes
from core.models.cards import Card
from core.settings import Settings
from pages.draw.explain import explain
from pages.draw.keep import wrong_it_was
from pages.draw.picture_input import picture_input
from pages.shared.canvas import Strokes, canvas, leave_canvas, put_strokes
from pages.shared.models import pick_model, recognizer, warm_up
from pages.shared.reading import show_empty, show_line, show_reading
from pages.shared.style import on_phone

SIDE = 320
LINE = {"phone": (340, 150), "desk": (680, 200)}
MODES = ("Character", "Line", "Picture")


def page() -> None:
    """Controls, then whichever of the three modes is chosen."""
    settings = Settings.from_environment()
    st.title("Draw")
    st.caption("Draw a character and see it read as the pen lifts.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = st.segmented_control(
            "Read", MODES, default="Character", required=True, key="mode", bind="query-params"
        )
        with st.container(width=260):
            card = pick_model(settings)
    if card is None:
        return
    warm_up(card.name, settings)
    if mode == "Picture":
        leave_canvas()
        _picture(card, settings)
    elif mode == "Line":
        _line(card, settings)
    else:
        _character(card, settings)


@st.fragment
def _character(card: Card, settings: Settings) -> None:
    """The hot path: nothing but the canvas and the answer may run before the answer is on the
    screen.
    """
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=SIDE + 4), st.container(width="stretch")
    with left:
        area = st.container(key="canvas")
        pen = _pen(20)
        with area:
            strokes = canvas("character", width=SIDE, height=SIDE, pen=pen)
        with st.container(horizontal=True):
            _clear_button("character")
            st.button(
                "Draw one for me",
                icon=":material/auto_awesome:",
                on_click=_draw_one,
                args=(card, pen),
            )
    picture = _picture_of(strokes, pen) if strokes else None
    if picture is None:
        with right:
            show_empty(
                "Draw with the mouse, a finger or a pen: the answer appears here when you lift it."
            )
        return
    _show_character(card, picture, strokes, settings, right, pen=pen)


def _show_character(
    card: Card,
    picture: np.ndarray,
    strokes: Strokes,
    settings: Settings,
    place: DeltaGenerator,
    *,
    pen: int = 0,
) -> None:
    """The answer in `place`, then everything that explains it below."""
    model = recognizer(card.name, settings)
    stages = model.stages(picture)
    with place:
        if stages is None:
            show_empty("No ink was found here; try a wider pen or a picture with more contrast.")
            return
        top = model.predict(stages.model_input[None]).top()
        show_reading(top)
        wrong_it_was(card, picture, strokes, top, settings)
    explain(model, stages, picture, strokes, pen=pen, size=(SIDE, SIDE))


@st.fragment
def _line(card: Card, settings: Settings) -> None:
    width, height = LINE["phone" if on_phone() else "desk"]
    area = st.container(key="canvas")
    pen = _pen(10)
    with area:
        strokes = canvas("line", width=width, height=height, pen=pen)
    _clear_button("line")
    picture = _picture_of(strokes, pen) if strokes else None
    if picture is None:
        show_empty("Write several characters side by side, a little apart; each is boxed and read.")
        return
    show_line(recognizer(card.name, settings), picture)


def _picture(card: Card, settings: Settings) -> None:
    picture = picture_input()
    if picture is None:
        show_empty(
            "Choose, paste or photograph a picture of one character or a line of them; dark on light or light on dark."
        )
        return
    if st.toggle("It shows several characters", key="several", bind="query-params"):
        show_line(recognizer(card.name, settings), picture)
        return
    _show_character(card, picture, [], settings, st.container())


def _clear_button(name: str) -> None:
    st.button(
        "Clear", icon=":material/delete:", on_click=put_strokes, args=(name, []), kwargs={"pen": 1}
    )


def _pen(default: int) -> int:
    with st.container(width=SIDE):
        return st.slider(
            "Pen width, pixels", 4, 40, default, key=f"pen{default}", bind="query-params"
        )


def _picture_of(strokes: Strokes, pen: int) -> np.ndarray | None:
    try:
        return picture_of_strokes(checked_strokes(strokes, width=pen), width=pen)
    except InklingError as error:
        st.error(str(error))
        return None


def _draw_one(card: Card, pen: int) -> None:
    from core.synthesis.glyph_file import load_glyphs
    from core.synthesis.handwriting import Handwriting

    known = tuple(label for label in load_glyphs("natural").glyphs if label in card.classes)
    numbers = np.random.default_rng()
    writing = Handwriting(labels=known, seed=int(numbers.integers(2**31)))
    put_strokes(
        "character", writing.sketch(int(numbers.integers(len(known)))).strokes(size=SIDE), pen=pen
    )


page()
