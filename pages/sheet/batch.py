"""Several photographs: read by a job, then one is picked from them; all downloaded together."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.curation.cells import keep_folder
from core.datasets.packing import zipped
from core.evaluation.predictions import digest_of_weights
from core.jobs.job import Job
from core.models.cards import Card, find_card
from core.reading.sheet_batch import TableInFile, keep_batch, names_in_batch, table_in_file
from core.settings import Settings
from pages.shared.classes import chosen_classes
from pages.shared.jobs import run_job
from pages.sheet.cells import label_cells
from pages.sheet.photos import Photo

FINAL = "sheet-final"
"""In the session: texts of tables that were opened, by the digest of the photograph."""

Texts = list[list[str]]


def pick_from_batch(given: list[Photo], card: Card, settings: Settings) -> Photo | None:
    """The photograph to show; None before they are read."""
    files = [(photo.name, photo.data) for photo in given]
    folder = keep_batch(files, settings)
    arguments = ["sheet", str(folder), "--model", card.name, "--out", "{job}/tables"]
    arguments += ["--cells", "{job}/cells"]
    if chosen := chosen_classes(card):
        arguments += ["--only", ",".join(chosen)]
    weights = digest_of_weights(find_card(card.name, settings)[1], card)
    job = Job.of(arguments, settings, inputs=[weights])
    run_job(
        f"Read {len(given)} photographs", arguments, job, key="sheet-batch", done=lambda _: None
    )
    if job.state() == "running":
        return None
    read = {
        number: table
        for number, name in enumerate(names_in_batch(files))
        if (table := table_in_file(job.folder / "tables", name)) is not None
    }
    if not read:
        return None
    with st.container(horizontal=True):
        _downloads(given, read)
        if (cells := job.folder / "cells").is_dir():
            name = f"{len(given)} sheets"
            label_cells(lambda: keep_folder(cells, name, settings), key="sheet-label-all")
    number = st.selectbox(
        "Photograph",
        read,
        format_func=lambda number: _summary(given[number].name, read[number]),
        key="sheet-number",
    )
    return given[number] if number in read else None


def _summary(name: str, table: TableInFile) -> str:
    if table.problem:
        return f"{name}: no table was read"
    size = f"{len(table.texts)} x {len(table.texts[0])}."
    return " ".join([f"{name}: {size}", *table.notes])


def _downloads(given: list[Photo], read: Mapping[int, TableInFile]) -> None:
    from core.reading.sheet_files import to_csv, to_xlsx

    final: dict[str, Texts] = st.session_state.setdefault(FINAL, {})

    def tables() -> dict[str, Texts]:
        """By a name each; corrected where they were opened."""
        texts = {
            f"{number + 1:03d} {Path(given[number].name).stem}": final.get(
                given[number].digest, table.texts
            )
            for number, table in read.items()
        }
        return {name: rows for name, rows in texts.items() if rows}

    def csvs() -> bytes:
        return zipped([(f"{name}.csv", to_csv(texts).encode()) for name, texts in tables().items()])

    for label, name, pack in (
        ("All as XLSX", "tables.xlsx", lambda: to_xlsx(tables())),
        ("All as CSV", "tables.zip", csvs),
    ):
        st.download_button(
            label, pack, name, icon=":material/download:", on_click="ignore", key=f"all-{name}"
        )
