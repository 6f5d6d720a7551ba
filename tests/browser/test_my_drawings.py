"""My drawings in a browser: kept, labelled anew, selected, deleted, brought back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CANVAS, STROKES, draw, settle

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize(
    "device", [pytest.param({}, marks=pytest.mark.slow), PHONE], ids=["desk", "phone"]
)
def test_a_drawing_is_labelled_anew_deleted_and_brought_back(open_page, device):
    page = open_page("draw?model=digits", **device)
    draw(page, STROKES["7"])
    page.get_by_role("button", name="Keep in My drawings").click()
    expect(page.get_by_text("Kept as 7")).to_be_visible()
    page.goto(page.url.partition("/draw")[0] + "/my_drawings")

    # a label that no class has
    tiles = page.locator(".st-key-tiles button")
    tiles.first.click()
    dialog = page.get_by_role("dialog")
    label = dialog.get_by_role("combobox", name="It shows")
    label.fill("seven")
    label.press("Enter")
    expect(tiles.first).to_have_text("seven, not 7")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_url(re.compile("my_drawings(?!.*drawing=)"))

    # deleted after a question, and undone
    settle(page)
    count = tiles.count()
    page.get_by_text("Select several").click()
    page.locator(".st-key-tiles").get_by_text("seven", exact=True).first.click()
    page.get_by_role("button", name="Delete 1 selected").click()
    page.get_by_role("button", name="Delete one drawing").click()
    deleted = page.get_by_text("One drawing deleted.")
    expect(deleted).to_be_visible()
    settle(page)  # the dialog has closed
    page.get_by_role("button", name="Undo").click()
    expect(deleted).to_have_count(0)
    settle(page)
    page.get_by_text("Select several").click()
    expect(tiles).to_have_count(count)
    expect(tiles.first).to_have_text("seven, not 7")
    assert page.locator(CANVAS).count() == 0


def test_a_hand_is_drawn_and_writes_at_once(open_page):
    """On a phone: what is kept leaves the canvas, the hand appears, and a reload loses nothing."""
    page = open_page("my_drawings?view=Your+hand", **PHONE)
    asked = page.get_by_text(re.compile(r"Draw \d · \d+ of 30 drawn"))
    # other tests keep drawings too
    label, count = re.findall(r"\d+", asked.inner_text())[:2]
    draw(page, STROKES[label if label in STROKES else "0"])
    settle(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(f"{label} is kept.")).to_be_visible()
    settle(page)
    written = page.get_by_test_id("own-hand").locator("img")
    expect(written.first).to_have_attribute("alt", re.compile(r"\d, written"))
    page.get_by_role("button", name="Next").click()  # the canvas is empty: nothing is kept
    page.reload()
    expect(page.get_by_text(f"· {int(count) + 1} of 30 drawn")).to_be_visible()
    expect(written.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
