"""How well `roman` reads: photographs of the competition, and numerals of people it never saw.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.roman      writes assets/results/roman.csv

The photographs are those of `tests.benchmarks.challenge`. The others are composed, as if written on
the canvas, of letters of one writer each where writers are known: of the writers held out of UniPen
and of Chars74K, and of EMNIST's test part.
"""

import numpy as np

from core.datasets.letter_sources import open_letters
from core.evaluation.publish import hardware
from core.ink.decode import read_picture
from core.ink.encode import negative
from core.ink.forms import canonical
from core.intervals import wilson_interval
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.recipe import Recipe
from tests.benchmarks.challenge import tested
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.roman"
SEED, COUNT = 4242, 2_000
AS_DRAWN = Recipe(
    {"gap": 0.12, "uneven": 0.08, "size": 0.06, "lift": 0.03, "pen": 0.09, "pens": 0.2}
    | {"sheet": 280, "letter": 0.4, "letters": 0.25, "place": 0.08}
)
"""Letters side by side on the canvas, with pens of several widths."""


def main() -> None:
    settings = Settings.from_environment()
    recognizer = load_recognizer("roman", settings)
    classes = recognizer.card.classes
    sets: list[tuple[str, list[np.ndarray], list[str]]] = []
    photographs = tested(settings)
    sets.append(
        (
            "competition, val, mended",
            [read_picture(path) for path in photographs],
            list(photographs.values()),
        )
    )
    for source in ("unipen", "chars74k", "emnist"):
        composed = Compositions(
            letters=open_letters(f"{source}:test", settings), recipe=AS_DRAWN, seed=SEED
        )
        pictures = [negative(composed.picture(number)) for number in range(COUNT)]
        labels = [composed.label(number) for number in range(COUNT)]
        sets.append((f"composed of {source}, held out", pictures, labels))
    rows = []
    for name, pictures, labels in sets:
        stages = [canonical(picture, recognizer.form) for picture in pictures]
        seen = [number for number, stage in enumerate(stages) if stage]
        images = np.stack([stages[number].model_input for number in seen])
        answers = recognizer.predict(images).probabilities.argmax(1)
        correct = sum(
            classes[answer] == labels[number] for number, answer in zip(seen, answers, strict=True)
        )
        rates = correct / len(labels), *wilson_interval(correct, len(labels))
        found = (round(rate, 4) for rate in rates)
        rows.append([name, len(labels), correct, *found, hardware(), COMMAND])
    write_results("roman.csv", "data,n,correct,accuracy,low,high,hardware,command", rows)


if __name__ == "__main__":
    main()
