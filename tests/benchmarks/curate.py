"""Curating: from a key to the next picture and to the disk; first pictures of large folders, a look
through all of them, writing them anew.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.curate      writes assets/results/curate.csv

The competition's 2,880 pictures, and a folder of 100,000 (copies of a hundred digits of UCI). A key
is answered when the board has moved on, and saved when the page says that all is on disk.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from core.curation.collection import open_collection
from core.curation.curated import curated
from core.curation.export import export
from core.curation.suspects import find_suspects
from core.datasets.catalogue import open_dataset
from core.evaluation.publish import hardware
from core.ink.encode import negative, png
from core.settings import Settings
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve, settle

DECISIONS, MANY, DIFFERENT = 50, 100_000, 100
COMMAND = "python -m tests.benchmarks.curate"

# Milliseconds from each key to the frame after the board has moved on.
_WATCH = """() => {
  window.took = [];
  addEventListener("keydown", () => {
    const start = performance.now(), painted = () => window.took.push(performance.now() - start);
    requestAnimationFrame(() => requestAnimationFrame(painted));
  }, true);
}"""
_FOCUSED = "() => document.activeElement.shadowRoot?.activeElement"
_PAINTED = """() => [...document.querySelectorAll("*")].some(
  (node) => node.shadowRoot?.querySelector(".picture")?.style.backgroundImage)"""


def large_folder(folder: Path, settings: Settings) -> Path:
    """MANY files in ten class folders."""
    data = open_dataset("uci-digits:train", settings)
    pictures = [png(negative(image)) for image in data.images[:DIFFERENT]]
    for number in range(MANY):
        path = folder / str(number % 10) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures[number % DIFFERENT])
    return folder


def first_pictures(page: Page, address: str) -> float:
    """Seconds from the address to the first pictures."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function(_PAINTED)
    return time.perf_counter() - started


def by_keyboard(page: Page) -> dict[str, tuple[float, str]]:
    """DECISIONS by keyboard, over to the second page."""
    settle(page)
    page.wait_for_function(_FOCUSED)
    page.evaluate(_WATCH)
    started = time.perf_counter()
    for number in range(DECISIONS):
        if number == 48:
            page.wait_for_url("**label-page=2**")
            page.wait_for_function(_FOCUSED)
            settle(page)
        page.keyboard.press(("Enter", "Delete", "4")[number % 3])
    page.get_by_text("All saved").wait_for()
    seconds = time.perf_counter() - started
    took = sorted(page.evaluate("() => window.took"))
    return {
        f"{DECISIONS} decisions by keyboard, all on disk": (seconds, "s"),
        "from a key to the next picture, median": (statistics.median(took), "ms"),
        "from a key to the next picture, slowest": (took[-1], "ms"),
    }


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    settings = Settings.from_environment()
    roman = settings.data / "roman"
    if not roman.is_dir():
        sys.exit(f"The competition's pictures are not in {roman}; put them there.")
    rows: list[list[object]] = []

    def add(data: str, n: int, values: dict[str, tuple[float, str]]) -> None:
        for what, (value, unit) in values.items():
            rows.append([data, n, what, round(value, 3), unit, hardware(), COMMAND])

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        many = large_folder(folder / "many", settings)
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        address = stack.enter_context(contextmanager(serve)(ROOT / "app.py", folder))
        browser.new_page().goto(f"{address}/curate")  # the server has been visited
        for name, data in (("competition", roman), ("100,000 files", many)):
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.set_default_timeout(120_000)
            first = first_pictures(page, f"{address}/curate?folder={quote(str(data))}")
            found = open_collection(str(data), settings)
            now = curated(found, {})
            add(
                name,
                len(found),
                {
                    "listed": (timed(partial(open_collection, str(data), settings)), "s"),
                    "first pictures on the screen": (first, "s"),
                    **by_keyboard(page),
                    "looked through for suspects": (timed(partial(find_suspects, found)), "s"),
                    "exported": (timed(partial(export, now, folder / f"{name} out")), "s"),
                },
            )
            page.close()
    write_results("curate.csv", "data,n,what,value,unit,hardware,command", rows)


if __name__ == "__main__":
    main()
