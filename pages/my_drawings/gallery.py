"""The drawings as a gallery: one opens large, to be looked at, labelled anew or deleted; several
are selected to be deleted together.
"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.ink.encode import negative
from core.intervals import probability
from core.settings import Settings
from core.tables import MAX_LABEL
from pages.my_drawings.undo import changed
from pages.shared.gallery import gallery, img
from pages.shared.pager import pager
from pages.shared.text import plain

PAGE = 48
MOST_PICTURES = 24


def show_gallery(kept: Sequence[Drawing], settings: Settings) -> None:
    """A page of tiles; a tap on one opens it."""
    with st.container(horizontal=True):
        misread = st.toggle("Only what was misread", key="wrong", bind="query-params")
        selecting = st.toggle("Select several", key="selecting")
    shown = [item for item in kept if not misread or item.predicted not in ("", item.label)]
    if not shown:
        st.caption("Nothing here was misread.")
        return
    on_page = shown[pager(len(shown), PAGE, key="drawings-page", of=[item.id for item in shown])]
    with st.container(horizontal=True, gap="small", key="tiles"):
        for drawing in on_page:
            with st.container(width=92, gap="xsmall"):
                _tile(drawing, selecting)
    if selecting:
        chosen = [item for item in shown if st.session_state.get(f"select-{item.id}")]
        if st.button(
            f"Delete {len(chosen)} selected", icon=":material/delete:", disabled=not chosen
        ):
            _confirm_deletion(chosen, settings)
    opened = st.query_params.get("drawing", "")
    ids = [str(item.id) for item in shown]
    if opened in ids:
        st.dialog("Drawing", on_dismiss=_close)(_closely)(shown, ids.index(opened), settings)


def _tile(drawing: Drawing, selecting: bool) -> None:
    st.html(img(negative(drawing.picture), alt=f"Kept as {drawing.label}", side=184))
    if selecting:
        st.checkbox(plain(drawing.label), key=f"select-{drawing.id}")
        return
    wrong = drawing.predicted not in ("", drawing.label)
    st.button(
        plain(f"{drawing.label}, not {drawing.predicted}" if wrong else drawing.label),
        key=f"open-{drawing.id}",
        width="stretch",
        on_click=_open,
        args=(drawing.id,),
    )


def _open(number: int) -> None:
    st.query_params["drawing"] = str(number)


def _close() -> None:
    st.query_params.pop("drawing", None)


def _closely(shown: Sequence[Drawing], at: int, settings: Settings) -> None:
    """One drawing large."""
    drawing = shown[at]
    with st.container(key="drawing"):
        st.html(img(negative(drawing.picture), alt=f"Kept as {drawing.label}"))
    st.caption(plain(_facts(drawing)))
    labels = dict.fromkeys([drawing.label, *sorted({item.label for item in shown})])
    label = st.selectbox(
        "It shows",
        list(labels),
        accept_new_options=True,
        key=f"label-{drawing.id}",
        help=f"Choose one, or write another of up to {MAX_LABEL} characters; a label that no "
        "recognizer has is a new class to be learnt.",
    )
    if label and label != drawing.label:
        _relabel(drawing, label, settings)
    with st.container(horizontal=True):
        for title, step, icon, key in (
            ("Previous", -1, ":material/arrow_back:", "Left"),
            ("Next", 1, ":material/arrow_forward:", "Right"),
        ):
            beside = shown[(at + step) % len(shown)].id
            st.button(title, icon=icon, shortcut=key, on_click=_open, args=(beside,))
        if st.button("Delete", icon=":material/delete:"):
            _delete([drawing], settings)


def _facts(drawing: Drawing) -> str:
    read = (
        f"Read as {drawing.predicted} by {drawing.model}, {probability(drawing.confidence)}"
        if drawing.predicted
        else "Not read yet"
    )
    strokes = len(drawing.strokes)
    count = "one stroke" if strokes == 1 else f"{strokes} strokes" if strokes else "a picture"
    kept = f"kept {drawing.created:%Y-%m-%d %H:%M} UTC" if drawing.created else ""
    return "; ".join(filter(None, (read, count, kept))) + "."


def _relabel(drawing: Drawing, label: str, settings: Settings) -> None:
    try:
        drawings.save(settings, replace(drawing, label=label.strip()))
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    changed(f"{drawing.label} is {label.strip()} now.", [drawing])
    st.rerun()


@st.dialog("Delete drawings?")
def _confirm_deletion(chosen: Sequence[Drawing], settings: Settings) -> None:
    gallery(
        [negative(drawing.picture) for drawing in chosen[:MOST_PICTURES]],
        [drawing.label for drawing in chosen[:MOST_PICTURES]],
        columns=6,
    )
    if len(chosen) > MOST_PICTURES:
        st.caption(f"And {len(chosen) - MOST_PICTURES:,} more.")
    if st.button(f"Delete {count_of(len(chosen))}", type="primary"):
        _delete(chosen, settings)


def _delete(chosen: Sequence[Drawing], settings: Settings) -> None:
    try:
        drawings.delete(settings, [drawing.id for drawing in chosen])
    except InklingError as error:
        st.error(plain(error))
        return
    _close()
    changed(f"{count_of(len(chosen)).capitalize()} deleted.", chosen)
    st.session_state.pop("kept", None)  # what was kept on Draw may be kept again
    st.rerun()


def count_of(count: int) -> str:
    """So many drawings, in words."""
    return "one drawing" if count == 1 else f"{count:,} drawings"
