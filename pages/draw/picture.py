"""A picture by upload, paste or camera: of one character or a line of them."""

import base64
import binascii

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.decode import PICTURE_SUFFIXES, decode
from core.ink.forms import canonical
from core.models.cards import Card
from core.settings import MAX_UPLOAD_BYTES, Settings
from pages.draw.answer import show_answer, show_empty
from pages.draw.line import show_line_answer
from pages.shared.canvas import leave_canvas
from pages.shared.models import recognizer

_PASTE_JS = """
export default function ({ parentElement, setTriggerValue, data }) {
  const area = parentElement.querySelector(".paste");
  const note = parentElement.querySelector(".note");
  const send = (file) => {
    if (file.size > data.limit) { note.textContent = "That picture is too large."; return; }
    const reader = new FileReader();
    reader.onload = () => setTriggerValue("picture", reader.result);
    reader.readAsDataURL(file);
  };
  area.onpaste = (event) => {
    event.preventDefault();
    const file = [...event.clipboardData.files].find((item) => item.type.startsWith("image/"));
    note.textContent = file ? "Pasted." : "There is no picture on the clipboard.";
    if (file) send(file);
  };
}
"""
_PASTE_HTML = """
<div class="paste" tabindex="0" role="textbox" aria-label="Paste a picture here">
  Click here, then paste <span class="note"></span>
</div>
"""
_PASTE_CSS = """
.paste {
  padding: 1.1rem; border: 1px dashed var(--st-border-color); border-radius: 4px;
  color: var(--st-text-color); font-family: var(--st-font); cursor: text;
}
.paste:focus { outline: 2px solid var(--st-primary-color); }
.note { opacity: 0.7; }
"""


def show_picture(card: Card, settings: Settings) -> None:
    leave_canvas()
    picture = _picture()
    if picture is None:
        show_empty(
            "Choose, paste or photograph a picture of one character or a line of them; dark on "
            "light "
            "or light on dark."
        )
        return
    several = st.toggle("It shows several characters", key="several", bind="query-params")
    model = recognizer(card.name, settings)
    if several:
        show_line_answer(model, picture)
        return
    show_answer(
        model, canonical(picture, model.form), lambda: picture, [], settings, st.container()
    )


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
        st.error(str(error), icon=":material/broken_image:")
        return None


def _upload() -> tuple[str, bytes | None]:
    file = st.file_uploader(
        "Picture", type=[suffix[1:] for suffix in PICTURE_SUFFIXES], label_visibility="collapsed"
    )
    return (file.name, file.getvalue()) if file else ("", None)


def _camera() -> tuple[str, bytes | None]:
    file = st.camera_input("Photograph a character", label_visibility="collapsed")
    return ("The photograph", file.getvalue()) if file else ("", None)


def _paste() -> tuple[str, bytes | None]:
    component = st.components.v2.component(
        "inkling_paste", html=_PASTE_HTML, css=_PASTE_CSS, js=_PASTE_JS
    )
    result = component(
        data={"limit": MAX_UPLOAD_BYTES}, key="paste", on_picture_change=lambda: None
    )
    if result.get("picture"):
        try:
            st.session_state["pasted"] = base64.b64decode(
                result["picture"].partition(",")[2], validate=True
            )
        except binascii.Error:
            st.session_state["pasted"] = b""
    return "The pasted picture", st.session_state.get("pasted")


_WAYS = {"Upload": _upload, "Paste": _paste, "Camera": _camera}
