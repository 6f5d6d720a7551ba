"""From mouse-up to the answer, and to all that is shown with it, Inside open and not, the stroke
under way answered and not: in turns on one machine.

python -m tests.benchmarks.draw_live [STROKES]      writes assets/results/draw_live.csv
"""

import contextlib
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results
from tests.browser.conftest import (
    CANVAS,
    CHROMIUM_OPTIONS,
    ROOT,
    STROKES,
    box_of,
    find_chromium,
    serve,
    settle,
)

COUNT = 50
VIEWS = ("What it saw", "Inside")
SCRIPTS = {"no": "tests/benchmarks/when_lifted.py", "yes": "app.py"}
"""Whether the stroke under way is answered, and the dashboard that does so."""

_POINTS = 70
"""Of a stroke; the mouse takes some 10 ms to each."""

# The page dispatches `inkling-answered` once all of an answer is there: the last of them after a
# pen-up is that to the whole drawing, and so is the last change of the answer's figures. Times are
# the browser's own, milliseconds.
_WATCH = """() => {
  const none = { down: 0, up: 0, under: [], answer: 0, last: 0 };
  window.seen = none;
  addEventListener('pointerdown', () => {
    window.seen = { ...none, down: performance.now(), under: [] };
  }, true);
  const shown = () => [...document.querySelectorAll('.reading .share')]
    .map((e) => e.textContent).join('|');
  let before = shown();
  new MutationObserver(() => {
    const now = shown();
    if (now !== before && window.seen.up) {
      requestAnimationFrame(() => { window.seen.answer = performance.now() - window.seen.up; });
    }
    before = now;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  addEventListener('pointerup', () => { window.seen.up = performance.now(); }, true);
  addEventListener('inkling-answered', () => requestAnimationFrame(() => {
    const { seen } = window, now = performance.now();
    if (seen.up) seen.last = now - seen.up; else seen.under.push(now - seen.down);
  }));
}"""


class Seen(NamedTuple):
    """Milliseconds from pen-up to the answer, 0 if its figures are those before, and to all that is
    shown with it; and from pen-down to each before that.
    """

    answer: float
    last: float
    under: list[float]


def stroke(page: Page, number: int) -> Seen:
    """One more stroke at the pace of a pen, and what was seen of its answers."""
    left, top, *_ = box_of(page.locator(CANVAS))
    shapes = [shape for label in "7304" for shape in STROKES[label]]
    corners = np.array(shapes[number % len(shapes)]) * 0.9 + [3 * (number % 7), 2 * (number % 11)]
    at = np.linspace(0, len(corners) - 1, _POINTS)
    points = np.stack([np.interp(at, range(len(corners)), side) for side in corners.T], 1)
    page.mouse.move(left + points[0][0], top + points[0][1])
    page.mouse.down()
    for x, y in points:
        page.mouse.move(left + x, top + y)
        page.wait_for_timeout(4)
    page.mouse.up()
    page.wait_for_function("window.seen.last > 0")
    page.wait_for_timeout(400)  # an answer to a stroke under way may come first
    seen = page.evaluate("window.seen")
    return Seen(seen["answer"], seen["last"], seen["under"])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        pages: dict[tuple[str, str], Page] = {}
        for live, script in SCRIPTS.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            address = stack.enter_context(contextlib.contextmanager(serve)(ROOT / script, folder))
            for view in VIEWS:
                page = browser.new_page(viewport={"width": 1280, "height": 1000})
                page.goto(f"{address}/draw?model=digits&view={view}")
                page.locator(CANVAS).wait_for(timeout=60_000)
                settle(page)
                page.evaluate(_WATCH)
                for number in range(3):
                    stroke(page, number)
                pages[view, live] = page
        seen: dict[tuple[str, str], list[Seen]] = {key: [] for key in pages}
        for start in range(0, count, 5):
            # in turn, five strokes at a time, so that all see the same machine
            for key, page in pages.items():
                page.bring_to_front()
                page.get_by_role("button", name="Clear").click()
                settle(page)
                seen[key] += [stroke(page, start + number) for number in range(5)]
    answers = {
        key: sorted(one.answer for one in given if one.answer) for key, given in seen.items()
    }
    medians = {key: statistics.median(times) for key, times in answers.items()}
    rows = []
    for (view, live), given in seen.items():
        times = answers[view, live]
        first = [one.under[0] for one in given if one.under]
        rows.append(
            [
                view,
                live,
                len(times),
                round(medians[view, live], 1),
                round(times[len(times) // 10], 1),
                round(times[-len(times) // 10], 1),
                round(medians[view, live] / medians[VIEWS[0], live], 3),
                round(medians[view, live] / medians[view, "no"], 3),
                round(statistics.median(one.last for one in given), 1),
                round(statistics.mean(len(one.under) for one in given), 2),
                round(statistics.median(first), 1) if first else "",
                hardware(),
                "python -m tests.benchmarks.draw_live",
            ]
        )
    write_results(
        "draw_live.csv",
        "view,answered_under_way,strokes,median_ms,p10_ms,p90_ms,ratio_to_what_it_saw,"
        "ratio_to_lifted_only,all_shown_ms,answers_under_way,first_under_way_ms,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()
