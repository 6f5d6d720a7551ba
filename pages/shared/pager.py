"""Many things, a page at a time."""

import streamlit as st


def pager(count: int, size: int, *, key: str, of: object, note: str = "") -> slice:
    """Which of `count` things are on the page that is shown, `size` to a page; the picker of the
    page is only there where there are several.

    key : of the picker and its query parameter. of : what is shown, as a value that can be
    compared: when it is another than before, the first page is shown. note : after its label.
    """
    state, pages = st.session_state, max(1, -(-count // size))
    if state.get(f"{key}-of", of) != of:
        state[key] = 1
    elif state.get(key, 1) > pages:
        state[key] = pages
    state[f"{key}-of"] = of
    page = 1
    if pages > 1:
        label = f"Page, of {pages:,}{note}"
        width = 200 if note else 150
        page = int(st.number_input(label, 1, pages, key=key, bind="query-params", width=width))
    return slice((page - 1) * size, min(page * size, count))
