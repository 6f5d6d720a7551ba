"""How well the shipped recognizers read: their test sets, drawings of people held out, drawings of
nothing; and the speed of `predict`.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.recognizers      twenty minutes; writes
assets/results/recognizers.csv, predict_speed.csv, the cards' test figures and assets/predictions

The test sets choose nothing. The drawings are validation: strokes of the writers held out of each
collection (`core.ink.handwritten.is_held_out`), drawn as on the canvas with pens of three widths,
dark on light and light on dark; the recipes were chosen looking at them. `balanced` is the mean
over classes.
"""

import dataclasses
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.labels import GROUPS, folder_of_label, select_classes, to_indices
from core.evaluation.calibration import reliability
from core.evaluation.predictions import predict_all, ship
from core.evaluation.publish import hardware
from core.evaluation.robustness.results import Sweep
from core.evaluation.robustness.shipped import ship_sweep
from core.evaluation.robustness.sweep import sweep
from core.ink.forms import picture_to_form
from core.ink.handwritten import Handwritten
from core.intervals import Measured, wilson_interval
from core.models.cards import find_card, save_card
from core.models.prediction import Prediction
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import SHIPPED_MODELS, Settings
from core.synthesis.drawing import draw_inputs
from core.synthesis.negatives import draw_negatives
from core.synthesis.request import Request
from tests.benchmarks.canvas import on_canvas
from tests.benchmarks.results import write_results
from tests.browser.conftest import ROOT

COMMAND = "python -m tests.benchmarks.recognizers"
TESTS = {
    "digits": ("mnist:test", "MNIST test set"),
    "characters": ("emnist-balanced:test", "4,712 rows of the official EMNIST balanced set"),
}
AT_HAND = "uci-digits:test"
"""What Evaluate opens with where nothing was downloaded."""

DRAWINGS = {"digits": ("unipen-digits", "pendigits"), "characters": ("unipen",)}
PENS, USUAL = (8, 20, 32), 20
NEGATIVES = 2000
SURE = 0.9

COLUMNS = (
    "model,data,only,n,accuracy,low_95,high_95,balanced,top3_balanced,calibration_error,command"
)


def main() -> None:
    settings = Settings.from_environment()
    rows: list[list[object]] = []
    for model, (data, title) in TESTS.items():
        recognizer = load_recognizer(model, settings)
        answers, at_hand = (
            predict_all(
                recognizer,
                open_dataset(name, settings, classes=recognizer.card.classes, form=recognizer.form),
                settings,
            )
            for name in (data, AT_HAND)
        )
        rows.append(row(model, title, "", answers, answers.truth))
        ship(answers)
        ship(at_hand)
        ship_sweep(swept(recognizer), *find_card(model, settings))
        test = Measured.of(int(answers.right.sum()), len(answers), title)
        card, _ = find_card(model, settings)
        save_card(SHIPPED_MODELS, dataclasses.replace(card, test=test))
    for model, collections in DRAWINGS.items():
        recognizer = load_recognizer(model, settings)
        right, n = 0, 0
        for collection in collections:
            data_set = open_dataset(f"{collection}:validation", settings)
            assert data_set.written is not None
            own, hits = drawings(model, recognizer, collection, data_set.written)
            right, n = right + hits, n + len(data_set)
            rows += own
        rows.append(negatives(model, recognizer))
        about = f"drawings by writers held out of {' and '.join(collections)}, pen {USUAL} px"
        card, _ = find_card(model, settings)
        validation = Measured.of(right, n, about)
        save_card(SHIPPED_MODELS, dataclasses.replace(card, validation=validation))
    write_results("recognizers.csv", COLUMNS, rows)
    time_predict(settings)


def swept(recognizer: Recognizer) -> Sweep:
    """What the Robustness screen asks for first."""
    return sweep(recognizer, Request("classic"))


def drawings(
    model: str, recognizer: Recognizer, collection: str, written: Handwritten
) -> tuple[list[list[object]], int]:
    """Rows for each pen and polarity, and with the usual pen for some classes only; and how many
    are read correctly with the usual pen.
    """
    truth = to_indices(list(written.labels), recognizer.card.classes)
    rows, hits = [], 0
    for pen in PENS:
        for inverted, note in ((False, "black on white"), (True, "white on black")):
            inputs = drawn(written, recognizer, pen=pen, inverted=inverted)
            answers = recognizer.predict(inputs)
            title = f"{collection}, pen {pen} px, {note}"
            rows.append(row(model, title, "", answers, truth))
            if pen == USUAL and not inverted:
                rows += of_some_classes(model, title, answers, truth, written)
                hits = int((answers.answers == truth).sum())
    return rows, hits


def drawn(
    written: Handwritten, recognizer: Recognizer, *, pen: float, inverted: bool
) -> np.ndarray:
    """Model input uint8 [N, size, size] of pictures drawn on the canvas."""
    generator = np.random.default_rng(0)
    pictures = [
        on_canvas(written.piece(number), generator, pen=pen) for number in range(len(written))
    ]

    def one(picture: np.ndarray) -> np.ndarray:
        read = picture_to_form(255 - picture if inverted else picture, recognizer.form)
        assert read is not None
        return read

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(one, pictures)))


def of_some_classes(
    model: str, title: str, answers: Prediction, truth: np.ndarray, written: Handwritten
) -> list[list[object]]:
    """With `--only`, and zeros of two strokes or more, which are those with a slash or a dot."""
    rows = []
    for group, belongs in GROUPS.items() if model == "characters" else ():
        names = select_classes(group, answers.classes)
        at = np.array([belongs(label) for label in written.labels])
        among = Prediction(answers.probabilities[at], answers.classes).only(names)
        position = {answers.classes.index(name): index for index, name in enumerate(names)}
        rows.append(row(model, title, group, among, np.array([position[t] for t in truth[at]])))
    marked = (written.labels == "0") & (np.diff(written.pieces) > 1)
    if model == "digits" and marked.any():
        zeros = Prediction(answers.probabilities[marked], answers.classes)
        rows.append(row(model, f"{title}, zeros of several strokes", "", zeros, truth[marked]))
    return rows


def negatives(model: str, recognizer: Recognizer) -> list[object]:
    """How often drawings of nothing are answered with less than SURE."""
    pieces = [
        ("", strokes)
        for strokes in draw_negatives(NEGATIVES, seed=99, classes=recognizer.card.classes)
    ]
    inputs = draw_inputs(pieces, recognizer.form, effects=(("shear", 8.0), ("rotation", 8.0)))
    modest = int((recognizer.predict(inputs).confidence <= SURE).sum())
    low, high = wilson_interval(modest, NEGATIVES)
    title = f"drawings of none of the classes, answered with at most {SURE:.0%}"
    share = round(modest / NEGATIVES, 5)
    return [model, title, "", NEGATIVES, share, round(low, 5), round(high, 5), "", "", "", COMMAND]


def row(model: str, title: str, only: str, answers: Prediction, truth: np.ndarray) -> list[object]:
    """A line of the table."""
    right = answers.answers == truth
    third = (np.argsort(-answers.probabilities, 1)[:, :3] == truth[:, None]).any(1)
    classes = np.unique(truth)
    low, high = wilson_interval(int(right.sum()), len(right))
    figures = (
        right.mean(),
        low,
        high,
        np.mean([right[truth == label].mean() for label in classes]),
        np.mean([third[truth == label].mean() for label in classes]),
        reliability(answers.confidence, right).error,
    )
    values = [model, title, only, len(right), *(round(float(f), 5) for f in figures), COMMAND]
    print(*values[:-1])
    return values


def time_predict(settings: Settings) -> None:
    """Wall time of the command line over 3,500 drawings, start of Python included."""
    data = open_dataset("unipen:validation", settings)
    assert data.written is not None
    written = data.written.take(np.char.isdigit(data.written.labels) | (data.labels % 2 == 0))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        generator = np.random.default_rng(0)
        for number in range(3500):
            label = folder_of_label(str(written.labels[number]))
            path = Path(folder) / label / f"{number:05d}.png"
            path.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(path), on_canvas(written.piece(number), generator, pen=USUAL))
        for model in TESTS:
            started = time.perf_counter()
            command = [sys.executable, "-m", "core", "predict", folder, "--model", model, "--json"]
            lines = subprocess.run(
                command, check=True, capture_output=True, text=True, cwd=ROOT
            ).stdout.splitlines()
            seconds = round(time.perf_counter() - started, 2)
            rows.append([model, len(lines), seconds, hardware(), COMMAND])
    write_results("predict_speed.csv", "model,drawings,seconds,hardware,command", rows)


if __name__ == "__main__":
    main()
