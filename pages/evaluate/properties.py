"""Which handwriting is misread: the error rate against stroke width, slant, ink and proportions."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.datasets.dataset import Dataset
from core.datasets.digest import quick_digest
from core.evaluation.by_property import MOST, ErrorsByProperty, errors_by_property, within_class
from core.evaluation.compare import holm
from core.intervals import percent, rates, span
from core.statistics.properties import PROPERTIES, Properties, properties
from core.synthesis.handwriting import DIGITS
from pages.evaluate.source import Source
from pages.shared.cache import cached_with_progress
from pages.shared.charts import error_bars, show_figure
from pages.shared.gallery import gallery
from pages.shared.missing import say_missing
from pages.shared.style import INKS, PAPER_AND_INK, theme
from pages.shared.text import plain

_SEED = 0


def show_by_property(source: Source) -> None:
    if source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            f"Handwriting is measured in the pictures, and those of {source.entry.title} are not "
            "on this machine: only its answers came "
            f"with {source.card.name}.",
        )
        return
    measured, sample = _measured(source.dataset)
    indices = np.flatnonzero(np.isin(source.rows, sample))
    if not len(indices):
        st.info(
            "No picture is left to look at: all are marked as unreadable. Set Marks to ignored.",
            icon=":material/info:",
        )
        return
    at = np.searchsorted(sample, source.rows[indices])
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
        within = st.toggle(
            "Compare within each class",
            key="within-class",
            bind="query-params",
            help=(
                "Where a picture stands among those of its own class. It takes out what only "
                "tells classes apart: a 1 has little ink."
            ),
        )
    wrong, truth = ~source.predictions.right[indices], source.predictions.truth[indices]
    values = {name: getattr(measured, name)[at].astype(np.float64) for name in PROPERTIES}
    if within:
        values = {name: within_class(item, truth) for name, item in values.items()}
    results = {name: errors_by_property(item, wrong) for name, item in values.items()}
    name = list(PROPERTIES)[titles.index(title)]
    if not len(results[name].count):
        st.info(
            "These pictures are blank: there is no handwriting to measure.", icon=":material/info:"
        )
        return
    show_figure(
        property_figure(name, results[name], within=within),
        f"errors-by-{name.replace('_', '-')}",
        alt=f"Error rate against {title.lower()}",
        table=lambda: _bins(results[name]),
    )
    _examples(source.dataset, source.rows[indices], values[name], results[name], within=within)
    _which_matters(results)
    sampled = (
        f"Measured on {len(indices):,} of {len(source.rows):,} pictures, drawn at random (seed "
        f"{_SEED})"
        if len(sample) < len(source.dataset)
        else f"Measured on all {len(indices):,} pictures"
    )
    st.caption(f"{sampled}, as Morpho-MNIST does (Castro et al. 2019). {plain(source.caveat)}")
    if set(DIGITS) <= set(source.card.classes):
        st.page_link(
            "robustness/page.py",
            label="How far can handwriting be jittered before it is misread?",
            icon=":material/vital_signs:",
            query_params={"models": source.card.name},
        )


def property_figure(name: str, result: ErrorsByProperty, *, within: bool) -> go.Figure:
    """The share misread in each bin, with its interval, at the bin's median; horizontal lines show
    the extent of the bin.
    """
    title, unit = PROPERTIES[name]
    shown = np.array(rates(result.errors, result.count))
    scale, number = (
        (100, ".0f") if within else (1, ".2f" if name in ("stroke_width", "aspect") else ".0f")
    )
    low, high, middle = scale * result.low, scale * result.high, scale * result.middle
    overall = result.errors.sum() / result.count.sum()
    figure = go.Figure()
    figure.add_hline(
        y=overall, line={"color": PAPER_AND_INK[theme()][1], "width": 1, "dash": "dot"}, opacity=0.5
    )
    figure.add_scatter(
        x=middle,
        y=shown[:, 0],
        mode="lines+markers",
        marker={"color": INKS[0], "size": 9},
        line={"color": INKS[0], "width": 1.5},
        error_y=error_bars(*shown.T),
        error_x=error_bars(middle, low, high) | {"thickness": 1},
        text=[
            f"{errors:,} of {count:,} misread, 95 % from {span((low, high))}"
            for errors, count, (_, low, high) in zip(
                result.errors, result.count, shown, strict=True
            )
        ],
        customdata=[
            f"{first:{number}} to {last:{number}}" for first, last in zip(low, high, strict=True)
        ],
        hovertemplate=f"{title} %{{customdata}}: %{{y:.2%}}<br>%{{text}}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(height=340)
    # the outermost bins extend further, to single outliers
    margin = 0.1 * (middle[-1] - middle[0]) or 1.0
    figure.update_xaxes(range=[middle[0] - margin, middle[-1] + margin])
    figure.update_xaxes(
        title=f"{title.lower()}, percentile within its class"
        if within
        else f"{title.lower()}, {unit}"
    )
    figure.update_yaxes(title="misread, 95 % interval", tickformat=".1~%", rangemode="tozero")
    return figure


def _measured(dataset: Dataset) -> tuple[Properties, np.ndarray]:
    """Properties of the pictures in these rows, ascending: all, or a sample."""
    count = min(MOST, len(dataset))
    sample = np.sort(np.random.default_rng(_SEED).choice(len(dataset), count, replace=False))
    measured = cached_with_progress(
        "evaluated-properties",
        quick_digest(dataset),
        lambda report: properties(np.asarray(dataset.images[sample]), report=report),
        total=count,
        doing="Measuring the handwriting",
    )
    return measured, sample


def _examples(
    dataset: Dataset,
    rows: np.ndarray,
    values: np.ndarray,
    result: ErrorsByProperty,
    *,
    within: bool,
) -> None:
    """Examples along the axis: the middle picture of each bin, with its share misread."""
    nearest = [int(rows[np.nanargmin(np.abs(values - middle))]) for middle in result.middle]
    texts = [
        f"{100 * middle if within else middle:.3g}\n{percent(rate)}"
        for middle, rate in zip(result.middle, result.rate, strict=True)
    ]
    images = dataset.images[nearest]
    gallery(images, texts)
    st.caption(
        "A picture from the middle of each bin; below it the value there, and the share of the bin "
        "that is misread."
    )


def _which_matters(result: dict[str, ErrorsByProperty]) -> None:
    order = sorted(result, key=lambda name: -result[name].strength)
    corrected = dict(zip(result, holm(np.array([item.p for item in result.values()])), strict=True))
    st.subheader("Importance of the properties", anchor=False)
    rows = []
    for name in order:
        item = result[name]
        worst, best = (
            int(pick(item.rate)) if len(item.rate) else None for pick in (np.argmax, np.argmin)
        )
        rows.append(
            {
                "property": PROPERTIES[name][0],
                "Cramér's V": item.strength,
                "p": float(corrected[name]),
                "Spearman": item.correlation,
                "worst bin": None if worst is None else float(item.rate[worst]),
                "best bin": None if best is None else float(item.rate[best]),
                "n": int(item.count.sum()),
            }
        )
    shares = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        rows,
        hide_index=True,
        alt="How closely each property goes with errors",
        column_config={
            "Cramér's V": st.column_config.NumberColumn(
                format="%.3f", help="Of bin and error: 0 unrelated, 1 one tells the other"
            ),
            "p": st.column_config.NumberColumn(
                format="%.2g", help="Chi-square test of bin and error, with Holm's correction"
            ),
            "Spearman": st.column_config.NumberColumn(
                format="%+.3f",
                help="Above 0: the more, the more errors; blind where both ends are hard",
            ),
            "worst bin": shares,
            "best bin": shares,
            "n": st.column_config.NumberColumn(format="localized"),
        },
    )
    st.caption(
        "The properties go together and differ between classes: this shows where errors are, not "
        "what causes them. The worst of ten bins "
        "is partly the worst by chance; trust its interval."
    )


def _bins(result: ErrorsByProperty) -> list[list[object]]:
    columns = zip(
        result.low,
        result.high,
        result.middle,
        result.count,
        result.errors,
        rates(result.errors, result.count),
        strict=True,
    )
    return [
        ["from", "to", "median", "n", "misread", "share", "95 % from", "95 % to"],
        *([*(float(value) for value in row), *rate] for *row, rate in columns),
    ]
