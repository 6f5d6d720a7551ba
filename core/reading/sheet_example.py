"""An example of a photographed table, with its truth: drawn, so that nothing has to be shipped."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.datasets.letter_sources import open_letters
from core.settings import Settings
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.request import ComposeRequest
from core.synthesis.compose.tables import Light, draw_table, take_photograph

_HAND = ("breadth=0.55", "pen=0.14")
"""A hasty one: a few cells are unsure."""

_BLANK = 0.15
"""Share of cells without a number."""


@dataclass(frozen=True)
class SheetExample:
    """photograph : grey uint8 [H, W]. texts : what its cells hold, by row and column, "" for
    nothing.
    """

    photograph: np.ndarray
    texts: tuple[tuple[str, ...], ...]


def draw_example(
    classes: Sequence[str], settings: Settings, *, rows: int = 8, columns: int = 10, seed: int = 7
) -> SheetExample:
    """A table of the numbers 0 to 36 that are among the classes of a recognizer, digits if none."""
    known = [text for text in NUMBERS if text in set(classes)] or list(NUMBERS[:10])
    request = ComposeRequest(kind="numbers", texts=f"0-{known[-1]}", set=_HAND, seed=seed)
    written = request.compositions(open_letters(request.letters, settings))
    random = np.random.default_rng(seed)
    numbers = random.integers(0, 50 * len(written.texts), (rows, columns)).tolist()
    blank = random.random((rows, columns)) < _BLANK
    cells = [
        [None if blank[row, column] else number for column, number in enumerate(line)]
        for row, line in enumerate(numbers)
    ]
    photograph = take_photograph(draw_table(written, cells), random, Light(tilt=12, shadow=0.3))
    return SheetExample(
        photograph.image,
        tuple(
            tuple("" if number is None else written.label(number) for number in line)
            for line in cells
        ),
    )
