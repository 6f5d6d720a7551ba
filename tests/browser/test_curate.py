"""Curate in Chromium: decisions by keyboard that answer at once and outlive a reload and a kill of
the server; undo, two tabs, export.
"""

import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.curation.decisions import decided, read_log
from tests.browser.conftest import ROOT, serve, settle, until
from tests.curation.collections import numerals, picture, write

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path) -> Path:
    """156 pictures, four pages."""
    return numerals(tmp_path / "set", of_each=26)


def tiles(page: Page):
    return page.get_by_test_id("board").locator("button")


def badges(page: Page, word: str):
    return page.get_by_test_id("board").locator(".badge").filter(has_text=word)


def ready(page: Page) -> None:
    """The board is there, and has the keyboard."""
    tiles(page).first.wait_for()
    settle(page)
    page.wait_for_function("() => document.activeElement.shadowRoot?.activeElement")


def test_fifty_decisions_by_keyboard_reload_undo_export(open_page, folder):
    page = open_page(f"curate?folder={quote(str(folder))}")
    ready(page)
    started = time.monotonic()
    for number in range(50):
        if number == 48:  # the next page comes by itself
            page.wait_for_url("**label-page=2**")
            ready(page)
        page.keyboard.press(("Enter", "Delete", "4")[number % 3])
    page.get_by_text("All saved").wait_for()
    assert time.monotonic() - started < 60  # three seconds where nothing else runs
    # the pictures are i, i, … : 4 says that they are iv; one of three is removed
    page.get_by_text("139 of 10,000 pictures used; 50 of 156 decided: 17 removed").wait_for()
    expect(badges(page, "kept")).to_have_count(1)
    page.reload()
    ready(page)
    expect(page.get_by_text("50 of 156 decided")).to_be_visible()
    expect(badges(page, "removed")).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("Backspace")
    expect(page.get_by_text("47 of 156 decided")).to_be_visible()
    page.goto(page.url.replace("&label-page=2", "") + "&show=Export")
    page.get_by_role("button", name="Write 140 pictures").click()
    page.get_by_text("140 pictures are written.").wait_for()
    assert len(list(Path(f"{folder}-curated").rglob("*.png"))) == 140


def test_two_tabs_decide_at_once(open_page, folder):
    one = open_page(f"curate?folder={quote(str(folder))}&of-class=i")
    other = open_page(f"curate?folder={quote(str(folder))}&of-class=x")
    for page in (one, other):
        ready(page)
    for _ in range(10):
        one.keyboard.press("Delete")
        other.keyboard.press("Enter")
    for page in (one, other):
        page.get_by_text("All saved").wait_for()
        page.reload()
        expect(page.get_by_text("20 of 156 decided: 10 removed")).to_be_visible()


def test_a_kill_loses_nothing_that_was_saved_and_the_rest_is_sent_again(chromium, tmp_path, folder):
    home = tmp_path / "home"
    home.mkdir()

    def logged():
        logs = home.glob("runs/curation/*.jsonl")
        return {name for log in logs for name in decided(read_log(log))}

    served = contextmanager(serve)
    page = chromium.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(60_000)
    with served(ROOT / "app.py", home) as address:  # and killed
        page.goto(f"{address}/curate?folder={quote(str(folder))}")
        ready(page)
        for _ in range(20):
            page.keyboard.press("Delete", delay=0)
        until(lambda: len(logged()) > 5)
    saved = logged()
    for _ in range(5):
        page.keyboard.press("Delete")
    expect(page.get_by_text("not saved yet")).to_be_visible()
    with served(ROOT / "app.py", home, port=int(address.rpartition(":")[2])):
        page.get_by_text("All saved").wait_for()
        assert saved <= logged()
        assert len(logged()) == 25
        page.reload()
        expect(badges(page, "removed")).to_have_count(25)
        page.context.close()


def test_by_touch_a_name_with_quotes_and_a_newline(open_page, folder):
    write(folder / "train" / "i" / 'a"b\n<i>.png', picture(900))
    page = open_page(
        f"curate?folder={quote(str(folder))}&of-class=i&of-part=train",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    expect(tiles(page)).to_have_count(27)
    tiles(page).nth(26).tap()
    page.get_by_role("button", name="Remove").tap()
    page.get_by_text("All saved").wait_for()
    page.reload()
    expect(tiles(page).nth(26).locator(".badge")).to_have_text("removed")
    tiles(page).nth(26).tap()
    expect(page.get_by_text('train/i/a"b\N{REPLACEMENT CHARACTER}<i>.png')).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll("*")].map((node) => node.shadowRoot)
          .filter((root) => root?.querySelector(".actions"))
          .flatMap((root) => [...root.querySelectorAll("button")])
          .filter((button) => button.offsetHeight < 44 || button.offsetWidth < 44).length"""
    )
    assert small == 0
