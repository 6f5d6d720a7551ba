"""What a new run learns from: a data set of the catalogue, and others mixed with it."""

from dataclasses import dataclass

import streamlit as st

from core.datasets.catalogue import Entry, find_entries, open_dataset
from core.datasets.dataset import Dataset
from core.datasets.labels import to_indices
from core.errors import InklingError
from core.settings import Settings
from core.training.mixture import format_mixture

USUAL = "uci-digits"
"""It needs no download."""

_MOST_WEIGHT = 100.0


@dataclass(frozen=True)
class Material:
    """What was picked. dataset : None where it is not on this machine, and `problem` says why. pool
    : `Recipe.pool`, of `pooled` images.
    """

    name: str
    entry: Entry
    dataset: Dataset | None
    problem: str
    pool: str
    pooled: int


def pick_material(settings: Settings) -> Material:
    """The picker of data; InklingError if what is mixed in does not go with it."""
    entries = find_entries(settings)
    name = st.selectbox(
        "Data", list(entries), list(entries).index(USUAL), key="data", bind="query-params"
    )
    entry, dataset, problem = entries[name], None, ""
    try:
        dataset = entry.open(settings, entry.splits[0])
        if not len(dataset):
            dataset, problem = (
                None,
                "Nothing is in it yet; draw something and keep it, or choose other data.",
            )
    except InklingError as error:
        problem = str(error)
    there = (
        f", {len(dataset):,} images of {len(dataset.classes)} classes"
        if dataset
        else ", not on this machine yet"
    )
    st.caption(entry.title + there)
    mixed: list[str] = st.multiselect(
        "Mixed with",
        [other for other in entries if other != name],
        key="mix",
        bind="query-params",
        placeholder="Nothing else",
        help="More images to train on. They are never validated on: what is held out comes from the data above alone.",
    )
    parts = [(_weight(each), each) for each in mixed]
    pooled = (
        sum(_count(weight, each, entries[each], dataset, settings) for weight, each in parts)
        if dataset
        else 0
    )
    if pooled and dataset:
        st.caption(f"{pooled:,} images are mixed in; the accuracy is measured on {name} only.")
    return Material(name, entry, dataset, problem, format_mixture(parts) if parts else "", pooled)


def _weight(name: str) -> float:
    return float(
        st.number_input(
            f"Weight of {name}",
            0.01,
            _MOST_WEIGHT,
            1.0,
            0.25,
            format="%g",
            key=f"weight-{name}",
            bind="query-params",
            help="0.5 takes a random half of its images, 3 takes each three times.",
        )
    )


def _count(
    weight: float, name: str, entry: Entry, dataset: Dataset | None, settings: Settings
) -> int:
    part = open_dataset(name, settings)
    if dataset is not None:
        try:
            to_indices(part.classes, dataset.classes)
        except InklingError as error:
            raise InklingError(f"{entry.title} cannot be mixed in. {error}") from error
    return round(weight * len(part))
