"""My drawings: the saved drawings as a gallery, exported, brought, deleted, and taught."""

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings_zip import export_png
from core.datasets.packing import pack_idx
from core.errors import InklingError
from core.ink.encode import negative
from core.ink.strokes import picture_of_strokes
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.my_drawings.bring import bring
from pages.my_drawings.gallery import show_gallery
from pages.my_drawings.hand import show_hand
from pages.my_drawings.teach import teach
from pages.my_drawings.undo import offer_undo
from pages.shared.gallery import gallery
from pages.shared.text import plain
from pages.shared.visitor import settings_here

SHOWN = 500
SIDE, PEN = 280, 20
"""Pixels of an example, and of its pen."""


def page() -> None:
    settings = settings_here()
    st.title("My drawings")
    st.caption(
        "What you kept on Draw and Sheet, with its true label; it is a data set too: `my-drawings`."
    )
    with st.container():  # so that nothing below it moves to another place
        offer_undo(settings)
    view = st.segmented_control(
        "Show",
        ["Gallery", "Your hand"],
        default="Gallery",
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    try:
        if view == "Your hand":
            show_hand(settings)
        else:
            _show_kept(settings)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")


def _show_kept(settings: Settings) -> None:
    """The gallery, and what can be done with all of it; InklingError if it cannot be read."""
    count, kept = drawings.count(settings), drawings.load(settings, newest=SHOWN)
    if not kept:
        _nothing_yet()
        bring(settings)
        return
    if count > SHOWN:
        st.caption(f"The newest {SHOWN} of {count:,} are shown; the exports hold all.")
    show_gallery(kept, settings)
    _exports(settings)
    bring(settings)
    teach(settings)


def _exports(settings: Settings) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "IDX",
            lambda: _idx(settings),
            "my-drawings-idx.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help="28x28 images in EMNIST's canonical form, labels and class names",
        )
        st.download_button(
            "PNG",
            lambda: export_png(drawings.load(settings)),
            "my-drawings-png.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help="The pictures in class folders, with strokes and predictions as JSON; it can be "
            "brought back",
        )


def _idx(settings: Settings) -> bytes:
    data = drawings.open_drawings(settings)
    return pack_idx(data.images, data.labels, data.classes)


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


page()
