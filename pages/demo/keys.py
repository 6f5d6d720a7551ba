"""The demo's keys, its full screen, and the clock that clears the canvas, all in the browser."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

_HTML, _CSS, _JS = (
    (Path(__file__).parent / f"keys.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
)
_STYLE = (Path(__file__).parent / "page.css").read_text("utf-8")
_component = st.components.v2.component("inkling_demo", html=_HTML, css=_CSS, js=_JS)


def stand_keys(models: Sequence[str], *, rest: int) -> None:
    """The button of the full screen, and every key: C or Delete clears, U takes back, M takes the
    next of `models`, W shows why or not, F fills the screen, Escape leaves.

    rest : seconds without a pen after which the canvas clears itself, 0 for never.
    """

    def asked() -> None:
        state = st.session_state
        match state["demo-keys"].get("asked"):
            case "model" if models:
                at = models.index(state["model"]) if state.get("model") in models else -1
                state["model"] = models[(at + 1) % len(models)]
            case "why":
                state["why"] = not state.get("why", True)

    st.html(f"<style>{_STYLE}</style>")
    _component(key="demo-keys", data={"rest": rest}, on_asked_change=asked)
