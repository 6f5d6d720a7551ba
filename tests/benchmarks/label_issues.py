"""How many wrong labels confident learning lists: labels altered on purpose, and first pages read
by a person.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.label_issues [--sheets FOLDER]      writes
assets/results/label_issues.csv

1. Roman numerals of the 2021 competition's train folder, cross-validated, with 100 labels altered
uniformly to another class. The
   recipe and the ranking were chosen with seeds 100 and 101; those below chose nothing.
2. The first 200 of that list (seed 0): wrong are those that were altered, and of the others those
that a reader calls wrong.
3. The first 200 of the EMNIST pool's test images by the shipped `characters`, which was trained on
the pool's train images. More
   are judged than those: some stood in the list of the `characters` before.

What a reader says stands in assets/results/label_issues_judged.csv (one reader, by eye): wrong,
right, or unclear. Unclear is what cannot be read, and what its label and another class share: a bar
is I, 1 or l, a ring is O or 0, a straight nine is 9, q or g. Hearts, smileys and stars are wrong
whatever their label. --sheets writes the pictures to judge, about 40 a sheet, each with its row,
its label and the suggested one.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.curation.issues import Issues, find_issues
from core.curation.label_issues import cross_validated
from core.datasets.catalogue import open_dataset
from core.datasets.composed import FORM
from core.datasets.dataset import Dataset
from core.evaluation.predictions import predict_all
from core.evaluation.publish import hardware
from core.intervals import wilson_interval
from core.models.recognizer import load_recognizer
from core.settings import ASSETS, SHIPPED_MODELS, Settings
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.label_issues"
SEEDS, ALTERED = (0, 1, 2), 100
FIRST, LISTED = 200, (100, 200, 400)
JUDGED = ASSETS / "results" / "label_issues_judged.csv"
ROMAN, POOL = f"roman/train, {ALTERED} labels altered (seed {SEEDS[0]})", "emnist-balanced:test"


def altered(labels: np.ndarray, classes: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels int64 [N], ALTERED of them changed to a random other class, and the rows of those."""
    generator = np.random.default_rng(seed)
    rows = generator.choice(len(labels), ALTERED, replace=False)
    changed = labels.copy()
    changed[rows] = (labels[rows] + generator.integers(1, classes, ALTERED)) % classes
    return changed, rows


def judged(data: str) -> dict[tuple[int, str], str]:
    """Verdicts by row and label."""
    if not JUDGED.exists():
        return {}
    with open(JUDGED, newline="", encoding="utf-8") as file:
        return {
            (int(row["row"]), row["label"]): row["verdict"]
            for row in csv.DictReader(file)
            if row["data"] == data
        }


def shares(
    data: str, listed: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], known: np.ndarray
) -> Iterator[list[Any]]:
    """Rows of the table: a reader's verdicts on the listed images; those in `known` were altered
    and need none.
    """
    verdicts = judged(data)
    texts = [
        "wrong" if row in known else verdicts.get((int(row), classes[labels[row]]), "not judged")
        for row in listed
    ]
    wrong, right = texts.count("wrong"), texts.count("right")
    note = f"{texts.count('unclear')} unclear, {texts.count('not judged')} not judged"
    yield ["", *rate(wrong, len(listed)), f"{note}, which count as not wrong"]
    yield [", of those that can be told", *rate(wrong, wrong + right), f"{note} left out"]


def sheets(
    name: str,
    dataset: Dataset,
    issues: Issues,
    labels: np.ndarray,
    left_out: np.ndarray,
    folder: Path,
) -> None:
    """The first of the list except those left out, as PNG files."""
    rows = [row for row in issues.order[:FIRST] if row not in left_out]
    folder.mkdir(parents=True, exist_ok=True)
    for sheet, start in enumerate(range(0, len(rows), 40)):
        page = np.full((5 * 190, 8 * 170), 255, np.uint8)
        for index, row in enumerate(rows[start : start + 40]):
            top, left = index // 8 * 190, index % 8 * 170
            picture = cv2.resize(
                255 - dataset.images[row], (140, 140), interpolation=cv2.INTER_NEAREST
            )
            page[top + 5 : top + 145, left + 15 : left + 155] = picture
            text = (
                f"{row}: {dataset.classes[labels[row]]} > {dataset.classes[issues.suggested[row]]}"
            )
            cv2.putText(
                page,
                text,
                (left + 8, top + 172),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.55,
                (0,),
                1,
                cv2.LINE_AA,
            )
        cv2.imwrite(str(folder / f"{name}-{sheet}.png"), page)


def measured(folder: Path | None) -> Iterator[list[object]]:
    """Rows of the table, without hardware and command."""
    settings = replace(Settings.from_environment(), models=SHIPPED_MODELS)
    dataset = open_dataset(str(settings.data / "roman" / "train"), settings, form=FORM)
    dataset = replace(dataset, source=f"Data-Centric AI competition 2021, {dataset.source}")
    for seed in SEEDS:
        labels, rows = altered(dataset.labels, len(dataset.classes), seed=seed)
        issues = find_issues(labels, cross_validated(replace(dataset, labels=labels)))
        for first in LISTED:
            hits = int(np.isin(rows, issues.order[:first]).sum())
            yield [
                f"altered labels among the first {first}",
                dataset.source,
                len(dataset),
                seed,
                *rate(hits, ALTERED),
                "",
            ]
        hits, result = int(np.isin(rows, issues.rows).sum()), len(issues.rows)
        yield [
            "altered labels among those found",
            dataset.source,
            len(dataset),
            seed,
            *rate(hits, ALTERED),
            f"{result} found",
        ]
        note = f"of which altered: {ALTERED / len(dataset):.5f}"
        yield [
            "estimated label noise",
            dataset.source,
            len(dataset),
            seed,
            "",
            "",
            round(issues.noise_rate, 5),
            "",
            "",
            note,
        ]
        if seed == SEEDS[0]:
            if folder:
                sheets("roman", dataset, issues, labels, rows, folder)
            known, title = (
                np.isin(issues.order[:FIRST], rows),
                f"wrong labels among the first {FIRST}",
            )
            for more, *figures, note in shares(
                ROMAN, issues.order[:FIRST], labels, dataset.classes, rows
            ):
                yield [
                    title + more,
                    dataset.source,
                    len(dataset),
                    seed,
                    *figures,
                    f"{known.sum()} altered, {note}",
                ]
            for more, *figures, note in shares(
                ROMAN, issues.order[:FIRST][~known], labels, dataset.classes, rows[:0]
            ):
                yield [
                    f"{title}, without the altered{more}",
                    dataset.source,
                    len(dataset),
                    seed,
                    *figures,
                    note,
                ]

    dataset = open_dataset(POOL, settings)
    recognizer = load_recognizer("characters", settings)
    predictions = predict_all(recognizer, dataset, settings)
    labels, issues = predictions.truth, find_issues(predictions.truth, predictions.probabilities)
    dataset = replace(dataset, labels=labels, classes=recognizer.card.classes)
    if folder:
        sheets("emnist", dataset, issues, labels, np.zeros(0, np.int64), folder)
    note = f"{len(issues.rows)} found by characters"
    yield [
        "estimated label noise",
        dataset.source,
        len(dataset),
        "",
        "",
        "",
        round(issues.noise_rate, 5),
        "",
        "",
        note,
    ]
    for more, *figures, note in shares(
        POOL, issues.order[:FIRST], labels, dataset.classes, np.zeros(0, np.int64)
    ):
        yield [
            f"wrong labels among the first {FIRST}{more}",
            dataset.source,
            len(dataset),
            "",
            *figures,
            note,
        ]
    verdicts = list(judged(POOL).values())
    wrong, note = (
        verdicts.count("wrong"),
        f"at least: only those that one reader calls wrong of the {len(verdicts)} judged",
    )
    yield ["label noise", dataset.source, len(dataset), "", *rate(wrong, len(dataset)), note]


def rate(hits: int, count: int) -> list[object]:
    """Hits, of how many, their share and its 95 % interval."""
    low, high = wilson_interval(hits, count)
    return [hits, count, round(hits / count, 5) if count else "", round(low, 5), round(high, 5)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sheets", type=Path)
    rows = [[*row, hardware(), COMMAND] for row in measured(parser.parse_args().sheets)]
    write_results(
        "label_issues.csv",
        "measure,data,images,seed,hits,n,share,low_95,high_95,note,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()
