"""A drawing passed on: by its address to another browser, and as a file."""

import numpy as np
import pytest
from playwright.sync_api import expect

from core.ink.drawing_link import LinkedDrawing, to_text
from tests.browser.conftest import CANVAS, STROKES, draw, settle
from tests.browser.test_draw import PHONE

pytestmark = pytest.mark.browser


def bars(page):
    return page.locator(".reading .share").all_inner_texts()


def test_a_link_shows_the_drawing_and_its_answer_elsewhere(open_page, address):
    page = open_page("draw?model=digits&view=Why")
    draw(page, STROKES["3"])
    expect(page.get_by_test_id("answer")).to_have_text("3")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{address}/draw?")
    assert len(link) < 2_000
    other = open_page(link.removeprefix(f"{address}/"), **PHONE)
    expect(other.get_by_test_id("answer")).to_have_text("3")
    other.wait_for_url(lambda shown: "strokes=" not in shown)
    assert "view=Why" in other.url
    settle(other)
    settle(page)
    assert bars(other) == bars(page)


def test_a_link_takes_nothing_away_that_undo_does_not_bring_back(open_page):
    page = open_page("draw?model=digits")
    draw(page, STROKES["3"])
    expect(page.get_by_test_id("answer")).to_have_text("3")
    seven = [np.array(stroke, float) for stroke in STROKES["7"]]
    text = to_text(LinkedDrawing(seven, 32, (320, 320)))
    page.goto(f"{page.url}&strokes={text}")
    expect(page.get_by_test_id("answer")).to_have_text("7")
    expect(page.get_by_role("slider", name="Pen width, pixels")).to_have_value("32")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("answer")).to_have_text("3")
    page.reload()  # the link is used up
    expect(page.get_by_test_id("answer")).to_have_text("3")


def test_a_file_brings_a_line_back(open_page, tmp_path):
    page = open_page("draw?model=digits&mode=Line")
    at_seven = [[[x * 0.4 + 20, y * 0.5] for x, y in stroke] for stroke in STROKES["7"]]
    draw(page, at_seven)
    expect(page.get_by_test_id("line")).to_have_text("7")
    page.get_by_role("button", name="Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "drawing.json")
    (tmp_path / "broken.json").write_text("{}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("line")).to_have_count(0)
    page.get_by_role("button", name="Share").click()
    files = page.locator('input[type="file"]')
    files.set_input_files(str(tmp_path / "broken.json"))
    expect(page.get_by_text("The file holds no drawing")).to_be_visible()
    files.set_input_files(str(tmp_path / "drawing.json"))
    expect(page.get_by_test_id("line")).to_have_text("7")
    assert page.locator(CANVAS).get_attribute("data-strokes") == "1"
