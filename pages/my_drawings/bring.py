"""Bring drawings: a zip that was exported here, or one of pictures in class folders."""

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings_zip import MOST, read_zip
from core.errors import InklingError
from core.settings import Settings
from pages.my_drawings.gallery import count_of
from pages.my_drawings.undo import changed
from pages.shared.text import plain
from pages.shared.visitor import check_drawings

MOST_MB = 100
_FILE, _PROBLEM = "brought", "bring-problem"


def bring(settings: Settings) -> None:
    """An uploader whose zip joins the drawings."""
    with st.expander("Bring drawings", icon=":material/upload_file:"):
        st.caption(
            "A zip that was exported here, which brings strokes and labels too, or any zip of "
            f"pictures in class folders such as 7/ or upper_a/: up to {MOST:,} drawings."
        )
        st.file_uploader(
            "Drawings",
            ["zip"],
            max_upload_size=MOST_MB,
            key=_FILE,
            label_visibility="collapsed",
            on_change=_bring,
            args=(settings,),
        )
        if st.session_state[_FILE] is not None and (problem := st.session_state.get(_PROBLEM)):
            st.error(plain(problem), icon=":material/error:")


def _bring(settings: Settings) -> None:
    """Once a file, before the page is drawn, so that the gallery has them."""
    file, st.session_state[_PROBLEM] = st.session_state[_FILE], ""
    if file is None:
        return
    try:
        brought = read_zip(file.name, file)
        there = drawings.labels(settings)
        new = [drawing for drawing in brought if drawing.id not in there]
        check_drawings(settings, new)
        drawings.save_all(settings, new)
    except InklingError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    known = len(brought) - len(new)
    besides = f"; of {len(brought):,} the others were here already" if known else ""
    sentence = f"{count_of(len(new)).capitalize()} brought{besides}."
    changed(sentence, [], [drawing.id for drawing in new])
