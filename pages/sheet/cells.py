"""From the cells of a sheet to a data set: they are labelled on Curate."""

from pathlib import Path

import streamlit as st


def label_button(key: str) -> bool:
    """Whether it was pressed."""
    return st.button(
        "Label the cells",
        icon=":material/new_label:",
        key=key,
        help="On Curate, in rows of look-alikes: to train on them",
    )


def show_cells(folder: Path) -> None:
    """Go to Curate with the pictures of a folder."""
    st.switch_page("curate/page.py", query_params={"folder": str(folder), "show": "Rows"})
