"""Scaling: the average pixel unscaled, under StandardScaler and MinMaxScaler, and the effect of
each on k-NN.
"""

import numpy as np
import streamlit as st

from core.datasets.digest import quick_digest
from core.statistics.scaling import SCALINGS, scalings
from pages.explore.maps import map_figure, map_rows
from pages.explore.source import Source
from pages.shared.cache import cached_with_progress
from pages.shared.charts import show_figure
from pages.shared.missing import say_missing
from pages.shared.style import RATES


def show_scaling(source: Source) -> None:
    train, test = (
        source.dataset if part == source.part else source.other(part)
        for part in (source.entry.splits[0], source.entry.splits[-1])
    )
    if train is None or test is None:
        say_missing(
            source.entry,
            source.settings,
            "Scaling is tried on the images of a train part and of another; not both are here.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=170):
            count = int(
                st.number_input(
                    "Training images", 100, 20_000, 5000, 100, key="learned", bind="query-params"
                )
            )
        with st.container(width=170):
            neighbours = int(
                st.number_input("Neighbours, k", 1, 100, 20, key="k", bind="query-params")
            )
        with st.container(width=130):
            seed = int(
                st.number_input("Seed", 0, 2**31 - 1, 0, key="scaling-seed", bind="query-params")
            )
    result = cached_with_progress(
        "scaling",
        (quick_digest(train), quick_digest(test), count, neighbours, seed),
        lambda report: scalings(
            train, test, count=count, neighbours=neighbours, seed=seed, report=report
        ),
        total=len(SCALINGS),
        doing="Asking the neighbours",
    )
    titles = [SCALINGS[item.name] for item in result]
    averages = np.stack([item.average for item in result])
    show_figure(
        map_figure(
            averages, titles, averages, None, columns=3, signed=True, shared=False, side=230
        ),
        "scaling",
        alt="The average of every pixel under three scalings",
        table=lambda: map_rows(titles, {"average": averages}),
    )
    st.dataframe(
        [
            {
                "scaling": title,
                "smallest value": item.low,
                "largest": item.high,
                "accuracy": item.accuracy,
                "95 % from": item.interval[0],
                "to": item.interval[1],
                "n": item.n,
            }
            for title, item in zip(titles, result, strict=True)
        ],
        hide_index=True,
        column_config=RATES,
    )
    st.caption(
        f"k-NN (k = {neighbours}) learned {result[0].learned:,} random images and read "
        f"{result[0].n:,} of the test part. The average "
        "of a standardised pixel is 0 by definition, so its map is empty; a border pixel that is "
        "inked once in a thousand images weighs as "
        "much as one in the middle, and that is what it costs. Each map has its own colour scale."
    )
