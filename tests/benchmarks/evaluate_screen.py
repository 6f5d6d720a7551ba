"""From a click on a cell of the confusion matrix to its pictures on the screen, warm, and what is
sent for it.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.evaluate_screen      writes
assets/results/evaluate_screen.csv

47 classes, EMNIST balanced test; and the EMNIST byclass pool repeated until there are 814,255
images, with its answers repeated too.
"""

import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.datasets.catalogue import open_dataset
from core.datasets.idx import read_idx, write_idx
from core.evaluation import predictions
from core.evaluation.publish import hardware
from core.evaluation.scores import confused_pairs, confusion_matrix
from core.models.cards import find_card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve

COMMAND = "python -m tests.benchmarks.evaluate_screen"
IMAGES = 814_255
"""EMNIST byclass, train and test together (Cohen et al., arXiv:1702.05373)."""

CLICKS = 30
MODEL = "characters"
AREA = ".st-key-figure-confusion-matrix .js-plotly-plot .nsewdrag"

# The time is the browser's own: from the button press to the frame after the pictures of that
# cell are in the page.
_WATCH = """([truth, answer]) => new Promise((done) => {
  document.addEventListener("mouseup", () => {
    const started = performance.now();
    const board = (root) => root.querySelector('[data-testid=board]')
      ?? [...root.querySelectorAll("*")]
        .map((node) => node.shadowRoot && board(node.shadowRoot)).find(Boolean);
    const wanted = `Predicted ${answer} (`;
    const text = () => board(document)?.textContent ?? "";
    const there = () => text().startsWith(wanted) && text().includes(`truth ${truth} (`);
    const look = () => there()
      ? requestAnimationFrame(() => done(performance.now() - started)) : setTimeout(look, 2);
    look();
  }, { once: true, capture: true });
})"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _prepare(folder)
        rows = [
            _measure(folder, data, settings)
            for data in ("emnist-balanced:test", "emnist-byclass:train")
        ]
    columns = (
        "data,predictions,classes,opened_cold_s,clicks,median_ms,slowest_ms,"
        "median_kB_a_click,page_kB,hardware,command"
    )
    write_results("evaluate_screen.csv", columns, rows)


def _prepare(folder: Path) -> Settings:
    """A home with EMNIST balanced test as it is, and byclass repeated, with the answers to both."""
    own = Settings.from_environment()
    settings = Settings(
        folder / "data", folder / "runs", folder / "models", f"sqlite:///{folder / 'drawings.db'}"
    )
    raw = settings.data / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (own.data / "EMNIST" / "raw").iterdir():
        if "byclass-train" not in path.name:
            (raw / path.name).symlink_to(path)
    pool = own.data / "EMNIST" / "raw"
    for kind in ("images-idx3", "labels-idx1"):
        part = np.asarray(read_idx(pool / f"emnist-byclass-train-{kind}-ubyte"))
        write_idx(raw / f"emnist-byclass-train-{kind}-ubyte", part[np.arange(IMAGES) % len(part)])
    card, weights = find_card(MODEL, settings)
    recognizer = load_recognizer(MODEL, settings)
    predictions.predict_all(recognizer, open_dataset("emnist-balanced:test", settings), settings)
    once = predictions.predict_all(
        recognizer, open_dataset("emnist-byclass:train", replace(settings, data=own.data)), settings
    )
    many, rows = open_dataset("emnist-byclass:train", settings), np.arange(IMAGES) % len(once)
    about = predictions._about(card, weights, many)
    predictions._keep(
        replace(once, probabilities=once.probabilities[rows], truth=once.truth[rows], about=about),
        settings,
    )
    return settings


def _measure(folder: Path, data: str, settings: Settings) -> list[object]:
    name, part = data.split(":")
    dataset = open_dataset(data, settings)
    selected = predictions.cached_predictions(*find_card(MODEL, settings), dataset, settings)
    assert selected is not None
    pairs = confused_pairs(
        confusion_matrix(selected.truth, selected.answers, len(selected.classes)), CLICKS
    )
    sent: list[int] = []
    with contextmanager(serve)(ROOT / "app.py", folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda frame: sent.append(len(frame))),
        )
        # the server is warm, but has not seen these data
        page.goto(f"{address}/evaluate?data=uci-digits&model=digits")
        page.locator(AREA).wait_for()
        started = time.perf_counter()
        page.goto(f"{address}/evaluate?model={MODEL}&data={name}&part={part}")
        page.get_by_test_id("board").locator("button").first.wait_for(timeout=120_000)
        opened = time.perf_counter() - started
        page.wait_for_timeout(3000)
        times, sizes = zip(
            *[_click(page, selected.classes, pair, sent) for pair in pairs], strict=True
        )
        size = page.evaluate("() => document.documentElement.outerHTML.length")
        browser.close()
    return [
        f"{dataset.source}{' repeated' if len(selected) == IMAGES else ''}",
        len(selected),
        len(selected.classes),
        round(opened, 1),
        len(times),
        round(statistics.median(times)),
        round(max(times)),
        round(statistics.median(sizes) / 1e3),
        round(size / 1e3),
        hardware(),
        COMMAND,
    ]


def _click(
    page: Page, classes: tuple[str, ...], pair: tuple[int, int, int], sent: list[int]
) -> tuple[float, int]:
    """Milliseconds, and bytes sent."""
    truth, answer, _ = pair
    area = page.locator(AREA)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    x = box["x"] + box["width"] * (answer + 0.5) / len(classes)
    y = box["y"] + box["height"] * (truth + 0.5) / len(classes)
    page.mouse.move(x - 1, y - 1)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    before = sum(sent)
    page.evaluate(
        f"(cell) => {{ window.waiting = ({_WATCH})(cell); }}", [classes[truth], classes[answer]]
    )
    page.mouse.click(x, y)
    took = page.evaluate("() => window.waiting")
    page.wait_for_timeout(500)
    return took, sum(sent) - before


if __name__ == "__main__":
    main()
