"""Real strokes on the real canvas, in a real browser."""

import base64
import json
import urllib.request
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CANVAS, STROKES, draw

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
    png = page.locator("canvas.dc-canvas.lower-canvas").evaluate(
        "canvas => canvas.toDataURL('image/png')"
    )
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
    before = page.locator(CANVAS).first.element_handle()
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_count(0)
    # its own canvas replaces it, on a slow machine after the answer has gone
    before.wait_for_element_state("hidden")
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


def test_a_line_is_boxed_and_read_and_the_link_reproduces_the_mode(open_page):
    page = open_page("draw?model=digits&mode=Line")
    narrow = {
        label: [[[x * 0.4, y * 0.5] for x, y in stroke] for stroke in STROKES[label]]
        for label in "704"
    }
    for index, label in enumerate("704"):
        draw(page, [[[x + 20 + 150 * index, y] for x, y in stroke] for stroke in narrow[label]])
    expect(page.get_by_test_id("line")).to_have_text("704")
    assert page.locator(".line .box").count() == 3
    assert "mode=Line" in page.url


def test_draw_one_for_me_keep_it_find_it(open_page):
    page = open_page("draw?model=digits")
    page.locator(CANVAS).first.wait_for()
    page.get_by_role("button", name="Draw one for me").click()
    expect(answer(page)).to_be_visible()
    page.get_by_role("button", name="Keep in My drawings").click()
    expect(page.get_by_text("Kept as")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="My drawings").click()
    expect(page.get_by_role("button", name="IDX")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "my-drawings-png.zip"


def test_a_touch_of_a_finger_draws_on_a_phone(open_page):
    page = open_page(
        "draw?model=digits", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    canvas = page.locator(CANVAS).first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box["x"] + box["width"] <= 390
    touch = page.context.new_cdp_session(page)
    points = [(box["x"] + x, box["y"] + y) for x, y in STROKES["7"][0]]
    for kind, at in [("touchStart", points[0]), *(("touchMove", point) for point in points[1:])]:
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]}
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(answer(page)).to_have_text("7")


def test_an_uploaded_picture_is_read_and_a_broken_one_is_one_sentence(open_page, tmp_path):
    import cv2
    import numpy as np

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


def test_two_tabs_do_not_share_a_drawing(open_page):
    first, second = open_page("draw?model=digits"), open_page("draw?model=digits")
    draw(first, STROKES["7"])
    expect(answer(first)).to_have_text("7")
    draw(second, STROKES["0"])
    expect(answer(second)).to_have_text("0")
    expect(answer(first)).to_have_text("7")


def test_home_shows_handwriting_read_live(open_page):
    page = open_page("")
    expect(page.get_by_text("> 99 %").first).to_be_visible()
    assert page.locator(".gallery figure").count() == 10


def test_the_rest_page_loads_nothing_from_elsewhere(open_page):
    page = open_page("api/docs")
    expect(page.get_by_text("/predict").first).to_be_visible()
