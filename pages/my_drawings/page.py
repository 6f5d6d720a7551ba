"""My drawings: saved drawings, listed, exported, deleted."""

from hashlib import sha256

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.ink.encode import data_uri, negative
from core.ink.strokes import picture_of_strokes
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.shared.gallery import gallery

SHOWN = 500
MOST_PICTURES = 24
SIDE, PEN = 280, 20
"""Pixels of an example, and of its pen."""


def page() -> None:
    settings = Settings.from_environment()
    st.title("My drawings")
    st.caption(
        "What you kept on the Draw screen, with its true label; it is a data set too: "
        "`my-drawings`."
    )
    try:
        count = drawings.count(settings)
        chosen = drawings.load(settings, newest=SHOWN)
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return
    _undo(settings)
    if not chosen:
        _nothing_yet()
        return
    wrong = st.toggle("Only what was misread", key="wrong", bind="query-params")
    shown = [drawing for drawing in chosen if not wrong or drawing.label != drawing.predicted]
    if count > SHOWN:
        st.caption(f"The newest {SHOWN} of {count:,} are listed; the exports hold all.")
    selected = _table(shown)
    with st.container(horizontal=True):
        st.download_button(
            "IDX",
            lambda: drawings.export_idx(drawings.open_drawings(settings)),
            "my-drawings-idx.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help="28x28 images in EMNIST's canonical form, labels and class names",
        )
        st.download_button(
            "PNG",
            lambda: drawings.export_png(drawings.load(settings)),
            "my-drawings-png.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help="The pictures in class folders, with strokes and predictions as JSON",
        )
        if st.button(
            f"Delete {len(selected)} selected", icon=":material/delete:", disabled=not selected
        ):
            _confirm_deletion(selected, settings)


def _nothing_yet() -> None:
    st.info(
        "Nothing is kept yet. Draw something, say what it was, and keep it.",
        icon=":material/draw:",
    )
    st.page_link("draw/page.py", label="Draw", icon=":material/draw:")
    st.caption(
        "What you keep stands here with its label and with what was read. These only show how; "
        "nobody drew them."
    )
    writing = Handwriting(load_glyphs("natural"), seed=0)
    sketches = [writing.sketch(number).strokes(size=SIDE) for number in range(len(DIGITS))]
    pictures = [negative(picture_of_strokes(strokes, width=PEN)) for strokes in sketches]
    gallery(pictures, DIGITS)


def _table(shown: list[Drawing]) -> list[Drawing]:
    """The drawings as rows; returns the selected ones.

    A selection is one of row numbers: with other rows the table is another one, with nothing
    selected.
    """
    name = sha256(repr([drawing.id for drawing in shown]).encode()).hexdigest()[:12]
    rows = [
        {
            "picture": data_uri(drawing.picture),
            "label": drawing.label,
            "read as": drawing.predicted,
            "probability": drawing.confidence,
            "model": drawing.model,
            "strokes": len(drawing.strokes),
            "kept (UTC)": drawing.created,
        }
        for drawing in shown
    ]
    event = st.dataframe(
        rows,
        hide_index=True,
        row_height=72,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"kept-{name}",
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "probability": st.column_config.NumberColumn(format="percent"),
        },
    )
    return [shown[row] for row in event["selection"]["rows"] if row < len(shown)]


@st.dialog("Delete drawings?")
def _confirm_deletion(selected: list[Drawing], settings: Settings) -> None:
    gallery(
        [negative(drawing.picture) for drawing in selected[:MOST_PICTURES]],
        [drawing.label for drawing in selected[:MOST_PICTURES]],
        columns=6,
    )
    if len(selected) > MOST_PICTURES:
        st.caption(f"And {len(selected) - MOST_PICTURES:,} more.")
    if st.button(f"Delete {_drawings(len(selected))}", type="primary"):
        try:
            drawings.delete(settings, [drawing.id for drawing in selected])
        except InklingError as error:
            st.error(str(error))
            return
        st.session_state["deleted"] = selected
        st.session_state.pop("kept", None)  # what was kept on Draw may be kept again
        st.rerun()


def _undo(settings: Settings) -> None:
    """What was deleted last can be brought back, as long as the visit lasts."""
    deleted: list[Drawing] = st.session_state.get("deleted", [])
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(f"{_drawings(len(deleted))} deleted.".capitalize())
            st.button("Undo", icon=":material/undo:", on_click=_restore, args=(deleted, settings))
    if problem := st.session_state.pop("undo-problem", ""):
        st.error(problem, icon=":material/error:")


def _restore(deleted: list[Drawing], settings: Settings) -> None:
    left = list(deleted)
    try:
        while left:
            drawings.save(settings, left[-1])
            left.pop()
    except InklingError as error:
        st.session_state["undo-problem"] = str(error)
    st.session_state["deleted"] = left


def _drawings(count: int) -> str:
    return "one drawing" if count == 1 else f"{count:,} drawings"


page()
