"""My drawings: saved drawings, listed, exported, deleted."""

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.ink.encode import data_uri
from core.settings import Settings

SHOWN = 500


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
    if not chosen:
        st.info(
            "Nothing is kept yet. Draw something, say what it was, and keep it.",
            icon=":material/draw:",
        )
        st.page_link("draw/page.py", label="Draw", icon=":material/draw:")
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


def _table(shown: list[Drawing]) -> list[int]:
    """The drawings as rows; returns the ids of the selected ones."""
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
        key="kept-table",
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "probability": st.column_config.NumberColumn(format="percent"),
        },
    )
    return [shown[row].id for row in event["selection"]["rows"] if row < len(shown)]


@st.dialog("Delete drawings?")
def _confirm_deletion(ids: list[int], settings: Settings) -> None:
    st.write(f"{len(ids)} of your drawings will be gone for good. Export them first if in doubt.")
    if st.button("Delete them", type="primary"):
        try:
            drawings.delete(settings, ids)
            st.rerun()
        except InklingError as error:
            st.error(str(error))


page()
