"""What the Sheet screen needs of the house: the view, workbooks, batches, corrections."""

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.reading.sheet import Sheet, SheetCell
from core.reading.sheet_batch import keep_batch, names_in_batch, table_in_file
from core.reading.sheet_files import SheetReading, to_xlsx, write_tables
from core.reading.sheet_view import view_sheet

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook(data: bytes) -> dict[str, list[list[str | float]]]:
    """The worksheets by name, read as ECMA-376 describes them, without the writer's library."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [
            sheet.get("name")
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        strings = []
        if "xl/sharedStrings.xml" in book.namelist():
            shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            strings = ["".join(item.itertext()) for item in shared.iter(f"{_MAIN}si")]
        found = {}
        for number, name in enumerate(names, 1):
            sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            found[name] = [
                [
                    strings[int(value)] if cell.get("t") == "s" else float(value)
                    for cell in row
                    if (value := cell.findtext(f"{_MAIN}v")) is not None
                ]
                for row in sheet.iter(f"{_MAIN}row")
            ]
    return found


def test_a_workbook_holds_numbers_and_texts():
    texts = [["1", "36", ""], ["007", "=1+1", "A"]]
    assert workbook(to_xlsx({"page": texts})) == {"page": [[1, 36], ["007", "=1+1", "A"]]}


@given(some.lists(some.text(max_size=40), min_size=1, max_size=5))
def test_worksheets_have_names_that_a_workbook_takes(names):
    tables = {f"{name}{number}": [[str(number)]] for number, name in enumerate(names)}
    read = workbook(to_xlsx(tables))
    assert [rows[0][0] for rows in read.values()] == list(range(len(names)))
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in read)
    assert len({name.lower() for name in read}) == len(read)


@pytest.mark.parametrize("turned", range(4))
def test_a_view_stands_upright_and_leads_back(turned, random):
    """Whichever way the photograph lies: a mark beside the table's top left is at its top left."""
    picture = np.full((60, 90), 255, np.uint8)
    picture[10:14, 20:24] = 0
    points = np.stack(np.meshgrid([20.0, 50, 80], [10.0, 30, 50]), -1)
    lying = np.rot90(picture, -turned)
    for _ in range(turned):  # clockwise: x, y of a picture so high
        high = 60 if _ % 2 == 0 else 90
        points = np.stack([high - points[..., 1], points[..., 0]], -1)
    view = view_sheet(lying, points)
    np.testing.assert_array_equal(view.picture, picture)
    np.testing.assert_allclose(view.corners[0], (20 / 90, 10 / 60))
    np.testing.assert_allclose(
        view.in_photograph(view.corners), points[[0, 0, -1, -1], [0, -1, -1, 0]]
    )


def sheet() -> Sheet:
    cells = (
        (SheetCell("1", 0.2), SheetCell("", 0.9)),
        (SheetCell("3", 0.3), SheetCell("4", 0.99)),
    )
    empty = np.zeros((2, 2, 8, 8), np.uint8)
    notes = ("The picture was turned upside down.", "2 of 4 cells are unsure.")
    return Sheet(cells, np.zeros((3, 3, 2), np.float32), empty, empty, 2, True, notes)


def test_what_a_person_has_seen_is_sure():
    corrected = sheet().corrected({(0, 0): "7", (0, 1): "36"})
    assert corrected.texts == [["7", "36"], ["3", "4"]]
    assert corrected.cells[0][0].confidence == 1
    assert corrected.notes == (
        "The picture was turned upside down.",
        "1 of 4 cells is unsure.",
    )


def test_a_batch_is_kept_once_and_never_elsewhere(settings):
    files = [("../a b.png", b"1"), ("../a b.png", b"2"), ("", b"3"), ("x" * 300 + ".png", b"4")]
    folder = keep_batch(files, settings)
    assert keep_batch(files, settings) == folder
    names = list(names_in_batch(files))
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert [(folder / name).read_bytes() for name in names] == [b"1", b"2", b"3", b"4"]
    for number in range(6):
        keep_batch([("a.png", bytes([number]))], settings)
    assert len(list((settings.runs / "sheets").glob("*"))) == 5


def test_a_table_in_a_file_is_the_one_that_was_written(tmp_path):
    assert table_in_file(tmp_path, "a.png") is None
    write_tables(SheetReading(tmp_path / "a.png", sheet()), tmp_path)
    table = table_in_file(tmp_path, "a.png")
    assert (table.texts, table.notes, table.problem) == (sheet().texts, sheet().notes, "")
    write_tables(SheetReading(tmp_path / "b.png", None, "No table."), tmp_path)
    assert table_in_file(tmp_path, "b.png").problem == "No table."
