"""Unlabelled pictures: an upload, its answers as a table, the least certain first."""

import time
import zlib

import streamlit as st

from core.errors import InklingError
from core.evaluation.predictions import digest_of_weights
from core.intervals import probability
from core.models.cards import Card, find_card
from core.reading.table import TableReading, read_unlabelled, submission
from core.settings import Settings
from pages.shared.cache import cached
from pages.shared.gallery import gallery
from pages.shared.models import recognizer
from pages.shared.text import code, duration, plain

_TURN, _MOST_MB = "unlabelled-turn", 10


def show_unlabelled(card: Card, settings: Settings) -> None:
    """An upload, its answers as a table to download, and the pictures it was least sure of."""
    st.write(
        f"{code(card.name)} reads a table of pixels without labels, as Kaggle's digit recognizer "
        f"gives "
        "and takes it."
    )
    turn = st.session_state.setdefault(_TURN, 0)  # a new key empties the uploader
    file = st.file_uploader(
        "Table of pixels",
        type=["csv", "gz", "zip"],
        max_upload_size=_MOST_MB,
        key=f"unlabelled-file-{turn}",
    )
    st.caption(
        "A CSV with a row for each picture, whole numbers 0 to 255, ink bright; a header and a "
        "column of labels are passed over. Up to "
        f"{_MOST_MB} MB: pack a larger one as .gz or .zip, Kaggle's test.csv then fits. It is read "
        "here and not kept."
    )
    if file is None:
        return
    content, weights = file.getvalue(), digest_of_weights(find_card(card.name, settings)[1], card)

    def read() -> TableReading:
        slot, started = st.empty(), time.monotonic()
        with slot.container():
            bar = st.progress(0.0, text="Opening it")
            st.button(
                "Cancel", icon=":material/stop_circle:", key="unlabelled-cancel", on_click=_forget
            )

        def report(done: int, total: int = 1, note: str = "") -> None:
            left = (time.monotonic() - started) * (total - done) / done
            bar.progress(
                min(done / total, 1.0),
                text=f"{done:,} of {total:,} pictures read, {duration(left)} left",
            )

        try:
            return read_unlabelled(file, file.name, recognizer(card.name, settings), report)
        finally:
            slot.empty()

    try:
        key = (file.name, len(content), zlib.crc32(content), weights)
        readings = cached("unlabelled", key, read)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _show(readings, file.name)


def _forget() -> None:
    st.session_state[_TURN] += 1


def _show(readings: TableReading, name: str) -> None:
    st.markdown(
        f"**{len(readings):,} rows** of {code(name[-60:])} "
        f"read{''.join(f'; {plain(note)}' for note in readings.notes)}."
    )
    st.download_button(
        "Download ImageId,Label",
        lambda: submission(readings),
        "submission.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key="unlabelled-answers",
    )
    unsure = int((readings.confidence < 0.5).sum())
    st.caption(
        f"The {len(readings.rows):,} least sure, least sure first: row, answer and its "
        f"probability. Of all rows {unsure:,} "
        f"{'was' if unsure == 1 else 'were'} answered with less than 50 %."
    )
    answers = [readings.classes[readings.answers[row]] for row in readings.rows]
    sure = [probability(float(readings.confidence[row])) for row in readings.rows]
    gallery(
        readings.images,
        [
            f"{answer} {share}\nrow {row + 1:,}"
            for answer, share, row in zip(answers, sure, readings.rows, strict=True)
        ],
        alts=[
            f"Row {row + 1}, read as {answer}"
            for answer, row in zip(answers, readings.rows, strict=True)
        ],
        name="unlabelled",
    )
