"""The images themselves: counts per class, one of each, and all of a class, page by page."""

from collections.abc import Sequence
from html import escape

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.datasets.dataset import Dataset
from core.ink.encode import contact_sheet, png
from core.statistics.maps_file import shipped_maps
from pages.explore.source import Source
from pages.shared.charts import show_figure
from pages.shared.gallery import gallery
from pages.shared.missing import say_missing
from pages.shared.pager import pager
from pages.shared.style import INKS
from pages.shared.text import plain


def show_images(source: Source) -> None:
    _distribution(source)
    if source.dataset is None:
        sentence = (
            f"The images of {source.entry.title} are not on this machine, only what was counted "
            "in them."
        )
        say_missing(source.entry, source.settings, sentence)
        return
    _sheet(source.dataset)
    _pages(source.dataset)


def _distribution(source: Source) -> None:
    classes, counts = source.maps.classes, {source.part: source.maps.count}
    for part in source.entry.splits:
        if part not in counts:
            other, shipped = source.other(part), shipped_maps(f"{source.entry.name}:{part}")
            if other is not None and other.classes == classes:
                counts[part] = np.bincount(other.labels, minlength=len(classes))
            elif shipped is not None and shipped.classes == classes:
                counts[part] = shipped.count
    figure = go.Figure()
    for number, part in enumerate(part for part in source.entry.splits if part in counts):
        hover = f"%{{x}}: %{{y:,}} in {part}<extra></extra>"
        figure.add_bar(
            x=[escape(name) for name in classes],
            y=counts[part],
            name=part,
            marker_color=INKS[number],
            hovertemplate=hover,
        )
    figure.update_layout(
        height=260,
        barmode="group",
        showlegend=len(counts) > 1,
        legend={"orientation": "h", "y": 1.12},
    )
    figure.update_xaxes(type="category", tickangle=0)
    figure.update_yaxes(title="images")
    table = [
        ["class", *counts],
        *(
            [name, *(count[index] for count in counts.values())]
            for index, name in enumerate(classes)
        ),
    ]
    show_figure(figure, "images-per-class", alt="Images of each class", table=lambda: table)
    own = source.maps.count
    fewest, most = int(own.argmin()), int(own.argmax())
    st.caption(
        f"{plain(source.maps.source)}. In {source.part}: {int(own.sum()):,} images of "
        f"{len(classes)} "
        f"classes, {own[fewest]:,} of "
        f"{plain(classes[fewest])} to {own[most]:,} of {plain(classes[most])}; pixel values "
        f"{source.maps.low.min()} to {source.maps.high.max()}."
    )


def _sheet(dataset: Dataset) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=130):
            seed = int(
                st.number_input("One of each, seed", 0, 2**31 - 1, key="sheet", bind="query-params")
            )
        st.button("Draw at random", icon=":material/casino:", on_click=_other_seed)
    random = np.random.default_rng(seed)
    rows = [
        int(random.choice(result))
        for label in range(len(dataset.classes))
        if len(result := np.flatnonzero(dataset.labels == label))
    ]
    _gallery(
        dataset, rows, [dataset.classes[dataset.labels[row]] for row in rows], name="one-of-each"
    )


def _other_seed() -> None:
    st.session_state["sheet"] = st.session_state["sheet"] + 1


def _pages(dataset: Dataset) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "All of",
            dataset.classes,
            width=120,
            key="all-of",
            bind="query-params",
        )
        rows = np.flatnonzero(dataset.labels == dataset.classes.index(label))
        size = st.selectbox(
            "A page",
            [20, 50, 100, 200],
            1,
            width=100,
            key="page-size",
            bind="query-params",
        )
        page = pager(len(rows), size, key="page-number", of=(dataset.name, label, size))
    shown = rows[page].tolist()
    if not shown:
        st.caption(f"There is no image of {plain(label)} in this part.")
        return
    _gallery(dataset, shown, [f"{row:,}" for row in shown], name=f"page-{page.start // size + 1}")
    st.caption(
        f"Under each image its number in the data set. {len(rows):,} images are labelled "
        f"{plain(label)}."
    )


def _gallery(dataset: Dataset, rows: Sequence[int], captions: Sequence[str], *, name: str) -> None:
    images = np.asarray(dataset.images[list(rows)])
    gallery(images, captions)
    st.download_button(
        "Picture",
        lambda: _png(images),
        f"{name}.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=f"picture-{name.partition('-')[0]}",
    )


def _png(images: np.ndarray) -> bytes:
    """A contact sheet, enlarged four times."""
    sheet = contact_sheet(images, columns=10, border=1)
    return png(cv2.resize(sheet, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST))
