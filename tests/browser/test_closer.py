"""Looking closer at a drawing: its moments, and the layers of the network."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STROKES, box_of, draw, settle
from tests.browser.test_draw import PHONE, answer
from tests.browser.test_views import AXE, SERIOUS

pytestmark = pytest.mark.browser


def is_accessible(page):
    settle(page)
    page.evaluate(AXE)
    return page.evaluate(SERIOUS) == []


def test_the_moments_of_a_drawing_are_moved_through_in_the_browser(open_page):
    sent: list[object] = []
    page = open_page("")
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(page.url.rstrip("/") + "/draw?model=digits&view=Stroke+by+stroke")
    draw(page, STROKES["4"])
    expect(page.get_by_text("Stroke 2: 4")).to_be_visible()
    slider = page.get_by_role("slider", name="Moment of the drawing")
    settle(page)
    before = len(sent)
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("Stroke 1:")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("1")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_text("Stroke 2: 4")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert slider.input_value() == slider.get_attribute("max")
    assert len(sent) == before  # all of it without the server
    assert is_accessible(page)


def test_a_unit_is_tapped_and_shows_what_it_likes_and_is_in_the_address(open_page):
    page = open_page("draw?model=digits&view=Inside", **PHONE)
    draw(page, STROKES["7"])
    expect(answer(page)).to_have_text("7")
    layer = page.get_by_role("group", name="Layer 1:")
    unit = layer.get_by_role("button", name="Unit 5", exact=True)
    expect(unit).to_be_visible()
    assert min(box_of(unit)[2:]) >= 44
    unit.tap()
    expect(page.get_by_text("Unit 5 of layer 1 is most active")).to_be_visible()
    expect(unit).to_have_attribute("aria-pressed", "true")
    page.wait_for_url(lambda address: "unit=1-5" in address)
    settle(page)
    # the next one with the keyboard
    unit.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Unit 6 of layer 1 is")).to_be_visible()
    page.wait_for_url(lambda address: "unit=1-6" in address)
    settle(page)
    page.reload()
    expect(page.get_by_text("Unit 6 of layer 1 is")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("An image of")).first).to_be_visible()
    layer.get_by_role("button", name="Unit 6", exact=True).tap()
    expect(page.get_by_text("Unit 6 of layer 1 is")).to_be_hidden()
    page.wait_for_url(lambda address: "unit=" not in address)
    # a vote, of the layer after the last
    page.get_by_role("group", name="for 7").get_by_role("button").first.tap()
    expect(page.get_by_text("of those that vote is most active")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert is_accessible(page)
