"""First paint of every screen, and from a slider to the new grid, of one or several checkouts.

python -m tests.benchmarks.screens [FOLDER ...]      writes assets/results/screens.csv

FOLDER : another checkout to measure in the same run, named after its version. Cold: a new server
that nobody has visited, and a browser that has its scripts already. Warm: the same screen again, in
a new session, once what the first one loads behind its back is there.
"""

import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve, settle

SCREENS = ("", "draw", "synthesise", "explore", "my_drawings", "train", "evaluate", "robustness")
ROUNDS, STEPS = 3, 12
LOADING_MS = 6000  # for a model and torch, which load behind the first paint
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


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """A new server of a checkout, with nothing in its home."""
    with tempfile.TemporaryDirectory() as folder:
        yield from serve(root / "app.py", Path(folder), root)


def measure(roots: Sequence[Path]) -> dict[tuple[Path, str, str], list[float]]:
    """Milliseconds by checkout, screen and what; the checkouts in turns, so that all see the same
    machine.
    """
    times: dict[tuple[Path, str, str], list[float]] = defaultdict(list)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        for screen, _, root in product(SCREENS, range(ROUNDS), roots):
            with serving(root) as address:
                context = browser.new_context()
                context.new_page().goto(f"{address}/api/health")
                for temperature in ("cold", "warm"):
                    page = context.new_page()
                    title, whole = opened(page, f"{address}/{screen}")
                    times[root, screen, f"title, {temperature}"].append(title)
                    times[root, screen, f"whole, {temperature}"].append(whole)
                    page.wait_for_timeout(LOADING_MS)
                    page.close()
                context.close()
        for _, root in product(range(ROUNDS), roots):
            with serving(root) as address:
                page = browser.new_page()
                times[root, "synthesise", "slider to grid"] += slider(page, address)
                page.close()
    return times


def version(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    roots = [*map(Path, sys.argv[1:]), ROOT]
    rows = [
        [
            version(root),
            screen or "home",
            what,
            *(round(value) for value in (statistics.median(values), min(values), max(values))),
            len(values),
            hardware(),
            COMMAND,
        ]
        for (root, screen, what), values in sorted(
            measure(roots).items(), key=lambda item: roots.index(item[0][0])
        )
    ]
    write_results(
        "screens.csv", "commit,screen,what,median_ms,lowest_ms,highest_ms,n,hardware,command", rows
    )


if __name__ == "__main__":
    main()
