"""Accuracy of the shipped recognizers on their test sets and on pen strokes drawn as on the canvas,
and the speed of `predict`.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.recognizers [--strokes FILE]      ten minutes;
writes assets/results/recognizers.csv, predict_speed.csv, the cards' test figures and
assets/predictions

The test sets choose nothing: epoch and temperature come from validation images. The pen strokes
(UCI pendigits, 30 writers) and the drawings of Chars74K are validation too: they were looked at
while the recipe was made, and never trained on. `tests.benchmarks.strokes` says where the strokes
come from and how they are drawn.
"""

import dataclasses
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.datasets.catalogue import open_dataset
from core.evaluation.predictions import predict_all, ship
from core.evaluation.publish import hardware
from core.evaluation.scores import Summary, evaluate
from core.intervals import Measured
from core.models.cards import find_card, save_card
from core.models.recognizer import load_recognizer
from core.settings import SHIPPED_MODELS, Settings
from tests.benchmarks.results import write_results
from tests.benchmarks.strokes import strokes_of_command_line, write_drawings
from tests.browser.conftest import ROOT

COMMAND = "python -m tests.benchmarks.recognizers"
TESTS = {"digits": "mnist:test", "characters": "emnist-balanced:test"}
PEN_WIDTHS = (8, 20, 32)


def main() -> None:
    settings = Settings.from_environment()
    written = strokes_of_command_line(settings)
    rows = []

    def measure(model: str, data: str, note: str) -> Summary:
        result = evaluate(load_recognizer(model, settings), data, settings)
        low, high = result.interval
        card = find_card(model, settings)[0]
        rows.append(
            [
                model,
                note,
                result.n,
                round(result.accuracy, 5),
                round(low, 5),
                round(high, 5),
                round(result.loss, 4),
                card.parameters,
                card.seed,
                card.minutes,
                card.hardware,
                COMMAND,
            ]
        )
        print(*rows[-1][:6])
        return result

    for model, data in TESTS.items():
        result = measure(model, data, "")
        rows[-1][1] = (
            "4,712 rows of the official EMNIST balanced test set"
            if model == "characters"
            else "MNIST test set"
        )
        card = find_card(model, settings)[0]
        test = Measured(result.accuracy, result.n, result.interval, str(rows[-1][1]))
        save_card(SHIPPED_MODELS, dataclasses.replace(card, test=test))
        recognizer = load_recognizer(model, settings)
        ship(
            predict_all(
                recognizer,
                open_dataset(data, settings, classes=card.classes, form=recognizer.form),
                settings,
            )
        )

    measure(
        "characters",
        str(settings.data / "chars74k"),
        "Chars74K drawings of i, v, x, I, V and X, 55 writers",
    )

    for width in PEN_WIDTHS:
        for inverted, note in ((False, "black on white"), (True, "white on black")):
            with tempfile.TemporaryDirectory() as folder:
                write_drawings(written, Path(folder), width=width, inverted=inverted)
                measure("digits", folder, f"pendigits strokes, pen {width} px, {note}")
                if width == 20 and not inverted:
                    time_predict(folder)

    columns = (
        "model,data,n,accuracy,low_95,high_95,cross_entropy,parameters,seed,"
        "training_minutes,training_hardware,command"
    )
    write_results("recognizers.csv", columns, rows)


def time_predict(folder: str) -> None:
    """Wall time of the command line over 3,500 drawings, start of Python included."""
    paths, rows = sorted(map(str, Path(folder).rglob("*.png")))[:3500], []
    for model in TESTS:
        started = time.perf_counter()
        command = [sys.executable, "-m", "core", "predict", *paths, "--model", model, "--json"]
        lines = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT
        ).stdout.splitlines()
        rows.append(
            [model, len(lines), round(time.perf_counter() - started, 2), hardware(), COMMAND]
        )
    write_results("predict_speed.csv", "model,drawings,seconds,hardware,command", rows)


if __name__ == "__main__":
    main()
