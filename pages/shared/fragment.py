"""A part of a page that is drawn again without the rest."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def fragment(draw: Callable[P, None], *, every: float | None = None) -> Callable[P, None]:
    """`draw` as a Streamlit fragment in a container of its own. every : seconds after which it is
    drawn again by itself.

    The container is for what stands below: a fragment that draws more elements than in the run
    before it, or fewer, has been seen to take the place of the next one away, on a busy machine.
    """

    @wraps(draw)
    def contained(*args: P.args, **kwargs: P.kwargs) -> None:
        with st.container():
            st.fragment(draw, run_every=every)(*args, **kwargs)

    return contained
