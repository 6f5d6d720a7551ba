"""From mouse-up to the answer on screen, beside a canvas that only echoes its stroke count.

python -m tests.benchmarks.draw_latency      writes assets/results/draw_latency.csv
"""

import contextlib
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results
from tests.browser.conftest import (
    CANVAS,
    CHROMIUM_OPTIONS,
    ROOT,
    STROKES,
    draw,
    find_chromium,
    serve,
)

COUNT = 50

# Times are the browser's own: from the pen-up event to the last change of what the page shows of
# the answer; one to the stroke under way may come before it.
_WATCH = """() => {
  window.times = [];
  window.latest = null;
  addEventListener('pointerdown', () => { window.lifted = null; }, true);
  addEventListener('pointerup', () => {
    window.lifted = performance.now();
    window.latest = null;
  }, true);
  const shown = () => [...document.querySelectorAll('[data-testid=answer], .reading .share')]
    .map((e) => e.textContent).join('|');
  let last = shown();
  new MutationObserver(() => {
    const now = shown();
    if (window.lifted && now && now !== last) {
      const lifted = window.lifted;
      requestAnimationFrame(() => { window.latest = performance.now() - lifted; });
    }
    if (now) last = now;
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true
  });
}"""


def stroke(page, number: int) -> None:
    """One more stroke, never twice the same, and wait until it has been answered."""
    shapes = [shape for label in "7304" for shape in STROKES[label]]
    draw(
        page,
        [
            [
                [x * 0.9 + 3 * (number % 7), y * 0.9 + 2 * (number % 11)]
                for x, y in shapes[number % len(shapes)]
            ]
        ],
    )
    # An answer may be the same to the last figure; then nothing changes on screen and the stroke
    # does not count.
    with contextlib.suppress(Exception):
        page.wait_for_function("window.latest", timeout=2500)
    page.wait_for_timeout(300)
    page.evaluate("window.latest && window.times.push(window.latest)")


def clear(page) -> None:
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(400)
    page.evaluate("window.lifted = null")


def main() -> None:
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        servers = [
            stack.enter_context(contextlib.contextmanager(serve)(script, folder))
            for script, folder in zip(
                (ROOT / "tests/benchmarks/echo.py", ROOT / "app.py"), folders, strict=True
            )
        ]
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        pages = {}
        draw_page = f"{servers[1]}/draw?model="
        for name, address in {
            "echo": servers[0],
            "digits": f"{draw_page}digits",
            "characters": f"{draw_page}characters",
        }.items():
            pages[name] = browser.new_page(viewport={"width": 1280, "height": 1000})
            pages[name].goto(address)
            pages[name].locator(CANVAS).wait_for(timeout=60_000)
            pages[name].wait_for_timeout(8_000)
            pages[name].evaluate(_WATCH)
            for number in range(3):
                stroke(pages[name], number)
            pages[name].evaluate("window.times = []")
        while any(page.evaluate("window.times.length") < COUNT for page in pages.values()):
            # in turn, five strokes at a time, so that all see the same machine
            for page in pages.values():
                page.bring_to_front()
                clear(page)
                for number in range(5):
                    stroke(page, page.evaluate("window.times.length") + number)
        times = {
            name: sorted(page.evaluate("window.times")[:COUNT]) for name, page in pages.items()
        }
    echo = statistics.median(times["echo"])
    rows = []
    for name, values in times.items():
        median = statistics.median(values)
        row = [
            name,
            len(values),
            round(median, 1),
            round(values[len(values) // 10], 1),
            round(values[-len(values) // 10], 1),
        ]
        rows.append(
            [*row, round(median / echo, 3), hardware(), "python -m tests.benchmarks.draw_latency"]
        )
    write_results(
        "draw_latency.csv",
        "page,strokes,median_ms,p10_ms,p90_ms,ratio_to_echo,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()
