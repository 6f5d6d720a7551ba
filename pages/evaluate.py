"""Evaluate: from the confusion matrix to the pictures behind a cell, to a decision about them."""

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from pages.widgets.data import Missing, say_missing
from pages.widgets.evaluate.matrix import show_matrix
from pages.widgets.evaluate.source import Source, Unread, pick_source, read_them

VIEWS = {"Matrix": show_matrix}


def page() -> None:
    settings = Settings.from_environment()
    st.title("Evaluate")
    st.caption("Which characters are confused with which, in which pictures, and what to do about them.")
    with st.sidebar:
        place = st.container()
    view = st.segmented_control("Show", list(VIEWS), default=next(iter(VIEWS)), required=True, key="show", bind="query-params")
    try:
        with place:
            source = pick_source(settings)
        if isinstance(source, Missing):
            say_missing(source.entry, settings, source.problem)
        elif isinstance(source, Unread):
            read_them(source, settings)
        elif isinstance(source, Source):
            VIEWS[view](source)
    except InklingError as error:
        st.error(str(error), icon=":material/error:")


page()
