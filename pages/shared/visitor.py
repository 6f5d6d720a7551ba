"""Whose screen this is: the one place from which screens have their settings; and in a demo on a
network the visitor, by cookie or signed in.
"""

from collections.abc import Sequence
from importlib.util import find_spec

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.jobs.visitors import forget
from core.settings import Settings
from core.visitors import (
    COOKIE,
    SECURE_COOKIE,
    check_room,
    is_secret,
    mark_seen,
    new_secret,
    visitor_of,
)
from pages.shared.text import plain

_SECRET = "visitor-secret"
"""In the session of a browser that keeps no cookies."""

_MOST_PIXELS = 500_000
"""Of a visitor's drawing."""


def settings_here() -> Settings:
    """Of Inkling's user, or in a demo of the visitor who looks at this screen."""
    settings = Settings.from_environment()
    return settings.for_visitor(_visitor()) if settings.visitors else settings


def enter() -> bool:
    """Whether the screens are shown: to everybody but a visitor of a demo who has to sign in first,
    who is asked to.
    """
    settings = Settings.from_environment()
    if not settings.visitors or st.user.get("is_logged_in", True):
        if settings.visitors:
            mark_seen(settings_here())
        return True
    st.title("Inkling")
    st.write("Sign in, so that what you draw and keep here is yours alone.")
    if find_spec("authlib") is None:
        st.error("Whoever runs this demo has to install Authlib first.", icon=":material/error:")
        return False
    st.button("Sign in", icon=":material/login:", type="primary", on_click=st.login)
    return False


def show_visitor() -> None:
    """For a visitor of a demo, below what a screen has in the sidebar: how long things are kept,
    and the ways to leave.
    """
    settings = settings_here()
    if not settings.own:
        return
    with st.sidebar, st.container(key="visitor", gap="xsmall"):
        hours = settings.limits.hours
        st.caption(
            "This is a demo. What you make here is for you alone, and is removed when you have not "
            f"been here for {hours} hour{'s' * (hours > 1)}."
        )
        with st.container(horizontal=True):
            if st.button("Remove it now", icon=":material/delete_forever:", type="tertiary"):
                _confirm_removal(settings)
            if st.user.get("is_logged_in"):
                st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout)


def shown(text: str) -> str:
    """A text with paths as a visitor of a demo may see them, who has nothing of where they lead."""
    own = settings_here().own
    return text.replace(f"{own}/", "") if own else text


def check_drawings(settings: Settings, new: Sequence[Drawing]) -> None:
    """Before a visitor keeps drawings: InklingError if they are too many or too large."""
    if not settings.own:
        return
    check_room(settings)
    most = settings.limits.drawings
    if drawings.count(settings) + len(new) > most:
        raise InklingError(f"This demo keeps {most:,} drawings of each visitor; delete some first.")
    if any(drawing.picture.size > _MOST_PIXELS for drawing in new):
        raise InklingError("This demo keeps no picture as large as that; crop it or draw it.")


@st.dialog("Remove everything of yours?")
def _confirm_removal(settings: Settings) -> None:
    st.write("Drawings, data, glyph sets, decisions and exports that you made here are gone then.")
    if st.button("Remove everything", type="primary"):
        try:
            forget(settings)
        except (InklingError, OSError) as error:
            st.error(plain(error), icon=":material/error:")
            return
        st.session_state.clear()
        st.rerun()


def _visitor() -> str:
    user = st.user.to_dict()
    if user.get("is_logged_in"):
        return visitor_of("user", str(user.get("iss")), str(user.get("sub")))
    cookies = st.context.cookies
    for name in (SECURE_COOKIE, COOKIE):
        if is_secret(cookies.get(name)):
            return visitor_of("cookie", str(cookies[name]))
    return visitor_of("session", st.session_state.setdefault(_SECRET, new_secret()))
