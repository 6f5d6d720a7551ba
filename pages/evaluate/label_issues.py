"""Labels that are probably wrong, worst first, to be marked or left."""

import json
from dataclasses import replace

import streamlit as st

from core.curation.issues import Issue, IssueList, find_issues, list_issues
from core.datasets.digest import quick_digest
from core.intervals import percent, probability
from core.jobs.job import Job
from pages.evaluate.marking import Item, paged_board
from pages.evaluate.picture import show_picture
from pages.evaluate.source import Source
from pages.shared.cache import cached
from pages.shared.jobs import run_job
from pages.shared.missing import say_missing
from pages.shared.picture import close_picture, opened
from pages.shared.text import code, plain

ANSWERS, FOLDS = "its own answers", "cross-validation"
_LISTED = 400


def show_issues(source: Source) -> None:
    """Found by the recognizer's answers, if it was not trained on these pictures, or by
    cross-validated networks.
    """
    dataset = source.dataset
    if dataset is None:
        say_missing(
            source.entry,
            source.settings,
            "Labels are judged by their pictures, and they are not on this machine.",
        )
        return
    usual = FOLDS if source.part == "train" else ANSWERS
    by = st.segmented_control(
        "Judged by",
        [ANSWERS, FOLDS],
        default=usual,
        required=True,
        key=f"judged-{source.part}",
        on_change=close_picture,
        help="Only what has not learnt a picture can doubt its label. The cross-validation trains "
        "five small networks, each on four fifths "
        "of the data, and takes minutes.",
    )
    if by == ANSWERS:
        if source.part == "train":
            st.caption(
                f"If {code(source.card.name)} was trained on these pictures it agrees with their "
                "labels, right or wrong."
            )
        _show(source, _by_answers(source), by)
        return
    arguments = [
        "label-issues",
        "--data",
        source.name,
        "--form",
        source.card.form,
        "--limit",
        str(_LISTED),
        "--json",
    ]
    job = Job.of(arguments, source.settings, inputs=[quick_digest(dataset)])
    run_job(
        "Look for wrong labels",
        arguments,
        job,
        key="issues-job",
        done=lambda job: _show(source, IssueList.from_json(json.loads(job.output())), by),
    )


def _by_answers(source: Source) -> IssueList:
    predictions = source.predictions

    def find() -> IssueList:
        with st.spinner("Weighing labels and answers"):
            issues = find_issues(predictions.truth, predictions.probabilities)
            listed = list_issues(
                issues,
                predictions.truth,
                predictions.probabilities,
                predictions.classes,
                data=predictions.about.source,
                limit=max(_LISTED, len(issues.rows)),
            )
        rows = (replace(row, number=int(source.rows[row.number])) for row in listed.rows)
        return replace(listed, rows=tuple(rows))

    return cached("issues", (predictions.about, source.state), find)


def _show(source: Source, listed: IssueList, by: str) -> None:
    rows = listed.rows
    st.markdown(
        f"**{listed.found:,} of {listed.n:,}** labels are doubtful; the estimated label noise is "
        f"**{percent(listed.noise)}**: {plain(listed.caveat)}."
    )
    if not rows:
        return
    paged_board(source, len(rows), lambda index: _item(rows[index]), key="issues", of=by)
    st.caption(f"Confident learning (Northcutt et al. 2021, by cleanlab). {plain(source.caveat)}")
    if opened() >= 0:
        show_picture(source, [row.number for row in rows])


def _item(row: Issue) -> Item:
    perhaps = f"perhaps {row.suggested} ({probability(row.suggested_probability)})"
    labelled = f"Labelled {row.label} ({probability(row.label_probability)})"
    return Item(row.number, row.label, f"{labelled}\n{perhaps}")
