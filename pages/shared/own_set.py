"""A glyph set of one's own: kept, and passed on as a file."""

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.synthesis.glyph_file import has_glyphs, keep_glyphs
from pages.shared.text import plain


def keep_set(text: str, name: str, settings: Settings, *, replace: bool = False) -> None:
    """Save a custom glyph set and say so; InklingError if it is invalid, or if there is one of that
    name that is not to be replaced.
    """
    if not replace and has_glyphs(name, settings):
        raise InklingError(f"There is a set {name} already; give yours another name.")
    st.toast(
        f"{plain(keep_glyphs(text, name, settings))} is kept; Synthesise has it under Glyph set.",
        icon=":material/check:",
    )


def offer_set(text: str, name: str, settings: Settings) -> None:
    """Buttons that keep a set, or replace the one of that name, and that download it."""
    there = has_glyphs(name, settings)
    if st.button("Replace it" if there else "Keep", icon=":material/save:"):
        try:
            keep_set(text, name, settings, replace=there)
            st.rerun()  # pickers offer it
        except InklingError as error:
            st.error(plain(error), icon=":material/error:")
    st.download_button(
        "File",
        text,
        f"{name}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        help="To share it: the receiver brings it on Synthesise, under A set of your own",
    )
