"""Hard examples: mine, train on what was mined, sweep again, and check real data too, so that
nobody is fooled.
"""

import json
from pathlib import Path

import numpy as np
import streamlit as st

from core.datasets.catalogue import alike, first_here, open_dataset
from core.datasets.packing import pack_export, packed_name
from core.errors import InklingError
from core.evaluation.robustness.results import Hardened, Mined
from core.evaluation.robustness.shipped import measured_hardening
from core.jobs.job import Job
from core.jobs.public import NO_TRAINING
from core.synthesis.glyph_file import load_glyphs
from pages.robustness.accuracy_chart import show_accuracy
from pages.robustness.source import Source
from pages.shared.data import pick_data
from pages.shared.gallery import gallery
from pages.shared.jobs import run_job
from pages.shared.missing import Missing, opened, say_missing
from pages.shared.style import RATES
from pages.shared.text import code

_SHOWN = 30


def show_hard_examples(source: Source) -> None:
    # torch, which takes seconds
    from core.evaluation.robustness.hard_examples import MOST_JITTER, readable_jitter

    with st.sidebar:
        name = st.selectbox("Model", list(source.weights), key="model", bind="query-params")
    if source.settings.own:
        st.caption(NO_TRAINING)
        _measured_before(name)
        return
    with st.sidebar:
        card = source.cards[name]
        fitting = {entry.name: entry for entry in alike(card.classes, card.form, source.settings)}
        entry = (
            pick_data(
                fitting,
                source.settings,
                usual=first_here(list(fitting.values()), source.settings).name,
                label="Trained with",
            )
            if fitting
            else None
        )
        usual = readable_jitter(load_glyphs(source.request.glyphs))
        jitter = st.number_input(
            "Jitter up to",
            0.1,
            MOST_JITTER,
            usual,
            0.1,
            key=f"mined-jitter-{source.request.glyphs}",
            bind="query-params",
            help=(
                f"Up to {usual:g} a person can read most of what is misread; beyond, less and less."
            ),
        )
        count = int(
            st.number_input(
                "Images to look at", 1000, 10_000_000, 200_000, key="looked", bind="query-params"
            )
        )
    st.caption(
        f"Digits are drawn with jitter up to {jitter:g}, what {code(name)} misreads is kept with "
        "others beside it, and it is trained on that together with real handwriting for a few more "
        "epochs. Then both are measured again, on other drawings and on real handwriting. It takes "
        "minutes to hours."
    )
    if entry is None:
        st.info(
            f"No data set has the classes and the form of {code(name)}, so that it could go on "
            "learning from it; choose another model.",
            icon=":material/database:",
        )
        return
    arguments = ["harden", "--model", name, "--data", entry.name, "--save-as", f"{name}-hard"]
    arguments += [
        "--glyphs",
        source.request.glyphs,
        "--jitter",
        f"{jitter:g}",
        "--count",
        str(count),
    ]
    arguments += ["--seed", str(source.request.seed), "--json"]
    job = source.job(name, arguments)
    real = opened(entry, lambda: open_dataset(entry.name, source.settings))
    if isinstance(real, Missing) and job.state() != "done":
        say_missing(real.entry, source.settings, real.problem)
    else:
        run_job("Mine and train", arguments, job, key="harden", done=_before_and_after)
    if job.state() != "done":
        _measured_before(name)
    st.code("python -m core " + " ".join(arguments), language="bash", wrap_lines=True)


def _measured_before(name: str) -> None:
    """What came of it when it was tried with the recognizer that is shipped."""
    version, rates = measured_hardening(name)
    if rates:
        st.caption(
            f"How it went with {code(name)} of version {version}, 400,000 images looked at: "
            f"natural "
            "digits that chose nothing, 5,000 at each jitter. Beside it the same training without "
            "what was mined (`assets/results/hardening.csv`)."
        )
        show_accuracy(rates, [], alt="Accuracy against jitter before and after, as measured")


def _before_and_after(job: Job) -> None:
    result = Hardened.from_json(json.loads(job.output()))
    figures = {"before": result.before, "after": result.after}
    show_accuracy(
        {title: figure.rates for title, figure in figures.items()},
        [],
        alt="Accuracy against jitter before and after",
    )
    rows = [
        {
            "": title,
            "accuracy": figure.test.accuracy,
            "95 % from": figure.test.interval[0],
            "to": figure.test.interval[1],
            "n": figure.test.n,
            "data": figure.test.data,
        }
        for title, figure in figures.items()
        if figure.test
    ]
    st.dataframe(rows, hide_index=True, column_config=RATES)
    _mined(result.mined)


def _mined(mined: Mined) -> None:
    from core.datasets.arrays import open_npz

    try:
        hard = open_npz(Path(mined.path))
    except InklingError:
        return
    if "misread" not in mined.note:
        return
    st.caption(
        f"{mined.note['misread']:,} of {mined.note['looked_at']:,} were misread; they, others "
        "beside them, and some of both:"
    )
    rows = np.sort(np.random.default_rng(0).permutation(len(hard))[:_SHOWN])
    alts = [hard.classes[label] for label in hard.labels[rows]]
    gallery(hard.images[rows], alts=alts, layout="tight")
    st.download_button(
        "Hard examples",
        lambda: pack_export(Path(mined.path), "npz"),
        packed_name(Path(mined.path), "npz"),
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        help="An .npz of the images and their labels",
    )
