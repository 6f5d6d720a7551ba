"""Pictures that nobody has labelled: a table in, answers out, the ones to doubt first."""

import zlib
from collections.abc import Callable
from html import escape

import streamlit as st

from core.errors import InklingError
from core.evaluation.predictions import digest_of_weights
from core.evaluation.unlabelled import Readings, read_unlabelled, submission
from pages.widgets.data import kept
from pages.widgets.evaluate.source import Source
from pages.widgets.models import recognizer
from pages.widgets.pictures import img
from pages.widgets.words import percent

_COLUMNS = 10


def show_unlabelled(source: Source) -> None:
    """Whatever data is chosen beside it, only the recognizer counts here."""
    limit = int(st.get_option("server.maxUploadSize"))
    st.write(f"`{source.card.name}` reads a table of pixels without labels, as Kaggle's digit recognizer gives and takes it.")
    file = st.file_uploader("Table of pixels", type=["csv", "gz", "zip"], key="unlabelled-file")
    st.caption(
        f"A CSV with a row for each picture, whole numbers 0 to 255, ink bright; a header and a column of labels are passed over. Up to "
        f"{limit} MB: pack a larger one as .gz or .zip, Kaggle's test.csv then fits. It is read here and not kept."
    )
    if file is None:
        return
    content, weights = file.getvalue(), digest_of_weights(source.weights, source.card)

    def read(_: Callable[[int], None]) -> Readings:
        bar = st.empty()

        def told(done: int, total: int) -> None:
            bar.progress(min(done / total, 1.0), text=f"{done:,} of {total:,} pictures read; any click stops it")

        try:
            return read_unlabelled(file, file.name, recognizer(source.card.name, source.settings), told)
        finally:
            bar.empty()

    try:
        readings: Readings = kept("unlabelled", (file.name, len(content), zlib.crc32(content), weights), read, total=1, doing="Reading")
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return
    _show(readings, file.name)


def _show(readings: Readings, name: str) -> None:
    st.markdown(f"**{len(readings):,} rows** of {_plain(name)} read{''.join(f'; {note}' for note in readings.notes)}.")
    st.download_button(
        "Download ImageId,Label", lambda: submission(readings), "submission.csv", "text/csv", icon=":material/download:",
        on_click="ignore", type="primary", key="unlabelled-answers",
    )  # fmt: skip
    unsure = int((readings.confidence < 0.5).sum())
    st.caption(
        f"The {len(readings.rows):,} least sure, least sure first: row, answer and its probability. Of all rows {unsure:,} "
        f"{'was' if unsure == 1 else 'were'} answered with less than 50 %."
    )
    items = []
    for row, image in zip(readings.rows, readings.images, strict=True):
        answer, sure = readings.classes[readings.answers[row]], percent(float(readings.confidence[row]))
        picture = img(255 - image, alt=f"Row {row + 1}, read as {answer}", side=128)
        items.append(f"<figure>{picture}<figcaption><b>{escape(answer)}</b> {sure}\nrow {row + 1:,}</figcaption></figure>")
    st.html(f'<div class="gallery" data-testid="unlabelled" style="--columns: {_COLUMNS}">{"".join(items)}</div>')


def _plain(name: str) -> str:
    """A file's name that Markdown leaves as it is."""
    return "`" + "".join(sign for sign in name if sign.isprintable() and sign != "`")[-60:] + "`"
