"""A field into which a picture is pasted from the clipboard."""

import base64
import binascii
from collections.abc import Callable

import streamlit as st

from core.settings import MAX_UPLOAD_BYTES

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


def pasted(kept: str, *, heard: Callable[[], None] = lambda: None) -> bytes | None:
    """The picture that was pasted last, which the session keeps by this name; None before the
    first. heard : called when there is another.
    """

    def read() -> None:
        sent = st.session_state["paste"].get("picture")
        if sent:
            try:
                data = base64.b64decode(sent.partition(",")[2], validate=True)
            except binascii.Error:
                data = b""
            st.session_state[kept] = data
            heard()

    component = st.components.v2.component(
        "inkling_paste", html=_PASTE_HTML, css=_PASTE_CSS, js=_PASTE_JS
    )
    component(data={"limit": MAX_UPLOAD_BYTES}, key="paste", on_picture_change=read)
    found: bytes | None = st.session_state.get(kept)
    return found
