"""The table of one photograph: looked through, corrected, downloaded and kept."""

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.curation.cells import keep_cells
from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.ink.encode import negative
from core.settings import Settings
from pages.shared.fragment import fragment
from pages.shared.text import plain
from pages.shared.visitor import check_drawings
from pages.sheet.batch import FINAL
from pages.sheet.board import board, send_pictures
from pages.sheet.cells import label_cells
from pages.sheet.reading import Reading

if TYPE_CHECKING:
    from core.reading.sheet import Sheet

_SAID, _MOVED = "sheet-said", "sheet-moved"


def show_table(reading: Reading, settings: Settings) -> None:
    """The board, and below it what is done with the table."""
    send_pictures(reading.name, reading.view, reading.sheet)
    fragment(_show)(reading, settings)


def _show(reading: Reading, settings: Settings) -> None:
    def moved(to: object) -> None:
        st.session_state[_MOVED] = to

    board(
        reading.name,
        reading.view,
        reading.sheet,
        reading.shape,
        reading.texts,
        own=reading.own is not None,
        correct=reading.correct,
        move=moved,
    )
    if (to := st.session_state.pop(_MOVED, None)) is not None:
        reading.move(to)
        st.rerun()
    if reading.sheet is not None:
        sheet = reading.sheet.corrected(reading.texts)
        st.session_state.setdefault(FINAL, {})[reading.photo.digest] = sheet.texts
        with st.container(horizontal=True, vertical_alignment="center"):
            _downloads(reading, reading.sheet)
            _keep(reading, reading.sheet, settings)
            stem = Path(reading.photo.name).stem
            label_cells(
                lambda: keep_cells(sheet, stem, settings, texts=reading.texts), key="sheet-label"
            )


def _downloads(reading: Reading, sheet: "Sheet") -> None:
    from core.reading.sheet import sheet_to_json
    from core.reading.sheet_files import to_csv, to_xlsx

    corrected, name = sheet.corrected(reading.texts), reading.photo.name
    stem = Path(name).stem
    # made at once, as they are small: each correction replaces them
    for label, data in (
        ("CSV", to_csv(corrected.texts)),
        ("XLSX", to_xlsx({stem: corrected.texts})),
        ("JSON", json.dumps({"path": name, **sheet_to_json(corrected)}) + "\n"),
    ):
        st.download_button(
            label,
            data,
            f"{stem}.{label.lower()}",
            icon=":material/download:",
            on_click="ignore",
            key=f"sheet-{label}",
            help=f"Download the table as {label}",
        )


def _keep(reading: Reading, sheet: "Sheet", settings: Settings) -> None:
    count = sum(bool(text) for text in reading.texts.values())
    st.button(
        "Keep in My drawings",
        icon=":material/bookmark_add:",
        disabled=not count,
        key="sheet-keep",
        help="The cells that you have looked at or corrected, with what they show as their labels",
        on_click=_save,
        args=(reading, sheet, settings),
    )
    said = st.session_state.get(_SAID, {})
    if said.get("name") == reading.name:
        if said["problem"]:
            st.error(plain(said["problem"]), icon=":material/error:")
        else:
            st.caption(said["sentence"])


def _save(reading: Reading, sheet: "Sheet", settings: Settings) -> None:
    """Each cell once: kept again, it replaces itself."""
    problem = sentence = ""
    try:
        there = drawings.labels(settings)
        every = [_drawing(reading, sheet, place) for place, text in reading.texts.items() if text]
        new = [drawing for drawing in every if there.get(drawing.id) != drawing.label]
        check_drawings(settings, new)
        drawings.save_all(settings, new)
        cells = "1 cell is" if len(new) == 1 else f"{len(new)} cells are"
        sentence = f"{cells} kept in My drawings." if new else "They are in My drawings already."
    except InklingError as error:
        problem = str(error)
    st.session_state[_SAID] = {"name": reading.name, "sentence": sentence, "problem": problem}


def _drawing(reading: Reading, sheet: "Sheet", place: tuple[int, int]) -> Drawing:
    ink, cell = sheet.inks[place], sheet.cells[place[0]][place[1]]
    # without its rules, unless it was taken for blank
    picture = negative(ink) if ink.any() else sheet.pictures[place]
    digest = sha256(f"{reading.photo.digest} {place}".encode() + sheet.pictures[place].tobytes())
    number = int(digest.hexdigest()[:13], 16) or 1
    answer = cell.text, cell.confidence
    return Drawing(picture, [], reading.texts[place], *answer, reading.card.name, id=number)
