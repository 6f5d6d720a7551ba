"""Back and Forward return to the views before."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settle

pytestmark = pytest.mark.browser


def visit(page, screen):
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=screen, exact=True).click()
    expect(page.get_by_role("heading", name=screen)).to_be_visible()
    settle(page)


def shown(page, view):
    expect(page.get_by_role("radio", name=view)).to_be_checked()
    settle(page)


def test_views_of_a_screen_are_steps_back_and_forward(open_page):
    page = open_page("")
    visit(page, "Synthesise")
    for view in ("One glyph", "Compare"):
        page.get_by_role("radio", name=view).click()
        shown(page, view)
    page.get_by_role("slider", name="Jitter").first.press("ArrowRight")  # no step
    settle(page)
    page.go_back()
    shown(page, "One glyph")
    page.go_back()
    shown(page, "Grid")
    page.go_back()
    expect(page.get_by_role("heading", name="Inkling")).to_be_visible()
    settle(page)
    page.go_forward()
    shown(page, "Grid")
    page.go_forward()
    shown(page, "One glyph")


def test_a_view_of_one_screen_is_not_carried_to_another(open_page):
    page = open_page("synthesise")
    page.get_by_role("radio", name="Compare").click()
    shown(page, "Compare")
    visit(page, "Evaluate")
    shown(page, "Matrix")
    assert "show=" not in page.url


def test_back_from_a_picture_returns_to_its_cell_and_data(open_page):
    page = open_page("evaluate?model=digits&data=uci-digits")
    truth = page.get_by_role("combobox", name="Truth")
    truth.click()
    page.get_by_role("option", name="8").click()
    expect(page.get_by_role("button", name="truth 8").first).to_be_visible()
    settle(page)
    page.get_by_role("button", name="truth 8").first.click()
    expect(page).to_have_url(re.compile("picture="))
    expect(page.get_by_role("button", name="Mislabelled")).to_be_visible()
    settle(page)
    page.go_back()
    expect(page.get_by_role("button", name="Mislabelled")).to_have_count(0)
    expect(truth).to_have_value("8")
    expect(page.get_by_role("combobox", name="Data")).to_have_value(re.compile("UCI digits"))
    page.go_back()
    expect(truth).to_have_value("any")
    page.go_forward()
    expect(truth).to_have_value("8")
