"""Pagination of long lists."""

import streamlit as st


def pager(count: int, size: int, *, key: str, of: object, note: str = "") -> slice:
    """Indices of the `count` items that are on the current page, `size` to a page; the page picker
    only appears if there are several pages.

    key : of the picker and its query parameter. of : identifies what is shown; when it changes, the
    first page is shown. note : after its label.
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
