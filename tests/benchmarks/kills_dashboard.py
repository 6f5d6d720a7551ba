"""kill -9 of the dashboard itself at random moments while a browser keeps drawings on Draw.

python -m tests.benchmarks.kills_dashboard [KILLS]      writes assets/results/kills_dashboard.csv

What the screen says is kept counts as acknowledged. The page stays open: it finds the next server.
"""

import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
from playwright.sync_api import Error, Page, sync_playwright

from core.datasets.drawings import load
from core.evaluation.publish import hardware
from core.settings import Settings
from tests.benchmarks.kills import left_overs
from tests.benchmarks.results import write_results
from tests.browser.conftest import CANVAS, CHROMIUM_OPTIONS, ROOT, find_chromium, serve, settle

COMMAND = "python -m tests.benchmarks.kills_dashboard"
KILLS, SPAN = 20, 4.0
serving = contextmanager(serve)


def keep(page: Page) -> None:
    """Draw a character and keep it; returns when the screen says that it is kept."""
    page.get_by_role("button", name="Draw one for me").click()
    page.get_by_role("button", name="Keep in My drawings").click()
    page.get_by_text("Kept as").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Kept as").wait_for(state="hidden")


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    random, kept, lost, damaged, left = np.random.default_rng(20261128), 0, 0, 0, 0
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(home, home, home, f"sqlite:///{home / 'drawings.db'}")
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        page, port = browser.new_page(), 0
        page.set_default_timeout(60_000)
        for _ in range(kills):
            with serving(ROOT / "app.py", home, port=port) as address:
                port = int(address.rpartition(":")[2])
                with suppress(Error):
                    page.goto(f"{address}/draw?model=digits")
                page.locator(CANVAS).wait_for()
                settle(page)
                before, until = kept, time.monotonic() + random.uniform(0, SPAN)
                while kept == before or time.monotonic() < until:
                    keep(page)
                    kept += 1
                # the next is under way when the kill comes
                with suppress(Error):
                    page.get_by_role("button", name="Draw one for me").click()
                    page.get_by_role("button", name="Keep in My drawings").click()
                    time.sleep(random.uniform(0, 0.3))
            there = load(settings)
            lost = max(lost, kept - len(there))
            damaged += sum(one.picture is None or not one.label for one in there)
            print(kept, len(there), file=sys.stderr)
        with serving(ROOT / "app.py", home, port=port):
            time.sleep(2)
            left = len(left_overs(home))
    write_results(
        "kills_dashboard.csv",
        "work,kills,acknowledged,lost,damaged,left_after_start,hardware,command",
        [["keeping drawings on Draw", kills, kept, lost, damaged, left, hardware(), COMMAND]],
    )


if __name__ == "__main__":
    main()
