"""The Synthesise screen in Chromium: the address holds the sliders' values, points can be dragged,
a job can be cancelled.
"""

import re

import pytest

from tests.browser.conftest import settle, until

pytestmark = pytest.mark.browser


def grid(page):
    """The pictures of the grid, once they have settled."""
    page.get_by_test_id("grid").wait_for()
    return re.findall(r"base64,([\w+/=]+)", page.get_by_test_id("grid").inner_html())


def in_address(page, text):
    """Asked of the page itself: Playwright notices a new address only while it is waiting."""
    page.wait_for_function("text => location.href.includes(text)", arg=text)


def test_a_slider_changes_the_grid_and_the_address_and_the_address_shows_the_same(open_page):
    page = open_page("synthesise?glyphs=classic&seed=3")
    before = grid(page)
    slider = page.get_by_role("slider", name="Jitter radius").first
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    in_address(page, "jitter=1.5")
    until(lambda: grid(page) != before)
    page.get_by_text(re.compile("reads .* of these 40")).wait_for()
    settle(page)
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    until(lambda: grid(elsewhere) == grid(page))


def first_point(page):
    """The first control point, once the page has settled: a rerun draws the points anew."""
    page.get_by_test_id("answer").wait_for()
    settle(page)
    return page.locator("circle.own").first


def test_a_point_is_dragged_and_the_address_keeps_it(open_page):
    page = open_page("synthesise?glyphs=classic&show=One+glyph&jitter=0")
    box = first_point(page).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 45, steps=4)
    page.mouse.up()
    in_address(page, "moves=0%2Foval%2FA")
    page.get_by_text("Points were moved").wait_for()
    moved = first_point(page).bounding_box()
    assert abs(moved["x"] - box["x"] - 53) < 12
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    again = first_point(elsewhere).bounding_box()
    assert abs(again["x"] - moved["x"]) < 2


def test_a_point_is_moved_with_the_keyboard(open_page):
    page = open_page("synthesise?glyphs=classic&show=One+glyph&jitter=0")
    first_point(page).focus()
    page.keyboard.press("ArrowUp")
    in_address(page, "moves=0%2Foval%2FA%3D-0.5%2C0")


def test_an_export_shows_progress_is_cancelled_and_goes_on(open_page):
    page = open_page("synthesise?show=Export+and+code&count=4000000&name=many")
    page.get_by_role("button", name="Make them").click()
    page.get_by_text(re.compile(r"of 4,000,000 images")).wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    page.get_by_role("button", name="Make them").wait_for()


def test_a_small_export_ends_with_a_download(open_page):
    page = open_page("synthesise?show=Export+and+code&count=500&name=few&format=npz")
    page.get_by_role("button", name="Make them").click()
    download = page.get_by_role("button", name="Download")
    download.wait_for()
    # it is drawn once more when the job has ended, and a click before that is lost
    page.get_by_role("button", name="Make them again").wait_for()
    page.wait_for_timeout(800)  # the fragment that watched the job looks twice a second
    settle(page)
    with page.expect_download() as caught:
        download.click()
    assert caught.value.suggested_filename == "few.npz"
