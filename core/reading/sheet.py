"""Read a table of numbers or characters in a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InklingError
from core.ink.forms import to_form
from core.ink.grid.cells import cut_cells
from core.ink.grid.find import find_grid
from core.ink.grid.shape import Grid
from core.models.prediction import SURE
from core.models.recognizer import Recognizer

_MOST = 200
"""Cells that say which way up a sheet is."""

_MARGIN = 0.02
"""Of the cells: so many more are read surely the right way up."""

_TOP = 5


@dataclass(frozen=True)
class SheetCell:
    """One cell as read.

    text : "" if it is blank. confidence : 0-1, that it shows this, or nothing. top : the most
    probable classes and their probabilities, most probable first; () if it is blank.
    """

    text: str
    confidence: float
    top: tuple[tuple[str, float], ...] = ()

    @property
    def sure(self) -> bool:
        """Whether no person has to look."""
        return self.confidence >= SURE


@dataclass(frozen=True)
class Sheet:
    """A table as read, upright.

    cells : by row and column. points : where lines meet, float32 [R + 1, C + 1, 2], pixels of the
    picture as given. inks, pictures : of each cell, uint8 [R, C, H, W], see `Cells`. turned :
    quarter turns against the clock by which the picture stands upright. ruled : whether rules were
    found. notes : sentences on what is unsure.
    """

    cells: tuple[tuple[SheetCell, ...], ...]
    points: np.ndarray
    inks: np.ndarray
    pictures: np.ndarray
    turned: int
    ruled: bool
    notes: tuple[str, ...]

    @property
    def texts(self) -> list[list[str]]:
        """By row and column."""
        return [[cell.text for cell in row] for row in self.cells]

    @property
    def corners(self) -> np.ndarray:
        """Of the table, float32 [4, 2], clockwise from its top left, pixels of the picture."""
        return self.points[[0, 0, -1, -1], [0, -1, -1, 0]]

    def corrected(self, texts: Mapping[tuple[int, int], str]) -> "Sheet":
        """With these texts of cells, by row and column, which a person has seen: surely right."""
        cells = tuple(
            tuple(
                replace(cell, text=texts[place], confidence=1.0)
                if (place := (row, column)) in texts
                else cell
                for column, cell in enumerate(line)
            )
            for row, line in enumerate(self.cells)
        )
        every = np.empty((len(cells), len(cells[0])), object)
        every[:] = cells
        return replace(self, cells=cells, notes=_notes(every, self.turned))


def sheet_to_json(sheet: Sheet) -> dict[str, object]:
    """As `sheet --json` and REST answer."""
    return {
        "rows": sheet.texts,
        "confidence": [[round(cell.confidence, 4) for cell in row] for row in sheet.cells],
        "corners": [[round(float(side), 1) for side in corner] for corner in sheet.corners],
        "ruled": sheet.ruled,
        "notes": list(sheet.notes),
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
    grid = grid or find_grid(grey)
    if grid is None:
        raise InklingError(
            "No table was found: take the picture from above with the whole table in it, or say "
            "where its corners are."
        )
    cells = cut_cells(grey, grid)
    written = cells.written
    inputs = to_form(cells.inks[written], recognizer.form, ink_maps=True)
    turned = 0 if known else _upright(recognizer, inputs)
    probabilities = _predict(recognizer, inputs, turned)
    every = np.empty(grid.shape, object)
    every[~written] = [SheetCell("", 1 - share / 2) for share in cells.filled[~written].tolist()]
    every[written] = [_cell(row, recognizer.classes) for row in probabilities]
    every = np.rot90(every, turned)
    return Sheet(
        tuple(tuple(row) for row in every),
        np.rot90(grid.points, turned),
        _turned(cells.inks, turned),
        _turned(cells.pictures, turned),
        turned,
        grid.ruled,
        _notes(every, turned),
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
        float((_predict(recognizer, some, turned).max(1) >= SURE).mean()) for turned in range(4)
    ]
    best = int(np.argmax(sure))
    return best if sure[best] > sure[0] + _MARGIN else 0


def _turned(images: np.ndarray, turned: int) -> np.ndarray:
    """Cells [R, C, H, W] of a table that is turned, and each of them too."""
    return np.ascontiguousarray(np.rot90(np.rot90(images, turned, (0, 1)), turned, (2, 3)))


def _cell(probabilities: np.ndarray, classes: Sequence[str]) -> SheetCell:
    order = np.argsort(-probabilities, kind="stable")[:_TOP]
    top = tuple((classes[index], float(probabilities[index])) for index in order)
    return SheetCell(top[0][0], top[0][1], top)


def _notes(cells: np.ndarray, turned: int) -> tuple[str, ...]:
    notes = []
    if turned:
        notes.append(
            "The picture was turned "
            + {1: "a quarter to the left.", 2: "upside down.", 3: "a quarter to the right."}[turned]
        )
    unsure = sum(not cell.sure for cell in cells.ravel())
    if unsure:
        notes.append(f"{unsure} of {cells.size} cells {'is' if unsure == 1 else 'are'} unsure.")
    return tuple(notes)
