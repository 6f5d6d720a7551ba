"""`predict`."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.cli.conftest import Capture, failed
from tests.conftest import DIGITS
from tests.handwriting import FIVE, SEVEN, canvas
from tests.sentences import is_sentence


def test_predict_prints_a_json_line_for_each_picture(
    pictures: Path, settings: Settings, capsys: Capture
) -> None:
    # b.png could not be read
    assert main(["predict", str(pictures), "--model", "tiny", "--json"]) == 1
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["path"] for row in rows] == [
        str(pictures / name) for name in ("a.png", "b.png", "c.png", "d.png")
    ]
    expected = load_recognizer("tiny", settings).predict(np.stack([canvas(SEVEN), canvas(FIVE)]))
    for row, label, probabilities in zip(
        (rows[0], rows[3]), expected.labels(), expected.probabilities, strict=True
    ):
        assert set(row) == {"path", "label", "confidence", "top"}
        assert row["label"] == label == row["top"][0][0]
        assert row["confidence"] == row["top"][0][1] == pytest.approx(probabilities.max(), abs=1e-5)
        assert len(row["top"]) == 5
        assert all(name in DIGITS and 0 <= share <= 1 for name, share in row["top"])
    assert rows[1]["label"] is None
    assert is_sentence(rows[1]["error"])
    assert rows[2] == {"path": str(pictures / "c.png"), "label": None, "confidence": 0.0, "top": []}
    assert "1 of the files" in err


def test_predict_succeeds_where_every_file_can_be_read(pictures: Path, capsys: Capture) -> None:
    (pictures / "b.png").unlink()
    assert (
        main(["predict", str(pictures / "a.png"), str(pictures), "--model", "tiny", "--json"]) == 0
    )
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 4
    assert err == ""
    assert main(["predict", str(pictures), "--model", "tiny"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [len(line) for line in lines] == [3, 3, 3]
    assert lines[1][1] == "blank"


def test_file_names_that_are_no_text(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "odd\udcff\n7.png"
    picture = tmp_path / "7.png"
    cv2.imwrite(str(picture), canvas(SEVEN))
    picture.rename(path)
    assert main(["predict", str(path), "--model", "tiny", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["path"] == str(path)
    assert main(["predict", str(path), "--model", "tiny"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t")[0].endswith("7.png")


def test_predict_says_what_it_could_not_do(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "choose one of: tiny" in failed(capsys, "predict", str(pictures), "--model", "absent")
    assert "does not exist" in failed(
        capsys, "predict", str(tmp_path / "absent"), "--model", "tiny"
    )
    (tmp_path / "empty").mkdir()
    assert "no pictures" in failed(capsys, "predict", str(tmp_path / "empty"), "--model", "tiny")
    failed(capsys, "predict", "x" * 5000, "--model", "tiny")
