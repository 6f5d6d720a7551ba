"""First paint of every screen, and from a slider to the new grid, of one or several checkouts.

python -m tests.benchmarks.screens [FOLDER ...]      writes assets/results/screens.csv

FOLDER : another checkout to measure in the same run, named after its version. Cold: a new server
that nobody has visited, and a browser that has its scripts already. Warm: the same screen again, in
a new session.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve, settle

SCREENS = ("", "draw", "synthesise", "explore", "my_drawings", "train", "evaluate", "robustness")
ROUNDS, STEPS = 3, 20
COMMAND = "python -m tests.benchmarks.screens"

# Milliseconds from the navigation: to the title, and to the page being whole.
_TITLE = "() => !!document.querySelector('[data-testid=stMain] h1')"
_NOW = "() => performance.now()"


def opened(page: Page, address: str) -> tuple[float, float]:
    page.goto(address)
    page.wait_for_function(_TITLE, polling="raf")
    title = page.evaluate(_NOW)
    settle(page)
    return title, page.evaluate(_NOW) - 300  # for which `settle` sees it idle


def slider(page: Page, address: str) -> list[float]:
    """Milliseconds from a key on the jitter's slider to another grid."""
    page.goto(f"{address}/synthesise")
    page.locator("[data-testid=stMain] img").first.wait_for()
    settle(page)
    thumb = page.get_by_role("slider", name="Jitter radius").first
    thumb.focus()
    times = []
    for number in range(STEPS):
        page.evaluate(
            """() => {
              const shown = () => [...document.querySelectorAll("[data-testid=stMain] img")]
                .map((image) => image.src.length + image.src.slice(-80)).join();
              const before = shown();
              window.took = 0;
              const start = performance.now();
              const look = () => shown() === before
                ? requestAnimationFrame(look) : window.took = performance.now() - start;
              const watch = () => requestAnimationFrame(look);
              addEventListener("keydown", watch, { once: true, capture: true });
            }"""
        )
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        page.wait_for_function("() => window.took", polling=20)
        times.append(page.evaluate("() => window.took"))
        settle(page)
    return times


def measure(root: Path, name: str) -> list[list[object]]:
    rows: list[list[object]] = []

    def add(screen: str, what: str, values: list[float]) -> None:
        middle = (round(statistics.median(values)), round(min(values)), round(max(values)))
        rows.append([name, screen or "home", what, *middle, len(values), hardware(), COMMAND])
        print(*rows[-1][:6], file=sys.stderr)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        for screen in SCREENS:
            cold, warm = [], []
            for _ in range(ROUNDS):
                with contextlib.ExitStack() as stack:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                    serving = contextlib.contextmanager(serve)(root / "app.py", folder, root)
                    address = stack.enter_context(serving)
                    context = browser.new_context()
                    page = context.new_page()
                    page.goto(f"{address}/api/health")
                    cold.append(opened(page, f"{address}/{screen}"))
                    page.close()
                    page = context.new_page()
                    warm.append(opened(page, f"{address}/{screen}"))
                    context.close()
            for temperature, times in (("cold", cold), ("warm", warm)):
                for what, values in zip(("title", "whole"), zip(*times, strict=True), strict=True):
                    add(screen, f"{what}, {temperature}", list(values))
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            serving = contextlib.contextmanager(serve)(root / "app.py", folder, root)
            address = stack.enter_context(serving)
            add("synthesise", "slider to grid", slider(browser.new_page(), address))
    return rows


def version(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    roots = [*map(Path, sys.argv[1:]), ROOT]
    rows = [row for root in roots for row in measure(root, version(root))]
    write_results(
        "screens.csv", "commit,screen,what,median_ms,lowest_ms,highest_ms,n,hardware,command", rows
    )


if __name__ == "__main__":
    main()
