"""The pictures behind a cell of the matrix, worst first, beside typical members of both classes;
marked by keyboard.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from core.datasets.dataset import Dataset
from core.evaluation.cells import ANY, OTHER, find_cell, typical
from core.intervals import percent, probability, span, wilson_interval
from pages.evaluate.marking import Item, paged_board
from pages.evaluate.source import Source
from pages.shared.gallery import gallery
from pages.shared.missing import say_missing
from pages.shared.picture import close_picture
from pages.shared.text import plain

ANY_CLASS, ANY_OTHER = "any", "any other"
_TYPICAL = 6


def chosen_cell(classes: Sequence[str]) -> tuple[int, int]:
    """Truth and answer in the address, indices into `classes`, or ANY or OTHER."""
    truth, answer = (
        st.session_state.get(key) or st.query_params.get(key) for key in ("truth", "read")
    )
    return (
        classes.index(truth) if truth in classes else ANY,
        classes.index(answer) if answer in classes else ANY if answer == ANY_CLASS else OTHER,
    )


def choose_cell(truth: str, answer: str) -> None:
    """Open a cell by its names; to be called before its pickers are drawn."""
    st.session_state.update({"truth": truth, "read": answer})
    close_picture()


def show_cell(source: Source) -> np.ndarray:
    """Pickers of truth and answer, and the pictures of that cell; their rows int64 [N]."""
    classes = source.predictions.classes
    for key, extra in (("truth", [ANY_CLASS]), ("read", [ANY_OTHER, ANY_CLASS])):
        if key in st.session_state and st.session_state[key] not in (*extra, *classes):
            del st.session_state[key]  # of a recognizer with other classes
    pick = partial(st.selectbox, bind="query-params", on_change=close_picture)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pick("Truth", [ANY_CLASS, *classes], width=110, key="truth")
        pick("Read as", [ANY_OTHER, ANY_CLASS, *classes], width=130, key="read")
    truth, answer = chosen_cell(classes)
    indices = find_cell(source.predictions, truth, answer)
    st.caption(_counted(source, truth, answer, len(indices)))
    if source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            "The pictures are not on this machine: these are the answers that came with "
            f"{source.card.name}.",
        )
        return source.rows[:0]
    dataset = source.dataset
    _typical(source, dataset, truth, answer)
    if len(indices):
        paged_board(
            source,
            len(indices),
            lambda index: _item(source, dataset, indices[index]),
            key="cell",
            of=(truth, answer),
        )
    return source.rows[indices]


def _counted(source: Source, truth: int, answer: int, count: int) -> str:
    classes, predictions = source.predictions.classes, source.predictions
    total = len(predictions) if truth == ANY else int((predictions.truth == truth).sum())
    interval = wilson_interval(count, total)
    read = (
        "misread"
        if answer == OTHER
        else "read"
        if answer == ANY
        else f"read as {plain(classes[answer])}"
    )
    of = "pictures" if truth == ANY else f"pictures of {plain(classes[truth])}"
    return (
        f"{count:,} of {total:,} {of} {read}: {percent(count / max(total, 1))} "
        f"(95 % {span(interval)})."
    )


def _typical(source: Source, dataset: Dataset, truth: int, answer: int) -> None:
    """Typical images of both classes."""
    images = dataset.images if len(source.rows) == len(dataset) else dataset.images[source.rows]
    for class_ in dict.fromkeys(index for index in (truth, answer) if index >= 0):
        name = source.predictions.classes[class_]
        rows = typical(source.predictions, images, class_, _TYPICAL)
        gallery(
            [np.asarray(images[row]) for row in rows],
            alts=[f"A typical {name}"] * len(rows),
            layout="tight",
            columns=_TYPICAL,
            typical_of=name,
        )


def _item(source: Source, dataset: Dataset, index: int) -> Item:
    predictions, row = source.predictions, int(source.rows[index])
    answer, truth = (
        predictions.classes[item[index]] for item in (predictions.answers, predictions.truth)
    )
    sure, true = predictions.confidence[index], predictions.truth_probability[index]
    caption = f"Predicted {answer} ({probability(sure)})" + (
        f"\ntruth {truth} ({probability(true)})" if answer != truth else ", correctly"
    )
    return Item(row, dataset.classes[dataset.labels[row]], caption)
