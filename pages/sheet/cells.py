"""From the cells of a sheet to a data set: they are labelled on Curate."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.errors import InklingError
from pages.shared.text import plain
from pages.shared.visitor import settings_here


def label_cells(keep: Callable[[], Path], *, key: str) -> None:
    """A button that goes to Curate with the folder that `keep` makes."""
    if not st.button(
        "Label the cells",
        icon=":material/new_label:",
        key=key,
        help="On Curate, in rows of look-alikes: to train on them",
    ):
        return
    try:
        folder = keep()
    except (InklingError, OSError) as error:
        st.error(f"The cells are not kept: {plain(error)}", icon=":material/error:")
        return
    # what a visitor of a demo has is named, for paths say how the machine is built
    shown = folder.name if settings_here().own else str(folder)
    st.switch_page("curate/page.py", query_params={"folder": shown, "show": "Rows"})
