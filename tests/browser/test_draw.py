"""Real strokes on the real canvas, in a real browser."""

import base64
import json
import re
import urllib.request
import uuid

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CANVAS, STROKES, box_of, draw, settle

pytestmark = pytest.mark.browser


def answer(page):
    return page.get_by_test_id("answer")


def post(address, body, content_type):
    request = urllib.request.Request(f"{address}/api/predict", body, {"Content-Type": content_type})
    return json.loads(urllib.request.urlopen(request, timeout=60).read())


def post_picture(address, png, model):
    boundary = uuid.uuid4().hex
    parts = [
        b'Content-Disposition: form-data; name="file"; filename="canvas.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + png,
        b'Content-Disposition: form-data; name="model"\r\n\r\n' + model.encode(),
    ]
    body = (
        b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--"
        + boundary.encode()
        + b"--\r\n"
    )
    return post(address, body, f"multipart/form-data; boundary={boundary}")


@pytest.mark.parametrize(
    ("model", "label"),
    [("digits", "7"), ("digits", "3"), ("digits", "4"), ("characters", "A"), ("characters", "E")],
)
def test_a_drawing_is_read_and_rest_gives_the_same_answer(open_page, address, model, label):
    page = open_page(f"draw?model={model}")
    expect(page.get_by_text("the answer appears here")).to_be_visible()
    draw(page, STROKES[label])
    expect(answer(page)).to_have_text(label)
    png = page.locator(CANVAS).evaluate("canvas => canvas.toDataURL('image/png')")
    read = post_picture(address, base64.b64decode(png.partition(",")[2]), model)
    assert read["label"] == label
    strokes = json.dumps({"strokes": STROKES[label], "width": 20, "model": model}).encode()
    assert post(address, strokes, "application/json")["label"] == label


def test_undo_and_clear_leave_no_prediction(open_page):
    page = open_page("draw?model=digits")
    draw(page, STROKES["7"])
    expect(answer(page)).to_have_text("7")
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    expect(answer(page)).to_have_text("7")
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_count(0)
    draw(page, STROKES["0"])
    expect(answer(page)).to_have_text("0")


def test_a_drawing_outlives_a_visit_to_another_screen_and_mode(open_page):
    page = open_page("draw?model=digits")
    draw(page, STROKES["3"])
    expect(answer(page)).to_have_text("3")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="My drawings").click()
    expect(page.get_by_role("heading", name="My drawings")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw", exact=True).click()
    expect(answer(page)).to_have_text("3")
    page.get_by_role("radio", name="Line").click()
    expect(page.get_by_text("Write several characters")).to_be_visible()
    page.get_by_role("radio", name="Character").click()
    expect(answer(page)).to_have_text("3")


def draw_line(page, labels):
    for index, label in enumerate(labels):
        at = 20 + 150 * index
        draw(page, [[[x * 0.4 + at, y * 0.5] for x, y in stroke] for stroke in STROKES[label]])
    expect(page.get_by_test_id("line")).to_have_text(labels)
    settle(page)


def test_a_line_is_boxed_and_read_and_the_link_reproduces_the_mode(open_page):
    page = open_page("draw?model=digits&mode=Line")
    draw_line(page, "704")
    assert page.locator(".line .box").count() == 3
    assert "mode=Line" in page.url


def test_a_character_of_a_line_is_corrected_with_the_keyboard_and_undone(open_page):
    page = open_page("draw?model=digits&mode=Line")
    draw_line(page, "704")
    row = page.get_by_role("radiogroup", name="Tap a character")
    row.get_by_role("radio", name="0").focus()
    page.keyboard.press("Space")
    expect(page.locator(".line .box.selected")).to_have_count(1)
    likely = page.get_by_role("radiogroup", name="Character 2 is")
    expect(likely.get_by_role("radio")).to_have_count(5)
    other = likely.get_by_role("radio").nth(1)
    label = other.inner_text()[0]
    other.click()
    expect(page.get_by_test_id("line")).to_have_text(f"7{label}4")
    expect(page.get_by_text(f"Read as 0, corrected to {label} and kept")).to_be_visible()
    expect(page.locator(".line .box.selected span")).to_have_text(label)
    settle(page)
    likely.get_by_role("radio", checked=True).click()
    expect(page.get_by_test_id("line")).to_have_text("704")
    settle(page)
    another = page.get_by_role("combobox", name="Or another")
    another.scroll_into_view_if_needed()  # a list that is open closes when the page is scrolled
    another.click()
    page.get_by_role("option", name="9").click()
    expect(page.get_by_test_id("line")).to_have_text("794")


def test_the_classes_are_in_the_address_and_last_until_the_next_visit(open_page):
    page = open_page("draw?model=characters&only=digits")
    draw(page, STROKES["A"])
    expect(answer(page)).to_have_text(re.compile(r"\d"))
    picker = page.get_by_role("combobox", name="Classes")
    picker.fill("A-F")
    page.keyboard.press("Enter")
    expect(answer(page)).to_have_text("A")
    page.wait_for_url(lambda address: "only=A-F" in address)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="My drawings").click()
    expect(page.get_by_role("heading", name="My drawings")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw", exact=True).click()
    expect(page.get_by_role("combobox", name="Classes")).to_have_value("A-F")
    expect(answer(page)).to_have_text("A")


def test_draw_one_for_me_keep_it_find_it(open_page):
    page = open_page("draw?model=digits")
    page.locator(CANVAS).wait_for()
    page.get_by_role("button", name="Draw one for me").click()
    expect(answer(page)).to_be_visible()
    page.get_by_role("button", name="Keep in My drawings").click()
    expect(page.get_by_text("Kept as")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="My drawings").click()
    expect(page.get_by_role("button", name="IDX")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "my-drawings-png.zip"


def touching(page):
    """Send touches, each a list of the fingers' places in canvas pixels; none lifts them."""
    canvas = page.locator(CANVAS)
    canvas.wait_for()
    settle(page)
    canvas.scroll_into_view_if_needed()
    x, y, width, _ = box_of(canvas)
    assert x + width <= page.viewport_size["width"]
    session = page.context.new_cdp_session(page)

    def send(kind, *fingers):
        points = [{"x": x + a, "y": y + b, "id": n} for n, (a, b) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def stroke_of_a_finger(send, stroke):
    send("touchStart", stroke[0])
    for point in stroke[1:]:
        send("touchMove", point)
    send("touchEnd")


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1366, "height": 768}}


@pytest.mark.parametrize(
    "drawings", [3, pytest.param(200, marks=pytest.mark.slow)], ids=["few", "many"]
)
@pytest.mark.parametrize("device", [PHONE, TABLET, LAPTOP], ids=["phone", "tablet", "laptop"])
def test_every_stroke_arrives_all_over_the_canvas_and_at_once_after_clear(
    open_page, device, drawings
):
    page = open_page("draw?model=digits&view=Stroke+by+stroke", **device)
    fingers = device.get("has_touch")
    send, mouse = touching(page), page.mouse
    left, top, side, _ = box_of(page.locator(CANVAS))
    clear = page.get_by_role("button", name="Clear")
    x, y, width, height = box_of(clear)
    random = np.random.default_rng(0)
    for number in range(drawings):
        if fingers:
            page.touchscreen.tap(x + width / 2, y + height / 2)
        else:
            mouse.click(x + width / 2, y + height / 2)
        count = 1 + number % 4
        for points in random.uniform(2, side - 4, (count, 6, 2)):
            if fingers:
                stroke_of_a_finger(send, points.tolist())
                continue
            mouse.move(left + points[0][0], top + points[0][1])
            mouse.down()
            for a, b in points[1:]:
                mouse.move(left + a, top + b)
            mouse.up()
        expect(page.get_by_text(f"Stroke {count}:")).to_be_visible()
        assert page.locator(CANVAS).get_attribute("data-strokes") == str(count)


@pytest.mark.parametrize("device", [PHONE, TABLET, LAPTOP], ids=["phone", "tablet", "laptop"])
@pytest.mark.parametrize("mode", ["Character", "Line"])
def test_the_answer_is_in_sight_without_scrolling(open_page, device, mode):
    page = open_page(f"draw?model=digits&mode={mode}", **device)
    canvas = page.locator(CANVAS)
    canvas.wait_for()
    settle(page)
    left, top, *_ = box_of(canvas)
    mouse = page.mouse
    mouse.move(left + 90, top + 40)
    mouse.down()
    mouse.move(left + 90, top + 160, steps=4)
    mouse.up()
    shown = answer(page) if mode == "Character" else page.get_by_test_id("line")
    expect(shown).to_have_text("1")
    settle(page)
    assert page.evaluate("scrollY") == 0
    _, top, _, height = box_of(shown)
    assert top + height <= device["viewport"]["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_drawing_and_its_pen_outlive_a_reload_and_the_pen_redraws_it(open_page):
    page = open_page("draw?model=digits")
    draw(page, STROKES["3"])
    expect(answer(page)).to_have_text("3")
    thin = drawn_pixels(page)
    pen = page.get_by_role("slider", name="Pen width, pixels")
    pen.fill("32")
    assert drawn_pixels(page) > 1.3 * thin
    page.wait_for_url(lambda address: "pen20=32" in address)
    page.reload()
    expect(answer(page)).to_have_text("3")
    expect(pen).to_have_value("32")
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    expect(answer(page)).to_have_text("3")
    page.locator(CANVAS).focus()
    page.keyboard.press("Control+z")
    expect(answer(page)).to_have_count(0)
    page.keyboard.press("Control+Shift+Z")
    expect(answer(page)).to_have_text("3")
    page.keyboard.press("Delete")
    expect(answer(page)).to_have_count(0)


def test_a_touch_of_a_finger_draws_on_a_phone(open_page):
    page = open_page("draw?model=digits", **PHONE)
    stroke_of_a_finger(touching(page), STROKES["7"][0])
    expect(answer(page)).to_have_text("7")


@pytest.mark.parametrize("first", ["one after the other", "together"])
def test_a_pinch_of_two_fingers_is_no_stroke(open_page, first):
    page = open_page("draw?model=digits", **PHONE)
    send = touching(page)
    if first == "one after the other":
        send("touchStart", (160, 100))
        send("touchMove", (160, 104))
    send("touchStart", (160, 108), (160, 260))
    for step in range(1, 9):
        send("touchMove", (160, 108 + 8 * step), (160, 260 - 6 * step))
    send("touchMove", (160, 180))  # the second is lifted before the first
    send("touchEnd")
    settle(page)
    expect(answer(page)).to_have_count(0)
    assert drawn_pixels(page) == 0
    # and one finger draws as before; a pinch takes nothing of it
    stroke_of_a_finger(send, STROKES["7"][0])
    expect(answer(page)).to_have_text("7")
    before = drawn_pixels(page)
    send("touchStart", (60, 250), (260, 250))
    send("touchMove", (80, 250), (240, 250))
    send("touchEnd")
    settle(page)
    expect(answer(page)).to_have_text("7")
    assert drawn_pixels(page) == before


def drawn_pixels(page):
    """How many pixels of the canvas differ from its first."""
    return page.locator(CANVAS).evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 4; i < data.length; i += 4) count += Math.abs(data[i] - data[0]) > 60;
          return count;
        }"""
    )


def test_what_is_drawn_beside_the_canvas_is_not_read(open_page):
    """A visible 3 stays a 3, though the pen wanders off before it is lifted."""
    page = open_page("draw?model=digits")
    (three,) = STROKES["3"]
    draw(page, [[*three, [-30, 300], [-200, 420], [340, 420]]])
    expect(answer(page)).to_have_text("3")
    page.get_by_role("button", name="Keep in My drawings").click()
    expect(page.get_by_text("Kept as 3")).to_be_visible()


def test_an_uploaded_picture_is_read_and_a_broken_one_is_one_sentence(open_page, tmp_path):
    import cv2

    from core.ink.strokes import picture_of_strokes

    picture = tmp_path / "seven.png"
    cv2.imwrite(
        str(picture),
        picture_of_strokes([np.array(stroke, float) for stroke in STROKES["7"]], width=18),
    )
    page = open_page("draw?model=digits&mode=Picture")
    page.locator('input[type="file"]').set_input_files(str(picture))
    expect(answer(page)).to_have_text("7")
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture.read_bytes()[:60])
    page.locator('input[type="file"]').set_input_files(str(broken))
    expect(page.get_by_text("damaged or cut short")).to_be_visible()
    large = tmp_path / "large.png"
    large.write_bytes(bytes(11 * 2**20))
    page.locator('input[type="file"]').set_input_files(str(large))
    expect(page.get_by_text("large.png has 11 MB; the limit is 10 MB")).to_be_visible()
    expect(page.get_by_text("damaged or cut short")).to_have_count(0)


def test_two_tabs_do_not_share_a_drawing(open_page):
    first, second = open_page("draw?model=digits"), open_page("draw?model=digits")
    draw(first, STROKES["7"])
    expect(answer(first)).to_have_text("7")
    draw(second, STROKES["0"])
    expect(answer(second)).to_have_text("0")
    expect(answer(first)).to_have_text("7")


def test_the_rest_page_loads_nothing_from_elsewhere(open_page):
    page = open_page("api/docs")
    expect(page.get_by_text("/predict").first).to_be_visible()
