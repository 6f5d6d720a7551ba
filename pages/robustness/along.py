"""What a sweep varies, from where to where, and what that looks like."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.errors import InklingError
from core.evaluation.robustness.results import JITTER
from core.evaluation.robustness.sweep import examples, usual_values
from core.synthesis.filmstrip import TRACKS, short_name, track_name
from core.synthesis.request import Request
from pages.shared.address import correct_address, read_choice, renamed, write_choice
from pages.shared.gallery import gallery

_COLUMNS = 12


def pick_along() -> str:
    """The picker of a setting of the hand or an effect, bound to `?along=`; its name in TRACKS."""
    asked = {}
    with suppress(InklingError):  # of an unknown name, which is passed over
        names = map(track_name, st.query_params.get_all("along"))
        asked = {"along": [short_name(name) for name in names]}
    correct_address(renamed({"jitters": "values"}) | asked)
    tracks = {short_name(name): name for name in TRACKS}
    read_choice("along", JITTER, tracks)
    along = st.selectbox(
        "Along",
        list(tracks),
        key="along",
        format_func=lambda name: TRACKS[tracks[name]].label,
        on_change=_take_values,
        width=330,
        help="What is varied: a setting of the hand, or an effect on the picture.",
    )
    write_choice("along", JITTER, along)
    return tracks[along]


def write_values(along: str) -> str:
    """The field of the values, as text."""
    track = TRACKS[along]
    return st.text_input(
        f"Values, {track.low:g} to {track.high:g}",
        _text(along),
        key="values",
        bind="query-params",
        width=330,
    )


def show_examples(request: Request, along: str, values: Sequence[float]) -> None:
    """A few characters at each value."""
    with st.spinner("Compiling the pen, which takes seconds the first time …"):
        images, labels = examples(request, along, values)
    st.caption(f"The same drawings at each value. {TRACKS[along].about}")
    gallery(
        images,
        [f"{value:g}" for value in values],
        alts=[f"{TRACKS[along].label} {value:g}" for value in values],
        variants=labels,
        columns=min(len(values), _COLUMNS),
        stacked=True,
        name="examples",
    )


def _take_values() -> None:
    """The values of one setting are not those of another."""
    st.session_state["values"] = _text(track_name(st.session_state["along"]))


def _text(along: str) -> str:
    return ",".join(map("{:g}".format, usual_values(along)))
