"""What networks read that were trained on synthetic digits alone, and how real those look.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.synthetic_only      writes
assets/results/synthetic_only.csv and realism.csv

The recognizers `natural-only` and `classic-only` must be there: assets/results/README.md says how
they are made. The pen strokes are those of UCI pendigits by writers for training.
The hand of `natural` was fitted to MNIST's training images; neither test set chose anything.
"""

import numpy as np

from core.datasets.catalogue import open_dataset
from core.evaluation.robustness.realism import realism
from core.evaluation.scores import evaluate
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.glyph_file import SETS
from core.synthesis.request import Request
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.synthetic_only"


def main() -> None:
    settings, rows = Settings.from_environment(), []
    for name in SETS:
        recognizer = load_recognizer(f"{name}-only", settings)
        for data, note in (
            ("mnist:test", "MNIST test set"),
            ("pendigits:train", "pendigits strokes, pen 20 px"),
        ):
            result = evaluate(recognizer, data, settings)
            low, high = result.interval
            figures = [round(result.accuracy, 5), round(low, 5), round(high, 5)]
            rows.append([name, note, result.n, *figures, COMMAND])
    write_results("synthetic_only.csv", "glyphs,data,n,accuracy,low_95,high_95,command", rows)
    real = open_dataset("mnist:train", settings)
    results = [(name, realism(Request(name).handwriting(), real, count=6000)) for name in SETS]
    write_results(
        "realism.csv",
        "glyphs,against,n,told_apart,low_95,high_95,command",
        [
            [name, real.source, r.n, round(r.accuracy, 4), *np.round(r.interval, 4), COMMAND]
            for name, r in results
        ],
    )


if __name__ == "__main__":
    main()
