"""Robustness: how far handwriting can be jittered before a recognizer fails, and what training on
the failures does.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.jobs.job import Job
from core.models.cards import find_cards
from core.settings import Settings
from core.synthesis.glyph_file import SETS, glyph_path, load_glyphs
from core.synthesis.handwriting import DIGITS
from pages.robustness.sweep import accuracy_chart, show_sweeps
from pages.shared.gallery import img
from pages.shared.jobs import run_job
from pages.shared.style import RATES

VIEWS = ("Sweep", "Hard examples")


def page() -> None:
    settings = Settings.from_environment()
    st.title("Robustness")
    st.caption(
        "How far can handwriting be jittered before it is misread, and does training on the failures help?"
    )
    weights = {
        name: path
        for name, (card, path) in find_cards(settings).items()
        if set(card.classes) >= set(DIGITS)
    }
    if not weights:
        st.warning(
            "No model that reads digits is installed. Train one: `python -m core train resnet8 --data mnist --save-as digits`"
        )
        return
    view = st.segmented_control(
        "Show", VIEWS, default="Sweep", required=True, key="show", bind="query-params"
    )
    with st.sidebar:
        # The notebook swept its own digits; those whose failures are worth learning from are the
        # natural ones.
        key, usual = ("glyphs", "classic") if view == "Sweep" else ("mined-glyphs", "natural")
        glyphs = st.selectbox("Glyph set", SETS, SETS.index(usual), key=key, bind="query-params")
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params"))
    weights = dict(sorted(weights.items(), key=lambda item: item[0] != "digits"))
    if view == "Sweep":
        _sweep(weights, glyphs, seed, settings)
    else:
        _hard(weights, glyphs, seed, settings)


def _sweep(weights: dict[str, Path], glyphs: str, seed: int, settings: Settings) -> None:
    with st.sidebar:
        chosen = st.multiselect(
            "Models", list(weights), list(weights)[:1], key="models", bind="query-params"
        )
        jitters = st.text_input(
            "Jitter radii R", "0,0.5,1,2,3,4,5", key="jitters", bind="query-params"
        )
        count = int(
            st.number_input(
                "Images of each digit", 10, 100_000, 100, key="count", bind="query-params"
            )
        )
    if not chosen:
        st.info("Choose a model.", icon=":material/psychology:")
        return
    st.caption(
        "R is the radius of the discs that control points fall into, in units of a grid of 28."
    )
    finished: dict[str, Any] = {}
    for name in chosen:
        options = [
            "--glyphs",
            glyphs,
            "--jitter",
            jitters,
            "--count",
            str(count),
            "--seed",
            str(seed),
            "--json",
        ]
        arguments = ["sweep", "--model", name, *options]
        job = Job.of(arguments, settings, inputs=[weights[name], glyph_path(glyphs)])
        if job.state() == "done":
            finished[name] = json.loads(job.output())
        else:
            run_job(f"Sweep {name}", arguments, job, key=f"sweep-{name}", done=lambda _: st.rerun())
    if finished:
        show_sweeps(finished)


def _hard(weights: dict[str, Path], glyphs: str, seed: int, settings: Settings) -> None:
    """Mine, train on what was mined, sweep again, and look at real data too, so that nobody is
    fooled.
    """
    # torch, which takes seconds
    from core.evaluation.robustness.hard_examples import MOST_JITTER, readable_jitter

    with st.sidebar:
        name = st.selectbox("Model", list(weights), key="model", bind="query-params")
        data = st.selectbox(
            "Trained with",
            ["mnist", *(f"emnist-{kind}" for kind in ("digits", "bymerge", "balanced"))],
            key="data",
            bind="query-params",
        )
        usual = readable_jitter(load_glyphs(glyphs))
        jitter = st.number_input(
            "Jitter up to",
            0.1,
            MOST_JITTER,
            usual,
            0.1,
            key=f"mined-jitter-{glyphs}",
            bind="query-params",
            help=f"Up to {usual:g} a person can read most of what is misread; beyond, less and less.",
        )
        count = int(
            st.number_input(
                "Images to look at", 1000, 10_000_000, 200_000, key="looked", bind="query-params"
            )
        )
    st.caption(
        f"Digits are drawn with jitter up to {jitter:g}, what `{name}` misreads is kept with others beside it, and it is trained on that "
        f"together with {data} for a few more epochs. Then both are measured again, on other drawings and on real handwriting. "
        "It takes minutes to hours."
    )
    arguments = [
        "harden",
        "--model",
        name,
        "--data",
        data,
        "--save-as",
        f"{name}-hard",
        "--glyphs",
        glyphs,
        "--jitter",
        f"{jitter:g}",
        "--count",
        str(count),
        "--seed",
        str(seed),
        "--json",
    ]
    run_job(
        "Mine and train",
        arguments,
        Job.of(arguments, settings, inputs=[weights[name], glyph_path(glyphs)]),
        key="harden",
        done=_before_and_after,
    )
    st.code("python -m core " + " ".join(arguments), language="bash", wrap_lines=True)


def _before_and_after(job: Job) -> None:
    result = json.loads(job.output())
    before, after = result["before"], result["after"]
    st.plotly_chart(
        accuracy_chart({"before": before["sweep"], "after": after["sweep"]}, []),
        config={"displaylogo": False},
        alt="Accuracy against jitter before and after",
    )
    rows = [
        {
            "": title,
            "accuracy": part["test"]["accuracy"],
            "95 % from": part["test"]["interval"][0],
            "to": part["test"]["interval"][1],
            "n": part["test"]["n"],
            "data": part["test"]["data"],
        }
        for title, part in (("before", before), ("after", after))
        if part["test"]
    ]
    st.dataframe(rows, hide_index=True, column_config=RATES)
    _mined(result["mined"])


def _mined(mined: dict[str, Any]) -> None:
    from core.datasets.arrays import open_npz

    try:
        hard = open_npz(Path(mined["path"]))
    except InklingError:
        return
    if "misread" not in mined:
        return
    st.caption(
        f"{mined['misread']:,} of {mined['looked_at']:,} were misread; they, others beside them, and some of both:"
    )
    rows = np.random.default_rng(0).permutation(len(hard))[:30]
    sides = "".join(
        f"<figure>{img(255 - hard.images[row], alt=hard.classes[hard.labels[row]])}</figure>"
        for row in np.sort(rows)
    )
    st.html(f'<div class="gallery tight">{sides}</div>')


page()
