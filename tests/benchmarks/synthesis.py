"""Speed of the pen against the notebook's loops, and how alike the two draw: `python -m
tests.benchmarks.synthesis`, 3 minutes.

One core each, `classic`, R 2, in one run; writes assets/results/synthesis_speed.csv and
synthesis_likeness.csv.
"""

import random
import time

import numpy as np

from core.evaluation.publish import hardware
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting
from tests.benchmarks.results import write_results
from tests.synthesis import notebook
from tests.synthesis.test_pen import differences

ROUNDS, FAST, SLOW, ALIKE = 5, 20_000, 20, 200
COMMAND = "python -m tests.benchmarks.synthesis"


def main() -> None:
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=2))
    writing.draw(0, 100)  # compiled
    fast, slow = [], []
    for number in range(ROUNDS):  # alternating, so that both see the same load of the machine
        started = time.perf_counter()
        writing.draw(number * FAST, FAST)
        fast.append(FAST / (time.perf_counter() - started))
        started = time.perf_counter()
        for seed in range(SLOW):
            notebook.digit_image(seed % 10, 2, random.Random(number * SLOW + seed).random())
        slow.append(SLOW / (time.perf_counter() - started))
    ratio = np.median(fast) / np.median(slow)
    likeness = differences(ALIKE)
    speed = [
        round(np.median(fast)),
        round(min(fast)),
        round(max(fast)),
        round(float(np.median(slow)), 2),
        round(ratio),
        ROUNDS,
    ]
    columns = "digits_a_second,lowest,highest,loops_a_second,ratio,rounds,hardware,command"
    write_results("synthesis_speed.csv", columns, [[*speed, hardware(), COMMAND]])
    alike = [
        ALIKE,
        round(likeness.mean(), 6),
        round(np.quantile(likeness, 0.999), 4),
        round(likeness.max(), 4),
    ]
    columns = "digits,mean_absolute_difference,quantile_99_9,largest,command"
    write_results("synthesis_likeness.csv", columns, [[*alike, COMMAND]])


if __name__ == "__main__":
    main()
