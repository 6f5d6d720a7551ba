"""The Compose screen in Chromium: the grid follows a thumb, a numeral opens with its making, an
export runs and is there.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import box_of, settle, until

pytestmark = pytest.mark.browser


def grid(page):
    """The pictures of the grid."""
    page.get_by_test_id("compositions").wait_for()
    return re.findall(r"base64,([\w+/=]+)", page.get_by_test_id("compositions").inner_html())


def test_the_grid_follows_a_thumb_and_a_numeral_opens_with_its_making(open_page):
    page = open_page("compose")
    before = grid(page)
    slider = page.get_by_test_id("stSlider").filter(has_text=re.compile("^Spacing, heights"))
    slider.scroll_into_view_if_needed()
    settle(page)
    left, _, width, _ = box_of(slider.get_by_test_id("stSliderThumbValue"))
    _, top, _, height = box_of(slider.get_by_role("slider"))
    page.mouse.move(left + width / 2, top + height / 2)
    page.mouse.down()
    page.mouse.move(left + width / 2 + 60, top + height / 2, steps=3)
    until(lambda: grid(page) != before)
    assert "gap" not in page.url
    page.mouse.up()
    page.wait_for_function("() => location.href.includes('set=gap')")
    settle(page)
    moved = grid(page)
    page.get_by_test_id("compositions").get_by_role("button").nth(6).click()
    expect(page.get_by_text("Picture 6, vii")).to_be_visible()
    expect(page.get_by_test_id("stages").get_by_text("Canonical form")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Picture 7, viii")).to_be_visible()
    again = open_page(re.sub("&?picture=7", "", page.evaluate("location.href")).rpartition("/")[2])
    until(lambda: grid(again) == moved)


def test_an_export_in_the_layout_of_the_competition(open_page):
    page = open_page("compose?show=Export+and+code&preset=competition-black&count=30&name=few")
    page.get_by_role("button", name="Make them").click()
    page.get_by_text("They are in").wait_for()
    expect(page.get_by_role("button", name="Download")).to_be_visible()
