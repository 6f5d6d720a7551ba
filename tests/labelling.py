"""A person who labels rows of look-alikes by keyboard, and knows what each picture shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from playwright.sync_api import Page

from core.synthesis.compose.numbers import NUMBERS

_ROWS = """() => {
  const root = [...document.querySelectorAll("*")].map((node) => node.shadowRoot)
    .find((root) => root?.querySelector(".tiles.in-rows"));
  return root && [...root.querySelectorAll(".row")].map((row) => ({
    title: row.querySelector(".proposed").textContent,
    names: [...row.querySelectorAll(".tile")].map((tile) => tile.dataset.name),
  }));
}"""

Name = TypeVar("Name")

_READY = """(first) => {
  const focused = document.activeElement?.shadowRoot?.activeElement;
  const tile = document.activeElement?.shadowRoot?.querySelector(".tiles.in-rows .tile");
  return focused && tile && tile.dataset.name !== first;
}"""
"""Other rows than those that begin with a picture are there, and have the keyboard."""


def rows_of(page: Page) -> list[tuple[str, list[str]]]:
    """The rows on the screen: the label proposed, and the names of the pictures."""
    return [(row["title"], row["names"]) for row in page.evaluate(_ROWS) or []]


def keys_for_row(
    title: str,
    names: Sequence[Name],
    truth: Mapping[Name, str],
    classes: Sequence[str] = NUMBERS,
) -> list[str]:
    """What is pressed for a row: arrows to what is not as proposed, its number, and Enter where
    something is left to confirm. After a number that others begin with, as 2 and 24, the cursor
    stays.
    """
    wrong = [number for number, name in enumerate(names) if truth[name] != title]
    keys: list[str] = []
    at, waits = 0, False
    for number in wrong:
        label = truth[names[number]]
        keys += ["ArrowRight"] * (number - at) + list(label)
        waits = any(other.startswith(label) and other != label for other in classes)
        at = number + (not waits)
    return keys if len(wrong) == len(names) and not waits else [*keys, "Enter"]


def label_page(page: Page, truth: Mapping[str, str], press: Callable[[str], None]) -> int:
    """Label the rows on the screen; how many pictures they hold."""
    rows = rows_of(page)
    for title, names in rows:
        for key in keys_for_row(title, names, truth):
            press(key)
    return sum(len(names) for _, names in rows)


def label_all(page: Page, truth: Mapping[str, str]) -> int:
    """Label all pictures of the page's collection; the number of keys pressed."""
    pressed = 0

    def press(key: str) -> None:
        nonlocal pressed
        pressed += 1
        page.keyboard.press(key)

    first, left = "", len(truth)
    while left:
        page.wait_for_function(_READY, arg=first)
        first = rows_of(page)[0][1][0]
        left -= label_page(page, truth, press)
    page.get_by_text("Every picture is decided on").wait_for()
    return pressed
