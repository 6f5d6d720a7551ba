"""The pictures behind a cell of the matrix, worst first, beside typical members of both classes; marked by keyboard."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from core.datasets.dataset import Dataset
from core.evaluation.cells import ANY, OTHER, find_cell, typical
from core.evaluation.rates import wilson_interval
from pages.widgets.evaluate.board import Item, board, keys_of
from pages.widgets.evaluate.picture import close_picture, mark_them, open_picture, opened
from pages.widgets.evaluate.source import Source, rescored, told_of
from pages.widgets.pictures import img
from pages.widgets.words import percent

ANY_CLASS, ANY_OTHER = "any", "any other"
PAGE = 20
_TYPICAL = 6


def chosen_cell(classes: Sequence[str]) -> tuple[int, int]:
    """Truth and answer that the address names, places in `classes`, or ANY or OTHER."""
    truth, answer = (st.session_state.get(key) or st.query_params.get(key) for key in ("truth", "read"))
    return (
        classes.index(truth) if truth in classes else ANY,
        classes.index(answer) if answer in classes else ANY if answer == ANY_CLASS else OTHER,
    )  # fmt: skip


def choose_cell(truth: str, answer: str) -> None:
    """Open a cell by its names; to be called before its pickers are drawn."""
    st.session_state.update({"truth": truth, "read": answer, "cell-page": 1})
    close_picture()


def show_cell(source: Source) -> None:
    """Pickers of truth and answer, and the pictures of that cell."""
    classes = source.predictions.classes
    for key, extra in (("truth", [ANY_CLASS]), ("read", [ANY_OTHER, ANY_CLASS])):
        if key in st.session_state and st.session_state[key] not in (*extra, *classes):
            del st.session_state[key]  # of a recognizer with other classes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Truth", [ANY_CLASS, *classes], width=110, key="truth", bind="query-params", on_change=_first_page)
        st.selectbox("Read as", [ANY_OTHER, ANY_CLASS, *classes], width=130, key="read", bind="query-params", on_change=_first_page)
    truth, answer = chosen_cell(classes)
    places = find_cell(source.predictions, truth, answer)
    st.caption(_counted(source, truth, answer, len(places)))
    if source.dataset is None:
        st.info(
            f"The pictures are not on this machine: these are the answers that came with `{source.card.name}`. "
            + (f"`python -m core data download {source.entry.name}` gets them." if source.entry.download else ""),
            icon=":material/image_not_supported:",
        )  # fmt: skip
        return
    _typical(source, source.dataset, truth, answer)
    if len(places):
        st.fragment(_pictures)(source, places)


def _first_page() -> None:
    st.session_state["cell-page"] = 1
    close_picture()


def _counted(source: Source, truth: int, answer: int, count: int) -> str:
    classes, predictions = source.predictions.classes, source.predictions
    total = len(predictions) if truth == ANY else int((predictions.truth == truth).sum())
    low, high = wilson_interval(count, total)
    read = "misread" if answer == OTHER else "read" if answer == ANY else f"read as {classes[answer]}"
    of = "pictures" if truth == ANY else f"pictures of {classes[truth]}"
    return f"{count:,} of {total:,} {of} {read}: {percent(count / max(total, 1))} (95 % {percent(low)} to {percent(high)})."


def _typical(source: Source, dataset: Dataset, truth: int, answer: int) -> None:
    """What both classes usually look like."""
    images = dataset.images if len(source.rows) == len(dataset) else dataset.images[source.rows]
    for class_ in dict.fromkeys(place for place in (truth, answer) if place >= 0):
        pictures = "".join(
            f"<figure>{img(255 - np.asarray(images[place]), alt='')}</figure>"
            for place in typical(source.predictions, images, class_, _TYPICAL)
        )
        name = escape(source.predictions.classes[class_])
        st.html(
            f'<div class="typical" title="typical {name}"><b>{name}</b>'
            f'<div class="gallery tight" style="--columns: {_TYPICAL}">{pictures}</div></div>'
        )


def _pictures(source: Source, places: np.ndarray) -> None:
    """One page of them; a fragment, so that a mark redraws nothing else."""
    pages = -(-len(places) // PAGE)
    page = min(int(st.session_state.get("cell-page") or st.query_params.get("cell-page", "1")), pages) if pages > 1 else 1
    shown = places[(page - 1) * PAGE : page * PAGE]
    keys = keys_of(source.predictions.classes)
    board(
        _images(source, shown), [_item(source, place) for place in shown], source.marks, keys, key="board", opened=opened(),
        mark=lambda new, cleared: mark_them(source, new, cleared), open_one=_open,
    )  # fmt: skip
    if st.session_state.pop("just-opened", False):
        st.rerun()  # it is shown over the whole page, not in this part of it
    if pages > 1:
        st.number_input(f"Page, of {pages:,}; worst first", 1, pages, key="cell-page", bind="query-params", width=200)
    special = {key: name for key, name in keys.items() if key != name and key.swapcase() != name}
    st.caption(
        "Click one to look closer. By keyboard: arrows move; its true class's key marks it mislabelled"
        + (f" ({', '.join(f'{key} is {name}' for key, name in special.items())})" if special else "")
        + ", ? unreadable, ! hard, Delete takes a mark off, Backspace undoes, Enter opens."
    )
    if source.marks:
        _rescored(source)


def _open(row: int) -> None:
    open_picture(row)
    st.session_state["just-opened"] = True


def _item(source: Source, place: int) -> Item:
    predictions, row = source.predictions, int(source.rows[place])
    assert source.dataset is not None
    answer, truth = (predictions.classes[each[place]] for each in (predictions.answers, predictions.truth))
    sure, true = predictions.confidence[place], predictions.truth_probability[place]
    caption = f"Predicted {answer} ({sure:.2f})" + (f"\ntruth {truth} ({true:.2f})" if answer != truth else ", rightly")
    return Item(row, source.dataset.classes[source.dataset.labels[row]], caption)


def _images(source: Source, places: np.ndarray) -> np.ndarray:
    assert source.dataset is not None
    return np.asarray(source.dataset.images[source.rows[places]])


def _rescored(source: Source) -> None:
    after = rescored(source)
    hits, count = int(after.right.sum()), len(after)
    before = int(source.predictions.right.sum()), len(source.predictions)
    low, high = wilson_interval(hits, count)
    kinds = f"{len(source.marks):,} marked ({told_of(source.marks)})"
    st.caption(
        f"{kinds}: {percent(before[0] / max(before[1], 1))} without the marks becomes {percent(hits / max(count, 1))} with them "
        f"(95 % {percent(low)} to {percent(high)}, n = {count:,}). Set Marks to applied to see everything so."
        if not source.applied
        else f"{kinds}; they are applied to every figure here."
    )
