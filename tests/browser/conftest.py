"""A real server and a real Chromium; without Chromium the tests are skipped with a reason, and fail
in CI.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[2]
Strokes = list[list[list[float]]]
STROKES: dict[str, Strokes] = json.loads((Path(__file__).parent / "strokes.json").read_text())
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 1000}, "reduced_motion": "reduce"}
CANVAS = "[class*=st-key-canvas-] canvas"
expect.set_options(timeout=30_000)  # a busy machine is not a failure
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    return next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no Chromium on this machine: apt-get install chromium"
        )

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


def serve(
    script: Path,
    folder: Path,
    root: Path = ROOT,
    *,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run a Streamlit script with its data in `folder` and the modules of `root`, on a free port if
    none is given, and with `variables` in its environment; yields the address, and kills it
    afterwards.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = port or free.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("INKLING_")
    } | {"INKLING_HOME": str(folder), **(variables or {})}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    with open(folder / "server.log", "w") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError((folder / "server.log").read_text()) from None
                time.sleep(0.2)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    yield from serve(ROOT / "app.py", tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def context_for(chromium: Browser) -> Callable[..., BrowserContext]:
    """The context of each test's first page, by the options of its device: the dashboard's scripts
    are fetched and compiled once. Nothing else is shared: drawings and choices are in the page's
    session on the server.
    """
    contexts: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        key = json.dumps(options, sort_keys=True)
        if key not in contexts:
            contexts[key] = chromium.new_context(**DESK | options)
        return contexts[key]

    return context


@pytest.fixture
def open_page(
    chromium: Browser, context_for: Callable[..., BrowserContext], address: str
) -> Iterator[Callable[..., Page]]:
    """Open a path; requests that leave this machine fail the test.

    A second page has its own context: Chromium does not draw a page that lies behind another of its
    context.
    """
    pages: list[Page] = []
    strangers: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            strangers.append(request.url)

    def opened(path: str, **options: Any) -> Page:
        own = chromium.new_context(**DESK | options) if pages else context_for(**options)
        page = own.new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("request", watch)
        page.goto(f"{address}/{path}")
        return page

    yield opened
    for number, page in enumerate(pages):
        page.close()
        if number:
            page.context.close()
    assert not strangers, f"fetched from elsewhere: {strangers}"


def settle(page: Page) -> None:
    """Wait until the dashboard has been idle for a while, so that the page is final."""
    page.evaluate("() => { window.idleSince = undefined; }")
    page.wait_for_function(
        """() => {
            const app = document.querySelector("[data-testid=stApp]"), now = performance.now();
            const idle = app?.dataset.testScriptState === "notRunning";
            window.idleSince = idle ? window.idleSince ?? now : undefined;
            return idle && now - window.idleSince > 300;
        }"""
    )


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a condition outside the page."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def draw(page: Page, strokes: Strokes, *, scale: float = 1.0) -> None:
    """Draw strokes, in canvas pixels, with the mouse on the canvas of the page, once it is ready
    for them.
    """
    canvas = page.locator(CANVAS)
    canvas.wait_for()
    settle(page)  # a page that is painted moves what is below
    canvas.scroll_into_view_if_needed()
    left, top, *_ = box_of(canvas)
    for stroke in strokes:
        (x, y), *rest = [(left + x * scale, top + y * scale) for x, y in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=3)
        page.mouse.up()


def box_of(locator: Locator) -> tuple[float, float, float, float]:
    """Left, top, width and height on the screen, in pixels."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]
