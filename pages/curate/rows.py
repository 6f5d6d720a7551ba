"""Rows: a recognizer proposes labels, look-alikes stand in rows, and a key confirms a row; what is
confirmed makes the next proposals better.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.curation.proposals import Features, Proposals, features_of, propose
from core.curation.rows import INFORMATIVE, LISTED, SURE, pick_rows
from core.errors import InklingError
from core.evaluation.predictions import digest_of_weights
from core.models.cards import Card, find_card
from core.progress import Progress
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.labels import parse_labels
from pages.curate.actions import label
from pages.curate.expected import Given, show_expected
from pages.curate.pictures import Item, read_page, show_board
from pages.curate.source import Source
from pages.shared.board import send_pictures
from pages.shared.cache import cached_with_progress
from pages.shared.classes import chosen_classes, narrowed
from pages.shared.models import recognizer
from pages.shared.reader import pick_reader
from pages.shared.text import plain

_ORDERS = {"Most informative": INFORMATIVE, "Surest": SURE, "As listed": LISTED}
_LENGTHS = (6, 12, 24)
_LIKELY = 4
"""Labels whose buttons come first."""

_PAGE, _PASSED, _TURNS = "rows-page", "rows-passed", "rows-turns"


@dataclass(frozen=True, eq=False)
class _Rows:
    """A page of rows as it was chosen: what is decided does not move what follows. of : what was
    asked for. titles : the label proposed for each row. items : all their pictures. proposals : for
    every picture, by what was labelled then.
    """

    of: object
    titles: tuple[str, ...]
    items: tuple[Item, ...]
    proposals: Proposals


def show_rows(source: Source) -> None:
    """The next rows, and beside them how far the work has come."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        card = pick_reader(source.settings, classes=source.collection.classes or NUMBERS)
        order = st.segmented_control(
            "First",
            list(_ORDERS),
            default="Most informative",
            required=True,
            key="rows-order",
            bind="query-params",
            help="Most informative: those that the model doubts, of which it learns most. Surest: "
            "whole rows that are probably right.",
        )
        length = st.selectbox(
            "In a row", _LENGTHS, index=1, width=90, key="rows-length", bind="query-params"
        )
        more = _more_classes()
    if card is None:
        return
    weights = digest_of_weights(find_card(card.name, source.settings)[1], card)
    of = source.collection.name, source.collection.state, weights, chosen_classes(card)
    features = _features(source, card, of)
    board, beside = st.columns([3, 1], gap="medium")
    with board:
        rows = _page(source, features, _ORDERS[order], int(length), (*of, order, length))
        _show(source, features, rows, more)
    with beside:
        show_expected(source, features, rows.proposals, of=of)


def _features(source: Source, card: Card, of: tuple[object, ...]) -> Features:
    """What the recognizer says of the pictures, once for the same."""
    collection = source.collection

    def compute(report: Progress) -> Features:
        reader = narrowed(recognizer(card.name, source.settings))
        return features_of(collection, reader, report=report)

    return cached_with_progress(
        "proposal-features",
        of,
        compute,
        total=len(collection),
        doing="Reading the pictures",
    )


def _page(source: Source, features: Features, order: str, length: int, of: object) -> _Rows:
    """The rows on the screen, until something else is asked for or they are left."""
    state = st.session_state
    before: _Rows | None = state.get(_PAGE)
    if before is not None and before.of == of:
        return before
    given = Given.of(source, features)
    passed = state.setdefault(f"{_PASSED}-{source.log.stem}", set())
    waiting = given.waiting[~np.isin(features.rows[given.waiting], list(passed))]
    if not len(waiting):  # what was passed over comes again at the end
        passed.clear()
        waiting = given.waiting
    proposals = propose(features, given.places, given.labels)
    rows = pick_rows(
        features,
        proposals,
        waiting=waiting,
        places=given.places,
        labels=given.labels,
        order=order,
        length=length,
    )
    items = [
        _item(source, int(features.rows[place]), proposals, place, number)
        for number, row in enumerate(rows)
        for place in row
    ]
    titles = tuple(proposals.classes[proposals.answers[row[0]]] for row in rows)
    state[_PAGE] = _Rows(of, titles, tuple(items), proposals)
    state[_TURNS] = state.get(_TURNS, 0) + 1
    return state[_PAGE]


def _item(source: Source, index: int, proposals: Proposals, place: int, row: int) -> Item:
    best = np.argsort(-proposals.probabilities[place], kind="stable")[:_LIKELY]
    likely = tuple(label(proposals.classes[number]) for number in best)
    return Item(index, source.collection.label_of(index), "", likely[0], likely, row)


def _more_classes() -> tuple[str, ...]:
    """Labels to choose from that no picture has yet."""
    text = st.text_input(
        "More classes",
        key="rows-classes",
        bind="query-params",
        placeholder="none",
        width=130,
        help="Labels that the model does not know, such as 10-36,x: it learns them with you.",
    )
    try:
        return parse_labels(text.replace(" ", "")) if text.strip() else ()
    except InklingError as error:
        st.warning(plain(error), icon=":material/error:")
        return ()


def _show(source: Source, features: Features, rows: _Rows, more: tuple[str, ...]) -> None:
    if not rows.items:
        _say_progress(source, features)
        which = "" if len(features) == len(source.collection) else " that is proposed for"
        st.caption(f"Every picture{which} is decided on: see the balance, and export them.")
        return
    shown = read_page(source, rows.items, before=False, after=True, turns=st.session_state[_TURNS])

    def turn(_: int) -> None:
        """Others come; what is left undecided waits until the end."""
        passed: set[int] = st.session_state[f"{_PASSED}-{source.log.stem}"]
        passed.update(item.index for item in rows.items)
        st.session_state.pop(_PAGE, None)

    send_pictures(shown.page, shown.sheet)
    show_board(
        source,
        shown,
        rows.items,
        turn=turn,
        above=lambda: _say_progress(source, features),
        rows=rows.titles,
        classes=(*features.classes, *more),
    )


def _say_progress(source: Source, features: Features) -> None:
    now = source.curated()
    count, done = len(now.collection), int(now.decided.sum())
    removed = int((now.removed & now.decided).sum())
    text = f"**{done - removed:,} of {count:,}** labelled" + f", {removed:,} removed" * bool(
        removed
    )
    if len(features) < count:
        text += f"; {len(features):,} are proposed for: others are blank, or too many at once"
    st.progress(done / count, text=text)
