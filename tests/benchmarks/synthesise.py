"""Synthesise: from a slider to the new grid, and a filmstrip along every track, in one run.

python -m tests.benchmarks.synthesise      writes assets/results/synthesise.csv, 2 minutes

Slider to grid: a key on the slider of the jitter, and its thumb held and dragged, end to end in the
browser; the server's time alone, with no browser beside it, for the whole page and values that are
all new.
Filmstrip: 15 images with their answers as HTML, of every row of TRACKS, median over tracks and the
slowest.
"""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.evaluation.publish import hardware
from core.settings import Settings
from core.synthesis.filmstrip import TRACKS, filmstrip
from core.synthesis.request import Request
from pages.synthesise.filmstrip import COUNT
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve, settle

STEPS, ROUNDS = 40, 7
COMMAND = "python -m tests.benchmarks.synthesise"

# Times are the browser's own: from the event to the first frame in which the grid is another.
_WATCH = """(event) => {
  const shown = () => [...document.querySelectorAll("[data-testid=grid] img")]
    .map((image) => image.src.slice(-80)).join();
  const before = shown();
  window.took = 0;
  addEventListener(event, () => {
    const start = performance.now();
    const look = () => shown() === before
      ? requestAnimationFrame(look) : window.took = performance.now() - start;
    requestAnimationFrame(look);
  }, { once: true, capture: true });
}"""


def measured(page: Page, event: str, act: Callable[[], None]) -> float:
    """Milliseconds from the event to another grid."""
    page.evaluate(_WATCH, event)
    act()
    page.wait_for_function("() => window.took", polling=20)
    took: float = page.evaluate("() => window.took")
    settle(page)
    return took


def server() -> list[float]:
    """Milliseconds of the page's script for each new value of the jitter."""
    app = AppTest.from_file(str(ROOT / "pages" / "navigation.py"), default_timeout=120)
    app._page_hash = calc_hash("synthesise")
    app.run()
    times = []
    for number in range(STEPS):
        app.slider(key="jitter").set_value(round(2 + 0.1 * number, 1))
        started = time.perf_counter()
        app.run()
        times.append(1000 * (time.perf_counter() - started))
    return times[1:]  # the first waits for the model


def sliders(page: Page, address: str) -> dict[str, list[float]]:
    """Of each way to move a slider milliseconds, end to end."""
    page.goto(f"{address}/synthesise")
    page.get_by_test_id("grid").locator("img").first.wait_for()
    page.wait_for_timeout(5000)  # the model loads behind the first paint
    settle(page)
    thumb = page.get_by_role("slider", name="Jitter radius").first
    times: dict[str, list[float]] = {"key": [], "drag": []}
    thumb.focus()
    for number in range(STEPS):
        key = "ArrowLeft" if number % 2 else "ArrowRight"
        times["key"].append(measured(page, "keydown", partial(page.keyboard.press, key)))
    track = thumb.locator("xpath=ancestor::*[@data-testid='stSlider']").bounding_box()
    box = thumb.bounding_box()
    assert track is not None
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(STEPS):
        to = x + 20 + 12 * (number % 7)
        times["drag"].append(measured(page, "pointermove", partial(page.mouse.move, to, y)))
    page.mouse.up()
    return times


def strips() -> dict[str, float]:
    """Track -> milliseconds of a filmstrip: the images, their answers, and the HTML."""
    from core.ink.encode import data_uri, negative
    from core.models.cards import best_for, find_cards
    from core.models.recognizer import load_recognizer
    from core.synthesis.handwriting import DIGITS

    settings = Settings.from_environment()
    cards = [card for card, _ in find_cards(settings).values()]
    model = load_recognizer(best_for(DIGITS, cards)[0].name, settings)

    def strip(name: str) -> float:
        started = time.perf_counter()
        images, _ = filmstrip(Request(), name, 3, count=COUNT)
        model.predict(images)
        for image in images:
            data_uri(negative(image))
        return 1000 * (time.perf_counter() - started)

    strip("jitter")  # compiled
    return {name: statistics.median(strip(name) for _ in range(ROUNDS)) for name in TRACKS}


def main() -> None:
    rows: list[list[object]] = []

    def add(what: str, where: str, values: list[float]) -> None:
        figures = statistics.median(values), min(values), max(values)
        rows.append(
            [what, where, *(round(v, 1) for v in figures), len(values), hardware(), COMMAND]
        )

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(contextlib.contextmanager(serve)(ROOT / "app.py", folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        for way, times in sliders(page, address).items():
            add(f"{way} to grid", "end to end", times)
    add("slider to grid", "server", server())
    tracks = strips()
    slowest = max(tracks, key=tracks.__getitem__)
    add("filmstrip of 15", f"all tracks, slowest {slowest}", list(tracks.values()))
    write_results(
        "synthesise.csv", "what,where,median_ms,lowest_ms,highest_ms,n,hardware,command", rows
    )


if __name__ == "__main__":
    main()
