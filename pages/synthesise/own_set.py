"""A glyph set of one's own, uploaded as a file."""

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.synthesis.glyph_file import MAX_FILE_BYTES
from pages.shared.own_set import keep_set
from pages.shared.text import plain


def show_upload(settings: Settings) -> None:
    """An uploader of a glyph set; what it keeps is among the sets at once."""
    st.caption("A JSON file like those in `assets/glyphs`. It joins the list of sets above.")
    st.file_uploader(
        "Glyph set",
        ["json"],
        max_upload_size=10,
        key="own-set",
        label_visibility="collapsed",
        on_change=_keep_upload,
        args=(settings,),
    )
    if st.session_state["own-set"] is not None and (
        problem := st.session_state.get("own-set-problem")
    ):
        st.error(plain(problem), icon=":material/error:")


def _keep_upload(settings: Settings) -> None:
    """Once per file, before the page is drawn, so that the list above has it."""
    file, st.session_state["own-set-problem"] = st.session_state["own-set"], ""
    if file is None:
        return
    try:
        if file.size > MAX_FILE_BYTES:
            raise InklingError(
                f"{file.name} is larger than 1 MB; a glyph set is a small JSON file."
            )
        keep_set(
            file.getvalue().decode("utf-8", "replace"), file.name.removesuffix(".json"), settings
        )
    except InklingError as error:
        st.session_state["own-set-problem"] = str(error)
