"""`evaluate`, and what a recognizer did as files."""

import json
import zipfile
from pathlib import Path

import numpy as np

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.cli.conftest import Capture, failed
from tests.conftest import DIGITS
from tests.datasets.test_published import write_split


def test_evaluate_prints_one_json_object(
    tmp_path: Path, settings: Settings, capsys: Capture, random: np.random.Generator
) -> None:
    images = random.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    labels = random.integers(0, 10, 50)
    np.savez(tmp_path / "set.npz", images=images, labels=[DIGITS[label] for label in labels])
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set.npz"), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    answers = load_recognizer("tiny", settings).predict(images).probabilities.argmax(1)
    confusion = np.zeros((10, 10), int)
    for truth, answer in zip(labels, answers, strict=True):
        confusion[truth, answer] += 1
    assert result["confusion"] == confusion.tolist()
    assert (result["n"], result["classes"]) == (50, list(DIGITS))
    assert result["accuracy"] == (labels == answers).mean()
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set.npz")]) == 0
    assert f"accuracy {result['accuracy']:.2%}" in capsys.readouterr().out


def test_evaluate_leaves_out_other_classes(
    tmp_path: Path, settings: Settings, capsys: Capture, random: np.random.Generator
) -> None:
    images = random.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    labels = random.integers(0, 10, 50)
    np.savez(tmp_path / "set.npz", images=images, labels=[DIGITS[label] for label in labels])
    command = ["evaluate", "--model", "tiny", "--data", str(tmp_path / "set.npz")]
    assert main([*command, "--only", "3-5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    rows = (labels >= 3) & (labels <= 5)
    among = load_recognizer("tiny", settings).predict(images).probabilities[rows, 3:6].argmax(1)
    assert (result["n"], result["classes"]) == (rows.sum(), ["3", "4", "5"])
    assert result["accuracy"] == (among == labels[rows] - 3).mean()
    assert f"only 3-5, {50 - rows.sum()} images of other classes left out" in result["data"]
    assert main([*command, "--only", "3-5"]) == 0
    assert "left out" in capsys.readouterr().out
    assert "none of the classes" in failed(capsys, *command, "--only", "letters")


def test_evaluate_by_name_and_folder(
    pictures: Path, tmp_path: Path, settings: Settings, capsys: Capture
) -> None:
    write_split(settings.data, "digits")
    assert main(["evaluate", "--model", "tiny", "--data", "emnist-digits:test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 10
    (tmp_path / "set").mkdir()
    pictures.rename(tmp_path / "set" / "7")
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set"), "--json"]) == 0
    # the blank and the broken one are left out
    assert json.loads(capsys.readouterr().out)["n"] == 2


def test_evaluate_says_what_it_could_not_do(
    settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    error = failed(capsys, "evaluate", "--model", "tiny", "--data", "mnist:test")
    assert error.endswith("\n    python -m core data download mnist\n")
    failed(capsys, "evaluate", "--model", "tiny", "--data", "nothing")
    write_split(settings.data, "letters")
    assert "'A'" in failed(capsys, "evaluate", "--model", "tiny", "--data", "emnist-letters:test")


def test_what_a_recognizer_did_as_files(
    tmp_path: Path, settings: Settings, capsys: Capture
) -> None:
    reading = ["--model", "tiny", "--data", "uci-digits:test"]
    for command, name in (("report", "r.html"), ("errors", "e.zip")):
        assert main([command, *reading, "--out", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out == f"{tmp_path / name}\n"
    model = load_recognizer("tiny", settings)
    data = open_dataset("uci-digits:test", settings, classes=DIGITS, form=model.form)
    answers = model.predict(data.images).probabilities.argmax(1)
    assert f"{(answers == data.labels).mean():.1%}"[:-1] in (tmp_path / "r.html").read_text()
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        assert len(archive.namelist()) == (answers != data.labels).sum() + 1
    np.savetxt(tmp_path / "t.csv", data.images.reshape(len(data), -1), "%d", ",")
    assert (
        main(
            [
                "predict-table",
                str(tmp_path / "t.csv"),
                "--model",
                "tiny",
                "--out",
                str(tmp_path / "s.csv"),
            ]
        )
        == 0
    )
    lines = (tmp_path / "s.csv").read_text().split()
    assert lines == [
        "ImageId,Label",
        *(f"{index},{answer}" for index, answer in enumerate(answers, 1)),
    ]
    capsys.readouterr()
    assert main(["label-issues", *reading, "--limit", "7", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n"], len(result["rows"])) == (360, 7)
    assert all(str(data.labels[row["number"]]) == row["label"] for row in result["rows"])
