"""The Sheet screen in Chromium: unsure cells are walked through by keyboard, a corrected cell is in
the download, corners are dragged; on a phone nothing but the table scrolls sideways.
"""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import box_of, settle
from tests.browser.test_views import PHONE

pytestmark = pytest.mark.browser


def example(open_page, **options):
    """The example as digits and letters read it, which leaves many cells unsure."""
    page = open_page("sheet?example=true&model=characters", **options)
    page.get_by_test_id("sheet").locator("td.current").wait_for()
    settle(page)
    return page


def at(cell) -> tuple[int, int]:
    """Row and column of a cell by its name, from 0."""
    row, column = re.findall(r"\d+", cell.get_attribute("aria-label"))
    return int(row) - 1, int(column) - 1


def test_unsure_cells_are_walked_through_and_the_download_has_what_was_typed(open_page):
    page = example(open_page)
    sheet = page.get_by_test_id("sheet")
    unsure = sheet.locator("td.unsure")
    count = unsure.count()
    assert count > 2
    expect(sheet.locator(".lines .unsure")).to_have_count(count)
    first = sheet.locator("td.current input")
    expect(first).to_have_accessible_name(first.get_attribute("aria-label"))
    assert "unsure" in first.get_attribute("aria-label")
    first.focus()
    place = at(first)
    page.keyboard.type("36")
    page.keyboard.press("Enter")  # the next one that is unsure
    expect(unsure).to_have_count(count - 1)
    expect(sheet.locator("td.current.unsure input")).to_be_focused()
    second = at(sheet.locator("td.current input"))
    page.keyboard.press("Enter")  # it is right
    expect(sheet.locator(".left")).to_have_text(f"{count - 2} unsure cells left")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    expect(sheet.locator("td.current")).to_have_count(1)
    expect(sheet.locator(".lines .current")).to_have_count(1)
    # the server has heard of what was typed
    expect(page.get_by_role("button", name="Keep in My drawings")).to_be_enabled()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.reader(file))
    values = "inputs => inputs.map((input) => input.value)"
    assert [text for row in rows for text in row] == sheet.locator("td input").evaluate_all(values)
    page.reload()
    expect(sheet.locator(".left")).to_have_text(f"{count - 2} unsure cells left")
    assert sheet.locator("td input").evaluate_all(values) == [text for row in rows for text in row]
    assert rows[place[0]][place[1]] == "36"
    assert second != place
    page.get_by_role("button", name="Keep in My drawings").click()
    expect(page.get_by_text("2 cells are kept")).to_be_visible()
    page.get_by_role("button", name="Label the cells").click()
    page.get_by_test_id("board").locator(".row .tile").first.wait_for()
    expect(page.get_by_text(re.compile(r"^2 of \d+ labelled"))).to_be_visible()


def test_a_corner_is_dragged_and_the_table_is_read_again(open_page):
    page = example(open_page)
    sheet = page.get_by_test_id("sheet")
    page.get_by_role("button", name="Corners are wrong").click()
    corner = page.get_by_role("button", name="Bottom right corner")
    left, top, wide, high = box_of(corner)
    page.mouse.move(left + wide / 2, top + high / 2)
    page.mouse.down()
    page.mouse.move(left - 40, top, steps=3)
    page.mouse.up()
    assert box_of(corner)[0] < left - 30
    corner.press("ArrowRight")
    sheet.get_by_label("Columns").fill("9")
    page.get_by_role("button", name="Read again").click()
    expect(sheet.locator("thead th")).to_have_count(9)
    page.get_by_role("button", name="Corners are wrong").click()
    page.get_by_role("button", name="Find them").click()
    expect(sheet.locator("thead th")).to_have_count(10)


def test_on_a_phone_the_photograph_is_above_and_the_table_scrolls_inside(open_page):
    page = example(open_page, **PHONE)
    sheet = page.get_by_test_id("sheet")
    photo, table = box_of(sheet.locator(".photo")), box_of(sheet.locator(".table-scroll"))
    assert photo[1] + photo[3] <= table[1]
    assert table[0] + table[2] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sheet.locator(".on").tap()
    expect(sheet.locator("td.current.unsure")).to_have_count(1)
    assert sheet.locator("td input:focus").count() == 0  # no keyboard over the screen
    answers = sheet.locator(".answers button")
    answers.nth(1).tap()
    expect(answers.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(sheet.locator("td.changed")).to_have_count(1)
