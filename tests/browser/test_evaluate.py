"""The Evaluate screen in Chromium: from a cell to its pictures, marks by keyboard that outlive the
server, addresses.
"""

import re

import pytest
from playwright.sync_api import expect

from core.datasets.catalogue import open_dataset
from core.evaluation.scores import confused_pairs, confusion_matrix
from core.ink.forms import form_named
from core.models.cards import find_card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.browser.conftest import ROOT, box_of, serve, settle

pytestmark = pytest.mark.browser

AREA = ".st-key-figure-confusion-matrix .js-plotly-plot .nsewdrag"
UCI = "evaluate?model=digits&data=uci-digits&part=test"


@pytest.fixture(scope="module")
def worst(tmp_path_factory) -> tuple[int, int, int]:
    """The largest error of `digits` on the UCI digits: truth, answer, pictures."""
    folder = tmp_path_factory.mktemp("none")
    settings = Settings(folder, folder, folder, "sqlite://")
    card, _ = find_card("digits", settings)
    data = open_dataset(
        "uci-digits:test", settings, classes=card.classes, form=form_named(card.form)
    )
    answers = load_recognizer("digits", settings).predict(data.images).probabilities.argmax(1)
    return confused_pairs(confusion_matrix(data.labels, answers, 10), 1)[0]


def click_cell(page, row: int, column: int, classes: int) -> None:
    area = page.locator(AREA)
    area.wait_for()
    page.locator(".js-plotly-plot[data-listened]").first.wait_for()
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    x, y = (
        box["x"] + box["width"] * (column + 0.5) / classes,
        box["y"] + box["height"] * (row + 0.5) / classes,
    )
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y)
    page.locator(".st-key-figure-confusion-matrix .hoverlayer .hovertext").wait_for()
    page.mouse.click(x, y)


def test_a_click_on_a_cell_opens_it_and_its_address_reopens_it(open_page, worst):
    truth, answer, count = worst
    page = open_page(UCI)
    click_cell(page, truth, answer, 10)
    page.wait_for_function(
        f"() => location.href.includes('truth={truth}') && location.href.includes('read={answer}')"
    )
    pictures = page.get_by_test_id("board").locator("button")
    expect(pictures).to_have_count(min(count, 20))
    expect(pictures.first).to_contain_text(f"Predicted {answer} (")
    expect(pictures.first).to_contain_text(f"truth {truth} (")
    elsewhere = open_page(page.evaluate("location.href").rpartition("/")[2])
    expect(elsewhere.get_by_test_id("board").locator("button")).to_have_count(min(count, 20))


def test_a_page_is_in_the_address_and_another_cell_begins_with_its_first(open_page):
    page = open_page(f"{UCI}&truth=1&read=any&cell-page=2")
    pages = page.get_by_label("; worst first")
    expect(pages).to_have_value("2")
    second = page.get_by_test_id("board").locator("button").first.inner_text()
    pages.fill("1")
    pages.press("Enter")
    first = page.get_by_test_id("board").locator("button").first
    expect(first).not_to_have_text(second)
    page.wait_for_function("() => !location.href.includes('cell-page')")
    pages.fill("2")
    pages.press("Enter")
    page.wait_for_function("() => location.href.includes('cell-page=2')")
    click_cell(page, 3, 3, 10)
    page.wait_for_function(
        "() => location.href.includes('truth=3') && !location.href.includes('cell-page')"
    )
    expect(pages).to_have_value("1")
    page.reload()
    expect(pages).to_have_value("1")
    expect(page.get_by_test_id("board").locator("button")).to_have_count(20)


def test_a_matrix_of_47_classes_opens_without_data(open_page):
    page = open_page("evaluate?data=emnist-balanced")
    expect(page.get_by_test_id("accuracy")).to_contain_text("of 4,712 read correctly")
    click_cell(page, 18, 1, 47)
    page.wait_for_function(
        "() => location.href.includes('truth=I') && location.href.includes('read=1')"
    )
    expect(page.get_by_text("The pictures are not on this machine")).to_be_in_viewport()
    settle(page)
    _, _, width, _ = box_of(page.locator(AREA))
    _, _, page_width, _ = box_of(page.get_by_test_id("accuracy"))
    assert width > 0.9 * page_width


def test_a_phone_lists_the_pairs_that_are_confused_most(open_page):
    page = open_page("evaluate?data=emnist-balanced", viewport={"width": 390, "height": 844})
    pairs = page.locator(".st-key-pairs-instead button")
    expect(pairs.first).to_be_visible()
    expect(page.locator(AREA)).to_be_hidden()
    settle(page)
    pairs.first.click()
    expect(page).to_have_url(re.compile("truth=.&read=."))
    expect(page.get_by_text("pictures of f read as F")).to_be_visible()


def test_marks_by_keyboard_outlive_a_reload_and_the_server(chromium, tmp_path):
    marked = {}
    for visit in ("first", "second"):
        for address in serve(ROOT / "app.py", tmp_path):
            page = chromium.new_context(viewport={"width": 1280, "height": 1000}).new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{address}/{UCI}&truth=any&read=any+other")
            pictures = page.get_by_test_id("board").locator("button")
            pictures.first.wait_for()
            if visit == "first":
                labels = [
                    text.rpartition("truth ")[2][0] for text in pictures.all_inner_texts()[:4]
                ]
                other = str((int(labels[0]) + 1) % 10)
                pictures.first.focus()
                for key in (other, "?", "!", "?", "Backspace"):  # the last one is undone
                    page.keyboard.press(key)
                marked = {0: f"is {other}", 1: "unreadable", 2: "hard", 3: ""}
                check(pictures, marked)
                page.get_by_text("3 marked (1 relabelled, 1 unreadable left out)").wait_for()
                page.reload()
            check(pictures, marked)
            page.get_by_role("radio", name="applied").click()
            expect(page.get_by_test_id("accuracy")).to_contain_text("of 359 read correctly")
            page.context.close()


def check(pictures, marked: dict[int, str]) -> None:
    for index, word in marked.items():
        expect(pictures.nth(index).locator(".badge")).to_have_text(word)


def test_a_picture_opens_large_with_its_reasons(open_page, worst):
    page = open_page(f"{UCI}&truth={worst[0]}&read={worst[1]}")
    page.get_by_test_id("board").locator("button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("orange speaks for").wait_for()
    expect(dialog.get_by_test_id("nearest").locator("figure")).to_have_count(8)
    page.wait_for_function("() => location.href.includes('picture=')")
    dialog.get_by_role("button", name="Hard").click()
    dialog.get_by_text("Marked hard.").wait_for()
    first = page.url
    if worst[2] > 1:
        page.keyboard.press("ArrowRight")
        dialog.get_by_text(f"; 2 of {worst[2]}").wait_for()
        dialog.get_by_role("button", name="Previous").click()
        dialog.get_by_text(f"; 1 of {worst[2]}").wait_for()
    expect(page).to_have_url(first)
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.href.includes('picture=')")
    expect(page.get_by_test_id("board").locator("button").first.locator(".badge")).to_have_text(
        "hard"
    )


def test_keys_faster_than_the_server_are_not_lost(open_page):
    page = open_page(f"{UCI}&truth=any&read=any")
    pictures = page.get_by_test_id("board").locator("button")
    pictures.first.wait_for()
    expect(pictures).to_have_count(20)
    pictures.first.focus()
    for _ in range(20):
        page.keyboard.press("!", delay=0)
    page.get_by_text("20 marked").wait_for()
    page.reload()
    expect(pictures.locator(".badge").filter(has_text="hard")).to_have_count(20)
