"""How near a recognizer that was taken away is to Inkling: `python -m tests.benchmarks.taken_away`,
with INKLING_DATA; some minutes.

ONNX Runtime against torch on the same model input, the first 1,000 images of a test set; and
`read.py`, with its short canonical form, against Inkling on drawings and photographs of digits by
people held out, taken by `tests.benchmarks.camera`.
"""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from core.datasets.catalogue import open_dataset
from core.evaluation.publish import hardware
from core.ink.decode import decode
from core.ink.forms import canonical
from core.ink.handwritten import in_unit_box
from core.ink.strokes import picture_of_strokes
from core.models.onnx_export import take_away
from core.models.onnx_reader import Reader
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.benchmarks.camera import FACTORS, Scene, photograph
from tests.benchmarks.photographs import validation_characters
from tests.benchmarks.results import write_results

COMMAND = "INKLING_DATA=DATA_ROOT python -m tests.benchmarks.taken_away"
DATA = {
    "digits": "mnist:test",
    "characters": "emnist-balanced:test",
    "roman": "roman:test",
    "numbers": "numbers:test",
}
COUNT, PHOTOGRAPHS = 1000, 300
SIDE, PEN = 320, 20
"""Of the canvas on Draw, pixels."""


def unpacked(name: str, settings: Settings, folder: Path) -> Reader:
    with zipfile.ZipFile(io.BytesIO(take_away(load_recognizer(name, settings)))) as file:
        (folder / f"{name}.onnx").write_bytes(file.read("model.onnx"))
    return Reader(folder / f"{name}.onnx")


def models(settings: Settings, folder: Path) -> Iterator[list[object]]:
    for name, data in DATA.items():
        model, reader = load_recognizer(name, settings), unpacked(name, settings, folder)
        dataset = open_dataset(data, settings)
        images = np.array(dataset.images[:COUNT])
        theirs, ours = reader.predict(images), model.predict(images)
        same = int((theirs.argmax(1) == ours.answers).sum())
        apart = float(np.abs(theirs - ours.probabilities).max())
        size = (folder / f"{name}.onnx").stat().st_size / 1e6
        read = [name, f"{data}, model input", len(images), same, f"{apart:.1e}"]
        yield [*read, "", "", round(size, 1)]


def pictures(settings: Settings, folder: Path) -> Iterator[list[object]]:
    model, reader = load_recognizer("digits", settings), unpacked("digits", settings, folder)
    people = validation_characters(settings.data / "strokes", tuple("0123456789"))
    numbers = np.random.default_rng(0)

    def some() -> tuple[str, list[np.ndarray]]:
        label, strokes = people[numbers.integers(len(people))]
        return label, in_unit_box(strokes)

    def drawing() -> tuple[str, np.ndarray]:
        label, strokes = some()
        return label, picture_of_strokes([0.6 * SIDE * each for each in strokes], width=PEN)

    def photo(scene: Scene) -> tuple[str, np.ndarray]:
        label, strokes = some()
        return label, decode(photograph([strokes], scene, numbers))

    def evenly() -> tuple[str, np.ndarray]:
        pens = {"pen": str(numbers.choice(FACTORS["pen"]))}
        return photo(replace(Scene(light="gradient", camera="noisy JPEG"), **pens))

    def anything() -> tuple[str, np.ndarray]:
        drawn = {name: str(numbers.choice(values)) for name, values in FACTORS.items()}
        return photo(replace(Scene(**drawn), camera="noisy JPEG"))

    for what, count, take in (
        ("drawings on a canvas", COUNT, drawing),
        ("photographs, paper alone, uneven light", PHOTOGRAPHS, evenly),
        ("photographs, anything: desk, shadow, rules, perspective", PHOTOGRAPHS, anything),
    ):
        same, apart, right = 0, 0.0, [0, 0]
        for _ in range(count):
            label, grey = take()
            stages, theirs = canonical(grey, model.form), reader.read(grey)
            ours = (
                model.predict(stages.model_input[None], blur=[stages.blur]).top(1)[0]
                if stages
                else None
            )
            same += (ours and ours[0]) == (theirs and theirs[0])
            if ours and theirs and ours[0] == theirs[0]:
                apart = max(apart, abs(ours[1] - theirs[1]))
            right[0] += bool(theirs and theirs[0] == label)
            right[1] += bool(ours and ours[0] == label)
        yield ["digits", what, count, same, f"{apart:.1e}", *right, ""]


def main() -> None:
    cv2.setNumThreads(1)
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory() as folder:
        rows = [*models(settings, Path(folder)), *pictures(settings, Path(folder))]
    write_results(
        "taken_away.csv",
        "model,pictures,n,same_answer,probability_apart,right_taken_away,right_inkling,mb,"
        "seed,hardware,command",
        [[*row, 0, hardware(), COMMAND] for row in rows],
    )


if __name__ == "__main__":
    main()
