"""What an export has written: where it is, and its download."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.shared.text import code
from pages.shared.visitor import settings_here

DOWNLOAD_BYTES = 200 * 2**20


def name_of_export(usual: str) -> str | None:
    """A field for the name of the files; None, with a message, for a name that could lead
    elsewhere.
    """
    with st.container(width=200):
        name = st.text_input("Name", usual, max_chars=40, key="name", bind="query-params")
    if not name or not all(sign.isalnum() or sign in "-_" for sign in name):
        st.error("Write the name in letters, figures and hyphens.", icon=":material/error:")
        return None
    return name


def show_exported(path: Path, size: int, pack: Callable[[], bytes], name: str) -> None:
    """`size` : bytes of its pixels, 0 if it is gone. pack : all of it in one file called `name`."""
    if not size:
        st.warning(
            f"They were in {code(path)} and are gone; make them again.", icon=":material/error:"
        )
        return
    visitor = bool(settings_here().own)  # who has nothing of a path on the server
    where = "They are made." if visitor else f"They are in {code(path)}."
    st.success(where, icon=":material/check:")
    if size > DOWNLOAD_BYTES:
        st.caption(
            f"They are too many for a download, whose limit is {DOWNLOAD_BYTES // 2**20} MB of "
            "pixels: copy them from there, on the machine where Inkling runs."
        )
        return
    st.download_button(
        "Download",
        pack,
        name,
        icon=":material/download:",
        on_click="ignore",
        help="With labels, class names and all settings",
    )
