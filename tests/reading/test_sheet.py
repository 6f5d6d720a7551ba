"""Tables as read, against what was written in them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import InklingError
from core.ink.grid.find import grid_between
from core.models.recognizer import Recognizer, load_recognizer
from core.reading.sheet import Sheet, SheetCell, _read_twice, read_sheet, sheet_to_json
from core.reading.sheet_files import read_file, to_csv, watch, write_tables
from core.settings import Settings
from tests.tables import Table, table


@pytest.fixture(scope="module")
def digits() -> Recognizer:
    return load_recognizer("digits", Settings.from_environment())


def right(sheet: Sheet, page: Table) -> float:
    return float((np.array(sheet.texts) == np.array(page.texts)).mean())


@pytest.mark.parametrize("rules", ["lines", "dots", "none"])
def test_a_table_is_read(digits: Recognizer, rules: str) -> None:
    page = table(1, rules)
    sheet = read_sheet(digits, page.image)
    assert right(sheet, page) >= 0.95
    cells = [cell for row in sheet.cells for cell in row]
    assert all(0 <= cell.confidence <= 1 for cell in cells)
    assert all(bool(cell.top) == bool(cell.text) for cell in cells)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_it_is_read_whichever_way_up(digits: Recognizer, turns: int) -> None:
    page = table(1)
    sheet = read_sheet(digits, np.ascontiguousarray(np.rot90(page.image, turns)))
    assert right(sheet, page) >= 0.95
    assert sheet.turned == (-turns) % 4
    assert "turned" in sheet.notes[0]
    # the corners are those of the upright table, in the picture as given
    given = page.corners
    for _ in range(turns):  # rot90 takes (x, y) to (y, W - x)
        width = page.image.shape[1] if _ % 2 == 0 else page.image.shape[0]
        given = np.stack([given[:, 1], width - given[:, 0]], 1)
    assert np.abs(sheet.corners - given).max() < 8


def test_where_the_table_is_can_be_said(digits: Recognizer) -> None:
    page = table(1)
    sheet = read_sheet(digits, page.image, grid=grid_between(page.corners, 6, 8))
    assert right(sheet, page) >= 0.95
    assert sheet.turned == 0


def test_another_table_is_told_and_its_cells_are_not_mixed_in(digits: Recognizer) -> None:
    first, second = table(1), table(2, shape=(5, 6))
    high = min(first.image.shape[0], second.image.shape[0])
    image = np.concatenate([first.image[:high], second.image[:high]], 1)
    sheet = read_sheet(digits, image)
    assert right(sheet, first) >= 0.95
    assert "Another table, of 5 rows of 6 cells, is in the picture." in sheet.notes
    (other,) = sheet.others
    assert right(read_sheet(digits, image, grid=other), second) >= 0.95


def test_answers_among_some_classes(digits: Recognizer) -> None:
    sheet = read_sheet(digits, table(1).image, only=["1", "2"])
    assert {text for row in sheet.texts for text in row} == {"", "1", "2"}


def test_lines_that_are_not_the_tables_are_told(digits: Recognizer) -> None:
    page = table(1, shape=(6, 8), blank=0.0)
    sheet = read_sheet(digits, page.image, grid=grid_between(page.corners, 2, 3))
    assert "see whether the lines are those of the table" in sheet.notes[-1]
    assert len(sheet.corrected({(0, 0): "1"}).notes) == len(sheet.notes)


def test_without_a_table(digits: Recognizer) -> None:
    with pytest.raises(InklingError, match="No table was found"):
        read_sheet(digits, np.full((300, 400), 200, np.uint8))


def test_json_has_as_many_confidences_as_cells(digits: Recognizer) -> None:
    body = sheet_to_json(read_sheet(digits, table(1).image))
    assert list(body) == ["rows", "confidence", "corners", "ruled", "notes", "others"]
    assert np.array(body["confidence"]).shape == np.array(body["rows"]).shape == (6, 8)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), table(1).image)
    (folder / "b.jpg").write_bytes(b"broken")
    cv2.imwrite(str(folder / "c.png"), np.full((80, 80), 255, np.uint8))
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_files_are_read_or_say_why_not(digits: Recognizer, photographs: Path) -> None:
    read = read_file(photographs / "a.png", digits)
    assert read.sheet is not None
    assert read.summary.startswith("6 rows of 8 cells.")
    assert to_csv(read.texts).count("\r\n") == 6
    for name in ("b.jpg", "c.png"):
        bad = read_file(photographs / name, digits)
        assert bad.sheet is None
        assert bad.to_json()["error"] == bad.problem != ""


def test_a_watched_folder_is_read_once(
    digits: Recognizer, photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.reading.sheet_files._PAUSE", 0.0)
    out = tmp_path / "out"

    def names(looks: int) -> list[str]:
        left = iter(range(looks))
        goes_on = lambda: next(left, None) is not None  # noqa: E731
        return [read.path.name for read in watch(photographs, out, digits, goes_on=goes_on)]

    assert names(1) == []  # it may still be written
    assert names(3) == ["a.png", "b.jpg", "c.png"]
    assert names(3) == []
    cv2.imwrite(str(photographs / "late.png"), table(1).image)
    assert names(2) == ["late.png"]
    assert (out / "a.png.csv").read_text() == (out / "late.png.csv").read_text()
    assert not (out / "b.jpg.csv").exists()
    with pytest.raises(InklingError, match="no folder"):
        next(watch(tmp_path / "missing", out, digits))


def test_tables_are_written_beside_one_another(
    digits: Recognizer, photographs: Path, tmp_path: Path
) -> None:
    for name in ("a.png", "b.jpg"):
        write_tables(read_file(photographs / name, digits), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.png.csv",
        "a.png.json",
        "b.jpg.json",
    ]


def test_the_least_sure_numbers_are_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the reader of lines, which takes ten times as long."""
    monkeypatch.setattr("core.reading.sheet._TWICE", 2)
    monkeypatch.setattr(
        "core.reading.sheet.read_numbers", lambda inks: [str(int(ink[0, 0])) for ink in inks]
    )
    cells = [
        SheetCell(text, sure)
        for text, sure in (("12", 0.9), ("3", 0.1), ("34", 0.99), ("10", 0.5), ("ii", 0.2))
    ]
    inks = [np.full((4, 4), number, np.uint8) for number in range(5)]
    assert [cell.line for cell in _read_twice(cells, inks)] == ["0", "", "", "3", ""]
