"""Pages of pictures to mark, and the effect of the marks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import streamlit as st

from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, Mark
from core.ink.encode import contact_sheet, png
from core.intervals import percent, span, wilson_interval
from pages.evaluate.picture import mark_them
from pages.evaluate.source import Source, marks_note, rescored
from pages.shared.board import Action, Made, Page, Tile, board, send_pictures
from pages.shared.board.keys import keys_of
from pages.shared.fragment import fragment
from pages.shared.pager import pager
from pages.shared.picture import open_picture, opened
from pages.shared.text import plain

PAGE = 20
_COLUMNS = 5
_OPENED = "just-opened"


@dataclass(frozen=True)
class Item:
    """A picture on the board: its row in the data set, its label, its caption."""

    row: int
    label: str
    caption: str


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
    actions = _actions(source.predictions.classes)
    _help(actions)
    above = st.container()
    of = (source.card.name, source.name, of)
    shown = pager(count, PAGE, key=f"{key}-page", of=of, note="; worst first")
    items = [item(index) for index in range(count)[shown]]
    images = np.asarray(source.dataset.images[[one.row for one in items]])
    number = blake2b(images.tobytes() + ascii(items).encode(), digest_size=8).hexdigest()
    page = Page(number, _COLUMNS, max(images.shape[1:]))
    with above:
        send_pictures(page, png(contact_sheet(images, columns=_COLUMNS)))
        board(
            page,
            [Tile(str(one.row), one.caption, _value(source.marks.get(one.row))) for one in items],
            actions,
            key=f"{key}-board",
            decide=lambda made: _mark(source, items, made),
            open_one=_open,
            opened=str(opened()),
        )
    if st.session_state.pop(_OPENED, False):
        st.rerun()  # the dialog covers the whole page, not this fragment
    if source.marks:
        _rescored(source)


def _actions(classes: Sequence[str]) -> list[Action]:
    """What a picture can be marked as: values are kinds of marks, and of a mislabelled one what it
    becomes.
    """
    keys = keys_of(classes)
    becomes = [
        Action(
            f"{MISLABELLED}:{name}",
            tuple(key for key, meant in keys.items() if meant == name),
            word=f"is {name}",
            fades=True,
        )
        for name in classes
    ]
    return [
        Action("", ("Delete",)),
        Action(UNREADABLE, ("?",), word=UNREADABLE, fades=True),
        Action(HARD, ("!",), word=HARD, fades=True),
        *becomes,
    ]


def _value(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return f"{mark.kind}:{mark.becomes}" if mark.becomes else mark.kind


def _mark(source: Source, items: Sequence[Item], made: Sequence[Made]) -> bool:
    """Save what the board sent; a picture's own label takes its mark off."""
    labels = {str(item.row): item.label for item in items}
    latest = {one.name: one.value for one in made if one.name in labels}
    marks, cleared = [], []
    for name, value in latest.items():
        kind, _, becomes = value.partition(":")
        if not kind or (kind == MISLABELLED and becomes == labels[name]):
            cleared.append(int(name))
        else:
            marks.append(Mark(int(name), labels[name], kind, becomes))
    return mark_them(source, marks, cleared)


def _help(actions: Sequence[Action]) -> None:
    special = [
        f"{one.keys[0]} is {name}"
        for one in actions
        if one.keys and (name := one.value.partition(":")[2]) and name not in one.keys
    ]
    st.caption(
        "Click one to look closer. By keyboard: arrows move; its true class's key marks it "
        "mislabelled"
        + (f" ({plain(', '.join(special))})" if special else "")
        + ", ? unreadable, ! hard, Delete takes a mark off, Backspace undoes, Enter opens."
    )


def _open(name: str) -> None:
    open_picture(int(name))
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
