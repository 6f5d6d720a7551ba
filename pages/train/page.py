"""Train: a new run, all existing runs, the search for better settings, and the models of the
originals.
"""

from collections.abc import Callable

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.training.queue import keep_going
from pages.shared.text import plain
from pages.shared.visitor import settings_here
from pages.train.measured import show_measured
from pages.train.runs import runs_view
from pages.train.torch_loading import wait_for_torch, warm_up

NEW, RUNS, SEARCH, ORIGINALS = "New run", "Runs", "Search", "Originals"


def page() -> None:
    settings = settings_here()
    st.title("Train")
    if settings.own:
        show_measured(settings)
        return
    st.caption(
        "Teach a model to read: pick data and a model, watch it learn, and make the result a "
        "recognizer."
    )
    view = st.segmented_control(
        "Show", VIEWS, default=NEW, required=True, key="show", bind="query-params"
    )
    try:
        keep_going(settings)  # a killed queue is resumed by any visitor
        VIEWS[view](settings)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
    except OSError as error:
        st.error(
            f"The runs in {settings.runs} cannot be read or written "
            f"({plain(error.strerror or error)}).",
            icon=":material/error:",
        )
    warm_up()


def _search(settings: Settings) -> None:
    wait_for_torch()
    from pages.train.search import search_view

    search_view(settings)


def _new(settings: Settings) -> None:
    from pages.train.new_run import new_run_view

    new_run_view(settings)


def _originals(settings: Settings) -> None:
    from pages.train.originals import originals_view

    originals_view(settings)


VIEWS: dict[str, Callable[[Settings], None]] = {
    NEW: _new,
    RUNS: runs_view,
    SEARCH: _search,
    ORIGINALS: _originals,
}

page()
