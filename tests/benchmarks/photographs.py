"""How well photographs are read, by kind: `python -m tests.benchmarks.photographs`; half an
hour on two cores.

Digits, and numbers of four, of pendigits and UniPen are photographed by
`tests.benchmarks.camera`. Only people whose writing is held out for validation are asked
(`core.ink.handwritten`). Each value of each factor has `--count` photographs of a digit: in some
at most one other factor departs from a clean scan of black ink, in others each is drawn anew.
Beside them stands what is read of the same strokes on a clean canvas, for that is the most there is
to get. Sheets without writing are to be found blank.

    INKLING_DATA=DATA_ROOT python -m tests.benchmarks.photographs --before OLD.csv

takes the column "right before" from a table that this program made on an earlier commit. `--seed`
takes other photographs, `--count` fewer.
"""

import argparse
import csv
import os
import string
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from core.datasets.stroke_files import read_strokes
from core.ink.decode import decode
from core.ink.forms import Stages, canonical, canonical_strokes
from core.ink.handwritten import in_unit_box
from core.models.recognizer import Recognizer, load_recognizer
from core.reading.line import read_line
from core.settings import Settings
from tests.benchmarks.camera import FACTORS, Scene, photograph
from tests.benchmarks.results import write_results

FILES = "pendigits-train.json.gz", "unipen.json.gz"
BLANK, DIGIT, NUMBER = 0, 1, 4
"""How many digits stand on a sheet."""

_NAME = "photographs.csv"

Written = tuple[str, list[np.ndarray]]
"""A digit and its strokes."""


@dataclass(frozen=True)
class Shot:
    """A photograph to take and what came of it: the factor's value it counts for ("" for all), the
    digits on it, whether they were read right, on a canvas too, and how sure the model was.
    """

    scene: Scene
    digits: int
    counts_for: tuple[str, str]
    seed: int
    right: bool = False
    on_canvas: bool = False
    confidence: float = 0.0


def plan(*, count: int, digits: int, seed: int) -> list[Shot]:
    """`count` photographs for each value of each factor."""
    generator = np.random.default_rng([seed, digits])
    shots = []
    for factor, values in FACTORS.items():
        others = [name for name in FACTORS if name != factor]
        for value in values:
            for number in range(count):
                one = [str(generator.choice(others))] if number % 4 else []
                among = one if number % 2 else others
                scene = Scene(**{**_drawn(among, generator), factor: value})
                shots.append(Shot(scene, digits, (factor, value), int(generator.integers(2**31))))
    return shots


def plan_blanks(*, count: int, seed: int) -> list[Shot]:
    """`count` sheets without writing, every factor drawn anew."""
    generator = np.random.default_rng([seed, BLANK])
    return [
        Shot(
            Scene(**_drawn(list(FACTORS), generator)),
            BLANK,
            ("sheet", "empty"),
            int(generator.integers(2**31)),
        )
        for _ in range(count)
    ]


def _drawn(names: Sequence[str], generator: np.random.Generator) -> dict[str, str]:
    """A value for each factor; few photographs have 12 megapixels, for those take longest."""
    drawn = {name: str(generator.choice(FACTORS[name])) for name in names}
    if drawn.get("camera") == "12 MP" and generator.random() < 0.8:
        drawn["camera"] = "noisy JPEG"
    return drawn


def take(shot: Shot, root: Path) -> tuple[bytes, list[Written]]:
    """The file of a photograph, and the digits on it."""
    generator = np.random.default_rng(shot.seed)
    writers = validation_characters(root, tuple(string.digits))
    written = [writers[row] for row in generator.integers(len(writers), size=shot.digits)]
    boxed = [in_unit_box(strokes) for _, strokes in written]
    return photograph(boxed, shot.scene, generator), written


def read(shot: Shot, root: Path) -> Shot:
    """The shot with what was read of it."""
    model = _model()
    data, written = take(shot, root)
    grey, text = decode(data), "".join(label for label, _ in written)
    if shot.digits == NUMBER:
        line = read_line(model, grey)
        answer, sure = (line.text, line.confidence) if line else ("", 0.0)
    else:
        stages = canonical(grey, model.form)
        answer, sure = ("", 0.0) if stages is None else _answer(model, stages)
    drawn = [canonical_strokes(in_unit_box(one), model.form, width=0.07) for _, one in written]
    inputs = [stages.model_input for stages in drawn if stages]
    alone = "".join(model.predict(np.stack(inputs)).labels()) if inputs else ""
    return Shot(
        shot.scene, shot.digits, shot.counts_for, shot.seed, answer == text, alone == text, sure
    )


@cache
def validation_characters(root: Path, classes: Sequence[str]) -> list[Written]:
    """Characters of these classes in both files, by people held out for validation."""
    characters = []
    for name in FILES:
        everyone = read_strokes(root / name)
        held = everyone.take(everyone.held_out & np.isin(everyone.labels, classes))
        characters += [(str(held.labels[n]), held.piece(n)) for n in range(len(held))]
    return characters


def _answer(model: Recognizer, stages: Stages) -> tuple[str, float]:
    return model.predict(stages.model_input[None], blur=[stages.blur]).top(1)[0]


@cache
def _model() -> Recognizer:
    return load_recognizer("digits", Settings.from_environment())


def table(shots: Sequence[Shot]) -> Iterator[tuple[str, str, str, int, int, int]]:
    """What stood on the sheet, factor, value, n, read right, read right on a canvas."""
    names = {BLANK: "nothing", DIGIT: "a digit", NUMBER: "a number of four"}
    for digits, name in names.items():
        some = [shot for shot in shots if shot.digits == digits]
        for cell in dict.fromkeys(shot.counts_for for shot in some):
            own = [shot for shot in some if shot.counts_for == cell]
            right, canvas = sum(shot.right for shot in own), sum(shot.on_canvas for shot in own)
            yield name, *cell, len(own), right, canvas
        if digits != BLANK:
            right = sum(shot.right for shot in some)
            yield name, "all", "", len(some), right, sum(shot.on_canvas for shot in some)


def _before(path: Path | None) -> dict[tuple[str, ...], str]:
    """The column "right now" of an older table, by sheet, factor, value and n."""
    if path is None or not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {tuple(row[:4]): row[5] for row in list(csv.reader(file))[1:]}


def main() -> None:
    settings = Settings.from_environment()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=Path, default=settings.data / "strokes")
    parser.add_argument("--count", type=int, default=40, help="photographs of each value")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--before", type=Path, help="a table made on an earlier commit")
    parser.add_argument("--out", default=_NAME, help="in assets/results; default: %(default)s")
    options = parser.parse_args()
    shots = [
        *plan_blanks(count=5 * options.count, seed=options.seed),
        *plan(count=options.count, digits=DIGIT, seed=options.seed),
        *plan(count=options.count, digits=NUMBER, seed=options.seed),
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        shots = list(pool.map(partial(read, root=options.strokes), shots, chunksize=8))
    before = _before(options.before)
    rows = [(*row[:4], before.get(tuple(map(str, row[:4])), ""), *row[4:]) for row in table(shots)]
    write_results(
        options.out, "sheet,factor,value,n,right before,right now,right on a canvas", rows
    )


if __name__ == "__main__":
    main()
