"""One decision on many pictures, and a button that takes all of it back."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.curation.decisions import UNDECIDED, UNDONE, Decision
from pages.curate.source import Source


def decide_all(source: Source, verb: str, decisions: Sequence[Decision], *, key: str) -> None:
    """A button that makes the decisions on those pictures that nobody has decided on yet."""
    state, held = st.session_state, source.held()
    open_ones = [one for one in decisions if one.picture not in held]
    done: list[Decision] = [
        one for one in state.get(f"{key}-done", []) if held.get(one.picture) == one
    ]
    with st.container(horizontal=True):
        if st.button(
            f"{verb} {len(open_ones):,}",
            icon=":material/done_all:",
            disabled=not open_ones,
            key=key,
            help="Those that nobody has decided on yet.",
        ):
            state[f"{key}-done"] = source.decide(open_ones) or []
            st.rerun()
        if done and st.button(
            f"Take {len(done):,} back", icon=":material/undo:", key=f"{key}-back"
        ):
            # taken back as a whole: one step of Undo each would be too many
            source.decide(
                [replace(one, action=UNDECIDED, label="", why=UNDONE, at="") for one in done]
            )
            st.rerun()
