"""50 visitors who draw at once over the dashboard's websocket, and 5 in real browsers, beside one
alone before them: how long each waits for the answer to a stroke, and the server's memory.

python -m tests.benchmarks.crowd [SECONDS [VISITORS [BROWSERS]]]    writes assets/results/crowd.csv

A visitor draws a stroke in 0.7 s and rests for 1.5 s, all the time; strokes under way are answered
as the canvas asks for it. Server, visitors and browsers share the machine.
"""

import asyncio
import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.evaluation.publish import hardware
from tests.benchmarks.attack import server_of
from tests.benchmarks.draw_live import _WATCH, stroke
from tests.benchmarks.results import write_results
from tests.benchmarks.screens import serving
from tests.benchmarks.visitor import Seen, shape, visiting
from tests.browser.conftest import CANVAS, CHROMIUM_OPTIONS, ROOT, find_chromium, settle

COMMAND = "python -m tests.benchmarks.crowd"
SECONDS, VISITORS, BROWSERS = 600.0, 50, 5
ALONE = 60.0
DRAWS, RESTS = 0.7, 1.5


async def one_visit(address: str, number: int, until: float, seen: Seen) -> None:
    """Draw until the time is over; whoever comes to a screen does not come with all the others."""
    random = np.random.default_rng(number)
    await asyncio.sleep(random.uniform(0, DRAWS + RESTS))
    async with visiting(address, seen) as visitor:
        while time.perf_counter() < until:
            await visitor.draw(shape(int(random.integers(1000))), DRAWS)
            await asyncio.sleep(random.uniform(0.5, 1.5) * RESTS)


async def visits(address: str, count: int, seconds: float, memory: list[float]) -> list[Seen]:
    """What each of so many visitors saw; and the server's resident set, MB, every 5 s."""
    until = time.perf_counter() + seconds
    seen = [Seen() for _ in range(count)]
    server = server_of(address)

    async def watch() -> None:
        while time.perf_counter() < until:
            memory.append(server.memory_info().rss / 10**6)
            await asyncio.sleep(5)

    everyone = (one_visit(address, number, until, one) for number, one in enumerate(seen))
    done = await asyncio.gather(watch(), *everyone, return_exceptions=True)
    for error in done:
        if isinstance(error, BaseException):
            seen[0].errors.append(repr(error))
    return seen


def browse(address: str, count: int, until: float, seen: Seen) -> None:
    """The same in pages of a Chromium, one after another, each in a window of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        pages: list[Page] = []
        for _ in range(count):
            page = browser.new_context().new_page()
            page.set_default_timeout(120_000)
            page.goto(f"{address}/draw?model=digits")
            page.locator(CANVAS).wait_for()
            settle(page)
            page.evaluate(_WATCH)
            pages.append(page)
        number = 0
        while time.perf_counter() < until:
            for page in pages:
                try:
                    page.set_default_timeout(30_000)
                    took = stroke(page, number)
                    seen.lifted.append(took.last / 1000)
                    seen.under_way += len(took.under)
                except Exception as error:
                    seen.unanswered += 1
                    seen.errors.append(repr(error)[:200])
            number += 1
            if number % 4 == 0:
                for page in pages:
                    page.get_by_role("button", name="Clear").click()
        browser.close()


def summary(who: str, sessions: int, seen: Sequence[Seen], memory: Sequence[float]) -> list[object]:
    times = sorted(took * 1000 for one in seen for took in one.lifted)
    for error in [error for one in seen for error in one.errors][:5]:
        print(error, file=sys.stderr)
    return [
        who,
        sessions,
        len(times),
        sum(one.under_way for one in seen),
        round(statistics.median(times)) if times else "",
        round(times[int(len(times) * 0.95)]) if times else "",
        round(times[-1]) if times else "",
        sum(one.unanswered for one in seen),
        sum(len(one.errors) for one in seen),
        round(memory[min(12, len(memory) - 1)]) if memory else "",
        round(memory[-1]) if memory else "",
        hardware(),
        COMMAND,
    ]


def main() -> None:
    given = [float(text) for text in sys.argv[1:]]
    usual = [SECONDS, VISITORS, BROWSERS]
    seconds, visitors, browsers = given + usual[len(given) :]
    rows = []
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(serving(ROOT))
        asyncio.run(visits(address, 1, 10, []))  # torch and the model are loaded
        memory: list[float] = []
        alone = asyncio.run(visits(address, 1, min(ALONE, seconds), memory))
        rows.append(summary("one alone", 1, alone, memory))
        in_browsers = Seen()
        until = time.perf_counter() + seconds
        browsing = threading.Thread(
            target=browse, args=(address, int(browsers), until, in_browsers)
        )
        if browsers:
            browsing.start()
        memory = []
        crowd = asyncio.run(visits(address, int(visitors), seconds, memory))
        rows.append(summary("by websocket", int(visitors), crowd, memory))
        if browsers:
            browsing.join()
            rows.append(summary("in Chromium", int(browsers), [in_browsers], []))
    write_results(
        "crowd.csv",
        "who,sessions,strokes,answers_under_way,p50_ms,p95_ms,longest_ms,unanswered,errors,"
        "mb_minute_1,mb_end,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()
