"""A demo on a network in two Chromium profiles: what the first visitor makes, by every screen that
keeps anything, the second neither sees nor reaches by its addresses; the first can remove it all.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.synthesis.glyph_file import FOLDER
from tests.browser.conftest import CANVAS, DESK, ROOT, STROKES, draw, serve, settle, until
from tests.browser.provider import CLIENT, SECRET, provider
from tests.datasets.upload_files import IMAGES, LABELS, npz

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENS = ["", "draw", "sheet", "synthesise", "compose", "explore", "curate", "my_drawings"]
SCREENS += ["train", "evaluate", "robustness", "demo"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def demo(home: Path) -> Iterator[str]:
    yield from serve(ROOT / "app.py", home, variables={"INKLING_PUBLIC": "1"})


@pytest.fixture
def visitor(chromium: Browser, demo: str) -> Iterator[Callable[[], BrowserContext]]:
    """A new browser profile each: cookies of its own."""
    contexts: list[BrowserContext] = []

    def visitor() -> BrowserContext:
        contexts.append(chromium.new_context(**DESK, base_url=demo))
        return contexts[-1]

    yield visitor
    for context in contexts:
        context.close()


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    settle(page)
    return page


def at(page: Page, text: str) -> None:
    """Wait until it is in the address."""
    page.wait_for_function("text => location.href.includes(text)", arg=text)


def said(page: Page) -> str:
    """All that can be read on it, in its fields too."""
    texts: list[str] = page.evaluate(
        """() => [document.body.innerText, document.title,
                  ...[...document.querySelectorAll("input, textarea")].map(one => one.value)]"""
    )
    return " ".join(texts)


def make_things(page: Page, tmp_path: Path) -> list[str]:
    """Through every screen that keeps something; the addresses at which it is seen."""
    addresses = []
    (tmp_path / "zebra.npz").write_bytes(npz(images=IMAGES, labels=LABELS))
    opened(page, "/explore")
    page.get_by_text("Data of your own").click()
    page.locator('input[type="file"]').first.set_input_files(str(tmp_path / "zebra.npz"))
    page.get_by_role("button", name="Add the data set").click()
    at(page, "data=upload-zebra")
    addresses += [page.url, page.url.replace("explore", "evaluate")]

    opened(page, "/curate?data=upload-zebra")
    page.get_by_text("Labelled 0", exact=False).or_(page.get_by_text("Labelled")).first.wait_for()
    page.keyboard.press("Delete")  # a decision
    settle(page)
    addresses.append(page.url)

    _keep_set(page, tmp_path)
    opened(page, "/synthesise?glyphs=zebra")
    assert "zebra" in said(page)
    addresses.append(page.url)

    opened(page, "/synthesise?glyphs=zebra&show=Export+and+code&count=20&name=stripes")
    page.get_by_role("button", name="Make them").click()
    page.get_by_text("They are made.").wait_for()
    assert "/visitors/" not in page.content()
    addresses.append(page.url)

    opened(page, "/sheet?example=true&model=characters")
    page.get_by_role("button", name="Label the cells").click()
    at(page, "folder=example")
    settle(page)
    assert "/visitors/" not in page.content()
    addresses.append(page.url)

    draw(opened(page, "/draw"), STROKES["7"])
    page.get_by_role("button", name="Keep in My drawings").click()
    page.get_by_text("Kept as").wait_for()
    opened(page, "/my_drawings")
    page.locator("[class*=st-key-open-] button").first.click()
    at(page, "drawing=")
    addresses.append(page.url)
    return addresses


def _keep_set(page: Page, tmp_path: Path) -> None:
    glyphs = tmp_path / "zebra.json"
    glyphs.write_text((FOLDER / "classic.json").read_text("utf-8"), "utf-8")
    opened(page, "/synthesise")
    page.get_by_text("A set of your own").click()
    page.locator('input[type="file"]').last.set_input_files(str(glyphs))
    page.get_by_text("zebra is kept").wait_for()


def test_a_second_visitor_sees_and_reaches_nothing(
    visitor: Callable[[], BrowserContext], home: Path, tmp_path: Path
) -> None:
    first, second = visitor(), visitor()
    one, other = first.new_page(), second.new_page()
    addresses = make_things(one, tmp_path)
    (cookie,) = [cookie for cookie in first.cookies() if cookie["name"] == "inkling"]
    assert cookie["httpOnly"]
    secret = cookie["value"]
    assert not any(secret in address for address in addresses)
    assert "inkling" not in one.evaluate("document.cookie")
    (folder,) = [path for path in (home / "visitors").iterdir() if path.is_dir()]
    assert secret not in folder.name
    assert not [path for path in (home / "data").rglob("*") if path.is_file()]

    for address in [*(f"/{screen}" for screen in SCREENS), *addresses]:
        opened(other, address)
        text = said(other)
        for word in ("zebra", "They are made", "Delete it", "Traceback"):
            assert word not in text, address
    expect(opened(other, "/my_drawings").get_by_text("Nothing is kept yet")).to_be_visible()
    # whoever knows the name of the folder has nothing of it
    for name in (folder.name, "a" * 43):
        second.add_cookies([{"name": "inkling", "value": name, "url": other.url}])
        assert "zebra" not in said(opened(other, addresses[0]))

    # the first one's are there, after a reload too, until they are removed
    assert "zebra" in said(opened(one, "/explore?data=upload-zebra"))
    one.get_by_role("button", name="Remove it now").click()
    one.get_by_role("button", name="Remove everything").click()
    until(lambda: not folder.exists())
    assert "zebra" not in said(opened(one, "/explore"))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_with_openid_connect_a_visitor_signs_in_first(
    chromium: Browser, home: Path, tmp_path: Path
) -> None:
    """One person in two browsers has the same things; another person in one of them has not."""
    port, people, secrets_file = _free_port(), ["anna"], tmp_path / ".streamlit" / "secrets.toml"
    secrets_file.parent.mkdir()
    with provider(_free_port(), people) as issuer:
        secrets_file.write_text(
            f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{"x" * 40}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""
        )
        variables = {"INKLING_PUBLIC": "1", "HOME": str(tmp_path)}
        for address in serve(ROOT / "app.py", home, port=port, variables=variables):
            contexts = [chromium.new_context(**DESK, base_url=address) for _ in range(2)]
            pages = [context.new_page() for context in contexts]
            for page in pages:
                opened(page, "/draw")
                assert "Sign in, so that" in said(page)
                assert not page.locator(CANVAS).count()
                page.get_by_role("button", name="Sign in").click()
                page.get_by_role("button", name="Sign out").wait_for()
            _keep_set(pages[0], tmp_path)
            assert "zebra" in said(opened(pages[1], "/synthesise?glyphs=zebra"))
            people[0] = "bert"
            pages[1].get_by_role("button", name="Sign out").click()
            pages[1].get_by_role("button", name="Sign in").click()
            pages[1].get_by_role("button", name="Sign out").wait_for()
            assert "zebra" not in said(opened(pages[1], "/synthesise?glyphs=zebra"))
            for context in contexts:
                context.close()
