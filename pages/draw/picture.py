"""A picture by upload, paste or camera: of one character or a line of them."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.crop import turn_and_crop
from core.ink.decode import PICTURE_SUFFIXES, decode
from core.ink.encode import negative
from core.ink.forms import canonical
from core.settings import MAX_UPLOAD_BYTES, Settings
from pages.draw.answer import ANSWER, show_answer
from pages.draw.explain import explain, pick_view
from pages.draw.line import show_line_answer
from pages.shared.address import correct_address
from pages.shared.classes import narrowed
from pages.shared.gallery import img
from pages.shared.models import recognizer
from pages.shared.paste import pasted
from pages.shared.reader import pick_reader
from pages.shared.reading import show_empty
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer


def show_picture(settings: Settings) -> None:
    if st.query_params.get("several") == "true":  # an older address
        correct_address({"several": [], "shows": ["Several"]})
    picture = _picture()
    card = pick_reader(settings)
    if card is None:
        return
    if picture is None:
        show_empty(
            "Choose, paste or photograph a picture of one character or a line of them; dark on "
            "light or light on dark."
        )
        return
    picture = _turned_and_cropped(picture)
    shows = st.segmented_control(
        "It shows",
        list(_SHOWS),
        default=FIND_OUT,
        required=True,
        key="shows",
        bind="query-params",
    )
    model = narrowed(recognizer(card.name, settings))
    if _SHOWS[shows](model, picture):
        show_line_answer(model, picture)
        return
    stages = canonical(picture, model.form)
    with st.container(horizontal=True, gap="medium", key="beside"):
        answer, closer = st.container(width=ANSWER), st.container(width="stretch", key="closer")
    with answer:
        show_answer(model, stages, lambda: picture, settings)
    if stages is not None:
        with closer:
            explain(pick_view(drawn=False), model, stages, lambda: picture, None, settings)


def _picture() -> np.ndarray | None:
    """A grey picture uint8 [H, W] from the chosen source; a bad file is answered with a message."""
    way = st.segmented_control(
        "From", list(_WAYS), default="Upload", required=True, key="from", bind="query-params"
    )
    name, data = _WAYS[way]()
    if data is None:
        return None
    try:
        return decode(data, name=name)
    except InklingError as error:
        st.error(plain(error), icon=":material/broken_image:")
        return None


def _several(model: "Recognizer", picture: np.ndarray) -> bool:
    from core.reading.line import read_line, shows_several

    line = read_line(model, picture)
    return line is not None and shows_several(model, line)


FIND_OUT = "Find out"
_SHOWS: dict[str, Callable[["Recognizer", np.ndarray], bool]] = {
    FIND_OUT: _several,
    "One character": lambda *_: False,
    "Several": lambda *_: True,
}
"""What a picture shows: whether it is read as a line."""


def _turned_and_cropped(grey: np.ndarray) -> np.ndarray:
    """The picture as the visitor turns and crops it; another picture starts upright and whole."""
    name = hashlib.sha256(grey.tobytes()).hexdigest()[:12]
    turns = f"turns-{name}"
    st.session_state.setdefault(turns, 0)
    with st.expander("Turn and crop", icon=":material/crop_rotate:"):
        with st.container(horizontal=True):
            st.button(
                "Turn left",
                icon=":material/rotate_90_degrees_ccw:",
                on_click=_turn,
                args=(turns, -1),
            )
            st.button(
                "Turn right",
                icon=":material/rotate_90_degrees_cw:",
                on_click=_turn,
                args=(turns, 1),
            )
        across = st.slider("Across, %", 0, 100, (0, 100), key=f"across-{name}")
        down = st.slider("Down, %", 0, 100, (0, 100), key=f"down-{name}")
        chosen = turn_and_crop(grey, quarters=st.session_state[turns], across=across, down=down)
        with st.container(width=240):
            st.html(img(negative(chosen), alt="The part that is read", side=480))
    return chosen


def _turn(turns: str, quarters: int) -> None:
    st.session_state[turns] = (st.session_state[turns] + quarters) % 4


def _upload() -> tuple[str, bytes | None]:
    file = st.file_uploader(
        "Picture",
        type=[suffix[1:] for suffix in PICTURE_SUFFIXES],
        # more than is read: what the browser itself refuses leaves the last file's answer standing
        max_upload_size=4 * MAX_UPLOAD_BYTES // 2**20,
        label_visibility="collapsed",
    )
    return (file.name, file.getvalue()) if file else ("", None)


def _camera() -> tuple[str, bytes | None]:
    file = st.camera_input("Photograph a character", label_visibility="collapsed")
    return ("The photograph", file.getvalue()) if file else ("", None)


def _paste() -> tuple[str, bytes | None]:
    return "The pasted picture", pasted("pasted")


_WAYS = {"Upload": _upload, "Paste": _paste, "Camera": _camera}
