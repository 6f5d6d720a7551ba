import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)

from core.cli.main import main
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.evaluation.predictions import About, DatasetPrediction
from core.evaluation.report import MATRIX_MOST, TABLE_MOST, WORST, report
from core.intervals import probability, wilson_interval
from core.settings import Settings
from tests.conftest import BALANCED, DIGITS, tiny_card
from tests.evaluation.test_errors import answered
from tests.reading.test_pictures import spots

VOID = {"meta", "img"}
WHEN = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
HOSTILE = (
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }}",
    "&amp;",
    "javascript:x",
    "</title>",
    "\u202eabc\0",
    "long " * 50,
    "' onload='x",
)


class Page(HTMLParser):
    """Tags with their attributes, and the text of every table cell; fails if tags are
    unbalanced.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: list[list[list[str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data.replace("\N{NO-BREAK SPACE}", " ")

    def values(self, tag: str, name: str) -> list[str]:
        return [values[name] for result, values in self.tags if result == tag and name in values]


def made(
    predictions: DatasetPrediction, data: Dataset | None, rows: np.ndarray, **options: str
) -> tuple[str, Page]:
    text = report(
        predictions, data, rows, card=tiny_card("tiny", predictions.classes), made=WHEN, **options
    )
    return text, Page(text)


def first(cell: str) -> float:
    return float(cell.split()[0].replace(",", ""))


@pytest.mark.parametrize("classes", [DIGITS, BALANCED])
def test_the_figures_are_scikit_learns(classes: tuple[str, ...]) -> None:
    predictions, data, rows = answered(classes, 3000, right=0.8)
    text, page = made(predictions, data, rows)
    truth, answers, labels = (
        predictions.truth,
        predictions.probabilities.argmax(1),
        range(len(classes)),
    )
    accuracy = accuracy_score(truth, answers)
    low, high = wilson_interval(int((truth == answers).sum()), 3000)
    plain = text.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        f"{100 * accuracy:.1f} %,\nwith a 95&nbsp;% interval of {100 * low:.1f} to "
        f"{100 * high:.1f} %" in plain
    )
    for k in (2, 3, 5):
        share = top_k_accuracy_score(truth, predictions.probabilities, k=k, labels=labels)
        assert f"<dt>Top-{k} accuracy</dt><dd>{100 * share:.1f} %</dd>" in plain
    precision, recall, f1, support = precision_recall_fscore_support(truth, answers, labels=labels)
    table = next(table for table in page.tables if table[0][0] == "class")[1:]
    assert [row[0] for row in table] == list(classes)
    for position, row in enumerate(table):
        assert first(row[1]) == support[position]
        assert [first(cell) for cell in (row[3], row[4], row[6])] == pytest.approx(
            [100 * score[position] for score in (precision, recall, f1)], abs=0.051
        )
    confusion = np.zeros((len(classes),) * 2, int)
    for sentence in page.texts["title"]:
        if cell := re.match(r"(\w) read as (\w): ([\d,]+) of", sentence):
            confusion[classes.index(cell[1]), classes.index(cell[2])] = int(
                cell[3].replace(",", "")
            )
    np.testing.assert_array_equal(confusion, confusion_matrix(truth, answers))
    pairs = next(table for table in page.tables if table[0][:2] == ["truth", "read as"])[1:]
    counts = [confusion[classes.index(row[0]), classes.index(row[1])] for row in pairs]
    assert (
        counts
        == [int(row[2]) for row in pairs]
        == sorted((confusion - np.diag(np.diag(confusion))).ravel(), reverse=True)[: len(pairs)]
    )
    sure = predictions.probabilities.max(1)
    for row in next(table for table in page.tables if table[0][0] == "answers of at least")[1:]:
        given = sure >= np.float32(0 if row[0] == "any probability" else row[0])
        assert [int(row[1].replace(",", "")), int(row[3].replace(",", ""))] == [
            given.sum(),
            (answers != truth)[given].sum(),
        ]
    bins = np.clip(np.ceil(sure * 15).astype(int) - 1, 0, 14)
    error = (
        sum(
            abs((answers == truth)[bins == position].sum() - sure[bins == position].sum())
            for position in range(15)
        )
        / 3000
    )
    assert f"<dt>Calibration error</dt><dd>{100 * error:.1f} %</dd>" in plain


def check_alone(text: str, page: Page) -> None:
    """One file, no script, nothing fetched, readable without eyes."""
    assert text.startswith("<!DOCTYPE html>\n<html")
    assert {tag for tag, _ in page.tags}.isdisjoint(
        {"script", "link", "iframe", "object", "embed", "base", "form", "a", "image", "use"}
    )
    for _, values in page.tags:
        assert not any(
            name.startswith("on") or name in ("href", "srcset", "background", "action")
            for name in values
        )
    assert all(source.startswith("data:image/png;base64,") for source in page.values("img", "src"))
    sheet = "".join(page.texts["style"])
    assert not re.search(r"url\(|@import|//", sheet)
    assert len(page.values("img", "alt")) == len(page.values("img", "src"))
    assert all(page.values("img", "alt"))
    assert page.values("html", "lang") == ["en"]
    assert "default-src 'none'" in "".join(page.values("meta", "content"))
    for media in ("prefers-color-scheme: dark", "print", "max-width: 640px"):
        assert f"({media})" in sheet or f"@media {media}" in sheet
    assert len(text.encode()) < 3_000_000


def test_it_stands_alone_with_pictures_and_caveat() -> None:
    predictions, data, rows = answered(DIGITS, 3000)
    text, page = made(predictions, data, rows)
    check_alone(text, page)
    assert page.texts["title"][0] == "Tiny on Noise"
    assert "n = 3,000, noise, a caveat." in text
    assert "29 February 2024, 12:00 UTC" in text
    assert (
        "n = 3, another caveat" in made(predictions, data, rows, caveat="n = 3, another caveat")[0]
    )
    figures = re.findall(
        r'<figure title="Picture ([\d,]+) of the data">\s*<img src="data:image/png;base64,([^"]+)"'
        r".*?Predicted <b>(\d)</b> \(([^)]+)\)"
        r".*?truth <b>(\d)</b> \(([^)]+)\)",
        unescape(text),
        re.DOTALL,
    )
    assert len(figures) > WORST
    for row, packed, answer, sure, truth, own in figures:
        index = int(row.replace(",", "")) // 2
        assert (int(answer), int(truth)) == (
            predictions.probabilities[index].argmax(),
            predictions.truth[index],
        )
        said = predictions.probabilities[index].max(), predictions.probabilities[index, int(truth)]
        assert (sure, own) == tuple(map(probability, said))
        picture = cv2.imdecode(
            np.frombuffer(base64.b64decode(packed), np.uint8), cv2.IMREAD_UNCHANGED
        )
        np.testing.assert_array_equal(picture, 255 - data.images[2 * index])
    worst = [float(own.strip("<%\N{NO-BREAK SPACE}")) for *_, own in figures[-WORST:]]
    assert worst == sorted(worst)


def test_without_pictures_it_says_so() -> None:
    predictions, _, rows = answered(DIGITS, 300)
    text, page = made(predictions, None, rows)
    check_alone(text, page)
    assert page.values("img", "src") == []
    assert "The pictures are not on the machine" in text


def test_hostile_names_are_text() -> None:
    predictions, data, rows = answered(HOSTILE, 400)
    predictions = replace(
        predictions,
        about=replace(predictions.about, source=HOSTILE[0], data=HOSTILE[1], model=HOSTILE[2]),
    )
    text, page = made(predictions, replace(data, title=HOSTILE[0]), rows, caveat=HOSTILE[0])
    check_alone(text, page)
    assert "\0" not in text
    assert "\u202e" not in text
    assert f"{HOSTILE[1]}: {HOSTILE[0]}" in [row[1] for row in page.tables[-1]]
    table = next(table for table in page.tables if table[0][0] == "class")[1:]
    assert [row[0] for row in table[:5]] == [HOSTILE[0][:23] + "…", *HOSTILE[1:5]]
    assert page.texts["title"][0] == f"Tiny on {HOSTILE[0]}"


@pytest.mark.parametrize(("classes", "side"), [(62, 256), (300, 28)])
def test_it_stays_small(classes: int, side: int) -> None:
    random = np.random.default_rng(2)
    names, truth = (
        tuple(f"class {number}" for number in range(classes)),
        random.integers(0, classes, 8_000),
    )
    probabilities = random.random((8_000, classes), np.float32)
    probabilities /= probabilities.sum(1, keepdims=True)
    noise = random.integers(0, 256, (1, side, side), np.uint8)
    data = Dataset(
        "noise", "Noise", np.broadcast_to(noise, (8_000, side, side)), truth, names, "", "noise"
    )
    text, page = made(
        DatasetPrediction(probabilities, names, truth, About("tiny", "noise", "noise", "0", "1")),
        data,
        np.arange(8_000),
    )
    check_alone(text, page)
    table = next(table for table in page.tables if table[0][0] == "class")[1:]
    assert len(table) == min(classes, TABLE_MOST)
    assert ("classes with the most errors are drawn" in text) == (classes > MATRIX_MOST)


def test_few_pictures_and_no_errors() -> None:
    predictions, data, rows = answered(DIGITS, 300)
    right = np.flatnonzero(predictions.right)
    for some in (right, right[:1]):
        text, page = made(predictions.take(some), data, rows[some])
        check_alone(text, page)
        assert "Nothing was misread." in text
        assert page.values("img", "src") == []
    with pytest.raises(InklingError, match="no pictures to report on"):
        made(predictions.take(right[:0]), data, rows[:0])


def test_command(
    here: None,
    settings: Settings,
    random: np.random.Generator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    np.savez(tmp_path / "set.npz", images=spots(random, 40), labels=random.integers(0, 10, 40))
    assert (
        main(
            [
                "report",
                "--model",
                "tiny",
                "--data",
                str(tmp_path / "set.npz"),
                "--out",
                str(tmp_path / "new" / "r.html"),
            ]
        )
        == 0
    )
    assert capsys.readouterr().out == f"{tmp_path / 'new' / 'r.html'}\n"
    text = (tmp_path / "new" / "r.html").read_text(encoding="utf-8")
    check_alone(text, Page(text))
    assert "the file set.npz, 40 images" in text
    assert (
        main(["report", "--model", "tiny", "--data", "nothing", "--out", str(tmp_path / "r.html")])
        == 1
    )
