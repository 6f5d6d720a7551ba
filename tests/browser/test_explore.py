"""The Explore screen in Chromium: hover, lasso, the address, an upload, a map computed and
cancelled.
"""

import gzip
import re

import numpy as np
import pytest
from playwright.sync_api import TimeoutError, expect

from core.datasets.idx import write_idx
from tests.browser.conftest import draw, settle

pytestmark = pytest.mark.browser

POINTS = ".js-plotly-plot .scatterlayer path.point"


def middle(locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def hover(page, point, shown) -> None:
    """Move the pointer onto a point of a chart until `shown` is; a redrawn chart ignores a pointer
    that rests on it.
    """
    for last in (False, False, False, False, True):
        page.mouse.move(0, 0)
        expect(shown).to_be_hidden()
        page.mouse.move(*middle(point), steps=4)
        try:
            return shown.wait_for(timeout=60_000 if last else 3_000)
        except TimeoutError:
            if last:
                raise


def test_the_maps_tell_of_a_pixel_under_the_pointer_and_keep_the_choice_in_the_address(open_page):
    page = open_page("explore")
    chart = page.locator(".st-key-figure-z-maps .js-plotly-plot .nsewdrag")
    chart.wait_for()
    x, y = middle(chart)
    width, height = chart.bounding_box()["width"], chart.bounding_box()["height"]
    for step in range(3):  # within the first tile
        page.mouse.move(x - 0.4 * width + step, y - 0.15 * height)
    hover = page.locator(".st-key-figure-z-maps .hoverlayer .hovertext")
    hover.wait_for()
    assert re.search(r"\d row \d+, column \d+.*mean 0\.\d+.*z -?\d", hover.text_content())
    page.get_by_role("radio", name="Mean", exact=True).click()
    page.wait_for_function("() => location.href.includes('map=Mean')")
    page.locator(".st-key-figure-mean-maps .js-plotly-plot").wait_for()


def test_the_picture_under_the_pointer_is_shown_and_a_lasso_opens_its_images(open_page):
    page = open_page("explore?data=uci-digits&show=Map+of+images&images=300")
    points = page.locator(POINTS)
    points.first.wait_for()
    picture = page.get_by_test_id("hover-picture")
    hover(page, points.nth(50), picture)
    assert picture.get_attribute("data-index").isdecimal()
    # the figure changes: its pictures must follow
    page.get_by_role("radio", name="error", exact=True).click()
    page.locator(".js-plotly-plot .legend").get_by_text("right").wait_for()
    settle(page)
    hover(page, points.nth(20), picture)
    x, y = middle(page.locator(".js-plotly-plot .nsewdrag"))
    page.mouse.move(x - 90, y - 90)
    page.mouse.down()
    for right, down in ((90, -90), (90, 90), (-90, 90), (-90, -90)):
        page.mouse.move(x + right, y + down, steps=5)
    page.mouse.up()
    page.get_by_text("that were picked").wait_for()
    page.wait_for_function("() => location.href.includes('picked=')")
    opened = page.get_by_test_id("gallery").first.locator("figure").count()
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    expect(elsewhere.get_by_test_id("gallery").first.locator("figure")).to_have_count(opened)


def test_a_drawing_outlives_a_change_of_view(open_page):
    page = open_page("explore?show=Draw+over+it")
    draw(page, [[[60, 50], [180, 50], [100, 200]]])
    page.locator(".st-key-figure-filter-scores").wait_for()
    page.get_by_role("radio", name="Images", exact=True).click()
    page.locator(".st-key-figure-images-per-class .js-plotly-plot").wait_for()
    page.get_by_role("radio", name="Draw over it").click()
    page.locator(".st-key-figure-filter-scores").wait_for()


def test_a_umap_is_made_beside_the_page_and_can_be_cancelled(open_page):
    page = open_page("explore?data=uci-digits&show=Map+of+images&by=UMAP&images=1400&map-seed=7")
    page.get_by_role("button", name="Make the map").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()


def test_an_upload_becomes_data_to_look_at_and_is_deleted(open_page, tmp_path, random):
    # 13 MB: the server, too, takes what the uploader offers to take
    images = random.integers(0, 256, (17_000, 28, 28), np.uint8)
    for name, array in (
        ("images-idx3-ubyte", images),
        ("labels-idx1-ubyte", np.arange(17_000).astype(np.uint8) % 4),
    ):
        write_idx(tmp_path / name, array)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    page = open_page("explore")
    page.get_by_text("Data of your own").click()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files([tmp_path / "labels-idx1-ubyte.gz"])
    page.get_by_role("button", name="Add the data set").click()
    page.get_by_test_id("stAlert").wait_for()
    with page.expect_response("**/upload_file/**"):
        chooser.set_input_files([tmp_path / "images-idx3-ubyte.gz"])
    settle(page)
    page.get_by_role("textbox", name="Name").fill("noise")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.get_by_role("button", name="Add the data set").click()
    page.wait_for_function("() => location.href.includes('data=upload-noise')")
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_function("() => !location.href.includes('upload-noise')")
