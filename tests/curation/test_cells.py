"""Cells of a read sheet become a folder of pictures to label."""

import numpy as np
import pytest

from core.curation.cells import keep_cells, keep_folder, write_cells
from core.curation.collection import open_collection
from core.curation.curated import curated
from core.curation.decisions import decided, log_of, read_log
from core.curation.seen import see
from core.ink.decode import read_picture
from core.reading.sheet import Sheet, SheetCell


@pytest.fixture
def sheet() -> Sheet:
    """2 x 3 cells; the second one is blank, the others hold squares of different sizes."""
    inks = np.zeros((2, 3, 40, 30), np.uint8)
    for number, place in enumerate(np.ndindex(2, 3)):
        inks[place][5 : 15 + number, 5 : 15 + number] = 255 * (place != (0, 1))
    cells = tuple(tuple(SheetCell("1", 0.9) for _ in range(3)) for _ in range(2))
    return Sheet(cells, np.zeros((3, 4, 2), np.float32), inks, 255 - inks, 0, True, ())


def test_each_cell_that_is_not_blank_is_a_picture(sheet, tmp_path):
    assert write_cells(sheet, "../page.1", tmp_path / "out") == 5
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    places = ((1, 1), (1, 3), (2, 1), (2, 2), (2, 3))
    assert names == [f"-page.1 r{row:02d} c{column:02d}.png" for row, column in places]
    picture = read_picture(tmp_path / "out" / "-page.1 r02 c03.png")
    assert (picture == 255 - sheet.inks[1, 2]).all()


def test_kept_cells_have_the_labels_that_were_read_by_a_person(sheet, settings):
    folder = keep_cells(sheet, "page", settings, texts={(1, 0): "24", (0, 1): "3", (1, 1): ""})
    found = open_collection(str(folder), settings)
    assert len(found) == 5
    held = decided(read_log(log_of(settings, found.name)))
    now = curated(found, held)
    assert (now.labelled, now.unlabelled, now.classes) == (1, 4, ("24",))
    index = found.index_of("page r02 c01.png")
    assert now.labels[index] == 0
    assert held["page r02 c01.png"].digest == see(found, index).digest
    # made once: what was decided there since is not overwritten
    assert keep_cells(sheet, "page", settings, texts={(1, 2): "5"}) == folder
    assert len(read_log(log_of(settings, found.name))) == 1


def test_a_folder_of_cells_is_copied_once(sheet, tmp_path, settings):
    write_cells(sheet, "page", tmp_path / "out")
    folder = keep_folder(tmp_path / "out", "2 sheets", settings)
    assert keep_folder(tmp_path / "out", "2 sheets", settings) == folder
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()
    }
