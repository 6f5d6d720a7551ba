"""Beside real digits: mean maps, and whether a classifier can distinguish the two."""

import csv
import json

import numpy as np
import streamlit as st

from core.datasets.catalogue import CATALOGUE, open_dataset
from core.evaluation.robustness.realism import Realism, comparable
from core.intervals import percent, span
from core.jobs.job import Job
from core.settings import ASSETS
from core.synthesis.glyph_file import glyph_path
from pages.shared.gallery import gallery
from pages.shared.jobs import run_job
from pages.shared.missing import Missing, opened, say_missing
from pages.shared.style import RATES
from pages.shared.text import plain
from pages.synthesise.source import Source

RESULTS = ASSETS / "results" / "synthetic_only.csv"


def show_realism(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=220):
            data = st.selectbox(
                "Real data",
                comparable(source.writing, source.settings),
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
    if data is None:
        st.info(
            "No real data have these characters in images of this size; write others, or images of "
            "28 pixels.",
            icon=":material/info:",
        )
        return
    request, settings = source.request, source.settings
    arguments = ["realism", *request.arguments(), "--data", data, "--count", str(count), "--json"]
    job = Job.of(arguments, settings, inputs=[glyph_path(request.glyphs)])
    real = opened(CATALOGUE[data.partition(":")[0]], lambda: open_dataset(data, settings))
    if isinstance(real, Missing) and job.state() != "done":
        say_missing(real.entry, settings, real.problem)
    else:
        run_job("Compare with real ones", arguments, job, key="realism", done=_show)
    st.caption(
        "A random forest learns to tell real from synthetic on half of the images and is measured "
        "on the other half: 50 % would mean that it cannot. It sees pixels, so it also finds what "
        "a "
        "reader would not mind, such as softer edges."
    )
    _trained_on_synthetic_alone()


def _show(job: Job) -> None:
    result = Realism.from_json(json.loads(job.output()))
    by_label = result.by_label
    st.markdown(
        f"Told apart in **{percent(result.accuracy)}** of {result.n:,} images "
        f"(95 % {span(result.interval)}). Most easily: "
        f"{plain(max(by_label, key=by_label.__getitem__))}, "
        f"least: {plain(min(by_label, key=by_label.__getitem__))}."
    )
    for title, means in (
        ("Mean of the real ones", result.real),
        ("Mean of the synthetic ones", result.synthetic),
    ):
        st.caption(title)
        maps = (means * 255).astype(np.uint8)
        alts = [f"{title}: {label}" for label in result.labels]
        gallery(maps, alts=alts, layout="tight", columns=min(len(maps), 10))


def _trained_on_synthetic_alone() -> None:
    if not RESULTS.exists():
        return
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
