"""Errors of `digits` before and after the mining of hard examples: `python -m tests.benchmarks.hardening`, about ten minutes.

Mines natural digits, trains for a few more epochs, and sweeps both glyph sets before and after with seeds that were not mined;
writes assets/results/hardening.csv. The result is the recognizer `digits-hard`.
"""

import csv

from core.evaluation.harden import Hardening, harden
from core.evaluation.sweep import sweep
from core.models.recognizer import load_recognizer
from core.settings import ASSETS, Settings
from core.synthesis.glyph_file import load_glyphs

COMMAND = "python -m tests.benchmarks.hardening"
PLAN = Hardening(save_as="digits-hard", model="digits", data="mnist", count=400_000, jitter=4.5, per_digit=500)


def main() -> None:
    settings = Settings.from_environment()
    result = harden(PLAN, settings)
    rows = []
    for name, figures in (("before", result["before"]), ("after", result["after"])):
        other = sweep(load_recognizer(figures["model"], settings), load_glyphs("classic"), count=PLAN.per_digit)
        found = [("MNIST test set", "", figures["test"])]
        found += [("natural digits", total["jitter"], total) for total in figures["sweep"]["totals"]]
        found += [("classic digits", total["jitter"], total) for total in other.totals()]
        for data, jitter, figure in found:
            rows.append(
                [name, data, jitter, figure["n"], round(figure["accuracy"], 5), *(round(end, 5) for end in figure["interval"]), COMMAND]
            )
            print(*rows[-1][:-1])
    with open(ASSETS / "results" / "hardening.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["model", "data", "jitter", "n", "accuracy", "low_95", "high_95", "command"], *rows])


if __name__ == "__main__":
    main()
