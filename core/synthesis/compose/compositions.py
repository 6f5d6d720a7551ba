"""Compositions: characters written side by side become pictures by a recipe, every stage of which
can be watched.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from joblib import Parallel, delayed

from core.ink.forms import Form
from core.synthesis.compose.composer import spread
from core.synthesis.compose.framing import Frame, frame_in, lay_on_cells, reduce_cells, set_pens
from core.synthesis.compose.layout import Pieces, side_by_side
from core.synthesis.compose.letters import Letters
from core.synthesis.compose.numerals import letters_of, numeral
from core.synthesis.compose.pieces import RESOLUTION, extent, superimpose
from core.synthesis.compose.recipe import Recipe
from core.synthesis.compose.steps import INK, STEPS
from core.synthesis.writer import CHUNK, Writer, check_seed

NUMERALS = tuple(numeral(value) for value in range(1, 11))

_MARGIN = 0.4
"""Of the ink's sides: paper left about the joined ink, so that it may lean and turn."""

_MANY = 3000
"""So many are worth processes, which take a second to start."""

_BLOCK = 50
"""Compositions framed at a time, so that their cells fit in the CPU cache."""


@dataclass(frozen=True)
class Stage:
    """One stage of the making: the name of its step, "" for the letters as they come, its title,
    and the picture after it, uint8 [h, w], ink 255.
    """

    name: str
    title: str
    image: np.ndarray


Watch = Callable[[str, str, np.ndarray], None]


@dataclass(frozen=True, kw_only=True)
class Compositions(Writer):
    """Any number of pictures; picture i shows text i, cyclically.

    texts : what is written, small letters or digits; also the classes. Numerals are in capitals in
    some of the rounds through them, see `Recipe.capitals`. called : the letters in messages.
    """

    letters: Letters
    texts: tuple[str, ...] = NUMERALS
    recipe: Recipe = field(default_factory=Recipe)
    seed: int = 0
    called: str = "The source"

    def __post_init__(self) -> None:
        check_seed(self.seed)
        used = letters_of(self.texts)
        small, large = self.recipe.capitals < 1, self.recipe.capitals > 0
        signs = (used if small else "") + (used.upper() if large else "")
        self.letters.check("".join(dict.fromkeys(signs)), called=self.called)

    @property
    def size(self) -> int:
        """Side of an image of `draw`, pixels."""
        return self.recipe.side

    @property
    def classes(self) -> tuple[str, ...]:
        """The texts."""
        return self.texts

    def facts(self) -> dict[str, Any]:
        """Every setting, for the metadata file; excludes the source characters."""
        recipe = self.recipe
        return {
            "composer": type(self).__name__,
            "letters": type(self.letters).__name__,
            "steps": {name: recipe.amount(name) for name in STEPS},
            "form": recipe.form,
            "capitals": recipe.capitals,
            "size": self.size,
            "channels": recipe.channels,
            "seed": self.seed,
        }

    def label(self, number: int) -> str:
        """What picture `number` shows."""
        return self.texts[number % len(self.texts)]

    def text(self, number: int) -> str:
        """How it is written: the label, or it in capitals."""
        turn, share = number // len(self.texts), self.recipe.capitals
        return (
            self.label(number).upper()
            if int((turn + 1) * share) > int(turn * share)
            else self.label(number)
        )

    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Pictures `start` to `start + count`, uint8 [count, size, size] with ink 255, and their
        labels.
        """
        images = np.empty((count, self.size, self.size), np.uint8)
        form = self.recipe.framed_in
        for first in range(0, count, _BLOCK):
            rows = range(first, min(first + _BLOCK, count))
            numbers = [start + row for row in rows]
            if form is None:
                for row, number in zip(rows, numbers, strict=True):
                    images[row] = _reduced(self._on_sheet(number, _ignore), self.size)
            else:
                framed = self._framed(form, [self.pieces(number) for number in numbers])
                for row, number, image in zip(rows, numbers, framed, strict=True):
                    images[row] = _reduced(self._finish(number, image, _ignore), self.size)
        return images, [self.label(number) for number in range(start, start + count)]

    def chunks(
        self, count: int, *, start: int = 0, workers: int = 0
    ) -> Iterator[tuple[np.ndarray, list[str]]]:
        """As in `Writer`; many are made in processes, as most of the work is Python's."""
        workers = workers or os.cpu_count() or 1
        if workers == 1 or count - start < _MANY:
            yield from super().chunks(count, start=start, workers=workers)
            return
        firsts = range(start, count, CHUNK)
        every = Parallel(n_jobs=workers, backend="loky", return_as="generator")(
            delayed(self.draw)(first, min(CHUNK, count - first)) for first in firsts
        )
        yield from every

    def picture(self, number: int) -> np.ndarray:
        """Picture `number`, uint8 [h, w]: of the size of its sheet unless the recipe reduces it."""
        return self._make(number, _ignore)

    def stages(self, number: int) -> list[Stage]:
        """The making of picture `number`, step by step."""
        stages: list[Stage] = []
        self._make(number, lambda name, title, image: stages.append(Stage(name, title, image)))
        return stages

    def pieces(self, number: int, watch: "Watch | None" = None) -> Pieces:
        """The characters of picture `number` after all steps on them."""
        written = self.letters.write(self.text(number), self._generator(number, ""))
        pieces = side_by_side(written)
        if watch:
            watch("", "Letters", _joined(pieces, RESOLUTION))
        for step in self.recipe.steps:
            if step.pieces is not None:
                generator = self._generator(number, step.name)
                pieces = step.pieces(pieces, self.recipe.amount(step.name), generator)
                if watch:
                    watch(step.name, step.title, _joined(pieces, RESOLUTION))
        return pieces

    def _make(self, number: int, watch: Watch) -> np.ndarray:
        form = self.recipe.framed_in
        if form is None:
            picture = self._on_sheet(number, watch)
        else:
            picture = self._framed(form, [self.pieces(number, watch)])[0]
            watch("form", "Canonical form", picture)
            picture = self._finish(number, picture, watch)
        if self.recipe.size and picture.shape != (self.size, self.size):
            picture = _reduced(picture, self.size)
            watch("reduced", f"{self.size} x {self.size}", picture)
        return picture

    def _framed(self, form: Form, compositions: Sequence[Pieces]) -> np.ndarray:
        """In a canonical form, uint8 [N, size, size]."""
        frames: list[Frame] = [frame_in(form, pieces, form.pen) for pieces in compositions]
        cells = lay_on_cells(compositions, frames, form.size)
        moves = np.array([frame.move for frame in frames])
        return reduce_cells(set_pens(cells, moves), form.blur)

    def _on_sheet(self, number: int, watch: Watch) -> np.ndarray:
        """On its sheet, uint8 [h, w]."""
        pieces = self.pieces(number, None if watch is _ignore else watch)
        generator, recipe = self._generator(number, "sheet"), self.recipe
        height = recipe.amount("sheet") * exp(spread(generator, recipe.amount("sheets")))
        width = height * recipe.amount("aspect") * exp(spread(generator, recipe.amount("sheets")))
        text = self.label(number)
        beyond = 0 if set(text) <= {"i"} else max(0, len(text) - 2)
        width += beyond * recipe.amount("widen") * height / 28
        size = max(8, round(height)), max(8, round(width))
        # a numeral is reduced until it fits
        wanted = recipe.amount("letter") * height
        wanted *= exp(spread(generator, recipe.amount("letters")))
        _, _, wide, high = extent(pieces)
        per_unit = min(wanted, 0.98 * size[0] / high, 0.98 * size[1] / wide)
        ink = _joined(pieces, per_unit)
        ink = self._changed(number, ink, watch, on_ink=True)
        where = generator.standard_normal(2).clip(-2.5, 2.5) * recipe.amount("place")
        sheet = _placed(ink, size, where)
        watch("sheet", STEPS["sheet"].title, sheet)
        return self._finish(number, sheet, watch)

    def _finish(self, number: int, picture: np.ndarray, watch: Watch) -> np.ndarray:
        """The steps on the whole picture."""
        return self._changed(number, picture, watch, on_ink=False)

    def _changed(
        self, number: int, picture: np.ndarray, watch: Watch, *, on_ink: bool
    ) -> np.ndarray:
        for step in self.recipe.steps:
            if step.picture is not None and (step.group == INK) == on_ink:
                generator = self._generator(number, step.name)
                picture = step.picture(picture, self.recipe.amount(step.name), generator)
                watch(step.name, step.title, picture)
        return picture

    def _generator(self, number: int, name: str) -> np.random.Generator:
        """Of a step alone, so that another amount of one changes nothing in the others."""
        return np.random.default_rng((self.seed, number, crc32(name.encode())))


def _ignore(_: str, __: str, ___: np.ndarray) -> None:
    """Nobody watches."""


def _joined(pieces: Pieces, per_unit: float) -> np.ndarray:
    """The pieces on a canvas of their own, with some paper about them, uint8 [h, w]."""
    _, _, width, height = extent(pieces)
    margin = _MARGIN * max(width, height) / 2
    size = [max(8, round((side + 2 * margin) * per_unit)) for side in (height, width)]
    canvas = np.zeros(size, np.uint8)
    superimpose(pieces, per_unit, canvas)
    return canvas


def _placed(ink: np.ndarray, size: tuple[int, int], where: np.ndarray) -> np.ndarray:
    """Ink uint8 [h, w] on a sheet of that size, its box in the middle, or off it by `where`, shares
    of the sheet, as far as it stays whole.
    """
    left, top, width, height = cv2.boundingRect((ink > 64).astype(np.uint8))
    height, width = min(height, size[0]), min(width, size[1])
    sheet = np.zeros(size, np.uint8)
    free = size[1] - width, size[0] - height
    x, y = (
        int(np.clip(round(room / 2 + share * side), 0, room))
        for room, share, side in zip(free, where, size[::-1], strict=True)
    )
    sheet[y : y + height, x : x + width] = ink[top : top + height, left : left + width]
    return sheet


def _reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """As a square, whatever its shape was."""
    if picture.shape == (side, side):
        return picture
    method = cv2.INTER_AREA if max(picture.shape) > side else cv2.INTER_LINEAR
    return cv2.resize(picture, (side, side), interpolation=method)
