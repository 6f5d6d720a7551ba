"""A real server and a real Chromium; without one the tests are skipped by name, and in CI they
fail.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
STROKES: dict[str, list[list[list[float]]]] = json.loads(
    (Path(__file__).parent / "strokes.json").read_text()
)
CANVAS = "canvas.upper-canvas"
expect.set_options(timeout=30_000)  # a busy machine is no defect
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
def chromium():
    path = find_chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no Chromium on this machine: apt-get install chromium"
        )

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


def serve(script: Path, folder: Path) -> Iterator[str]:
    """Run a Streamlit script on a free port with its data in `folder`; yields the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("INKLING_")
    } | {"INKLING_HOME": str(folder)}
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
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
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
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    yield from serve(ROOT / "app.py", tmp_path_factory.mktemp("home"))


@pytest.fixture
def open_page(chromium, address) -> Iterator[Callable]:
    """Open a path in a context of its own; requests that leave this machine fail the test."""
    contexts, strangers = [], []

    def opened(path: str, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 1000}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", "blob:"))
                else strangers.append(request.url)
            ),
        )
        page.goto(f"{address}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not strangers, f"fetched from elsewhere: {strangers}"


def draw(page, strokes, *, scale: float = 1.0) -> None:
    """Draw strokes, in canvas pixels, with the mouse on the canvas of the page."""
    canvas = page.locator(CANVAS).first
    try:
        canvas.wait_for(timeout=20_000)
    except TimeoutError:  # seen once, cause unknown: the canvas was not mounted within a minute
        page.reload()
        canvas.wait_for()
    box = canvas.bounding_box()
    for stroke in strokes:
        (x, y), *rest = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=3)
        page.mouse.up()
