"""Properties of the handwriting: distributions of ink, stroke width, slant and aspect, and where
groups differ most.
"""

from collections.abc import Callable, Hashable
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.datasets.dataset import Dataset
from core.datasets.digest import quick_digest
from core.statistics.maps_file import load_properties, shipped
from core.statistics.properties import PROPERTIES, Properties, differences, properties
from core.synthesis.glyph_file import SETS, load_glyphs
from core.synthesis.handwriting import Handwriting
from pages.explore.source import Source
from pages.shared.cache import cached_with_progress
from pages.shared.charts import show_figure
from pages.shared.missing import say_missing
from pages.shared.style import INKS
from pages.shared.text import plain

SAMPLE = 3000

Measured = tuple[np.ndarray, Properties]
"""Class names [N], and what was measured."""


def show_properties(source: Source) -> None:
    titles = [title for title, _ in PROPERTIES.values()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.segmented_control(
            "Property",
            titles,
            default=titles[1],
            required=True,
            key="property",
            bind="query-params",
        )
        by_class = st.toggle("By class", key="by-class", bind="query-params")
        drawn = st.multiselect(
            "Beside synthetic ones", SETS, SETS[:1], key="beside", bind="query-params", width=240
        )
    groups = _groups(source, drawn)
    if not groups:
        say_missing(
            source.entry,
            source.settings,
            "Handwriting is measured in the images, and they are not on this machine.",
        )
        return
    name = list(PROPERTIES)[titles.index(title)]
    figure = _by_class(groups, name, source.maps.classes) if by_class else _overall(groups, name)
    figure.update_layout(height=380, legend={"orientation": "h", "y": -0.25}, colorway=INKS)
    figure.update_yaxes(
        title=f"{title.lower()}, {PROPERTIES[name][1]}" if by_class else "share of the images"
    )
    show_figure(
        figure,
        f"{name}-by-{'class' if by_class else 'group'}",
        alt=f"Distribution of {title.lower()}",
        table=lambda: [
            ["group", "class", *PROPERTIES],
            *(
                [group, label, *values]
                for group, (labels, result) in groups.items()
                for label, *values in zip(
                    labels, *(getattr(result, item) for item in PROPERTIES), strict=True
                )
            ),
        ],
    )
    _differences(groups)
    st.caption(
        "Measured as Morpho-MNIST does (Castro et al. 2019), on "
        + ", ".join(
            f"{len(labels):,} images of {plain(group)}" for group, (labels, _) in groups.items()
        )
        + ", drawn at random. "
        + (
            "Synthetic ones are of the same classes, as many of each."
            if any(group.startswith("synthetic") for group in groups)
            else ""
        )
        + (
            "There are no synthetic ones of this size and these classes."
            if drawn and len(groups) <= len(source.entry.splits)
            else ""
        )
    )


def _groups(source: Source, drawn: list[str]) -> dict[str, Measured]:
    """What is measured, by the title of the group: the splits of the data, then synthetic ones."""
    groups: dict[str, Measured] = {}
    for part in source.entry.splits:
        dataset = source.dataset if part == source.part else source.other(part)
        path = shipped(f"{source.entry.name}:{part}")
        ready = load_properties(path) if path else None
        if ready is not None and (dataset is None or len(dataset) > SAMPLE):
            _, labels, result = ready
            groups[part] = np.array(source.maps.classes)[labels], result
        elif dataset is not None and len(dataset):
            groups[part] = _of_dataset(dataset)
    for glyphs in drawn:
        measured = _of_glyphs(glyphs, source)
        if measured:
            groups[f"synthetic, {glyphs}"] = measured
    return groups


def _of_dataset(dataset: Dataset) -> Measured:
    rows = np.sort(
        np.random.default_rng(0).choice(len(dataset), min(SAMPLE, len(dataset)), replace=False)
    )
    result = _measured(("set", quick_digest(dataset)), lambda: dataset.images[rows], len(rows))
    return np.array(dataset.classes)[dataset.labels[rows]], result


def _of_glyphs(glyphs: str, source: Source) -> Measured | None:
    """The same number of each class; None if the set has no glyphs for them, or the data have
    another size.
    """
    known = tuple(label for label in source.maps.classes if label in load_glyphs(glyphs).glyphs)
    if not known or source.maps.low.shape != (28, 28):
        return None
    writing = Handwriting(load_glyphs(glyphs), labels=known, seed=0)
    result = _measured(("glyphs", glyphs, known), lambda: writing.draw(0, SAMPLE)[0], SAMPLE)
    return np.array([known[number % len(known)] for number in range(SAMPLE)]), result


def _measured(key: Hashable, images: Callable[[], np.ndarray], count: int) -> Properties:
    return cached_with_progress(
        "properties",
        key,
        lambda report: properties(images(), report=report),
        total=count,
        doing="Measuring",
    )


def _overall(groups: dict[str, Measured], name: str) -> go.Figure:
    values = {group: _finite(getattr(result, name)) for group, (_, result) in groups.items()}
    low, high = np.percentile(np.concatenate(list(values.values())), [0.2, 99.8])
    edges = np.linspace(low, max(high, low + 1e-6), 60)
    figure = go.Figure()
    for group, item in values.items():
        shares = np.histogram(item, edges)[0] / max(len(item), 1)
        figure.add_scatter(
            x=(edges[1:] + edges[:-1]) / 2,
            y=shares,
            mode="lines",
            line={"shape": "hvh"},
            name=f"{group}, n = {len(item):,}",
            hovertemplate="%{x:.2f}: %{y:.1%}",
        )
    figure.update_xaxes(title=", ".join(PROPERTIES[name]))
    return figure


def _by_class(groups: dict[str, Measured], name: str, classes: tuple[str, ...]) -> go.Figure:
    """Quartiles and whiskers, computed here: the browser need not have every image."""
    figure = go.Figure()
    for group, (labels, result) in groups.items():
        values = [_finite(getattr(result, name)[labels == label]) for label in classes]
        here = [
            (label, np.percentile(item, [5, 25, 50, 75, 95]))
            for label, item in zip(classes, values, strict=True)
            if len(item)
        ]
        marks = np.array([mark for _, mark in here]).T
        figure.add_box(
            x=[escape(label) for label, _ in here],
            lowerfence=marks[0],
            q1=marks[1],
            median=marks[2],
            q3=marks[3],
            upperfence=marks[4],
            name=group,
        )
    figure.update_layout(boxmode="group")
    figure.update_xaxes(type="category", title="class; whiskers from 5 to 95 %")
    return figure


def _differences(groups: dict[str, Measured]) -> None:
    """Largest differences first."""
    if len(groups) < 2:
        return
    rows = differences({group: result for group, (_, result) in groups.items()})
    st.dataframe(
        [
            {
                "property": PROPERTIES[row.name][0],
                "of": row.first,
                "against": row.second,
                "Kolmogorov-Smirnov": row.distance,
                "Cohen's d": row.effect,
                "mean": row.means[0],
                "the other's": row.means[1],
                "n": f"{row.counts[0]:,} / {row.counts[1]:,}",
            }
            for row in rows
        ],
        hide_index=True,
        column_config={
            "Kolmogorov-Smirnov": st.column_config.ProgressColumn(
                min_value=0, max_value=1, format="%.3f", help="0: alike, 1: apart"
            ),
            **{
                name: st.column_config.NumberColumn(format="%.2f")
                for name in ("Cohen's d", "mean", "the other's")
            },
        },
    )


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]
