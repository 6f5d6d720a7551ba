"""Class maps: means, z-scores and differences as one unblurred figure, and the histogram of the
means.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.statistics.class_maps import ClassMaps, mean_histogram
from pages.explore.source import Source
from pages.shared.charts import show_figure
from pages.shared.heat_map import heat_map, ink_colors, ink_over, signed_colors
from pages.shared.style import INKS, PAPER_AND_INK, on_phone, theme
from pages.shared.text import plain

Z, MEAN, DIFFERENCE = "z-score", "Mean", "Difference of two"
MAPS = (Z, MEAN, DIFFERENCE)
ALL = "all"
MOST_PIXELS = 300_000
"""Of all maps in one figure; beyond, the browser would labour."""
FIRST_PEAK = (0.01, 0.6)
"""Means that the MNIST notebook kept when it cut the first peak off its histogram."""

_HEADING, _GAP = 0.22, 0.08
"""Room above a map and between two, in heights and widths of one."""


def show_maps(source: Source) -> None:
    maps = source.maps
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Map", MAPS, default=Z, required=True, key="map", bind="query-params"
        )
        if kind == DIFFERENCE:
            first = st.selectbox(
                "Of",
                maps.classes,
                min(4, len(maps.classes) - 1),
                width=100,
                key="of",
                bind="query-params",
            )
            second = st.selectbox(
                "Against",
                maps.classes,
                len(maps.classes) - 1,
                width=100,
                key="against",
                bind="query-params",
            )
            chosen, shared = ALL, True
        else:
            choices = [*([ALL] if maps.sums.size <= MOST_PIXELS else []), *maps.classes]
            chosen = st.selectbox("Class", choices, width=110, key="class", bind="query-params")
            shared = st.toggle("One colour scale for all", key="shared", bind="query-params")
    if kind == DIFFERENCE:
        _difference(maps, first, second)
    else:
        _classes(maps, kind, chosen, shared=shared)
    if kind != MEAN:
        others = "all other classes" if kind == Z else "the other class"
        st.caption(
            f"{plain(maps.source)}. Orange: ink there speaks for the class, blue: against it. z "
            f"compares "
            "each pixel of a class with that of "
            f"{others}. Intensities are not normal, and neighbouring pixels go together: it ranks "
            "pixels and proves nothing."
        )
    left, right = st.columns([1, 2])
    with left:
        st.caption("The mean of everything")
        show_figure(
            map_figure(
                maps.overall_mean[None],
                [""],
                maps.overall_mean[None],
                None,
                columns=1,
                signed=False,
                shared=True,
                side=200,
            ),
            "overall-mean",
            alt="Mean of all images",
            table=lambda: map_rows(["all"], {"mean": maps.overall_mean[None]}),
        )
    with right:
        _histogram(maps)


def _classes(maps: ClassMaps, kind: str, chosen: str, *, shared: bool) -> None:
    indices = list(range(len(maps.classes))) if chosen == ALL else [maps.classes.index(chosen)]
    names = [maps.classes[position] for position in indices]
    mean, z = maps.mean[indices], maps.z[indices]
    figure = map_figure(
        z if kind == Z else mean,
        names,
        mean,
        z,
        columns=columns_for(len(names)),
        signed=kind == Z,
        shared=shared,
        side=420 if chosen != ALL else 0,
    )
    slug = "z" if kind == Z else "mean"
    show_figure(
        figure,
        f"{slug}-maps",
        alt=f"{kind} map of {'each class' if chosen == ALL else chosen}",
        table=lambda: map_rows(names, {"mean": mean, "z": z}),
    )


def _difference(maps: ClassMaps, first: str, second: str) -> None:
    contrast = maps.contrast(first, second)[None]
    mean = maps.mean[[maps.classes.index(first)]] - maps.mean[[maps.classes.index(second)]]
    one, other = plain(first), plain(second)
    st.caption(
        f"What tells {one} from {other}: orange where ink speaks for {one}, blue where it speaks "
        f"for {other}."
    )
    figure = map_figure(
        contrast,
        [f"{first} - {second}"],
        mean,
        contrast,
        columns=1,
        signed=True,
        shared=True,
        side=420,
        of="means differ by",
    )
    show_figure(
        figure,
        "difference",
        alt=f"{first} against {second}",
        table=lambda: map_rows([f"{first}-{second}"], {"difference of means": mean, "z": contrast}),
    )


def columns_for(count: int) -> int:
    """The number of maps side by side."""
    return min(count, 5) if count <= 10 else 6 if on_phone() else 10


def map_figure(
    values: np.ndarray,
    names: Sequence[str],
    mean: np.ndarray,
    z: np.ndarray | None,
    *,
    columns: int,
    signed: bool,
    shared: bool,
    side: int = 0,
    ink: np.ndarray | None = None,
    titles: Sequence[str] | None = None,
    of: str = "mean",
) -> go.Figure:
    """All maps [C, H, W] as tiles of one heatmap; hover gives class, pixel, mean and z.

    signed : diverging colours centred on 0, else paper to ink. shared : one scale, or each map by
    its own largest value.
    side : pixels on screen of one tile, 0 for automatic. ink : [H, W] in 0-1 drawn over every tile.
    titles : replace the names, with markup. of : what `mean` is.
    """
    count, height, width = values.shape
    peaks = np.abs(values).max((1, 2), keepdims=True)
    scaled = values / np.maximum(peaks.max() if shared else peaks, 1e-12)
    tiles = _tiles(scaled, columns)
    details = [
        np.broadcast_to(item, values.shape)
        for item in (np.arange(height)[:, None], np.arange(width), mean, 0 if z is None else z)
    ]
    data = np.stack([_tiles(item, columns) for item in details], -1).astype(np.float32)
    text = _tiles(np.broadcast_to(np.arange(count)[:, None, None], values.shape), columns)
    names = [escape(name) for name in names]  # Plotly takes markup
    labels = np.array([*names, ""], object)[np.nan_to_num(text, nan=count).astype(int)]
    hover = (
        "%{text} row %{customdata[0]:d}, column %{customdata[1]:d}<br>"
        + of
        + " %{customdata[2]:.3f}"
    )
    figure = go.Figure(
        heat_map(
            tiles.astype(np.float32),
            signed_colors() if signed else ink_colors(),
            hoverongaps=False,
            text=labels,
            customdata=data,
            hovertemplate=hover
            + ("" if z is None else "<br>z %{customdata[3]:.2f}")
            + "<extra></extra>",
        )
    )
    if ink is not None:
        over = _tiles(np.broadcast_to(ink, values.shape), columns).astype(np.float32)
        figure.add_trace(heat_map(over, ink_over(), hoverinfo="skip", opacity=0.55))
    heading, gap = _room(height, width)
    font = {"size": 14 if count <= 10 else 11, "color": PAPER_AND_INK[theme()][1]}
    headings = [
        {
            "text": title,
            "x": index % columns * (width + gap) + width / 2 - 0.5,
            "y": index // columns * (heading + height + gap) + heading / 2 - 0.5,
            "showarrow": False,
            "font": font,
        }
        for index, title in enumerate(titles or names)
    ]
    rows = -(-count // columns)
    side = side or (60 if on_phone() else min(150, 830 // columns))
    figure.update_layout(
        height=round(rows * side * (heading + height + gap) / width) + 20,
        annotations=headings,  # at once: adding one copies those before
        hoverlabel={"namelength": 0},
    )
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(
        visible=False,
        autorange="reversed",
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
    )
    return figure


def _tiles(maps: np.ndarray, columns: int) -> np.ndarray:
    """Maps [C, H, W] side by side in rows, with room for a heading above each; NaN between them."""
    count, height, width = maps.shape
    rows, (heading, gap) = -(-count // columns), _room(height, width)
    room = np.full((rows * columns, heading + height + gap, width + gap), np.nan)
    room[:count, heading : heading + height, :width] = maps
    grid = room.reshape(rows, columns, *room.shape[1:]).swapaxes(1, 2)
    return grid.reshape(rows * room.shape[1], columns * room.shape[2])[:, :-gap]


def _room(height: int, width: int) -> tuple[int, int]:
    """Rows above a map, and rows and columns between two."""
    return max(1, round(_HEADING * height)), max(1, round(_GAP * width))


def _histogram(maps: ClassMaps) -> None:
    cut = st.toggle(
        "Without the first peak",
        False,
        key="cut",
        bind="query-params",
        help="Means of 0.01 to 0.6 only, as in the notebook",
    )
    counts, edges = mean_histogram(maps, span=FIRST_PEAK if cut else None)
    figure = go.Figure(
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            width=np.diff(edges) * 0.94,
            marker_color=INKS[1],
            customdata=np.stack([edges[:-1], edges[1:]], 1),
            hovertemplate="mean ink %{customdata[0]:.3f} to %{customdata[1]:.3f}: %{y} pixels"
            "<extra></extra>",
        )
    )
    figure.update_layout(height=230)
    figure.update_xaxes(title="mean ink of a pixel over all images, 0-1")
    figure.update_yaxes(title="pixels")
    show_figure(
        figure,
        "mean-histogram",
        alt="Histogram of the mean of each pixel",
        table=lambda: [["from", "to", "pixels"], *zip(edges[:-1], edges[1:], counts, strict=True)],
    )


def map_rows(names: Sequence[str], maps: Mapping[str, np.ndarray]) -> Iterator[Sequence[object]]:
    """Maps [C, H, W] of one shape by their titles, as rows of a table, the header first."""
    yield ["class", "row", "column", *maps]
    for pixel in np.ndindex(next(iter(maps.values())).shape):
        yield [names[pixel[0]], *pixel[1:], *(value[pixel] for value in maps.values())]
