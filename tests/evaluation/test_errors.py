import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.datasets.dataset import Dataset
from core.evaluation.cells import ANY, OTHER, find_cell
from core.evaluation.errors import errors_zip, left_out, write_errors
from core.evaluation.predictions import About, DatasetPrediction
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.conftest import DIGITS
from tests.reading.test_pictures import spots
from tests.reports import Reports
from tests.sentences import is_sentence

CLASSES = ("a", "A", "CON", "x/../y", "é" * 300, "😀" * 200)


def answered(
    classes: Sequence[str] = CLASSES, count: int = 200, seed: int = 1, right: float = 0.4
) -> tuple[DatasetPrediction, Dataset, np.ndarray]:
    """Random answers to random pictures; every second picture of the data set is left out."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, len(classes), count)
    logits = random.normal(size=(count, len(classes)))
    logits[np.arange(count), truth] += np.where(random.random(count) < right, 3, -1)
    probabilities = np.exp(2 * logits)
    probabilities = (probabilities / probabilities.sum(1, keepdims=True)).astype(np.float32)
    rows, labels = 2 * np.arange(count), np.repeat(truth, 2)
    data = Dataset(
        "noise",
        "Noise",
        random.integers(0, 256, (2 * count, 28, 28), np.uint8),
        labels,
        tuple(classes),
        "",
        "noise, a caveat",
    )
    return (
        DatasetPrediction(
            probabilities,
            tuple(classes),
            truth,
            About("tiny", "noise", data.source, "0" * 64, "1" * 64),
        ),
        data,
        rows,
    )


def opened(data: bytes) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return members, list(csv.DictReader(io.StringIO(members.pop("errors.csv").decode())))


def test_every_error_is_a_picture_and_a_row() -> None:
    predictions, data, rows = answered()
    members, index = opened(errors_zip(predictions, data, rows))
    wrong = predictions.probabilities.argmax(1) != predictions.truth
    assert {int(row["picture"]) for row in index} == set(rows[wrong].tolist())
    assert {row["file"] for row in index} == set(members)
    for row in index:
        position = int(row["picture"]) // 2
        assert row["truth"] == CLASSES[predictions.truth[position]]
        assert row["predicted"] == CLASSES[predictions.probabilities[position].argmax()]
        assert float(row["probability"]) == pytest.approx(
            predictions.probabilities[position].max(), abs=6e-4
        )
        assert float(row["truth_probability"]) == pytest.approx(
            predictions.probabilities[position, predictions.truth[position]], abs=6e-4
        )
        picture = cv2.imdecode(np.frombuffer(members[row["file"]], np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(picture, 255 - data.images[2 * position])
    losses = [float(row["truth_probability"]) for row in index]
    assert losses == sorted(losses)


def test_names_do_not_clash_and_are_no_paths() -> None:
    members, _ = opened(errors_zip(*answered()))
    assert len({name.casefold() for name in members}) == len(members) > 100
    assert all(
        len(name.encode()) <= 255 and "/" not in name and "\\" not in name for name in members
    )
    assert any("_lower_a_upper_a_0." in name for name in members)


def test_it_is_bounded_and_says_so() -> None:
    predictions, data, rows = answered()
    errors = int((~predictions.right).sum())
    members, index = opened(errors_zip(predictions, data, rows, most=10))
    assert (len(members), len(index)) == (10, errors)
    assert [bool(row["file"]) for row in index] == [True] * 10 + [False] * (errors - 10)
    assert is_sentence(left_out(predictions, 10))
    assert left_out(predictions, errors) == ""


def test_the_same_errors_are_the_same_bytes_and_none_is_no_error() -> None:
    assert errors_zip(*answered()) == errors_zip(*answered())
    predictions, data, rows = answered()
    right = np.flatnonzero(predictions.right)
    members, index = opened(errors_zip(predictions.take(right), data, rows[right]))
    assert members == {}
    assert index == []
    assert len(find_cell(predictions.take(right), ANY, OTHER)) == 0


def test_one_that_is_stopped_leaves_the_old_file(tmp_path: Path) -> None:
    predictions, data, rows = answered()
    path = write_errors(predictions, data, rows, tmp_path / "e.zip")
    before = path.read_bytes()

    with pytest.raises(KeyboardInterrupt):
        write_errors(predictions, data, rows, path, most=5, report=Reports(stop_after=2))
    assert path.read_bytes() == before == errors_zip(predictions, data, rows)
    assert [file_path.name for file_path in tmp_path.iterdir()] == ["e.zip"]


def test_command(
    here: None,
    settings: Settings,
    random: np.random.Generator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    images, labels = spots(random, 30), random.integers(0, 10, 30)
    np.savez(tmp_path / "set.npz", images=images, labels=labels)
    answers = load_recognizer("tiny", settings).predict(images).labels()
    wrong = {row for row in range(30) if answers[row] != DIGITS[labels[row]]}
    assert (
        main(
            [
                "errors",
                "--model",
                "tiny",
                "--data",
                str(tmp_path / "set.npz"),
                "--out",
                str(tmp_path / "new" / "e.zip"),
            ]
        )
        == 0
    )
    text = capsys.readouterr()
    assert text.out == f"{tmp_path / 'new' / 'e.zip'}\n"
    assert f"{len(wrong)} of 30 pictures were misread." in text.err
    assert {
        int(row["picture"]) for row in opened((tmp_path / "new" / "e.zip").read_bytes())[1]
    } == wrong
