"""Label: the pictures of a class, to be looked through by keyboard."""

import numpy as np
import streamlit as st

from core.curation.curated import Curated
from pages.curate.budget import show_budget
from pages.curate.pictures import WHY, Item, show_pictures
from pages.curate.source import Source
from pages.shared.text import plain

ALL, UNDECIDED, DECIDED, REMOVED = "all", "undecided", "decided", "removed"


def show_label(source: Source) -> None:
    """The pictures of a class and a part. The list stays as it was when it was chosen: what is
    decided does not move the pictures that follow.
    """
    collection = source.collection
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "Class", [ALL, *collection.classes], width=120, key="of-class", bind="query-params"
        )
        part = ALL
        if len(collection.parts) > 1:
            part = st.segmented_control(
                "Part",
                [ALL, *collection.parts],
                default=ALL,
                required=True,
                format_func=plain,
                key="of-part",
                bind="query-params",
            )
        which = st.segmented_control(
            "Pictures",
            [ALL, UNDECIDED, DECIDED, REMOVED],
            default=ALL,
            required=True,
            key="pictures",
            bind="query-params",
        )
        st.text_input(
            "Why",
            key=WHY,
            max_chars=200,
            width=180,
            placeholder="not needed",
            help="Written to the log with each decision that follows.",
        )
    asked = (collection.name, collection.state, label, part, which)
    rows = _rows(source, label, part, which, asked)
    if not len(rows):
        show_budget(source.curated())
        st.caption("There are no such pictures.")
        return
    captions = len(collection.parts) > 1 and part not in collection.parts

    def item(number: int) -> Item:
        index = int(rows[number])
        shown = [collection.label_of(index)] * (label == ALL)
        shown += [collection.parts[collection.part_of[index]]] * captions
        return Item(index, ", ".join(shown))

    show_pictures(
        source,
        len(rows),
        item,
        key="label",
        of=asked,
        above=lambda: show_budget(source.curated()),
    )


def _rows(source: Source, label: str, part: str, which: str, asked: object) -> np.ndarray:
    """Numbers of pictures, kept until something else is asked for or the page is loaded again."""
    state = st.session_state
    if state.get("label-asked") != asked:
        state["label-asked"] = asked
        state["label-rows"] = _found(source.curated(), label, part, which)
    rows: np.ndarray = state["label-rows"]
    return rows


def _found(now: Curated, label: str, part: str, which: str) -> np.ndarray:
    collection = now.collection
    chosen = np.ones(len(collection), bool)
    if label in collection.classes:
        chosen &= now.labels == collection.classes.index(label)
    if part in collection.parts:
        chosen &= collection.part_of == collection.parts.index(part)
    states = {UNDECIDED: ~now.decided, DECIDED: now.decided, REMOVED: now.removed}
    return np.flatnonzero(chosen & states.get(which, True))
