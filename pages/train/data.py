"""Training data of a new run: a data set of the catalogue, and others mixed with it."""

from dataclasses import dataclass

import streamlit as st

from core.datasets.catalogue import BUNDLED, Entry, find_entries
from core.datasets.dataset import Dataset
from core.datasets.labels import to_indices
from core.errors import InklingError
from core.settings import Settings
from core.training.mixture import format_mixture
from pages.shared.data import pick_data, pick_more_data
from pages.shared.missing import Missing, opened
from pages.shared.text import plain

_MOST_WEIGHT = 100.0


@dataclass(frozen=True)
class Material:
    """What was picked. dataset : None if not on this machine. missing : what is not, the data or
    some that are mixed in. pool : `Recipe.pool`, of `pooled` images.
    """

    name: str
    dataset: Dataset | None
    missing: Missing | None
    pool: str
    pooled: int


def pick_material(settings: Settings) -> Material:
    """The picker of data; InklingError if the mixed-in sets are incompatible with it."""
    entries = find_entries(settings)
    entry = pick_data(entries, settings, usual=BUNDLED)
    dataset, missing = _open(entry, settings)
    if dataset:
        st.caption(f"{len(dataset):,} images of {len(dataset.classes)} classes")
    mixed = pick_more_data(
        {name: other for name, other in entries.items() if other != entry},
        settings,
        key="mix",
        label="Mixed with",
        help=(
            "More images to train on. They are never validated on: what is held out comes from "
            "the data above alone."
        ),
    )
    parts = [(_weight(other), other) for other in mixed]
    pooled = 0
    for weight, other in parts:
        more, absent = _open(other, settings)
        missing = missing or absent
        if dataset and more:
            _check(other, more, dataset)
            pooled += round(weight * len(more))
    if pooled:
        st.caption(
            f"{pooled:,} images are mixed in; the accuracy is measured on {plain(entry.title)} "
            f"only."
        )
    pool = format_mixture([(weight, other.name) for weight, other in parts]) if parts else ""
    return Material(entry.name, dataset, missing, pool, pooled)


def _open(entry: Entry, settings: Settings) -> tuple[Dataset | None, Missing | None]:
    """Its training split, or why there is none."""
    data = opened(entry, lambda: entry.open(settings, entry.splits[0]))
    return (None, data) if isinstance(data, Missing) else (data, None)


def _weight(entry: Entry) -> float:
    return float(
        st.number_input(
            f"Weight of {plain(entry.title)}",
            0.01,
            _MOST_WEIGHT,
            1.0,
            0.25,
            format="%g",
            key=f"weight-{entry.name}",
            bind="query-params",
            help="0.5 takes a random half of its images, 3 takes each three times.",
        )
    )


def _check(entry: Entry, more: Dataset, dataset: Dataset) -> None:
    """InklingError if a class of a mixed-in set is not in the data."""
    try:
        to_indices(more.classes, dataset.classes)
    except InklingError as error:
        raise InklingError(f"{entry.title} cannot be mixed in. {error}") from error
