"""`predict`."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.datasets.letter_sources import open_letters
from core.ink.encode import negative
from core.models.recognizer import load_recognizer
from core.settings import SHIPPED_MODELS, Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numerals import value
from core.synthesis.compose.recipe import Recipe
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


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_that_the_console_cannot_write(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python writes an error: what has no byte in the encoding is escaped."""
    path = tmp_path / "é三.png"
    path.write_bytes(cv2.imencode(".png", canvas(SEVEN))[1].tobytes())
    console = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr("sys.stdout", console)
    assert main(["predict", str(path), "--model", "tiny"]) == 0
    console.flush()
    written = console.buffer.getvalue().split(b"\t")[0]
    assert written == str(path).encode(encoding, "backslashreplace")


def test_predict_says_what_it_could_not_do(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "choose one of: tiny" in failed(capsys, "predict", str(pictures), "--model", "absent")
    assert "does not exist" in failed(
        capsys, "predict", str(tmp_path / "absent"), "--model", "tiny"
    )
    (tmp_path / "empty").mkdir()
    assert "no pictures" in failed(capsys, "predict", str(tmp_path / "empty"), "--model", "tiny")
    failed(capsys, "predict", "x" * 5000, "--model", "tiny")


def test_predict_answers_only_what_is_asked_for(pictures: Path, capsys: Capture) -> None:
    (pictures / "b.png").unlink()
    command = ["predict", str(pictures), "--model", "tiny", "--json", "--only", "2-3,7"]
    assert main(command) == 0
    first, blank, last = map(json.loads, capsys.readouterr().out.splitlines())
    for row in (first, last):
        assert {name for name, _ in row["top"]} == {"2", "3", "7"}
        assert sum(share for _, share in row["top"]) == pytest.approx(1, abs=1e-5)
        assert row["label"] == row["top"][0][0]
    assert blank["label"] is None
    error = failed(capsys, "predict", str(pictures), "--model", "tiny", "--only", "letters")
    assert "'letters' names none of the classes" in error
    failed(capsys, "predict", str(pictures), "--model", "tiny", "--only", "9-0")


def test_predict_reads_lines(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    line = np.concatenate([canvas(SEVEN, size=200, left=40, top=20), canvas(FIVE)[:200]], 1)
    cv2.imwrite(str(folder / "a.png"), line)
    (folder / "b.png").write_bytes(b"broken")
    cv2.imwrite(str(folder / "c.png"), np.full((80, 80), 255, np.uint8))
    command = ["predict", str(folder), "--model", "tiny", "--line"]
    assert main([*command, "--json"]) == 1
    read, broken, blank = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(read) == {"path", "text", "confidence", "characters", "notes"}
    assert read["text"] == "".join(character["label"] for character in read["characters"])
    first, second = read["characters"]
    for character in (first, second):
        assert set(character) == {"label", "confidence", "box", "top"}
        assert character["top"][0] == [character["label"], character["confidence"]]
    assert first["box"][0] + first["box"][2] < 200 < second["box"][0]
    assert is_sentence(broken.pop("error"))
    for row, name in ((broken, "b.png"), (blank, "c.png")):
        path = str(folder / name)
        assert row == {"path": path, "text": "", "confidence": 0.0, "characters": [], "notes": []}
    (folder / "b.png").unlink()
    assert main([*command, "--only", "3"]) == 0
    rows = [row.split("\t") for row in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [
        [str(folder / "a.png"), "33"],
        [str(folder / "c.png"), "blank"],
    ]


def test_predict_reads_numerals(
    tmp_path: Path, settings: Settings, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.cards.SHIPPED_MODELS", SHIPPED_MODELS)
    recipe = Recipe({"gap": 0.3, "sheet": 120, "aspect": 3, "letter": 0.5}, capitals=1)
    made = Compositions(letters=open_letters("natural", settings), texts=("xiv",), recipe=recipe)
    folder = tmp_path / "numerals"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), negative(made.picture(0)))
    (folder / "b.png").write_bytes(b"broken")
    cv2.imwrite(str(folder / "c.png"), np.full((80, 80), 255, np.uint8))
    command = ["predict", str(folder), "--model", "characters", "--numeral"]
    assert main([*command, "--json"]) == 1
    read, broken, blank = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(read) == {"path", "text", "value", "confidence", "as_read"}
    assert value(read["text"]) == read["value"]
    assert len(read["text"]) == len(read["as_read"]) == 3
    assert is_sentence(broken.pop("error"))
    for row, name in ((broken, "b.png"), (blank, "c.png")):
        path = str(folder / name)
        assert row == {"path": path, "text": "", "value": None, "confidence": 0.0, "as_read": ""}
    (folder / "b.png").unlink()
    assert main(command) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert f"\t{read['text']} = {read['value']}\t" in first
    assert "\tblank\t" in second
    with pytest.raises(SystemExit):
        main([*command, "--line"])
