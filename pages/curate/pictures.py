"""A page of pictures on the board, with the decisions on them: the same for labelling, one by one
or in rows, and for every list of suspects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import streamlit as st

from core.curation.collection import reading_order
from core.curation.decisions import Decision
from core.curation.seen import Seen, reduced, see, see_all, sheet_of
from core.errors import InklingError
from pages.curate.actions import actions_of, decision_of, value_of
from pages.curate.source import Source
from pages.shared.board import Made, Page, Tile, board, send_pictures
from pages.shared.cache import cached
from pages.shared.fragment import fragment
from pages.shared.pager import pager

SIZE = 48
"""Pictures on a page."""

WHY = "curate-why"
"""Key of what somebody wrote as the reason of the next decisions."""

_CELL, _COLUMNS = 176, 8
_TURNED = "curate-turned"


@dataclass(frozen=True)
class Item:
    """A picture of the collection by its number. caption : below it. why : of a decision on it.
    suggested : the value that is likely to be right; likely, row: see `Tile`.
    """

    index: int
    caption: str
    why: str = ""
    suggested: str = ""
    likely: tuple[str, ...] = ()
    row: int = 0


@dataclass(frozen=True, eq=False)
class Shown:
    """A page as it was read: what is decided on is what was seen."""

    page: Page
    seen: tuple[Seen, ...]
    sheet: bytes


def show_pictures(
    source: Source,
    count: int,
    item: Callable[[int], Item],
    *,
    key: str,
    of: object,
    above: Callable[[], None],
) -> None:
    """`count` pictures, `item(0)` first, a page at a time; `above` draws what follows from the
    decisions, and is drawn again after each.

    key : of the view. of : identifies what is shown (see `pager`).
    """
    bar, pictures = st.container(), st.container()
    shown_key, of = f"{key}-page", (source.collection.name, of)
    rows = pager(count, SIZE, key=shown_key, of=of)
    items = [item(number) for number in range(count)[rows]]
    shown = read_page(source, items, before=rows.start > 0, after=rows.stop < count)

    def turn(by: int) -> None:
        st.session_state[shown_key] = max(1, int(st.session_state.get(shown_key, 1)) + by)

    with bar:
        send_pictures(shown.page, shown.sheet)
    with pictures:
        show_board(source, shown, items, turn=turn, above=above)


def show_board(
    source: Source,
    shown: Shown,
    items: Sequence[Item],
    *,
    turn: Callable[[int], None],
    above: Callable[[], None],
    rows: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> None:
    """The board in a fragment of its own, under what `above` draws. turn : called when the page is
    left, see `board`; all is drawn again then. rows : see `board`. classes : labels to choose from
    beside those of the collection.
    """
    fragment(_board)(source, shown, items, turn, above, rows, classes)


def read_page(
    source: Source, items: Sequence[Item], *, before: bool, after: bool, turns: int = 0
) -> Shown:
    """Read the pictures of a page, once. turns : tells it from an earlier page of the same."""
    collection = source.collection
    names = tuple(collection.name_of(item.index) for item in items)
    stamps = tuple(collection.stamp(item.index) for item in items)

    key = (collection.name, collection.state, names, stamps, before, after, turns)

    def read() -> Shown:
        indices = [item.index for item in items]
        seen = tuple(see_all(collection, indices, lambda one: reduced(one, _CELL)))
        sheet = sheet_of([one.image for one in seen], columns=_COLUMNS, most=_CELL)
        largest = max(max(one.size) for one in seen)
        number = blake2b(ascii(key).encode(), digest_size=8).hexdigest()
        return Shown(Page(number, _COLUMNS, largest, before, after), seen, sheet)

    return cached("curate-page", key, read)


def _board(
    source: Source,
    shown: Shown,
    items: Sequence[Item],
    turn: Callable[[int], None],
    above: Callable[[], None],
    rows: Sequence[str],
    classes: Sequence[str],
) -> None:
    above()
    collection, held = source.collection, source.held()
    digests = {collection.name_of(one.index): one.digest for one in shown.seen}
    whys = {collection.name_of(item.index): item.why for item in items}

    def decide(made: Sequence[Made]) -> bool:
        decisions: list[Decision] = []
        for one in made:
            index = collection.index_of(one.name)
            if index is None:
                continue  # what a browser sends may be anything
            digest = digests.get(one.name)
            try:
                decisions.append(
                    decision_of(
                        one,
                        labelled=collection.label_of(index),
                        # an undo may lead to a picture that is on another page
                        digest=see(collection, index).digest if digest is None else digest,
                        why=st.session_state.get(WHY, "").strip() or whys.get(one.name, ""),
                    )
                )
            except InklingError:
                continue
        return source.decide(decisions) is not None

    def turned(by: int) -> None:
        turn(by)
        st.session_state[_TURNED] = True

    tiles = [
        _tile(source, item, seen, held.get(collection.name_of(item.index)))
        for item, seen in zip(items, shown.seen, strict=True)
    ]
    given = dict.fromkeys(one.label for one in held.values() if one.label)
    known = (
        reading_order({*collection.classes, *classes, *given})
        if classes
        else [*collection.classes, *reading_order(given)]
    )
    board(
        shown.page,
        tiles,
        actions_of(known, keep=bool(collection.classes)),
        key=f"curate-board-{source.log.stem}",
        decide=decide,
        turn=turned,
        steps=source.steps(),
        rows=rows,
        desk=True,
    )
    if st.session_state.pop(_TURNED, False):
        st.rerun()  # what turns is outside of this fragment


def _tile(source: Source, item: Item, seen: Seen, decision: Decision | None) -> Tile:
    collection = source.collection
    name, why = collection.name_of(item.index), decision.why if decision else item.why
    facts = [_printable(why)] * bool(why)
    if decision and decision.digest != seen.digest:
        facts.append("its pixels have changed since it was decided on: decide anew")
    facts += [_printable(seen.problem)] * bool(seen.problem)
    facts.append(_printable(name))
    if seen.image is not None:
        facts.append(f"{seen.size[1]} x {seen.size[0]} pixels")
    label = collection.label_of(item.index)
    title = f"Labelled {label}" if label else "No label yet"
    if item.likely:
        title = f"Perhaps {item.likely[0].partition(':')[2]}"
    return Tile(
        name,
        item.caption,
        value_of(decision),
        item.suggested,
        item.likely,
        item.row,
        title,
        "; ".join(facts),
    )


def _printable(text: str) -> str:
    """A name in one line, whatever is in it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
