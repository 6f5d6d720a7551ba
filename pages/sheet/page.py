"""Sheet: photographs of tables of handwritten numbers become tables."""

import streamlit as st

from core.errors import InklingError
from core.models.cards import Card
from core.settings import Settings
from core.synthesis.compose.numbers import NUMBERS
from pages.shared.reader import pick_reader
from pages.shared.style import icon_button
from pages.shared.text import plain
from pages.shared.visitor import settings_here
from pages.sheet.batch import pick_from_batch
from pages.sheet.photos import Photo, close, photos, pick_photos, try_example
from pages.sheet.reading import read
from pages.sheet.table import show_table


def page() -> None:
    settings = settings_here()
    st.title("Sheet")
    st.caption("A photograph of a table of handwritten numbers becomes a table.")
    ways = st.container()
    card = pick_reader(settings, classes=NUMBERS)
    given = photos(card, settings) if card else []
    with ways, st.expander("Photographs", expanded=not given, icon=":material/add_a_photo:"):
        pick_photos()
    if card is None:
        return
    if not given:
        st.write(
            "Choose, photograph or paste a picture of a table, from above and with the whole table "
            "in it; ruled or not. Several are read together."
        )
        st.button("Try an example", icon=":material/table_view:", on_click=try_example)
        return
    photo = given[0] if len(given) == 1 else pick_from_batch(given, card, settings)
    if photo is not None:
        _show(photo, card, settings)


def _show(photo: Photo, card: Card, settings: Settings) -> None:
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(photo.name, width="content")
            icon_button("Close", ":material/close:", key="sheet-close", on_click=close)
        try:
            reading = read(photo, card, settings)
        except InklingError as error:
            st.error(plain(error), icon=":material/broken_image:")
            return
        if reading.sheet is not None:
            st.text(reading.sheet.summary)
            with st.container(horizontal=True):
                for number, other in enumerate(reading.sheet.others, 1):
                    rows, columns = other.shape
                    st.button(
                        f"Read the other, {rows} x {columns}",
                        icon=":material/table_view:",
                        key=f"sheet-other-{number}",
                        on_click=reading.take,
                        args=(other,),
                    )
        if reading.problem:
            st.error(plain(reading.problem), icon=":material/grid_off:")
    with st.container(key="sheet"):
        show_table(reading, settings)


page()
