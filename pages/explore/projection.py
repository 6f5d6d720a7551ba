"""A map of images: every one a point; a lasso opens those within, a picture is located on it;
outliers and near-duplicates.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.datasets.dataset import Dataset
from core.datasets.digest import quick_digest
from core.intervals import percent
from core.jobs.job import Job
from core.models.cards import Card, find_cards
from core.settings import MAX_DIGITS
from core.statistics.projection import (
    METHODS,
    MOST_IMAGES,
    SPACES,
    STEPS,
    Projection,
    inputs,
    load_projection,
    project,
)
from pages.explore.hover_picture import hover_picture
from pages.explore.overlay import draw_image
from pages.explore.projection_chart import projection_table, read_right, scatter, was_asked
from pages.explore.source import Source
from pages.shared.cache import cached_with_progress
from pages.shared.charts import show_figure
from pages.shared.gallery import Line, gallery
from pages.shared.jobs import run_job
from pages.shared.missing import say_missing
from pages.shared.models import pick_model, recognizer
from pages.shared.text import code, plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

CHART = "map-of-images"
QUICK = 3000
"""Up to so many, principal components of pixels are found while one waits; all else is a process of
its own.
"""

MOST_PICKED = 60


def show_projection(source: Source) -> None:
    dataset = source.dataset
    if dataset is None:
        say_missing(
            source.entry,
            source.settings,
            "A map shows the images themselves, and they are not on this machine.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.container(width="content")  # which is usual depends on what else is chosen
        space = st.segmented_control(
            "Space", list(SPACES), default="pixels", required=True, key="space", bind="query-params"
        )
        with st.container(width=150):
            count = int(
                st.number_input(
                    "Images", 10, MOST_IMAGES, 2000, 500, key="images", bind="query-params"
                )
            )
        with st.container(width=110):
            seed = int(
                st.number_input("Seed", 0, 2**31 - 1, 0, key="map-seed", bind="query-params")
            )
        with st.container(width=160):
            card = pick_model(
                source.settings,
                classes=source.maps.classes,
            )
        colored = st.segmented_control(
            "Colour",
            ["class", "error"],
            default="class",
            required=True,
            key="color",
            bind="query-params",
        )
    _, umap = _job(source, dataset, "umap", space, count, seed, card)
    method = first.segmented_control(
        "Method",
        list(METHODS),
        default="umap" if umap.state() == "done" else "pca",
        required=True,
        key="by",
        format_func=str.upper,
        bind="query-params",
    )
    if space == "features" and card is None:
        return
    if method == "pca" and space == "pixels" and count <= QUICK:
        model = recognizer(card.name, source.settings) if card else None
        result = cached_with_progress(
            "projection",
            (quick_digest(dataset), count, seed, card and card.name),
            lambda report: project(
                dataset, count=count, seed=seed, recognizer=model, report=report
            ),
            total=STEPS,
            doing="Placing the images",
        )
        _show(result, dataset, source, method, space, card, colored)
        return
    arguments, job = _job(source, dataset, method, space, count, seed, card)
    run_job(
        "Make the map",
        arguments,
        job,
        key="project",
        done=lambda job: _show(
            load_projection(Path(job.output().strip())),
            dataset,
            source,
            method,
            space,
            card,
            colored,
        ),
    )


def _job(
    source: Source,
    dataset: Dataset,
    method: str,
    space: str,
    count: int,
    seed: int,
    card: Card | None,
) -> tuple[list[str], Job]:
    """The command that makes a map, and its job."""
    arguments = ["project", "--data", source.name, "--method", method, "--space", space]
    arguments += ["--count", str(count), "--seed", str(seed)]
    arguments += ["--model", card.name] if card else []
    arguments += ["--out", "{job}/map.npz"]
    weights = [find_cards(source.settings)[card.name][1]] if card else []
    return arguments, Job.of(arguments, source.settings, inputs=[*weights, quick_digest(dataset)])


def _show(
    projection: Projection,
    dataset: Dataset,
    source: Source,
    method: str,
    space: str,
    card: Card | None,
    colored: str,
) -> None:
    images = np.asarray(dataset.images[projection.rows])
    star, near = _located(projection, dataset, source, method, space, card)
    hover_picture(images, chart=f"figure-{CHART}")
    show_figure(
        scatter(projection, dataset, colored, star),
        CHART,
        alt=f"{len(projection.rows):,} images as points",
        table=lambda: projection_table(projection, dataset),
        on_select=partial(_pick, source.name),
        selection_mode=("lasso", "box", "points"),
    )
    advice = (
        "Distances on a UMAP mean little; who is beside whom means more. "
        if method == "umap"
        else ""
    )
    st.caption(
        f"{len(projection.rows):,} images drawn at random from {plain(dataset.source)}. "
        f"{projection.vectors.shape[1]} principal components keep "
        f"{percent(projection.explained[0])} of the variance, the first two "
        f"{percent(projection.explained[1])}. {_caption(projection, dataset, source, card)}{advice}"
        "Lasso some points to see them."
    )
    if near is not None:
        _gallery("The images nearest to it", projection, dataset, near)
    _picked(projection, dataset, source)
    with st.expander("Outliers and near-duplicates", icon=":material/search_insights:"):
        _gallery(
            "Nothing looks like these: farthest from their fifth nearest image",
            projection,
            dataset,
            np.argsort(-projection.oddity)[:20],
        )
        alike = projection.most_alike(10).reshape(-1)
        _gallery(
            "The most alike, in pairs; the same hand twice, or the same image",
            projection,
            dataset,
            alike,
            pairs=True,
        )


def _caption(projection: Projection, dataset: Dataset, source: Source, card: Card | None) -> str:
    if card is None:
        return ""
    if not was_asked(projection):
        return f"None of these classes is one that {code(card.name)} knows. "
    trained = (
        ", and may have been trained on them" if source.entry.may_be_trained_on(source.part) else ""
    )
    right = percent(np.mean(read_right(projection, dataset)))
    return f"{code(card.name)} reads {right} of these right{trained}. "


def _picked(projection: Projection, dataset: Dataset, source: Source) -> None:
    """The selection in the address, if it was made on these data."""
    name, _, rest = st.query_params.get("picked", "").partition("|")
    total, _, rows = rest.partition("|")
    asked = [int(text[:MAX_DIGITS]) for text in rows.split(",") if text.isdecimal()]
    indices = np.flatnonzero(np.isin(projection.rows, asked))
    if name != source.name or not len(indices):
        return
    title = (
        f"{len(indices)} of the {total} that were picked; under each its number, its label, and "
        "what is read if that differs"
    )
    _gallery(title, projection, dataset, indices)
    st.button("Clear the selection", icon=":material/deselect:", on_click=_let_go)


def _let_go() -> None:
    st.query_params.pop("picked", None)


def _pick(name: str) -> None:
    """The lasso's selection goes into the address."""
    points = st.session_state[f"figure-{CHART}"]["selection"]["points"]
    rows = [str(point["customdata"][1]) for point in points if "customdata" in point]
    if rows:
        st.query_params["picked"] = f"{name}|{len(rows)}|" + ",".join(
            rows[:: -(-len(rows) // MOST_PICKED)]
        )
    else:
        st.query_params.pop("picked", None)


def _located(
    projection: Projection,
    dataset: Dataset,
    source: Source,
    method: str,
    space: str,
    card: Card | None,
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The position of a picture of the visitor's choice [2], and the indices of the images nearest
    to it; None without one.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ways = ["number", "drawing"]
        by = st.segmented_control(
            "Find a picture by its",
            ways,
            key="find-by",
            bind="query-params",
        )
        if by == "number":
            with st.container(width=200):
                row = int(
                    st.number_input(
                        f"Number, 0 to {len(dataset) - 1:,}",
                        0,
                        len(dataset) - 1,
                        key="find",
                        bind="query-params",
                    )
                )
    if by is None:
        return None, None
    if by == "number":
        image, here = np.asarray(dataset.images[row]), np.flatnonzero(projection.rows == row)
    else:
        drawn = draw_image(source.maps)
        if drawn is None:
            return None, None
        image, here = drawn, np.zeros(0, np.int64)
    model: Recognizer | None = (
        recognizer(card.name, source.settings) if card and space == "features" else None
    )
    index, near = projection.locate(inputs(image[None], space, model)[0], method=method)
    return (projection.points[here[0]], near[near != here[0]]) if len(here) else (index, near)


def _gallery(
    title: str,
    projection: Projection,
    dataset: Dataset,
    indices: Sequence[int] | np.ndarray,
    *,
    pairs: bool = False,
) -> None:
    right, labels = read_right(projection, dataset), dataset.labels[projection.rows]
    captions = []
    for number, index in enumerate(indices):
        wrong = not right[index]
        answer = projection.answers[index]
        text = f"{projection.rows[index]:,}\n{dataset.classes[labels[index]]}"
        text += (
            f", read {dataset.classes[answer] if answer >= 0 else 'as something else'}"
            if wrong
            else ""
        )
        text += f"\n{projection.distance[index]:.3f} apart" if pairs and number % 2 else ""
        captions.append([Line(text, wrong=bool(wrong))])
    st.caption(title)
    rows = [projection.rows[index] for index in indices]
    gallery([np.asarray(dataset.images[row]) for row in rows], captions, name="gallery")
