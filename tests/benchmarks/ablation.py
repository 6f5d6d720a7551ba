"""What each source of data buys: one small network trained four times, each time with one source
more, on about as many images; a quarter of an hour on one core.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.ablation      writes assets/results/ablation.csv

Validation only: images of MNIST's training set held out, and drawings by the writers held out of
UniPen and pendigits.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.labels import to_indices
from core.evaluation.publish import hardware
from core.intervals import wilson_interval
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.drawing import draw_inputs, pieces_of
from core.training.data import split_rows
from core.training.recipe import Recipe
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.ablation"
MODEL, PEN = "resnet8-tiny", 20
PLAIN = "redrawn=0", "validation_per_class=200"
SYNTHETIC = (*PLAIN, "synthetic=1000")
DRAWINGS = (*SYNTHETIC, "pool=4*unipen-digits:train+4*pendigits:train")
STROKES = (
    "strokes=variants=1,parts=0.12,starts=0.15,elastic=1.2,shear=12,rotation=9,stretch=0.12,"
    "sampling=0.1,jitter=0.012"
)
STEPS: dict[str, tuple[str, ...]] = {
    "scans": (*PLAIN, "epochs=2"),
    "+ synthetic": (*SYNTHETIC, "epochs=2"),
    "+ drawings": (*DRAWINGS, "epochs=1"),
    "+ stroke augmentation": (*DRAWINGS, STROKES, "epochs=1"),
}
"""What is trained on, and the settings of the recipe."""


def main() -> None:
    settings = Settings.from_environment()
    scans = open_dataset("mnist", settings)
    held = split_rows(scans.labels, Recipe().override(PLAIN)).validation
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as home:
        own = replace(settings, models=Path(home) / "models")
        environment = {**os.environ, "INKLING_HOME": home, "INKLING_DATA": str(settings.data)}
        for name, recipe in STEPS.items():
            train = ["train", MODEL, "--data", "mnist", "--save-as", "tried", "--set", *recipe]
            subprocess.run([sys.executable, "-m", "core", *train], env=environment, check=True)
            model = load_recognizer("tried", own)
            seen = [("MNIST, held out", np.asarray(scans.images[held]), scans.labels[held])]
            for part in ("unipen-digits", "pendigits"):
                drawn = open_dataset(f"{part}:validation", settings, form=model.form)
                assert drawn.written is not None
                pieces = pieces_of(drawn.written, np.arange(len(drawn)))
                truth = to_indices(drawn.classes, model.classes)[drawn.labels]
                drawings = draw_inputs(pieces, model.form, pen=PEN)
                seen.append((f"{part}, writers held out", drawings, truth))
            for data, images, truth in seen:
                right = int((model.predict(images).probabilities.argmax(1) == truth).sum())
                low, high = wilson_interval(right, len(truth))
                figures = right / len(truth), low, high
                rows.append(
                    [name, data, len(truth), *(round(x, 4) for x in figures), hardware(), COMMAND]
                )
    write_results(
        "ablation.csv", "trained_on,data,n,accuracy,low_95,high_95,hardware,command", rows
    )


if __name__ == "__main__":
    main()
