"""The demo, from Home to the first drawing, its keys, its rest, and back."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CANVAS, DESK, STROKES, box_of, draw, settle
from tests.browser.test_draw import PHONE, stroke_of_a_finger, touching

pytestmark = pytest.mark.browser

PROJECTOR = DESK | {"viewport": {"width": 1920, "height": 1080}}


def fills_the_screen(page):
    """Nothing of the dashboard around it, nothing to scroll, nothing beside the screen."""
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    expect(page.get_by_test_id("stHeader")).not_to_be_visible()
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 2000)
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll(
            ".st-key-demo canvas, .st-key-demo .reading *, .st-key-demo a, .why *, .invitation")]
          .map((element) => element.getBoundingClientRect())
          .filter(({ top, right, bottom, width }) =>
            width && (top < 0 || bottom > innerHeight || right > innerWidth + 1)).length
          + scrollY + document.querySelector("[data-testid=stMain]").scrollTop"""
        )
        == 0
    )


@pytest.mark.parametrize("device", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_the_demo_reads_says_why_rests_and_leaves(open_page, device):
    page = open_page("", **device)
    page.get_by_role("link", name="Full-screen demo").click()
    answer, why = page.get_by_test_id("answer"), page.locator(".why img")
    canvas = page.locator(f".st-key-demo {CANVAS}")
    expect(page.get_by_text("20 seconds after the last stroke")).to_be_visible()
    canvas.wait_for()
    settle(page)
    fills_the_screen(page)
    scale = box_of(canvas)[2] / 320
    assert scale > (2.5 if device is PROJECTOR else 1)
    if device is PHONE:
        (stroke,) = STROKES["7"]
        finger = [[scale * x, scale * y] for x, y in stroke]
        stroke_of_a_finger(touching(page), finger)
    else:
        draw(page, STROKES["7"], scale=scale)
    expect(answer).to_have_text("7")
    expect(why).to_be_visible()
    settle(page)
    fills_the_screen(page)

    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement")
    page.keyboard.press("f")
    page.wait_for_function("() => !document.fullscreenElement")
    page.keyboard.press("w")
    expect(why).to_have_count(0)
    model = page.get_by_role("combobox", name="Model")
    before = model.input_value()
    page.keyboard.press("m")
    expect(model).not_to_have_value(before)
    expect(answer).to_have_text("7")
    page.keyboard.press("u")
    expect(answer).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Full-screen demo")).to_be_visible()


def test_a_canvas_left_alone_clears_itself(open_page):
    page = open_page("demo?rest=2&why=false&model=digits")
    expect(page.get_by_text("2 seconds after the last stroke")).to_be_visible()
    draw(page, STROKES["7"], scale=box_of(page.locator(CANVAS))[2] / 320)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    expect(page.locator(f"{CANVAS}[data-strokes='0']")).to_be_visible()
    expect(page.get_by_text("Draw a digit or a letter.")).to_be_visible()
    page.keyboard.press("u")  # and nothing is lost
    expect(page.get_by_test_id("answer")).to_have_text("7")
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("answer")).to_have_count(0)
