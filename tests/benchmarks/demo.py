"""Ten minutes of the demo: strokes again and again, the canvas clearing itself, and what it costs.

python -m tests.benchmarks.demo [MINUTES]      writes assets/results/demo.csv

Memory of the server is its resident set, that of the page the heap of its JavaScript after a
collection, each once a minute; a minute has some 20 drawings, half of them cleared by the clock.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

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

MINUTES, REST = 10.0, 2
SIDE = 320
COMMAND = "python -m tests.benchmarks.demo"


def draw_one(page: Page, random: np.random.Generator) -> float:
    """One of the drawings, a little different each time; milliseconds until it is answered."""
    left, top, width, _ = box_of(page.locator(CANVAS))
    strokes = STROKES[random.choice(list(STROKES))]
    for stroke in strokes:
        moved = np.array(stroke, float) + random.normal(0, 3, (len(stroke), 2))
        (x, y), *rest = (moved * width / SIDE + (left, top)).tolist()
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y)
        page.mouse.up()
    begun = time.perf_counter()
    expect(page.get_by_test_id("answer")).to_be_visible()
    return 1000 * (time.perf_counter() - begun)


def megabytes(server: psutil.Process, devtools: CDPSession) -> tuple[float, float]:
    """Of the server, and of the page's JavaScript."""
    devtools.send("HeapProfiler.collectGarbage")
    heap = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return server.memory_info().rss / 2**20, heap / 2**20


def server_of(address: str) -> psutil.Process:
    """The child of this process that listens there."""
    port = int(address.rpartition(":")[2])
    children = psutil.Process().children(recursive=True)
    return next(
        child
        for child in children
        if any(at.laddr.port == port for at in child.net_connections() if at.status == "LISTEN")
    )


def measure(page: Page, server: psutil.Process, minutes: float) -> list[list[object]]:
    """A row a minute: drawings so far, cleared by the clock, median time to the answer, memory."""
    random, devtools = np.random.default_rng(0), page.context.new_cdp_session(page)
    times: list[float] = []
    rows: list[list[object]] = []
    rested, begun = 0, time.monotonic()
    for number in count(1):
        times.append(draw_one(page, random))
        if number % 2:
            expect(page.locator(f"{CANVAS}[data-strokes='0']")).to_be_visible()  # by the clock
            rested += 1
        else:
            page.keyboard.press("c")
        expect(page.get_by_test_id("answer")).to_have_count(0)
        passed = (time.monotonic() - begun) / 60
        if passed >= len(rows) + 1 or passed >= minutes:
            memory = (round(value, 1) for value in megabytes(server, devtools))
            rows.append(
                [round(passed, 2), number, rested, round(statistics.median(times)), *memory]
            )
        if passed >= minutes:
            return rows
    raise AssertionError


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    problems: list[str] = []
    with ExitStack() as stack:
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(contextmanager(serve)(ROOT / "app.py", folder))
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{address}/demo?rest={REST}")
        page.locator(CANVAS).wait_for(timeout=60_000)
        settle(page)
        rows = measure(page, server_of(address), minutes)
        said = page.locator("[data-testid=stException], [data-testid=stAlert]").all_inner_texts()
        log = (folder / "server.log").read_text()
        problems += said + [line for line in log.splitlines() if "Error" in line]
    if problems:
        raise SystemExit("\n".join(problems))
    write_results(
        "demo.csv",
        "minutes,drawings,cleared_by_clock,median_ms_to_answer,server_MB,javascript_MB,errors,"
        "hardware,command",
        [[*row, 0, hardware(), COMMAND] for row in rows],
    )


if __name__ == "__main__":
    main()
