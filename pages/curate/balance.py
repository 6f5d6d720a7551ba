"""Balance: how many pictures of each class are kept, by part or by where they came from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.curation.curated import Curated
from core.curation.manifest import MANIFEST, sources_of
from pages.curate.budget import show_budget
from pages.curate.source import Source
from pages.shared.cache import cached
from pages.shared.charts import show_figure
from pages.shared.style import hues

PART, SOURCE = "part", "source"
_MOST = 12
"""Sources with bars of their own; the others are one."""


def show_balance(source: Source) -> None:
    """A bar for each class, and the numbers behind it."""
    now = source.curated()
    show_budget(now)
    by = st.segmented_control(
        "By", [PART, SOURCE], default=PART, required=True, key="by", bind="query-params"
    )
    counts = _by_part(now) if by == PART else _by_source(source, now)
    if not counts:
        st.caption(
            f"Where pictures came from stands in a {MANIFEST} in their folder, columns `file` and "
            "`source`; there is none."
        )
        return
    if not now.classes:
        st.caption("No picture has a label yet: give them some on Rows.")
        return
    show_counts(now.classes, counts, "balance", alt="Pictures kept of each class")
    total = np.sum(list(counts.values()), 0)
    st.text(
        f"{total.min():,} of {now.classes[total.argmin()]} to {total.max():,} of "
        f"{now.classes[total.argmax()]}."
    )


def show_counts(
    classes: Sequence[str],
    counts: Mapping[str, np.ndarray],
    name: str,
    *,
    alt: str,
    height: int = 340,
) -> None:
    """Bars of the numbers of pictures of each class, those of several kinds on each other."""
    figure = go.Figure()
    for (kind, values), color in zip(counts.items(), hues(len(counts)), strict=True):
        figure.add_bar(
            x=[escape(label) for label in classes],
            y=values,
            name=escape(kind),
            marker_color=color,
            hovertemplate=f"%{{x}}: %{{y:,}} of {escape(kind)}<extra></extra>",
        )
    figure.update_layout(
        height=height,
        barmode="stack",
        showlegend=len(counts) > 1,
        legend={"orientation": "h", "y": 1.12},
    )
    figure.update_xaxes(type="category", tickangle=0)
    figure.update_yaxes(title="pictures")
    show_figure(
        figure,
        name,
        alt=alt,
        table=lambda: [
            ("class", *counts),
            *zip(classes, *(values.tolist() for values in counts.values()), strict=True),
        ],
    )


def _by_part(now: Curated) -> dict[str, np.ndarray]:
    return dict(zip(now.collection.parts, now.counts(), strict=True))


def _by_source(source: Source, now: Curated) -> dict[str, np.ndarray]:
    collection = source.collection
    sources = cached("sources", (collection.name, collection.state), lambda: sources_of(collection))
    if not sources:
        return {}
    found = Counter(sources.values())
    shown = {name for name, _ in found.most_common(_MOST)}
    counts: dict[str, np.ndarray] = {}
    for index in np.flatnonzero(now.kept):
        name = sources.get(collection.name_of(int(index)), "not said")
        row = counts.setdefault(
            name if name in shown or name == "not said" else "other",
            np.zeros(len(now.classes), np.int64),
        )
        row[now.labels[index]] += 1
    return counts
