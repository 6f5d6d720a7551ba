"""Suspects: pictures that deserve a look, one list for each reason."""

import json
from collections.abc import Mapping, Sequence

import streamlit as st

from core.curation.decisions import REMOVE, Decision
from core.curation.marked import marked
from core.curation.suspects import (
    BLANK,
    EXACT,
    LABELS,
    NEAR,
    OUTLIERS,
    UNREADABLE,
    Suspect,
    Suspects,
    one_of_each,
)
from core.jobs.job import Job
from pages.curate.actions import label, value_of
from pages.curate.budget import show_budget
from pages.curate.bulk import decide_all
from pages.curate.pictures import Item, show_pictures
from pages.curate.source import Source
from pages.shared.jobs import run_job
from pages.shared.text import plain

MARKED = "Marked"
LISTS = {
    "Exact copies": EXACT,
    "Near copies": NEAR,
    "Wrong labels": LABELS,
    "Outliers": OUTLIERS,
    "Blank": BLANK,
    "Unreadable": UNREADABLE,
    MARKED: "",
}
_ABOUT = {
    EXACT: "The same pixels, whatever the file is called. A picture that is trained on and tested "
    "on makes the test worth less.",
    NEAR: "The same drawing, resaved, rescaled, shifted or cropped.",
    LABELS: "Confident learning (Northcutt et al. 2021, by cleanlab): five small networks, each "
    "trained without the pictures that it judges. Hard pictures are among them: look before you "
    "mend.",
    OUTLIERS: "Farther from their nearest neighbours than is usual in their class: hearts and "
    "scribbles, and rare ways to write.",
    BLANK: "Nothing in them is as large as a character.",
    UNREADABLE: "Files that are no pictures, damaged ones, or too large.",
}


def show_suspects(source: Source) -> None:
    """One list; what was found is kept until a file comes or goes."""
    chosen = st.segmented_control(
        "List",
        list(LISTS),
        default="Exact copies",
        required=True,
        key="list",
        bind="query-params",
    )
    if chosen == MARKED:
        _show_marked(source)
        return
    kind = LISTS[chosen]
    arguments = ["suspects", source.collection.name, "--json"]
    if kind == LABELS:
        arguments += ["--kinds", LABELS]
    run_job(
        "Look for wrong labels" if kind == LABELS else "Look through all pictures",
        arguments,
        Job.of(arguments, source.settings, inputs=[source.collection.state]),
        key=f"look-{kind == LABELS}",
        done=lambda job: _show(source, kind, Suspects.from_json(json.loads(job.output()))),
    )
    st.caption(_ABOUT[kind])


def _show(source: Source, kind: str, found: Suspects) -> None:
    suspects = found.lists.get(kind, ())
    if not suspects:
        st.caption(f"None among {found.n:,} pictures.")
        return
    if kind in (EXACT, NEAR):
        _show_copies(source, kind, suspects)
    elif kind in (BLANK, UNREADABLE):
        decisions = [Decision(one.picture, one.digest, REMOVE, why=one.why) for one in suspects]
        decide_all(source, "Remove", decisions, key=f"all-{kind}")
    suggested = {one.picture: label(one.becomes) for one in suspects if one.becomes}
    _show_list(source, kind, suspects, suggested)


def _show_copies(source: Source, kind: str, suspects: Sequence[Suspect]) -> None:
    collection, part = source.collection, ""
    groups = len({one.group for one in suspects})
    st.markdown(f"**{len(suspects):,}** pictures show **{groups:,}** drawings.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(collection.parts) > 1:
            part = st.segmented_control(
                "One is left, if possible in",
                collection.parts,
                default=collection.parts[0],
                required=True,
                format_func=plain,
                key=f"left-in-{kind}",
            )
        gone = one_of_each(source.curated(), suspects, part=part)
        decisions = [Decision(one.picture, one.digest, REMOVE, why=one.why) for one in gone]
        decide_all(source, "Remove the other", decisions, key=f"all-{kind}")


def _show_marked(source: Source) -> None:
    found = marked(source.collection, source.settings)
    if not found:
        st.caption(
            "Pictures of the catalogue that were marked on Evaluate stand here, to be confirmed: "
            "what is mislabelled gets its label, what is unreadable is removed. There are none."
        )
        return
    decide_all(source, "Confirm", [decision for _, decision in found], key="all-marked")
    suggested = {decision.picture: value_of(decision) for _, decision in found}
    _show_list(source, MARKED, [suspect for suspect, _ in found], suggested)


def _show_list(
    source: Source, kind: str, suspects: Sequence[Suspect], suggested: Mapping[str, str]
) -> None:
    collection = source.collection
    listed = [
        (index, one) for one in suspects if (index := collection.index_of(one.picture)) is not None
    ]

    def item(number: int) -> Item:
        index, one = listed[number]
        parts = [collection.label_of(index)]
        parts += [collection.parts[collection.part_of[index]]] * (len(collection.parts) > 1)
        parts += [f"perhaps {one.becomes}"] * bool(one.becomes)
        return Item(index, ", ".join(parts), one.why, suggested.get(one.picture, ""))

    show_pictures(
        source,
        len(listed),
        item,
        key=f"suspects-{kind.lower()}",
        of=(kind, len(listed)),
        above=lambda: show_budget(source.curated()),
    )
