"""Synthesise: handwriting that nobody wrote, its sliders, and what a recognizer reads in it."""

import csv
import json
import shlex
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from core.datasets.export import FORMATS
from core.errors import InklingError
from core.jobs.job import Job
from core.models.cards import Card
from core.settings import ASSETS, Settings
from core.synthesis.glyph_file import dump_glyphs, glyph_path
from core.synthesis.glyphs import format_moves, parse_moves
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request
from pages.shared.gallery import img
from pages.shared.jobs import run_job
from pages.shared.models import pick_model, recognizer, warm_up
from pages.shared.reading import percent, show_reading
from pages.shared.style import RATES
from pages.synthesise.controls import keep_set, request_of_controls
from pages.synthesise.glyph_editor import glyph_editor

VIEWS = ("Grid", "One glyph", "Compare", "How real?", "Export and code")
MOST_SHOWN = 200
RESULTS = ASSETS / "results" / "synthetic_only.csv"
DOWNLOAD_BYTES = 200 * 2**20


def page() -> None:
    settings = Settings.from_environment()
    st.title("Synthesise")
    st.caption(
        "Handwriting that nobody wrote: move a slider and see what changes, and what is read in it."
    )
    with st.sidebar:
        request = request_of_controls(settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "Show", VIEWS, default="Grid", required=True, key="show", bind="query-params"
        )
        with st.container(width=220):
            card = pick_model(settings, preferred="digits")
    if card is not None:
        warm_up(card.name, settings)
    writing = _writing(request)
    if request is None or writing is None:
        return
    with st.spinner("Compiling the pen, which takes seconds the first time …"):
        writing.draw(0, 1)
    if view == "Grid":
        _grid(writing, request, card, settings)
    elif view == "One glyph":
        _one(writing, card, settings)
    elif view == "Compare":
        _compare(request, card, settings)
    elif view == "How real?":
        _realism(request, settings)
    else:
        _export(request, settings)


def _writing(request: Request | None) -> Handwriting | None:
    try:
        return request.handwriting() if request else None
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return None


def _grid(writing: Handwriting, request: Request, card: Card | None, settings: Settings) -> None:
    with st.container(width=320):
        rows = st.slider("Rows", 1, 12, 4, key="rows", bind="query-params")
    count = min(rows * len(writing.labels), MOST_SHOWN)
    images, labels = writing.draw(0, count)
    plain = (
        replace(request, effects="").handwriting().draw(0, count)[0] if writing.effects else None
    )
    told, right = _told(images, labels, card, settings)
    items = []
    for place, (image, caption, hit) in enumerate(zip(images, told, right, strict=True)):
        pictures = img(255 - image, alt=f"Image {place}: {labels[place]}")
        if plain is not None:
            pictures = f'<div class="pair">{img(255 - plain[place], alt="without effects")}{pictures}</div>'
        items.append(
            f'<figure>{pictures}<figcaption class="{"" if hit else "wrong"}">{escape(caption)}</figcaption></figure>'
        )
    columns = min(len(writing.labels), 10) if plain is None else min(len(writing.labels), 5)
    st.html(
        f'<div class="gallery" data-testid="grid" style="--columns:{columns}">{"".join(items)}</div>'
    )
    if card is not None:
        hits = sum(right)
        st.caption(
            f"`{card.name}` reads {hits} of these {count} right ({hits / count:.0%}); images go to it as they are, 28x28."
        )


def _told(
    images: np.ndarray, labels: list[str], card: Card | None, settings: Settings
) -> tuple[list[str], list[bool]]:
    """Under each image: what is read and how probable it is; for a misreading also how probable the
    truth is.
    """
    if card is None:
        return list(labels), [True] * len(labels)
    from core.datasets.labels import class_index

    prediction = recognizer(card.name, settings).predict(images)
    told, right = [], []
    for shares, label in zip(prediction.probabilities, labels, strict=True):
        best, truth = int(shares.argmax()), class_index(label, prediction.classes)
        hit = best == truth
        rest = (
            ""
            if hit
            else f"\n{label}, {percent(float(shares[truth])) if truth is not None else 'unknown to it'}"
        )
        told.append(f"{prediction.classes[best]}, {percent(float(shares[best]))}{rest}")
        right.append(hit)
    return told, right


def _one(writing: Handwriting, card: Card | None, settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Character", writing.labels, default=writing.labels[0], required=True, key="one"
        )
        with st.container(width=130):
            turn = st.number_input("Which of them", 0, 10_000, 0, key="which", bind="query-params")
    number = writing.labels.index(label) + int(turn) * len(writing.labels)
    sketch, (images, _) = writing.sketch(number), writing.draw(number, 1)
    variant = next(
        variant for variant in writing.glyphs.glyphs[label] if variant.name == sketch.variant
    )
    straight = not any(
        (
            writing.manner.turn,
            writing.manner.slant,
            writing.manner.slant_spread,
            writing.manner.breadth,
        )
    )
    left, right = st.columns([1.5, 1])
    with left:
        key = f"editor-{st.session_state.get('edits', 0)}"
        moved = glyph_editor(images[0], sketch, list(variant.points), editable=straight, key=key)
        st.caption(
            f"{label}, {sketch.variant}. Red points are the table's, in the discs they are thrown into; blue ones belong to bows. "
            + (
                "Drag a point, or focus it and use the arrow keys."
                if straight
                else "To drag the points, set rotation, slant and spreads to 0."
            )
        )
        if not straight:
            st.button("Write it upright", icon=":material/straighten:", on_click=_upright)
    with right:
        if card is not None:
            show_reading(recognizer(card.name, settings).predict(images).top())
        _own_set(writing, settings)
    if moved and straight:
        _move(label, sketch.variant, moved)
        st.session_state["edits"] = st.session_state.get("edits", 0) + 1
        st.rerun()


def _upright() -> None:
    st.session_state.update(turn=0.0, slant=0.0, slant_spread=0.0, breadth=0.0)


def _move(label: str, variant: str, moved: dict[str, object]) -> None:
    """Put the move of a point into the address, on top of earlier ones."""
    moves = dict(parse_moves(st.query_params.get_all("moves")))
    key = label, variant, str(moved["name"])
    rows, columns = moves.get(key, (0.0, 0.0))
    moves[key] = (
        round(rows + float(str(moved["rows"])), 2),
        round(columns + float(str(moved["columns"])), 2),
    )
    st.query_params["moves"] = format_moves(moves)


def _own_set(writing: Handwriting, settings: Settings) -> None:
    """What can be done with points that were moved."""
    if not st.query_params.get_all("moves"):
        return
    text = dump_glyphs(writing.glyphs)
    st.caption(
        "Points were moved: the address of this page holds them. Keep them as a set of your own:"
    )
    name = st.text_input("Name of the set", "custom", max_chars=40)
    with st.container(horizontal=True):
        if st.button("Keep", icon=":material/save:"):
            try:
                keep_set(text, name, settings)
            except InklingError as error:
                st.error(str(error), icon=":material/error:")
        st.download_button(
            "File",
            text,
            f"{name}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Put them back",
            icon=":material/undo:",
            on_click=lambda: st.query_params.update(moves=[]),
        )


def _compare(request: Request, card: Card | None, settings: Settings) -> None:
    """The same seed under the pinned settings and under those of the sliders now."""
    words = shlex.join(request.arguments()) or "--seed 0"
    st.button(
        "Pin these settings",
        icon=":material/keep:",
        on_click=lambda: st.query_params.update(pin=words),
    )
    pinned = st.query_params.get("pin")
    if pinned is None:
        st.info(
            "Pin the settings as they are now, then move a slider: both stand here side by side.",
            icon=":material/keep:",
        )
        return
    try:
        before = Request.parse(shlex.split(pinned))
        left, right = before.handwriting(), request.handwriting()
    except (ValueError, InklingError):
        st.error(
            "The pinned settings in the address cannot be read; pin others.",
            icon=":material/error:",
        )
        return
    columns = st.columns(2)
    for column, title, writing in zip(columns, ("Pinned", "Now"), (left, right), strict=True):
        with column:
            images, labels = writing.draw(0, min(5 * len(writing.labels), MOST_SHOWN))
            _, hits = _told(images, labels, card, settings)
            told = f": {sum(hits)} of {len(hits)} read right" if card else ""
            st.caption(title + told)
            sides = "".join(
                f"<figure>{img(255 - image, alt=label)}</figure>"
                for image, label in zip(images, labels, strict=True)
            )
            st.html(
                f'<div class="gallery tight" style="--columns:{min(len(writing.labels), 10)}">{sides}</div>'
            )
    st.code(f"pinned: {before.command()}\nnow:    {request.command()}", language="bash")


def _realism(request: Request, settings: Settings) -> None:
    """Beside real digits: mean maps, and whether a classifier can tell the two apart."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=220):
            data = st.selectbox(
                "Real data",
                ["mnist:train", "emnist-digits:train", "emnist-balanced:train"],
                key="real",
                bind="query-params",
            )
        with st.container(width=170):
            count = int(
                st.number_input(
                    "Images of each kind",
                    200,
                    20_000,
                    2000,
                    200,
                    key="compared",
                    bind="query-params",
                )
            )
    arguments = ["realism", *request.arguments(), "--data", data, "--count", str(count), "--json"]
    compared = Job.of(arguments, settings, inputs=[glyph_path(request.glyphs)])
    run_job("Compare with real ones", arguments, compared, key="realism", done=_show_realism)
    st.caption(
        "A random forest learns to tell real from synthetic on half of the images and is measured on the other half: 50 % would mean that "
        "it cannot. It sees pixels, so it also finds what a reader would not mind, such as softer edges."
    )
    if RESULTS.exists():
        st.caption("And what a network reads that was trained on synthetic digits alone:")
        with open(RESULTS, newline="", encoding="utf-8") as file:
            rows = [
                {
                    "trained on": row["glyphs"],
                    "accuracy": float(row["accuracy"]),
                    "95 % from": float(row["low_95"]),
                    "to": float(row["high_95"]),
                    "n": int(row["n"]),
                    "data": row["data"],
                }
                for row in csv.DictReader(file)
            ]
        st.dataframe(rows, hide_index=True, column_config=RATES)


def _show_realism(job: Job) -> None:
    result = json.loads(job.output())
    low, high = result["interval"]
    st.markdown(
        f"Told apart in **{result['accuracy']:.1%}** of {result['n']:,} images (95 % {low:.1%} to {high:.1%}). "
        f"Most easily: {max(result['by_label'], key=result['by_label'].get)}, least: {min(result['by_label'], key=result['by_label'].get)}."
    )
    for title, key in (
        ("Mean of the real ones", "real"),
        ("Mean of the synthetic ones", "synthetic"),
    ):
        st.caption(title)
        maps = 255 - (np.array(result[key]) * 255).astype(np.uint8)
        sides = "".join(
            f"<figure>{img(each, alt=f'{title}: {label}')}</figure>"
            for each, label in zip(maps, result["labels"], strict=True)
        )
        st.html(f'<div class="gallery tight" style="--columns:{min(len(maps), 10)}">{sides}</div>')


def _export(request: Request, settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=170):
            count = int(
                st.number_input("Images", 1, 2**31 - 1, 10_000, key="count", bind="query-params")
            )
        kind = st.segmented_control(
            "Format", FORMATS, default="idx", required=True, key="format", bind="query-params"
        )
        with st.container(width=200):
            name = st.text_input("Name", "digits", max_chars=40, key="name", bind="query-params")
    if not name or not all(sign.isalnum() or sign in "-_" for sign in name):
        st.error("Write the name in letters, figures and hyphens.", icon=":material/error:")
        return
    place = settings.data / "synthetic" / name
    options = ["--count", str(count), "--format", kind, "--out", str(place)]
    arguments = ["synth", *request.arguments(), *options]
    made = Job.of(arguments, settings, inputs=[glyph_path(request.glyphs)])
    run_job("Make them", arguments, made, key="export", done=lambda job: _made(job, kind))
    st.caption("The same images on the command line, and in Python:")
    st.code(request.command(*options), language="bash", wrap_lines=True)
    st.code(request.code(count=min(count, 1000)), language="python", wrap_lines=True)


def _made(job: Job, kind: str) -> None:
    place = Path(job.output().strip())
    st.success(f"They are in `{place}`.", icon=":material/check:")
    if kind != "png" and place.exists() and place.stat().st_size <= DOWNLOAD_BYTES:
        st.download_button(
            "Download", place.read_bytes, place.name, icon=":material/download:", on_click="ignore"
        )


page()
