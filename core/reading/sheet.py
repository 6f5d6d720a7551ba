"""Read a table of numbers or characters in a picture."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InklingError
from core.ink.forms import to_form
from core.ink.grid.cells import cut_cells
from core.ink.grid.find import find_grids
from core.ink.grid.shape import Grid
from core.models.prediction import SURE
from core.models.recognizer import Recognizer
from core.reading.line import read_numbers

_MOST = 200
"""Cells that say which way up a sheet is."""

_CLEARLY, _MARGIN = 0.9, 0.02
"""Probability; and share of the cells, and one cell: so many more are as probable the right way up
as any other way.
"""

_TOP = 5

_TWICE = 100
"""Cells with a number of several digits that both readers read, those least sure."""


@dataclass(frozen=True)
class SheetCell:
    """One cell as read.

    text : "" if it is blank. confidence : 0-1, that it shows this, or nothing. top : the most
    probable classes and their probabilities, most probable first; () if it is blank. line : what
    the reader of lines, which looks at digit after digit, reads in a number of several; "" for
    others, and where it was not asked.
    """

    text: str
    confidence: float
    top: tuple[tuple[str, float], ...] = ()
    line: str = ""

    @property
    def sure(self) -> bool:
        """Whether no person has to look: it is probable, and both readers agree."""
        return self.confidence >= SURE and self.line in ("", self.text)


@dataclass(frozen=True)
class Sheet:
    """A table as read, upright.

    cells : by row and column. points : where lines meet, float32 [R + 1, C + 1, 2], pixels of the
    picture as given. inks, pictures : of each cell, uint8 [R, C, H, W], see `Cells`. turned :
    quarter turns against the clock by which the picture stands upright. ruled : whether rules were
    found. notes : sentences on what is unsure. others : tables beside it that were not read.
    """

    cells: tuple[tuple[SheetCell, ...], ...]
    points: np.ndarray
    inks: np.ndarray
    pictures: np.ndarray
    turned: int
    ruled: bool
    notes: tuple[str, ...]
    others: tuple[Grid, ...] = ()

    @property
    def texts(self) -> list[list[str]]:
        """By row and column."""
        return [[cell.text for cell in row] for row in self.cells]

    @property
    def summary(self) -> str:
        """What was read, in a few words."""
        return " ".join([f"{len(self.cells)} rows of {len(self.cells[0])} cells.", *self.notes])

    @property
    def corners(self) -> np.ndarray:
        """Of the table, float32 [4, 2], clockwise from its top left, pixels of the picture."""
        return self.points[[0, 0, -1, -1], [0, -1, -1, 0]]

    def corrected(self, texts: Mapping[tuple[int, int], str]) -> "Sheet":
        """With these texts of cells, by row and column, which a person has seen: surely right."""
        cells = tuple(
            tuple(
                replace(cell, text=texts[place], confidence=1.0, line="")
                if (place := (row, column)) in texts
                else cell
                for column, cell in enumerate(line)
            )
            for row, line in enumerate(self.cells)
        )
        # that some are unsure is the last note
        others = self.notes[: len(self.notes) - len(_unsure(self.cells))]
        return replace(self, cells=cells, notes=(*others, *_unsure(cells)))


def sheet_to_json(sheet: Sheet) -> dict[str, object]:
    """As `sheet --json` and REST answer."""
    return {
        "rows": sheet.texts,
        "confidence": [[round(cell.confidence, 4) for cell in row] for row in sheet.cells],
        "corners": [[round(float(side), 1) for side in corner] for corner in sheet.corners],
        "ruled": sheet.ruled,
        "notes": list(sheet.notes),
        "others": [
            {"corners": np.round(other.corners, 1).tolist(), "shape": list(other.shape)}
            for other in sheet.others
        ],
    }


def read_sheet(
    recognizer: Recognizer,
    grey: np.ndarray,
    *,
    only: Sequence[str] | None = None,
    grid: Grid | None = None,
) -> Sheet:
    """The table in a grey picture uint8 [H, W]; InklingError if there is none.

    only : classes that the answers are among; None for those of the recognizer. grid : where the
    table is, if that is known.
    """
    if only is not None:
        recognizer = recognizer.only(only)
    known = grid is not None
    found = [grid] if grid is not None else find_grids(grey)
    if not found:
        raise InklingError(
            "No table was found: take the picture from above with the whole table in it, or say "
            "where its corners are."
        )
    grid, *others = found
    cells = cut_cells(grey, grid)
    written = cells.written
    inputs = to_form(cells.inks[written], recognizer.form, ink_maps=True)
    turned = 0 if known else _upright(recognizer, inputs)
    probabilities = _predict(recognizer, inputs, turned)
    every = np.empty(grid.shape, object)
    every[~written] = [SheetCell("", 1 - share / 2) for share in cells.filled[~written].tolist()]
    upright = [np.ascontiguousarray(np.rot90(ink, turned)) for ink in cells.inks[written]]
    every[written] = _read_twice([_cell(row, recognizer.classes) for row in probabilities], upright)
    every = np.rot90(every, turned)
    return Sheet(
        tuple(tuple(row) for row in every),
        np.rot90(grid.points, turned),
        _turned(cells.inks, turned),
        _turned(cells.pictures, turned),
        turned,
        grid.ruled,
        _notes(every, turned, others, goes_on=_at_border(grid, grey.shape)),
        tuple(others),
    )


def _predict(recognizer: Recognizer, inputs: np.ndarray, turned: int) -> np.ndarray:
    """Probabilities [N, C] of model input that is turned so often."""
    if not len(inputs):
        return np.zeros((0, len(recognizer.classes)), np.float32)
    upright = np.ascontiguousarray(np.rot90(inputs, turned, (1, 2)))
    return recognizer.predict(upright).probabilities


def _upright(recognizer: Recognizer, inputs: np.ndarray) -> int:
    """Quarter turns against the clock after which the cells are read most surely."""
    some = inputs[:: len(inputs) // _MOST + 1]
    if not len(some):
        return 0
    # most digits are digits upside down too, though less well made ones
    sure = [
        float((_predict(recognizer, some, turned).max(1) >= _CLEARLY).mean()) for turned in range(4)
    ]
    best = int(np.argmax(sure))
    return best if sure[best] > sure[0] + _MARGIN + 1 / len(some) else 0


def _turned(images: np.ndarray, turned: int) -> np.ndarray:
    """Cells [R, C, H, W] of a table that is turned, and each of them too."""
    return np.ascontiguousarray(np.rot90(np.rot90(images, turned, (0, 1)), turned, (2, 3)))


def _cell(probabilities: np.ndarray, classes: Sequence[str]) -> SheetCell:
    order = np.argsort(-probabilities, kind="stable")[:_TOP]
    top = tuple((classes[index], float(probabilities[index])) for index in order)
    return SheetCell(*top[0], top)


def _read_twice(cells: list[SheetCell], inks: Sequence[np.ndarray]) -> list[SheetCell]:
    """With what the reader of lines reads in the numbers of several digits."""
    several = [
        place for place, cell in enumerate(cells) if len(cell.text) > 1 and cell.text.isdecimal()
    ]
    unsure = sorted(several, key=lambda place: cells[place].confidence)[:_TWICE]
    numbers = read_numbers([inks[place] for place in unsure])
    for place, number in zip(unsure, numbers, strict=True):
        cells[place] = replace(cells[place], line=number)
    return cells


def _at_border(grid: Grid, shape: tuple[int, ...]) -> bool:
    """Whether there is no room for another cell between a side of the table and the border of the
    picture, so that some may have been cut off.
    """
    height, width = shape
    rows, columns = (
        np.append(lines, [2 * lines[0] - lines[1], 2 * lines[-1] - lines[-2]])
        for lines in (grid.rows, grid.columns)
    )
    x, y = replace(grid, rows=rows, columns=columns).points.T
    return bool(x.min() < 0 or y.min() < 0 or x.max() > width or y.max() > height)


def _notes(
    cells: np.ndarray, turned: int, others: Sequence[Grid], *, goes_on: bool
) -> tuple[str, ...]:
    notes = []
    if turned:
        notes.append(
            "The picture was turned "
            + {1: "a quarter to the left.", 2: "upside down.", 3: "a quarter to the right."}[turned]
        )
    if goes_on:
        notes.append("It is near the edge of the picture: cells beyond it are not seen.")
    for other in others:
        rows, columns = other.shape
        notes.append(f"Another table, of {rows} rows of {columns} cells, is in the picture.")
    return (*notes, *_unsure(cells))


def _unsure(cells: Iterable[Iterable[SheetCell]]) -> tuple[str, ...]:
    """A sentence if some are."""
    sure = [cell.sure for row in cells for cell in row]
    unsure = len(sure) - sum(sure)
    if not unsure:
        return ()
    if 2 * unsure > len(sure):
        return (
            f"{unsure} of {len(sure)} cells are unsure: see whether the lines are those of the "
            "table, or take a sharper picture.",
        )
    return (f"{unsure} of {len(sure)} cells {'is' if unsure == 1 else 'are'} unsure.",)
