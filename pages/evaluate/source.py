"""The recognizer and data set picked, and the answers: from disk, shipped, or computed now."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from core.datasets.catalogue import Entry, find_entries, first_for, first_here, open_dataset
from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_dataset, quick_digest
from core.datasets.marks import MISLABELLED, UNREADABLE, Mark, marks_of
from core.errors import InklingError
from core.evaluation.predictions import (
    DatasetPrediction,
    cached_predictions,
    digest_of_weights,
    predict_all,
    shipped_predictions,
    with_marks,
)
from core.ink.forms import form_named
from core.intervals import percent, span, wilson_interval
from core.jobs.job import Job
from core.models.cards import Card, find_card
from core.progress import Progress
from core.settings import Settings
from pages.shared.cache import cached_with_progress
from pages.shared.data import pick_data
from pages.shared.jobs import run_job
from pages.shared.missing import Missing, opened
from pages.shared.models import pick_model, recognizer
from pages.shared.text import code, plain

AT_ONCE = 3000
"""So many pictures are read while one waits; more are a process of their own."""

IGNORED, APPLIED = "ignored", "applied"


@dataclass(frozen=True, eq=False)
class Source:
    """A recognizer's answers to a data set.

    predictions : as scored, with the marks if they are applied. rows : int64 [N], their indices in
    the data set.
    dataset : the pictures if on this machine, else None. marks : by row.
    """

    settings: Settings
    card: Card
    weights: Path
    entry: Entry
    part: str
    predictions: DatasetPrediction
    rows: np.ndarray
    dataset: Dataset | None
    marks: dict[int, Mark]
    applied: bool

    @property
    def name(self) -> str:
        """The data as named on the command line."""
        return name_of(self.entry, self.part)

    @property
    def state(self) -> tuple[object, ...]:
        """Identifies the answers as scored here."""
        about = self.predictions.about
        return about.weights, about.pictures, tuple(self.marks.values()) if self.applied else ()

    @property
    def caveat(self) -> str:
        """The caveat shown beside every figure."""
        about = self.predictions.about
        trained = (
            "; the recognizer may have been trained on them"
            if self.entry.may_be_trained_on(self.part)
            else ""
        )
        marked = f"; {marks_note(self.marks)} by hand" if self.applied and self.marks else ""
        return (
            f"n = {len(self.predictions):,}, {about.source}{trained}{marked}. Intervals are "
            "Wilson's, 95 %."
        )


@dataclass(frozen=True)
class Unread:
    """Data that the recognizer has not read yet; `problem` says what to do if it cannot."""

    entry: Entry
    part: str
    card: Card
    problem: str = ""


def name_of(entry: Entry, part: str) -> str:
    return f"{entry.name}:{part}" if len(entry.splits) > 1 else entry.name


def marks_note(marks: dict[int, Mark]) -> str:
    """Marks in words: 3 relabelled, 1 unreadable left out."""
    kinds = [mark.kind for mark in marks.values()]
    parts = [
        (kinds.count(MISLABELLED), "relabelled"),
        (kinds.count(UNREADABLE), "unreadable left out"),
    ]
    return ", ".join(f"{count:,} {word}" for count, word in parts if count) or "nothing changed"


def pick_source(settings: Settings) -> Source | Missing | Unread | None:
    """The pickers, in the sidebar; None if no recognizer is installed."""
    entries = find_entries(settings)
    first = entries.get(st.query_params.get("data", ""))
    classes = (first or first_here(list(entries.values()), settings)).classes
    card = pick_model(settings, classes=classes)
    if card is None:
        return None
    # the usual set of one recognizer may be unknown to another
    entry = pick_data(entries, settings, usual=first_for(card.classes, settings).name)
    part = entry.splits[0]
    if len(entry.splits) > 1:
        part = st.segmented_control(
            "Part",
            entry.splits,
            default=entry.splits[-1],
            required=True,
            key="part",
            bind="query-params",
        )
    applied = st.segmented_control(
        "Marks",
        [IGNORED, APPLIED],
        default=IGNORED,
        required=True,
        key="marks",
        bind="query-params",
        help=(
            "Applied: mislabelled pictures count as what they were said to be, unreadable ones do "
            "not count."
        ),
    )
    return _open(card, entry, part, applied == APPLIED, settings)


def _open(
    card: Card, entry: Entry, part: str, applied: bool, settings: Settings
) -> Source | Missing | Unread:
    _, weights = find_card(card.name, settings)
    name, form = name_of(entry, part), form_named(card.form)
    dataset = opened(entry, lambda: open_dataset(name, settings, classes=card.classes, form=form))
    if isinstance(dataset, Missing):
        result = shipped_predictions(weights, card, name)
        if result is None:
            return dataset
        return Source(
            settings, card, weights, entry, part, result, np.arange(len(result)), None, {}, False
        )
    try:
        predictions = answers_of(card, weights, dataset, settings)
    except InklingError as error:
        return Unread(entry, part, card, str(error))
    if predictions is None:
        return Unread(entry, part, card)
    marks, rows = marks_of(settings, dataset), np.arange(len(dataset))
    if applied:
        predictions, rows = with_marks(predictions, marks)
    return Source(settings, card, weights, entry, part, predictions, rows, dataset, marks, applied)


def answers_of(
    card: Card, weights: Path, dataset: Dataset, settings: Settings
) -> DatasetPrediction | None:
    """Answers from memory or disk, or computed now if that takes seconds; else None."""

    def answers(report: Progress) -> DatasetPrediction | None:
        predictions = cached_predictions(card, weights, dataset, settings)
        if predictions is None:
            shipped = shipped_predictions(weights, card, dataset.name)
            if shipped is not None and shipped.about.pictures == digest_of_dataset(dataset):
                predictions = shipped
        if predictions is None and len(dataset) <= AT_ONCE:
            model = recognizer(card.name, settings)
            predictions = predict_all(model, dataset, settings, report)
        if predictions is not None:
            # all views use these; computed now, they count among the bytes of the cache
            _ = predictions.right, predictions.confidence, predictions.truth_probability
        return predictions

    return cached_with_progress(
        "answers",
        (dataset.name, dataset.source, quick_digest(dataset), digest_of_weights(weights, card)),
        answers,
        total=len(dataset),
        doing=f"{code(card.name)} reads",
    )


def rescored(source: Source) -> DatasetPrediction:
    """The answers with the marks, whether or not the screen applies them."""
    if source.applied or not source.marks:
        return source.predictions
    return with_marks(source.predictions, source.marks)[0]


def read_them(unread: Unread, settings: Settings) -> None:
    """A button that has the recognizer read the data in a separate process."""
    name = name_of(unread.entry, unread.part)
    if unread.problem:
        st.warning(
            f"{plain(unread.problem)} Choose other data, or another model.", icon=":material/info:"
        )
        return
    st.info(
        f"{code(unread.card.name)} has not read {plain(name)} yet.",
        icon=":material/hourglass_empty:",
    )
    arguments = ["evaluate", "--model", unread.card.name, "--data", name, "--json"]
    _, weights = find_card(unread.card.name, settings)
    run_job(
        "Read them all",
        arguments,
        Job.of(arguments, settings, inputs=[weights]),
        key="read",
        done=lambda job: _again(job),
    )


def _again(job: Job) -> None:
    job.forget()  # its answers should be on disk; if they are gone, a restart must be possible
    st.rerun()


def show_accuracy(predictions: DatasetPrediction, more: str = "") -> None:
    """The line above a view: the accuracy; `more` is HTML."""
    hits, count = int(predictions.right.sum()), len(predictions)
    interval = wilson_interval(hits, count)
    st.html(
        f'<p class="figure-line" data-testid="accuracy"><b>{percent(hits / max(count, 1))}</b> of '
        f"{count:,} read correctly "
        f"(95 % {span(interval)}); {count - hits:,} misread.{more}</p>"
    )
