"""Speed of composing Roman numerals, for each preset and source: `python -m
tests.benchmarks.compositions`, 5 minutes.

On all cores, with what is in the data root (INKLING_DATA); writes assets/results/compositions.csv.
"""

import os
import time

import numpy as np

from core.datasets.letter_sources import SOURCES, open_letters
from core.errors import InklingError
from core.evaluation.publish import hardware
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.recipe import PRESETS
from tests.benchmarks.results import write_results

ROUNDS, SECONDS = 3, 3.0
COMMAND = "python -m tests.benchmarks.compositions"


def main() -> None:
    settings, cores, rows = Settings.from_environment(), os.cpu_count() or 1, []
    for source in SOURCES:
        try:
            letters = open_letters(source, settings)
        except InklingError:
            continue
        for preset, recipe in PRESETS.items():
            try:
                made = Compositions(letters=letters, recipe=recipe)
            except InklingError:  # digits alone
                continue
            started = time.perf_counter()
            made.draw(0, 100)
            # enough for the processes to start, and for a few seconds
            count = max(1000, round(SECONDS * cores * 100 / (time.perf_counter() - started)))
            speeds = []
            for number in range(ROUNDS):
                started = time.perf_counter()
                done = sum(
                    len(labels)
                    for _, labels in made.chunks((number + 1) * count, start=number * count)
                )
                speeds.append(done / (time.perf_counter() - started))
            lowest, highest = round(min(speeds)), round(max(speeds))
            median = round(float(np.median(speeds)))
            rows.append([source, preset, made.size, count, median, lowest, highest, ROUNDS, cores])
            print(*rows[-1])
    columns = "source,preset,side,numerals,a_second,lowest,highest,rounds,cores,hardware,command"
    write_results("compositions.csv", columns, [[*row, hardware(), COMMAND] for row in rows])


if __name__ == "__main__":
    main()
