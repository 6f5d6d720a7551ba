"""The Synthesise screen in Chromium: the address holds the sliders' values, the grid follows a
thumb and the curve a point, pictures open large, a job can be cancelled.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import box_of, settle, until

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


def thumb(page, name):
    """Where the middle of a slider's thumb is: below the value that is written above it."""
    slider = page.get_by_test_id("stSlider").filter(has_text=name)
    slider.scroll_into_view_if_needed()
    settle(page)
    left, _, width, _ = box_of(slider.get_by_test_id("stSliderThumbValue"))
    _, top, _, height = box_of(slider.get_by_role("slider"))
    return left + width / 2, top + height / 2


def test_the_grid_follows_a_thumb_that_is_held(open_page):
    page = open_page("synthesise?glyphs=classic")
    before = grid(page)
    x, y = thumb(page, "Jitter radius")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=3)
    until(lambda: grid(page) != before)
    settle(page)
    held = grid(page)
    assert "jitter" not in page.url
    page.mouse.move(x + 120, y, steps=3)
    until(lambda: grid(page) != held)
    page.mouse.up()
    in_address(page, "jitter=")
    settle(page)
    held = grid(page)
    x, y = thumb(page, "Jitter radius")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=3)
    until(lambda: grid(page) != held)
    page.mouse.move(x, y, steps=3)  # and back: the slider itself sends nothing then
    page.mouse.up()
    until(lambda: grid(page) == held)


def test_an_effect_is_a_tap_away_and_has_its_place(open_page):
    page = open_page("synthesise?glyphs=classic&digits=3&rows=1")
    effect = page.get_by_test_id("stButtonGroup").get_by_role("button", name="Blur", exact=True)
    effect.click()
    in_address(page, "effects=Blur")
    page.get_by_role("slider", name="Blur, ").first.wait_for()
    until(lambda: len(grid(page)) == 2)
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="Shear", exact=True).click()
    in_address(page, "effects=Blur&effects=Shear")
    settle(page)
    page.get_by_role("button", name="Earlier: Shear").click()
    in_address(page, "effects=Shear&effects=Blur")
    settle(page)
    page.get_by_role("button", name="Remove Blur").click()
    page.wait_for_function("() => !location.href.includes('Blur')")
    settle(page)
    page.get_by_role("radio", name="Photocopy").or_(
        page.get_by_role("button", name="Photocopy")
    ).first.click()
    in_address(page, "effects=Quantisation&effects=Impulse+noise")
    in_address(page, "effect-impulse-noise=0.03")
    settle(page)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => !location.href.includes('effect')")


def test_a_picture_opens_large_by_click_and_by_keyboard(open_page):
    page = open_page("synthesise?glyphs=classic&digits=3,7&rows=2")
    grid(page)
    settle(page)
    page.get_by_test_id("grid").get_by_role("button").nth(1).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Image 1, labelled 7; 2 of 4")
    in_address(page, "picture=1")
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Image 2, labelled 3; 3 of 4")
    settle(page)
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    expect(elsewhere.get_by_role("dialog")).to_contain_text("Image 2, labelled 3")
    elsewhere.close()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_function("() => !location.href.includes('picture')")
    settle(page)
    page.get_by_test_id("grid").get_by_role("button").nth(3).press("Enter")
    expect(dialog).to_contain_text("Image 3, labelled 7")
    page.go_back()
    expect(dialog).to_have_count(0)


def test_on_a_phone_the_result_stays_in_sight(open_page):
    page = open_page(
        "synthesise?glyphs=classic",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    grid(page)
    settle(page)
    slider = page.get_by_role("slider", name="Pressure").first
    slider.scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    settle(page)
    _, top, _, height = box_of(page.get_by_test_id("grid").get_by_role("button").first)
    assert 0 <= top < 400
    assert box_of(slider)[1] > top + height


def first_point(page):
    """The first control point, once the page has settled."""
    page.get_by_test_id("bars").wait_for()
    settle(page)
    return page.locator("circle.own").first


def curves(page):
    return page.locator("path.curve").evaluate_all("paths => paths.map((p) => p.getAttribute('d'))")


def test_the_curve_follows_a_point_and_the_address_keeps_it(open_page):
    page = open_page("synthesise?show=One+glyph")  # a hand that leans
    left, top, *_ = box_of(first_point(page))
    before = curves(page)
    page.mouse.move(left + 4, top + 4)
    page.mouse.down()
    page.mouse.move(left + 60, top + 45, steps=4)
    dragged = curves(page)  # before the server hears of it
    assert dragged != before
    assert "moves" not in page.url
    page.mouse.up()
    in_address(page, "moves=0%2F")
    page.get_by_text("Points were moved").wait_for()
    settle(page)
    near(curves(page), dragged)
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    first_point(elsewhere).wait_for()
    near(curves(elsewhere), dragged)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => !location.href.includes('moves')")
    settle(page)
    near(curves(page), before)


def near(paths, others):
    """Equal up to the rounding of what is sent."""
    for path, other in zip(paths, others, strict=True):
        figures, same = (list(map(float, re.findall(r"-?[\d.]+", d))) for d in (path, other))
        assert figures == pytest.approx(same, abs=0.02)


def test_a_point_is_moved_with_the_keyboard(open_page):
    page = open_page("synthesise?glyphs=classic&show=One+glyph&jitter=0")
    first_point(page).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # the point keeps the keyboard
    in_address(page, "moves=0%2Foval%2FA%3D-1%2C0")


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
