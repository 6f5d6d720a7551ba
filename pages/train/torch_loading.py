"""Torch, loaded in the background: a screen is painted before it is ready."""

import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Load torch and the table of architectures once per process."""
    thread = threading.Thread(target=_load, daemon=True)
    thread.start()
    return thread


def wait_for_torch() -> None:
    """Wait until it is loaded, with a message; immediate from then on."""
    thread = warm_up()
    if thread.is_alive():
        with st.spinner("Loading torch, which takes seconds the first time …"):
            thread.join()


def _load() -> None:
    import core.models.registry
    import core.training.originals
    import core.training.train  # noqa: F401
