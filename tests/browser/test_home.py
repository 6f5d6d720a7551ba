"""Home reads at once, shows what each screen shows, and leads there."""

import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STROKES, box_of, draw, settle

pytestmark = pytest.mark.browser


def test_a_drawing_on_home_is_read_and_goes_along_to_draw(open_page):
    page = open_page("")
    draw(page, STROKES["7"])
    expect(page.get_by_test_id("answer")).to_have_text("7")
    page.get_by_role("link", name="Go on in Draw").click()
    expect(page.get_by_role("heading", name="Draw")).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_text("7")


def test_every_screen_has_a_live_picture_that_leads_to_it(open_page):
    page = open_page("")
    expect(page.get_by_text("10 of 10 read as meant")).to_be_visible()  # by the model itself
    cards = page.locator("[class*='st-key-screen-']")
    expect(cards).to_have_count(11)
    settle(page)
    assert cards.locator(".miniature:has(img)").count() >= 7  # and one of what is kept, if any is
    explore = cards.filter(has_text="Explore the data")
    explore.scroll_into_view_if_needed()
    left, top, width, height = box_of(explore.locator("img").first)
    page.mouse.click(left + width / 2, top + height / 2)  # the whole card is the link
    expect(page.get_by_role("heading", name="Explore")).to_be_visible()


def test_the_name_stands_in_the_sidebar(open_page):
    page = open_page("draw")
    logo = page.get_by_test_id("stSidebarHeader").get_by_test_id("stSidebarLogo")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.naturalWidth") > 100


def test_a_page_fetches_nothing_from_elsewhere(chromium, address):
    """By its policy too, for what should slip through: a picture of another server is refused."""
    page = chromium.new_page()
    page.goto(address)
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = page.evaluate(
        """() => new Promise((answer) => {
          document.addEventListener("securitypolicyviolation", (e) => answer(e.effectiveDirective));
          new Image().src = "http://127.0.0.1:9/x.png";
        })"""
    )
    assert said == "img-src"
    page.close()
