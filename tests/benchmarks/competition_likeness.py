"""How alike the competition's pictures and the presets made after them are, in numbers: `python -m
tests.benchmarks.competition_likeness`, a minute.

Of the folder train alone. Sizes, places and pens are shares of the picture's sides; ink is what is
darker than middle grey, without specks. Writes assets/results/competition_likeness.csv.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from core.datasets.letter_sources import open_letters
from core.datasets.pictures import find_pictures
from core.ink.decode import read_picture
from core.ink.encode import negative
from core.ink.paper import pen_width
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.recipe import PRESETS
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.competition_likeness"
COUNT, SOURCE, SPECK = 1000, "unipen", 60
MEASURES = ("height", "width", "middle across", "middle down", "pen", "ink")
GREY = 32
"""Level of the ink: half of the pictures are drawn in 64, half in 0."""


def main() -> None:
    settings = Settings.from_environment()
    letters = open_letters(SOURCE, settings)
    train = [read_picture(path) for path in find_pictures([settings.data / "roman" / "train"])]
    groups: dict[str, list[np.ndarray]] = {"grey": [], "black": []}
    for picture in train:
        if (picture < 128).any():
            level = np.median(picture[picture < 128])
            groups["grey" if level > GREY else "black"].append(picture)
    rows = []
    for name, pictures in groups.items():
        made = Compositions(letters=letters, recipe=PRESETS[f"competition-{name}"])
        for source, those in (
            ("roman/train", iter(pictures)),
            (f"competition-{name} of {SOURCE}", (negative(made.picture(n)) for n in range(COUNT))),
        ):
            rows += [[name, source, *row, COMMAND] for row in _quantiles(those)]
    columns = "ink,pictures,measure,n,quantile_10,median,quantile_90,command"
    write_results("competition_likeness.csv", columns, rows)
    for row in rows:
        print(*row[:-1])


def _quantiles(pictures: Iterator[np.ndarray]) -> list[list[object]]:
    measured = np.array([row for row in map(_measures, pictures) if row is not None])
    low, middle, high = np.quantile(measured, (0.1, 0.5, 0.9), axis=0).round(3).tolist()
    ends = zip(MEASURES, low, middle, high, strict=True)
    return [[name, len(measured), *values] for name, *values in ends]


def _measures(picture: np.ndarray) -> list[float] | None:
    """MEASURES of a grey picture uint8 [H, W], dark on light; None if it has specks alone."""
    ink = (picture < 128).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink)
    boxes = boxes[1:][boxes[1:, cv2.CC_STAT_AREA] >= SPECK]
    if not len(boxes):
        return None
    height, width = picture.shape
    left, top = boxes[:, :2].min(0)
    right, bottom = (boxes[:, :2] + boxes[:, 2:4]).max(0)
    return [
        (bottom - top) / height,
        (right - left) / width,
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        pen_width(ink > 0) / height,
        float(ink.mean()),
    ]


if __name__ == "__main__":
    main()
