"""Share: a drawing as a link or as a file, and opened again from either."""

from urllib.parse import urlencode

import streamlit as st

from core.errors import InklingError
from core.ink.drawing_link import (
    MAX_FILE_BYTES,
    LinkedDrawing,
    from_json,
    from_text,
    to_json,
    to_text,
)
from pages.shared.canvas import Drawn, put_strokes
from pages.shared.text import plain

PARAMETER = "strokes"

_NOT_PASSED_ON = (PARAMETER, "tour")


def share(name: str, drawn: Drawn, *, size: tuple[int, int]) -> None:
    """A popover with link and file of the drawing; and the drawing of the link that was opened,
    which goes on the canvas called `name`, of this height and width, and leaves the address.
    """
    _open_link(name, size)
    key = f"share-{name}"
    with st.popover("Share", icon=":material/share:", key=key, on_change="rerun") as popover:
        if not popover.open:  # nothing is encoded at every stroke
            return
        if drawn.strokes:
            _offer(LinkedDrawing(drawn.strokes, drawn.pen, drawn.size), name)
        else:
            st.caption("Draw something, and its link and its file are here.")
        st.file_uploader(
            "Open a drawing",
            ["json"],
            key=f"open-{name}",
            max_upload_size=MAX_FILE_BYTES // 2**20,
            on_change=_open_file,
            args=(name, size),
        )
        if problem := st.session_state.pop("share-problem", ""):
            st.error(plain(problem), icon=":material/error:")


def _offer(drawing: LinkedDrawing, name: str) -> None:
    try:
        st.caption("This address shows the drawing and its answer.")
        st.code(_link(to_text(drawing)), language=None, wrap_lines=True)
    except InklingError as error:
        st.caption(plain(error))
    st.download_button(
        "Save as a file",
        to_json(drawing),
        "drawing.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        key=f"save-{name}",
    )


def _link(text: str) -> str:
    """The address of this screen as it is, with the drawing."""
    state, shown = st.session_state, st.query_params.to_dict()
    kept = {key: value for key, value in shown.items() if key not in _NOT_PASSED_ON}
    model = {"model": state["model"]} if "model" in state else {}  # another's usual may differ
    page = (st.context.url or "").partition("?")[0]
    return f"{page}?{urlencode({**kept, **model, PARAMETER: text})}"


def _open_link(name: str, size: tuple[int, int]) -> None:
    text = st.query_params.get(PARAMETER)
    if text is None:
        return
    # the browser sends the address once more before it hears of its change
    if st.session_state.get("link-opened") != text:
        try:
            _put(name, from_text(text), size)
        except InklingError as error:
            st.error(plain(error), icon=":material/error:")
            return
        st.session_state["link-opened"] = text
    del st.query_params[PARAMETER]  # a reload shows what was drawn since
    st.rerun()


def _open_file(name: str, size: tuple[int, int]) -> None:
    file = st.session_state[f"open-{name}"]
    if file is None:
        return
    try:
        _put(name, from_json(file.getvalue()), size)
    except InklingError as error:
        st.session_state["share-problem"] = str(error)


def _put(name: str, drawing: LinkedDrawing, size: tuple[int, int]) -> None:
    fitted = drawing.fitted(size)
    put_strokes(name, fitted.strokes, pen=fitted.pen, size=fitted.size)
