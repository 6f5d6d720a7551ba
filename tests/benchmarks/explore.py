"""From a click to the maps of MNIST on the screen, warm: the first visit to a view and every later
one; and a UMAP of 10,000 images.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.explore      writes
assets/results/explore_latency.csv and umap.csv
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from core.evaluation.publish import hardware
from core.settings import Settings
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve

COMMAND = "python -m tests.benchmarks.explore"
COUNT = 20
IMAGES = 10_000

# The time is the browser's own: from the button press to the frame after the new heatmap is in the
# page.
_WATCH = """([label, chart]) => new Promise((done) => {
  const drawn = () => document.querySelector(`.st-key-figure-${chart} .heatmaplayer image`);
  const button = [...document.querySelectorAll('[role=radio]')]
    .find((radio) => radio.textContent.trim() === label);
  const old = drawn();
  const started = performance.now();
  button.click();
  const look = () => (drawn() && drawn() !== old)
    ? requestAnimationFrame(() => done(performance.now() - started)) : setTimeout(look, 2);
  look();
})"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        latency(Path(folder))
        umap(Path(folder))


def latency(folder: Path) -> None:
    data = Settings.from_environment().data
    (folder / "data").symlink_to(data)
    with contextmanager(serve)(ROOT / "app.py", folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        # the server is warm, but has not seen MNIST
        page.goto(f"{address}/explore?data=uci-digits")
        page.locator(".heatmaplayer image").first.wait_for()
        page.goto(f"{address}/explore?show=Images")
        page.locator(".js-plotly-plot").first.wait_for()
        page.wait_for_timeout(2000)
        times: dict[str, list[float]] = {
            "class maps, first visit": [page.evaluate(_WATCH, ["Class maps", "z-maps"])]
        }
        page.wait_for_timeout(1500)
        times["mean maps, first visit"] = [page.evaluate(_WATCH, ["Mean", "mean-maps"])]
        for _ in range(COUNT):
            for label, chart in (("z-score", "z-maps"), ("Mean", "mean-maps")):
                page.wait_for_timeout(600)
                times.setdefault(f"{chart.replace('-', ' ')}, later visits", []).append(
                    page.evaluate(_WATCH, [label, chart])
                )
        browser.close()
    rows = [
        [
            view,
            len(result),
            round(statistics.median(result)),
            round(max(result)),
            "60,000 MNIST training images on disk",
            hardware(),
            COMMAND,
        ]
        for view, result in times.items()
    ]
    write_results("explore_latency.csv", "view,n,median_ms,slowest_ms,data,hardware,command", rows)


def umap(folder: Path) -> None:
    """As the screen starts it: a separate process, including startup and compilation."""
    out = folder / "map.npz"
    command = [
        "project",
        "--data",
        "mnist:train",
        "--method",
        "umap",
        "--count",
        str(IMAGES),
        "--model",
        "digits",
        "--out",
        str(out),
    ]
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "core", *command],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env=dict(os.environ),
    )
    row = [
        IMAGES,
        round(time.perf_counter() - started, 1),
        round(out.stat().st_size / 1e6, 1),
        0,
        hardware(),
        COMMAND,
    ]
    write_results("umap.csv", "images,seconds,MB,seed,hardware,command", [row])


if __name__ == "__main__":
    main()
