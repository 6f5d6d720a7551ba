"""A region of a page that reruns without the rest."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def fragment(draw: Callable[P, None], *, every: float | None = None) -> Callable[P, None]:
    """`draw` as a Streamlit fragment in a container of its own. every : seconds between automatic
    reruns.

    The container protects the elements below: on a busy machine, a fragment that draws more or
    fewer elements than in its previous run has been seen to remove the next one.
    """

    @wraps(draw)
    def contained(*args: P.args, **kwargs: P.kwargs) -> None:
        with st.container():
            st.fragment(draw, run_every=every)(*args, **kwargs)

    return contained
