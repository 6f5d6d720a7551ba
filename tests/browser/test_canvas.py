"""The canvas itself: the answer while the pen moves, and the eraser."""

import itertools
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CANVAS, STROKES, box_of, draw, settle, until
from tests.browser.test_draw import PHONE, answer, touching

pytestmark = pytest.mark.browser


def ready(page):
    """The canvas, once a first answer has loaded the model; empty again."""
    draw(page, [[[40, 40], [60, 60]]])
    expect(answer(page)).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_count(0)
    settle(page)
    return page.locator(CANVAS)


def test_the_answer_comes_while_the_pen_moves_and_nothing_is_kept_before_it_lifts(open_page):
    sent: list[float] = []

    def note(frame):
        if isinstance(frame, bytes) and b'"under_way":true' in frame:
            sent.append(time.monotonic())

    page = open_page("")
    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.goto(page.url.rstrip("/") + "/draw?model=digits")
    canvas = ready(page)
    sent.clear()
    left, top, *_ = box_of(canvas)
    page.mouse.move(left + 60, top + 60)
    page.mouse.down()
    until(lambda: moved(page, left, top) and answer(page).count())  # a busy machine asks seldom
    for x, y in [(60, 60), (240, 60), (150, 270)]:
        page.mouse.move(left + x, top + y, steps=5)
        page.wait_for_timeout(60)
    assert sent
    # it is in no drawing yet
    assert canvas.get_attribute("data-strokes") == "0"
    assert page.get_by_role("button", name="Clear").is_disabled()
    kept = page.evaluate("JSON.parse(sessionStorage.getItem('inkling-canvas-character')).strokes")
    assert kept == []
    page.wait_for_timeout(2200)  # the longest pause between two
    settle(page)
    asked = len(sent)
    page.wait_for_timeout(300)
    assert len(sent) == asked  # a pen that rests asks nothing
    page.mouse.up()
    expect(answer(page)).to_have_text("7")
    assert canvas.get_attribute("data-strokes") == "1"
    assert len(sent) == asked
    assert all(later - one >= 0.09 for one, later in itertools.pairwise(sent))
    # with all of its points in one step
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_count(0)
    assert canvas.get_attribute("data-strokes") == "0"


def moved(page, left, top):
    """The pen goes to and fro along the bar of a 7."""
    for x in (60, 240):
        page.mouse.move(left + x, top + 60, steps=3)
        page.wait_for_timeout(20)
    return True


def test_a_stroke_that_becomes_a_pinch_takes_its_answer_with_it(open_page):
    page = open_page("draw?model=digits", **PHONE)
    ready(page)
    send = touching(page)
    send("touchStart", (60, 60))
    steps = itertools.count()
    until(lambda: send("touchMove", (60 + 8 * (next(steps) % 20), 80)) or answer(page).count())
    send("touchStart", (220, 80), (100, 260))
    send("touchEnd")
    expect(answer(page)).to_have_count(0)


def test_the_eraser_splits_strokes_in_one_step(open_page):
    page = open_page("draw?model=digits", **PHONE)
    buttons = [
        page.get_by_role("button", name=name) for name in ("Undo", "Redo", "Eraser", "Clear")
    ]
    canvas = page.locator(CANVAS)
    draw(page, [[[40, 80], [280, 80]], [[40, 240], [280, 240]]])
    expect(answer(page)).to_be_visible()
    boxes = [box_of(button) for button in buttons]
    assert len({y for _, y, _, _ in boxes}) == 1
    assert all(width >= 44 and height >= 44 for *_, width, height in boxes)
    eraser, undo, clear = buttons[2], buttons[0], buttons[3]
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    draw(page, [[[160, 40], [160, 120]]])
    expect(canvas).to_have_attribute("data-strokes", "3")
    assert pixel(canvas, 160, 80) == pixel(canvas, 5, 5) != pixel(canvas, 80, 80)
    assert pixel(canvas, 160, 240) == pixel(canvas, 80, 80)  # the other is whole
    draw(page, [[[100, 160], [220, 160]]])  # where there is nothing
    undo.click()
    expect(canvas).to_have_attribute("data-strokes", "2")
    assert pixel(canvas, 160, 80) == pixel(canvas, 80, 80)
    clear.click()
    expect(eraser).to_have_attribute("aria-pressed", "false")  # a new drawing begins with the pen
    expect(eraser).to_be_disabled()


def pixel(canvas, x, y):
    return canvas.evaluate(
        """(canvas, [x, y]) => {
          const scale = canvas.width / canvas.clientWidth;
          return [...canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data];
        }""",
        [x, y],
    )


def test_the_other_end_of_a_pen_erases(open_page):
    page = open_page("draw?model=digits")
    draw(page, STROKES["7"])
    expect(answer(page)).to_have_text("7")
    page.locator(CANVAS).evaluate(
        """canvas => {
          canvas.setPointerCapture = () => {};  // there is no such pointer
          const { left, top, width, height } = canvas.getBoundingClientRect();
          const send = (type, x, y, button) => canvas.dispatchEvent(new PointerEvent(type, {
            pointerId: 9, pointerType: "pen", button, buttons: 32, bubbles: true,
            clientX: left + x * width, clientY: top + y * height,
          }));
          send("pointerdown", 0, 0, 5);
          for (let row = 0; row <= 1; row += 0.05) {
            send("pointermove", 1, row, -1);
            send("pointermove", 0, row, -1);
          }
          send("pointerup", 0, 1, 5);
        }"""
    )
    expect(page.locator(CANVAS)).to_have_attribute("data-strokes", "0")
    expect(answer(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_text("7")
