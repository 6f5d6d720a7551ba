"""Draw over it: a character over the z map of each class, which is a matched filter; its scores,
and the accuracy of that.
"""

from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.datasets.digest import quick_digest
from core.ink.forms import DEFAULT_FORM, canonical_strokes, form_named
from core.intervals import percent, span
from core.statistics.class_maps import ClassMaps
from core.statistics.filters import filter_accuracy, scores
from pages.explore.maps import MOST_PIXELS, columns_for, map_figure
from pages.explore.source import Source
from pages.shared.cache import cached
from pages.shared.canvas import canvas
from pages.shared.charts import show_figure
from pages.shared.fragment import fragment
from pages.shared.missing import say_missing
from pages.shared.style import INKS
from pages.shared.text import plain

SIDE = 240
PEN = 16


def show_overlay(source: Source) -> None:
    _draw(source)
    _accuracy(source)


@fragment
def _draw(source: Source) -> None:
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=SIDE + 4), st.container(width="stretch")
    with left:
        image = draw_image(source.maps)
    maps, z = source.maps, source.maps.z
    result, titles = None, [escape(name) for name in maps.classes]
    if image is None:
        with right:
            st.caption(
                "Draw a character: it is laid over the z map of each class, and where it covers "
                "orange the class gains."
            )
    else:
        result = scores(z, image[None], maps.overall_mean)[0]
        titles = [f"{name} {score:.2f}" for name, score in zip(titles, result, strict=True)]
        titles[result.argmax()] = f"<b>{titles[result.argmax()]}</b>"
        with right:
            _scores(maps.classes, result)
    first = slice(max(1, MOST_PIXELS // maps.low.size))
    figure = map_figure(
        z[first],
        maps.classes[first],
        maps.mean[first],
        z[first],
        columns=columns_for(len(titles[first])),
        signed=True,
        shared=False,
        ink=None if image is None else image / 255,
        titles=titles[first],
    )
    show_figure(
        figure,
        "matched-filters",
        alt="The drawing over the z map of each class",
        table=lambda: [
            ["class", "score"],
            *([] if result is None else zip(maps.classes, result, strict=True)),
        ],
    )


def _scores(classes: tuple[str, ...], scores: np.ndarray) -> None:
    """The ten best, best first."""
    best = np.argsort(-scores)[:10]
    names, values = [escape(classes[index]) for index in best], scores[best]
    colors = [INKS[0], *[INKS[1]] * (len(best) - 1)]
    hover = "%{y}: %{x:.3f}<extra></extra>"
    figure = go.Figure(
        go.Bar(x=values, y=names, orientation="h", marker_color=colors, hovertemplate=hover)
    )
    figure.update_layout(height=SIDE + 20)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(title="correlation of the drawing with the filter", range=[-1, 1])
    show_figure(
        figure,
        "filter-scores",
        alt=f"Best match {names[0]}",
        table=lambda: [["class", "score"], *zip(names, values, strict=True)],
    )


def draw_image(maps: ClassMaps) -> np.ndarray | None:
    """A canvas, and its drawing as an image like those of the data, uint8 [H, W]; None, or a
    message, if there is no ink.
    """
    import cv2

    drawn = canvas("overlay", width=SIDE, height=SIDE, pen=PEN, pens=(PEN, PEN))
    stages = canonical_strokes(drawn.strokes, form_named(maps.form or DEFAULT_FORM), width=PEN)
    if stages is None:
        return None
    height, width = maps.low.shape
    return (
        stages.model_input
        if stages.model_input.shape == (height, width)
        else cv2.resize(stages.model_input, (width, height), interpolation=cv2.INTER_AREA)
    )


def _accuracy(source: Source) -> None:
    """Accuracy of the train split's filters on the test split."""
    (first, *others), maps = source.entry.splits, source.maps
    test = source.other(others[-1]) if others else None
    about = (
        "Each z map, brought to mean 0 and length 1, is a filter; the class whose filter agrees "
        "best with the drawing, less the mean of "
        "all images, is the answer. Nothing is shifted or trained."
    )
    if source.part == first and test is None and others:
        st.caption(about)
        say_missing(
            source.entry,
            source.settings,
            f"How good that is can be said once the {others[-1]} part is on this machine.",
        )
        return
    if (
        source.part != first
        or test is None
        or test.classes != maps.classes
        or test.images.shape[1:] != maps.low.shape
    ):
        st.caption(
            f"{about} How good that is can be said of filters made from a train part that has "
            "another beside it."
        )
        return
    result = cached(
        "filters",
        (quick_digest(test), int(maps.sums.sum())),
        lambda: filter_accuracy(maps.z, maps.classes, test, maps.overall_mean),
    )
    st.caption(
        f"{about} That reads **{percent(result.accuracy)}** of the {others[-1]} part right "
        f"(95 % {span(result.interval)}, n = {result.n:,}; {plain(test.source)})."
    )
