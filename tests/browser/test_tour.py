"""The tour, from the first step to the last, with what each step asks for done."""

import pytest
from playwright.sync_api import expect

from pages.shared.tour import STEPS
from tests.browser.conftest import DESK, STROKES, box_of, draw, settle, until
from tests.browser.test_draw import PHONE

pytestmark = pytest.mark.browser


def at_step(page, number):
    """The card is there, what it speaks of is marked and in sight, and not under the card."""
    expect(page.get_by_text(f"Step {number} of {len(STEPS)}.")).to_be_visible()
    targets = page.locator("[data-tour-target]")
    settle(page)  # the first grid waits for the pen to be compiled
    expect(targets).not_to_have_count(0)

    def in_sight():
        boxes = [box_of(target) for target in targets.all()]
        top, bottom = min(box[1] for box in boxes), max(box[1] + box[3] for box in boxes)
        _, card, *_ = box_of(page.locator(".st-key-tour"))
        below = bottom <= card or bottom - top > card - 80  # or larger than the screen
        wide = max(box[2] for box in boxes) <= page.viewport_size["width"]
        return 40 <= top < card - 100 and below and wide

    until(in_sight, 20)  # they are looked for now and then
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "device", [pytest.param(DESK, marks=pytest.mark.slow), PHONE], ids=["wide", "phone"]
)
def test_the_tour_leads_over_all_screens_and_ends(open_page, device):
    page = open_page("", **device)
    page.get_by_role("link", name="Take the tour").click()
    following = page.get_by_role("link", name="Next")

    def go_on():
        following.focus()
        page.keyboard.press("Enter")

    at_step(page, 1)
    draw(page, STROKES["7"])
    expect(page.get_by_test_id("answer")).to_have_text("7")
    go_on()
    at_step(page, 2)
    expect(page.get_by_role("img", name="Evidence for 7 in each pixel")).to_be_visible()
    go_on()
    at_step(page, 3)
    expect(page.get_by_role("heading", name="Synthesise")).to_be_visible()
    page.wait_for_url(lambda address: "jitter=3" in address)
    page.get_by_role("link", name="Back").click()
    at_step(page, 2)
    expect(page.get_by_test_id("answer")).to_have_text("7")  # the drawing is still there
    go_on()
    at_step(page, 3)
    go_on()
    at_step(page, 4)
    expect(page.get_by_role("combobox", name="Class")).to_have_value("3")
    go_on()
    at_step(page, 5)
    expect(page.get_by_text("of 9 read as 4")).not_to_have_count(0)
    go_on()
    at_step(page, 6)
    expect(following).to_have_count(0)
    page.get_by_role("button", name="End the tour").click()
    expect(page.get_by_text("Step 6 of 6.")).to_have_count(0)
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    page.wait_for_url(lambda address: "tour" not in address)
