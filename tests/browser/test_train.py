"""The Train screen in Chromium, with no data on the machine: a run that outlives its page, and a
cancelled one.
"""

import re
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import until

pytestmark = pytest.mark.browser

SMALL = "train?model=lenet5&batch_size=64&redrawn=0&synthetic=0"


def start(page) -> str:
    """Press Train; returns the address of the run."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("heading", name="lenet5 on uci-digits").wait_for()
    page.wait_for_function("() => location.href.includes('run=')")
    return page.evaluate("location.href").rpartition("/")[2]


def test_a_run_outlives_its_page_and_becomes_a_recognizer_that_draw_offers(open_page):
    page = open_page(f"{SMALL}&epochs=2")
    address = start(page)
    page.close()
    page = open_page(address)
    page.get_by_text("All 2 epochs are done.").wait_for(timeout=120_000)
    page.locator(".st-key-figure-accuracy .js-plotly-plot").wait_for()
    page.get_by_text("Make this a recognizer").click()
    page.get_by_role("textbox", name="Name").fill("from-the-browser")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Draw with it").click()
    page.wait_for_function("() => location.href.includes('draw?model=from-the-browser')")
    page.get_by_role("combobox", name="Model").wait_for()
    expect(page.get_by_text("from-the-browser").first).to_be_visible()


def test_a_run_is_cancelled_and_deleted(open_page):
    page = open_page(f"{SMALL}&epochs=900")
    address = start(page)
    page.get_by_text(re.compile(r"Epoch ([2-9]|\d\d+) of 900")).wait_for(timeout=120_000)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled after").wait_for()
    page.get_by_role("button", name="Resume").wait_for()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    name = address.partition("run=")[2].partition("&")[0]
    other = open_page(address)
    other.get_by_text("Cancelled after").wait_for()
    # a run whose process is still exiting cannot be deleted
    until(
        lambda: (
            not any(
                name in " ".join(process.info["cmdline"] or [])
                for process in psutil.process_iter(["cmdline"])
            )
        )
    )
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_text("Cancelled after").wait_for(state="hidden")
    # a button of a deleted run, if the page has not noticed yet
    with suppress(TimeoutError):
        other.get_by_role("button", name="Resume").click(timeout=2_000)
    other.get_by_text("Cancelled after").wait_for(state="hidden")
    expect(other.get_by_text("Traceback")).to_have_count(0)
    expect(other.locator(f".st-key-Resume-{name}")).to_have_count(0)
