"""Rows on Curate in Chromium: the cells of a sheet are labelled by keyboard with few keys, by touch
on a phone, and what was confirmed can be taken back.
"""

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

from core.curation.decisions import decided, read_log
from core.datasets.letter_sources import glyph_letters
from core.ink.encode import negative, png
from core.ink.grid.cells import cut_cells
from core.ink.grid.find import find_grids
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.tables import Light, draw_table, take_photograph
from tests.browser.conftest import settle
from tests.browser.test_views import PHONE
from tests.labelling import keys_for_row, label_all, rows_of

pytestmark = pytest.mark.browser
ROWS, COLUMNS = 20, 15


@pytest.fixture(scope="module")
def cells(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """300 cells of a photographed sheet of numbers 0-36, and what they show."""
    folder = tmp_path_factory.mktemp("cells")
    written = Compositions(
        letters=glyph_letters("natural", "test"), texts=NUMBERS, recipe=PRESETS["numbers"], seed=3
    )
    generator = np.random.default_rng(0)
    labels = generator.integers(len(NUMBERS), size=(ROWS, COLUMNS))
    numbers = labels + len(NUMBERS) * generator.integers(1000, size=labels.shape)
    page = draw_table(written, numbers.tolist())
    photograph = take_photograph(page, generator, Light(tilt=10)).image
    inks = cut_cells(photograph, find_grids(photograph)[0]).inks
    truth = {}
    for place in np.ndindex(ROWS, COLUMNS):
        name = f"{place[0]:02d} {place[1]:02d}.png"
        (folder / name).write_bytes(png(negative(inks[place])))
        truth[name] = str(labels[place])
    return folder, truth


@pytest.fixture
def some(tmp_path, cells) -> Path:
    """The first 30 of them."""
    for name in list(cells[1])[:30]:
        (tmp_path / name).write_bytes((cells[0] / name).read_bytes())
    return tmp_path


def logged(page) -> dict[str, str]:
    """The labels on disk, by the path that Export shows."""
    page.goto(page.url.replace("show=Rows", "show=Export"))
    log = page.locator("code").filter(has_text=".jsonl").inner_text()
    return {name: one.label for name, one in decided(read_log(Path(log))).items()}


def test_three_hundred_cells_are_labelled_with_few_keys(open_page, cells):
    folder, truth = cells
    page = open_page(f"curate?folder={quote(str(folder))}&show=Rows")
    keys = label_all(page, truth)
    assert keys <= 0.4 * len(truth)
    assert logged(page) == truth


def test_a_row_is_taken_back_at_once_and_exceptions_are_typed(open_page, some):
    page = open_page(f"curate?folder={quote(str(some))}&show=Rows")
    board = page.get_by_test_id("board")
    badges = board.locator(".badge:not(:empty)")
    board.locator(".tile").first.wait_for()
    settle(page)
    page.wait_for_function("() => document.activeElement.shadowRoot?.activeElement")
    (title, names), *_ = rows_of(page)
    truth = dict.fromkeys(names, title)
    for key in keys_for_row(title, names, truth):
        page.keyboard.press(key)
    expect(badges).to_have_count(len(names))
    page.keyboard.press("Backspace")
    expect(badges).to_have_count(0)
    page.keyboard.press("2")  # may go on: 2 or 20 to 29
    expect(board.locator(".current .badge")).to_have_text("2…")
    page.keyboard.press("9")
    expect(badges).to_have_text(["✓" if title == "29" else "is 29"])
    page.keyboard.press("Backspace")
    page.keyboard.press("3")
    page.keyboard.press("7")  # no class: 3, and 7 for the next one
    expect(badges).to_have_count(2)
    page.keyboard.press("1")
    page.keyboard.press("Backspace")  # of what is typed
    expect(board.locator(".current .badge")).to_have_text("")
    expect(badges).to_have_count(2)
    page.keyboard.press("2")  # the third picture is the last of its row, or the row goes on
    page.keyboard.press("ArrowDown")
    expect(badges).to_have_count(3)
    page.get_by_text("All saved").wait_for()
    assert sorted(logged(page).values()) == ["2", "3", "7"]


def test_by_touch_an_exception_is_marked_and_the_row_confirmed(open_page, some):
    page = open_page(f"curate?folder={quote(str(some))}&show=Rows&rows-length=6", **PHONE)
    board = page.get_by_test_id("board")
    board.locator(".tile").first.wait_for()
    settle(page)
    board.locator(".row").nth(1).locator(".tile").last.tap()
    page.get_by_role("button", name="Confirm row").tap()
    expect(board.locator(".row").nth(1)).to_have_class("row done")
    page.get_by_role("button", name="Undo").tap()
    expect(board.locator(".row.done")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
