"""Curate: look at the data, decide on each picture, and export what was decided as a new set."""

import streamlit as st

from core.errors import InklingError
from pages.curate.balance import show_balance
from pages.curate.budget import pick_budget
from pages.curate.export import show_export
from pages.curate.label import show_label
from pages.curate.rows import show_rows
from pages.curate.source import pick_source
from pages.curate.suspects import show_suspects
from pages.shared.missing import Missing, say_missing
from pages.shared.text import plain
from pages.shared.visitor import settings_here

VIEWS = {
    "Label": show_label,
    "Rows": show_rows,
    "Suspects": show_suspects,
    "Balance": show_balance,
    "Export": show_export,
}


def page() -> None:
    settings = settings_here()
    st.title("Curate")
    st.caption(
        "Better data: look through the pictures, decide on them, export a new set. Yours are never "
        "changed, and every decision can be taken back."
    )
    with st.sidebar:
        slot = st.container()
    view = st.segmented_control(
        "Show", list(VIEWS), default="Label", required=True, key="show", bind="query-params"
    )
    try:
        with slot:
            source = pick_source(settings)
            pick_budget()
        if isinstance(source, Missing):
            say_missing(source.entry, settings, source.problem)
        else:
            VIEWS[view](source)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")


page()
