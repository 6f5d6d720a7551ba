"""How well tables in photographs are read: `INKLING_DATA=DATA_ROOT python -m
tests.benchmarks.sheets`, 10 minutes on two cores; writes assets/results/sheets.csv.

Photographs: sheets/sudoku of the data root, cells of small pencilled candidates left out. Composed:
8 x 15 numbers 0-36, a twentieth of the cells blank, photographed with up to 25 degrees of tilt,
shadow, noise and JPEG, of seeds that nothing else uses.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.datasets.letter_sources import open_compositions
from core.errors import InklingError
from core.evaluation.publish import hardware
from core.ink.decode import read_picture
from core.intervals import wilson_interval
from core.models.recognizer import load_recognizer
from core.reading.sheet import read_sheet
from core.settings import Settings
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.request import ComposeRequest
from core.synthesis.compose.tables import draw_table, take_photograph
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.sheets"
CANDIDATES = 10
"""Label of a cell that counts as neither right nor wrong."""

ROWS, COLUMNS, BLANK = 8, 15, 0.05
SHEETS, FIRST_SEED = 50, 10_000
COMPOSED = [
    (letters, rules)
    for letters in ("mnist:test", "unipen:test")
    for rules in ("lines", "none", "dots")
]


@dataclass(frozen=True)
class Case:
    """A photograph, uint8 [H, W], and the texts of its cells; None where any will do."""

    image: np.ndarray
    truth: list[list[str | None]]


def photographs(settings: Settings) -> Iterator[Case]:
    """The sudokus."""
    for path in sorted((settings.data / "sheets" / "sudoku").glob("*.jpg")):
        labels = np.loadtxt(path.with_suffix(".txt"), dtype=int)
        texts = {0: "", CANDIDATES: None}
        yield Case(
            read_picture(path), [[texts.get(n, str(n)) for n in row] for row in labels.tolist()]
        )


def composed(letters: str, rules: str, settings: Settings) -> Iterator[Case]:
    """Pages of numbers."""
    request = ComposeRequest(kind="numbers", letters=letters, seed=FIRST_SEED)
    written = open_compositions(request, settings)
    for seed in range(FIRST_SEED, FIRST_SEED + SHEETS):
        generator = np.random.default_rng((seed, RULE_SEEDS[rules]))
        shape = ROWS, COLUMNS
        labels = generator.integers(len(NUMBERS), size=shape)
        numbers = labels + len(NUMBERS) * generator.integers(10**6, size=shape)
        blank = generator.random(shape) < BLANK
        cells = np.where(blank, -1, numbers).tolist()
        page = draw_table(
            written, [[n if n >= 0 else None for n in row] for row in cells], rules=rules
        )
        truth = np.where(blank, "", labels.astype(str)).tolist()
        yield Case(take_photograph(page, generator).image, truth)


RULE_SEEDS = {"lines": 1, "none": 2, "dots": 3}


def measure(name: str, model: str, cases: Iterator[Case], settings: Settings) -> list[object]:
    """A row of the table."""
    recognizer = load_recognizer(model, settings)
    found = right = counted = count = 0
    seconds = []
    for case in cases:
        count += 1
        truth = [text for row in case.truth for text in row]
        counted += sum(text is not None for text in truth)
        started = time.perf_counter()
        try:
            sheet = read_sheet(recognizer, case.image)
        except InklingError:
            continue
        seconds.append(time.perf_counter() - started)
        if [len(row) for row in sheet.texts] != [len(row) for row in case.truth]:
            continue
        found += 1
        texts = [text for row in sheet.texts for text in row]
        right += sum(a == b for a, b in zip(texts, truth, strict=True))
    low, high = wilson_interval(right, counted)
    rates = [round(rate, 5) for rate in (right / counted, low, high)]
    times = [round(float(each), 2) for each in (np.median(seconds), np.max(seconds))]
    row = [name, model, count, found, counted, right, *rates, *times, hardware(), COMMAND]
    print(*row[:-1], flush=True)
    return row


def main() -> None:
    settings = Settings.from_environment()
    rows = [
        measure("photographs of sudokus", model, photographs(settings), settings)
        for model in ("numbers", "digits")
    ]
    rows += [
        measure(f"{letters}, {rules}", "numbers", composed(letters, rules, settings), settings)
        for letters, rules in COMPOSED
    ]
    columns = (
        "sheets,model,n,grids_found,cells,right,accuracy,low,high,median_seconds,most_seconds,"
        "hardware,command"
    )
    write_results("sheets.csv", columns, rows)


if __name__ == "__main__":
    main()
