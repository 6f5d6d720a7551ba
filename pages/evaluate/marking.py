"""Pages of pictures to mark, and the effect of the marks."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from core.intervals import percent, span, wilson_interval
from pages.evaluate.board import Item, board, keys_of
from pages.evaluate.picture import mark_them
from pages.evaluate.source import Source, marks_note, rescored
from pages.shared.fragment import fragment
from pages.shared.pager import pager
from pages.shared.picture import open_picture, opened

PAGE = 20
_OPENED = "just-opened"


def paged_board(
    source: Source, count: int, item: Callable[[int], Item], *, key: str, of: object
) -> None:
    """`count` pictures, `item(0)` first, a page at a time, in the order given: only the page shown
    is computed and sent.

    of : identifies them, beside the recognizer and the data (see `pager`).
    """
    fragment(_board)(source, count, item, key, of)  # a mark redraws nothing else


def _board(source: Source, count: int, item: Callable[[int], Item], key: str, of: object) -> None:
    assert source.dataset is not None
    keys = keys_of(source.predictions.classes)
    _help(keys)
    above = st.container()
    of = (source.card.name, source.name, of)
    shown = pager(count, PAGE, key=f"{key}-page", of=of, note="; worst first")
    items = [item(index) for index in range(count)[shown]]
    images = np.asarray(source.dataset.images[[one.row for one in items]])
    with above:
        board(
            images,
            items,
            source.marks,
            keys,
            key=f"{key}-board",
            opened=opened(),
            mark=lambda new, cleared: mark_them(source, new, cleared),
            open_one=_open,
        )
    if st.session_state.pop(_OPENED, False):
        st.rerun()  # the dialog covers the whole page, not this fragment
    if source.marks:
        _rescored(source)


def _help(keys: Mapping[str, str]) -> None:
    special = [
        f"{sign} is {name}" for sign, name in keys.items() if name not in (sign, sign.swapcase())
    ]
    st.caption(
        "Click one to look closer. By keyboard: arrows move; its true class's key marks it "
        "mislabelled"
        + (f" ({', '.join(special)})" if special else "")
        + ", ? unreadable, ! hard, Delete takes a mark off, Backspace undoes, Enter opens."
    )


def _open(row: int) -> None:
    open_picture(row)
    st.session_state[_OPENED] = True


def _rescored(source: Source) -> None:
    after = rescored(source)
    hits, count = int(after.right.sum()), len(after)
    before = int(source.predictions.right.sum()), len(source.predictions)
    interval = wilson_interval(hits, count)
    kinds = f"{len(source.marks):,} marked ({marks_note(source.marks)})"
    st.caption(
        f"{kinds}: {percent(before[0] / max(before[1], 1))} without the marks becomes "
        f"{percent(hits / max(count, 1))} with them "
        f"(95 % {span(interval)}, n = {count:,}). Set Marks to applied to see everything so."
        if not source.applied
        else f"{kinds}; they are applied to every figure here."
    )
