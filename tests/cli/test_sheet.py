"""`sheet`."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from tests.cli.conftest import Capture, failed
from tests.tables import table


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), table(1).image)
    return path


def test_sheet_prints_csv_or_json(photo: Path, capsys: Capture) -> None:
    assert main(["sheet", str(photo), "--model", "tiny"]) == 0
    rows = list(csv.reader(capsys.readouterr().out.splitlines()))
    assert np.array(rows).shape == (6, 8)
    assert main(["sheet", str(photo), "--model", "tiny", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["rows"] == rows
    assert np.array(body["confidence"]).shape == (6, 8)


def test_corners_say_where_the_table_is(photo: Path, capsys: Capture) -> None:
    corners = [f"{x:.1f},{y:.1f}" for x, y in table(1).corners]
    given = ["--corners", *corners, "--shape", "6x8", "--only", "1,2"]
    assert main(["sheet", str(photo), "--model", "tiny", *given]) == 0
    rows = list(csv.reader(capsys.readouterr().out.splitlines()))
    assert {text for row in rows for text in row} <= {"", "1", "2"}
    assert np.array(rows).shape == (6, 8)


def test_several_photographs_go_to_a_folder(
    photo: Path, pictures: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "tables"
    given = ["sheet", str(photo), str(pictures), "--model", "tiny", "--out", str(out)]
    assert "4 of 5" in failed(capsys, *given)
    assert (out / "photo.png.csv").exists()
    assert json.loads((out / "b.png.json").read_text())["error"]
    assert "Two photographs are called photo.png" in failed(
        capsys, *given[:2], str(photo), *given[2:]
    )


def test_cells_are_written_to_be_labelled(photo: Path, tmp_path: Path) -> None:
    """Each that is not blank."""
    given = ["sheet", str(photo), "--model", "tiny", "--cells", str(tmp_path / "cells")]
    assert main(given) == 0
    written = {path.name for path in (tmp_path / "cells").iterdir()}
    assert written == {
        f"photo r{row:02d} c{column:02d}.png"
        for row, line in enumerate(table(1).texts, 1)
        for column, text in enumerate(line, 1)
        if text
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([], "Name photographs"),
        (["--watch", "."], "--out"),
        (["PHOTO", "--watch", "."], "Name photographs"),
        (["PHOTO", "--corners", "0,0", "9,0", "9,9", "0,9"], "belong together"),
        (["PHOTO", "--corners", "0,0", "9,0", "9,9", "0,a", "--shape", "2x2"], "X,Y"),
        (["PHOTO", "--corners", "0,0", "9,0", "9,9", "0,9", "--shape", "2"], "8x15"),
        (["PHOTO", "--corners", "0,0", "9,0", "9,9", "nan,9", "--shape", "2x2"], "clockwise"),
        (["PHOTO", "--corners", "0,0", "9,0", "9,9", "0,9", "--shape", "infx2"], "beyond"),
        (["missing.png"], "missing.png"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    given: list[str], problem: str, photo: Path, capsys: Capture
) -> None:
    given = [str(photo) if each == "PHOTO" else each for each in given]
    assert problem in failed(capsys, "sheet", *given, "--model", "tiny")


def test_a_photograph_without_a_table(pictures: Path, capsys: Capture) -> None:
    given = ["sheet", str(pictures / "a.png"), "--model", "tiny"]
    assert "No table was found" in failed(capsys, *given)
