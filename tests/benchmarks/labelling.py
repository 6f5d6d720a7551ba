"""Labelling in rows: how fast proposals get better, the most informative first and at random, and
the keys that are pressed for a label.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.labelling     writes assets/results/labelling.csv
and labelling_keys.csv; 20 minutes on two cores, with Chromium

Cells of photographed pages of 8 x 15 numbers 0-36, a page by each of the UniPen writers that are
held out from training and drew every digit. Of each seed a third of the writers is left for the
test; the others' cells are labelled.
"""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.curation.proposals import Features, propose
from core.curation.rows import INFORMATIVE, LISTED, SIZE, pick_rows
from core.datasets.letter_sources import open_letters
from core.evaluation.publish import hardware
from core.ink.encode import negative, png
from core.ink.forms import to_form
from core.ink.grid.cells import cut_cells
from core.ink.grid.find import find_grids
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.letters import StrokeLetters
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.tables import RULES, draw_table, take_photograph
from tests.benchmarks.results import write_results
from tests.browser.conftest import CHROMIUM_OPTIONS, ROOT, find_chromium, serve
from tests.labelling import keys_for_row, label_all

COMMAND = "python -m tests.benchmarks.labelling"
STEPS = (0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 1000)
SEEDS, SHAPE, CELLS = 5, (8, 15), 300
RANDOM = "random"


@dataclass(frozen=True)
class Cells:
    """inks : uint8 [N, H, W], ink 255. labels : N texts. writers : int64 [N]."""

    inks: np.ndarray
    labels: np.ndarray
    writers: np.ndarray


def cells_of_writers(settings: Settings, *, letters: str = "unipen:test") -> Cells:
    """A page by each writer of all ten digits; those whose table is not found are left out."""
    source = open_letters(letters, settings)
    assert isinstance(source, StrokeLetters)
    written = source.written
    digits = written.take(np.isin(written.labels, list("0123456789")))
    inks, labels, writers = [], [], []
    for number, writer in enumerate(np.unique(digits.writers)):
        own = digits.take(digits.writers == writer)
        if len(np.unique(own.labels)) < 10:
            continue
        hand = Compositions(
            letters=StrokeLetters(own), texts=NUMBERS, recipe=PRESETS["numbers"], seed=number
        )
        generator = np.random.default_rng((77, number))
        shown = generator.integers(len(NUMBERS), size=SHAPE)
        each = shown + len(NUMBERS) * np.arange(shown.size).reshape(SHAPE)
        page = draw_table(hand, each.tolist(), rules=RULES[number % len(RULES)])
        photograph = take_photograph(page, generator).image
        grids = find_grids(photograph)
        if not grids or grids[0].shape != SHAPE:
            continue
        found = cut_cells(photograph, grids[0])
        inks += list(found.inks[found.written])
        labels += np.array(NUMBERS)[shown[found.written]].tolist()
        writers += [number] * int(found.written.sum())
    high, wide = np.max([ink.shape for ink in inks], axis=0)
    framed = np.zeros((len(inks), high, wide), np.uint8)
    for frame, ink in zip(framed, inks, strict=True):
        frame[: ink.shape[0], : ink.shape[1]] = ink
    return Cells(framed, np.array(labels), np.array(writers))


def features(cells: Cells, model: str, settings: Settings) -> Features:
    """As `features_of` has them of a folder."""
    recognizer = load_recognizer(model, settings)
    known = [name for name in NUMBERS if name in recognizer.classes]
    images = to_form(cells.inks, recognizer.form, ink_maps=True)
    vectors = recognizer.features(images)
    vectors = vectors - vectors.mean(0)
    vectors = vectors / np.sqrt((vectors**2).sum(1).mean())
    predicted = recognizer.only(known).predict(images)
    return Features(np.arange(len(images)), vectors, predicted.probabilities, predicted.classes)


@dataclass(frozen=True)
class Step:
    """After so many labels: the accuracy on the test, keys pressed so far, and the seconds that the
    proposals took.
    """

    labels: int
    accuracy: float
    keys: int
    seconds: float


def curve(found: Features, cells: Cells, order: str, seed: int) -> list[Step]:
    """Label up to the last of STEPS, a page of rows at a time."""
    generator = np.random.default_rng(seed)
    writers = generator.permutation(np.unique(cells.writers))
    tested = np.isin(cells.writers, writers[: len(writers) // 3])
    waiting, places = np.flatnonzero(~tested), np.zeros(0, np.int64)
    truth = dict(enumerate(cells.labels.tolist()))
    steps: list[Step] = []
    keys = 0
    while True:
        labels = [truth[place] for place in places.tolist()]
        started = time.perf_counter()
        proposals = propose(found, places, labels)
        seconds = time.perf_counter() - started
        read = np.array(proposals.classes)[proposals.answers]
        if len(places) in STEPS:
            right = float((read[tested] == cells.labels[tested]).mean())
            steps.append(Step(len(places), right, keys, seconds))
        if len(places) == STEPS[-1]:
            return steps
        room = min(SIZE, min(step for step in STEPS if step > len(places)) - len(places))
        offered = waiting
        if order == RANDOM:
            offered = np.sort(generator.permutation(waiting)[:room])
        rows = pick_rows(
            found,
            proposals,
            waiting=offered,
            places=places,
            labels=labels,
            order=LISTED if order == RANDOM else order,
            size=room,
            seed=seed,
        )
        for row in rows:
            mine = row[:room]
            room -= len(mine)
            keys += len(keys_for_row(str(read[row[0]]), mine.tolist(), truth)) if len(mine) else 0
            places = np.concatenate([places, mine])
        waiting = np.setdiff1d(waiting, places)


def curves(cells: Cells, settings: Settings) -> list[list[object]]:
    """Rows of the table: means over the seeds, with their standard deviation."""
    table: list[list[object]] = []
    for model in ("numbers", "digits"):
        found = features(cells, model, settings)
        for order in (INFORMATIVE, RANDOM):
            runs = [curve(found, cells, order, seed) for seed in range(SEEDS)]
            for steps in zip(*runs, strict=True):
                accuracy = [step.accuracy for step in steps]
                labels = steps[0].labels
                keys = np.mean([step.keys / max(labels, 1) for step in steps])
                seconds = np.median([step.seconds for step in steps])
                values = np.mean(accuracy), np.std(accuracy, ddof=1), keys, seconds
                counts = len(np.unique(cells.writers)), len(cells.labels), SEEDS
                rounded = [round(float(value), 4) for value in values]
                table.append([model, order, labels, *rounded, *counts, hardware(), COMMAND])
                print(*table[-1][:-2], flush=True)
    return table


def by_keyboard(cells: Cells) -> list[list[object]]:
    """CELLS of them, labelled in Chromium by a person who is never wrong."""
    chosen = np.random.default_rng(0).permutation(len(cells.labels))[:CELLS]
    names = [f"{number:03d}.png" for number in range(CELLS)]
    truth = dict(zip(names, cells.labels[chosen].tolist(), strict=True))
    table: list[list[object]] = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        address = stack.enter_context(contextmanager(serve)(ROOT / "app.py", home))
        for model, order in _VARIANTS:
            folder = home / f"{model} {order}"
            folder.mkdir()
            for name, index in zip(names, chosen, strict=True):
                (folder / name).write_bytes(png(negative(cells.inks[index])))
            page: Page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.set_default_timeout(120_000)
            where = f"folder={quote(str(folder))}&show=Rows&model={model}"
            where += f"&rows-order={quote(order)}&rows-classes=0-36"
            page.goto(f"{address}/curate?{where}")
            started = time.perf_counter()
            keys = label_all(page, truth)
            seconds = time.perf_counter() - started
            page.close()
            row = [model, order, CELLS, keys, round(keys / CELLS, 3), round(seconds, 1)]
            table.append([*row, hardware(), COMMAND])
            print(*row, flush=True)
    return table


_VARIANTS: Sequence[tuple[str, str]] = (
    ("numbers", "Most informative"),
    ("numbers", "Surest"),
    ("digits", "Most informative"),
)


def main() -> None:
    settings = Settings.from_environment()
    cells = cells_of_writers(settings)
    write_results(
        "labelling_keys.csv",
        "model,order,labels,keys,keys_a_label,seconds,hardware,command",
        by_keyboard(cells),
    )
    write_results(
        "labelling.csv",
        "model,order,labels,accuracy,deviation,keys_a_label,median_seconds,writers,cells,seeds,"
        "hardware,command",
        curves(cells, settings),
    )


if __name__ == "__main__":
    main()
