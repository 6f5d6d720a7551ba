"""Compositions: characters written side by side become pictures by a recipe, every stage of which
can be watched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any, ClassVar
from zlib import crc32

import cv2
import numpy as np

from core.ink.forms import Form
from core.synthesis.compose.composer import spread
from core.synthesis.compose.framing import Frame, frame_in, lay_on_cells, reduce_cells, set_pens
from core.synthesis.compose.layout import Pieces, side_by_side
from core.synthesis.compose.letters import Letters
from core.synthesis.compose.numerals import letters_of
from core.synthesis.compose.pieces import RESOLUTION, extent, superimpose
from core.synthesis.compose.recipe import Recipe
from core.synthesis.compose.roman import NUMERALS
from core.synthesis.compose.steps import INK, STEPS
from core.synthesis.writer import Writer, check_seed

_MARGIN, _SWING = 0.1, 0.022
"""Shares of the longer side of the ink: paper that is left about it, and more of it for each degree
of deviation, as an angle is at most 2.5 of them.
"""

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


@dataclass(frozen=True, kw_only=True)
class Compositions(Writer):
    """Any number of pictures; picture i shows text i, cyclically.

    texts : what is written, small letters or digits; also the classes. Numerals are in capitals in
    some of the rounds through them, see `Recipe.capitals`. called : the letters in messages.
    """

    many: ClassVar[float] = 3000

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
        label, turn, share = self.label(number), number // len(self.texts), self.recipe.capitals
        return label.upper() if int((turn + 1) * share) > int(turn * share) else label

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
                    images[row] = _reduced(self._on_sheet(number), self.size)
            else:
                framed = self._framed(form, [self.pieces(number) for number in numbers])
                for row, number, image in zip(rows, numbers, framed, strict=True):
                    images[row] = _reduced(self._changed(number, image, on_ink=False), self.size)
        return images, [self.label(number) for number in range(start, start + count)]

    def picture(self, number: int) -> np.ndarray:
        """Picture `number`, uint8 [h, w]: of the size of its sheet unless the recipe reduces it."""
        return self._make(number)

    def stages(self, number: int) -> list[Stage]:
        """The making of picture `number`, step by step."""
        stages: list[Stage] = []
        self._make(number, stages)
        return stages

    def pieces(self, number: int, stages: list[Stage] | None = None) -> Pieces:
        """The characters of picture `number` after all steps on them. stages : are added to."""
        pieces = side_by_side(self.letters.write(self.text(number), self._generator(number, "")))
        if stages is not None:
            stages.append(Stage("", "Letters", _joined(pieces, RESOLUTION)))
        for step in self.recipe.steps:
            if step.pieces is not None:
                generator = self._generator(number, step.name)
                pieces = step.pieces(pieces, self.recipe.amount(step.name), generator)
                if stages is not None:
                    stages.append(Stage(step.name, step.title, _joined(pieces, RESOLUTION)))
        return pieces

    def _make(self, number: int, stages: list[Stage] | None = None) -> np.ndarray:
        form = self.recipe.framed_in
        if form is None:
            picture = self._on_sheet(number, stages)
        else:
            framed = self._framed(form, [self.pieces(number, stages)])[0]
            _keep(stages, "form", "Canonical form", framed)
            picture = self._changed(number, framed, stages, on_ink=False)
        if self.recipe.size and picture.shape != (self.size, self.size):
            picture = _reduced(picture, self.size)
            _keep(stages, "reduced", f"{self.size} x {self.size}", picture)
        return picture

    def _framed(self, form: Form, compositions: Sequence[Pieces]) -> np.ndarray:
        """In a canonical form, uint8 [N, size, size]."""
        frames: list[Frame] = [frame_in(form, pieces, form.pen) for pieces in compositions]
        cells = lay_on_cells(compositions, frames, form.size)
        moves = np.array([frame.move for frame in frames])
        return reduce_cells(set_pens(cells, moves), form.blur)

    def _on_sheet(self, number: int, stages: list[Stage] | None = None) -> np.ndarray:
        """On its sheet, uint8 [h, w]."""
        pieces = self.pieces(number, stages)
        generator, amount = self._generator(number, "sheet"), self.recipe.amount

        def varied(name: str) -> float:
            return exp(spread(generator, amount(name)))

        # the sheet: vii and viii may get a wider one
        height = amount("sheet") * varied("sheets")
        width = height * amount("aspect") * varied("sheets")
        text = self.label(number)
        if set(text) - {"i"}:
            width += max(0, len(text) - 2) * amount("widen") * height / 28
        size = max(8, round(height)), max(8, round(width))
        # the ink: a numeral is reduced until it fits
        _, _, wide, high = extent(pieces)
        wanted = amount("letter") * height * varied("letters")
        per_unit = min(wanted, 0.98 * size[0] / high, 0.98 * size[1] / wide)
        swing = _SWING * (amount("slant") + amount("turn"))
        ink = _joined(pieces, per_unit, margin=_MARGIN + swing)
        ink = self._changed(number, ink, stages, on_ink=True)
        where = generator.standard_normal(2).clip(-2.5, 2.5) * amount("place")
        sheet = _placed(ink, size, where)
        _keep(stages, "sheet", STEPS["sheet"].title, sheet)
        return self._changed(number, sheet, stages, on_ink=False)

    def _changed(
        self,
        number: int,
        picture: np.ndarray,
        stages: list[Stage] | None = None,
        *,
        on_ink: bool,
    ) -> np.ndarray:
        """After the steps on the joined ink, or on the whole picture."""
        for step in self.recipe.steps:
            if step.picture is not None and (step.group == INK) == on_ink:
                generator = self._generator(number, step.name)
                picture = step.picture(picture, self.recipe.amount(step.name), generator)
                _keep(stages, step.name, step.title, picture)
        return picture

    def _generator(self, number: int, name: str) -> np.random.Generator:
        """Of a step alone, so that another amount of one changes nothing in the others."""
        return np.random.default_rng((self.seed, number, crc32(name.encode())))


def _keep(stages: list[Stage] | None, name: str, title: str, image: np.ndarray) -> None:
    if stages is not None:
        stages.append(Stage(name, title, image))


def _joined(pieces: Pieces, per_unit: float, *, margin: float = _MARGIN) -> np.ndarray:
    """The pieces on a canvas of their own, with some paper about them, uint8 [h, w]."""
    _, _, width, height = extent(pieces)
    paper = 2 * margin * max(width, height)
    canvas = np.zeros(
        [max(8, round((side + paper) * per_unit)) for side in (height, width)], np.uint8
    )
    superimpose(pieces, per_unit, canvas)
    return canvas


def _placed(ink: np.ndarray, size: tuple[int, int], where: np.ndarray) -> np.ndarray:
    """Ink uint8 [h, w] whole on a sheet of that size, its box in the middle, or off it by `where`,
    shares of the sheet, as far as there is room.
    """
    # a thin pen may be grey all over
    left, top, width, height = cv2.boundingRect((ink > min(64, ink.max() // 2)).astype(np.uint8))
    if not width:
        return np.zeros(size, np.uint8)
    ink = ink[top : top + height, left : left + width]
    fits = min(1.0, size[0] / height, size[1] / width)
    if fits < 1:
        width, height = max(1, int(width * fits)), max(1, int(height * fits))
        ink = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    sheet = np.zeros(size, np.uint8)
    x, y = (
        int(np.clip(round(room / 2 + share * side), 0, room))
        for room, share, side in zip(
            (size[1] - width, size[0] - height), where, size[::-1], strict=True
        )
    )
    sheet[y : y + height, x : x + width] = ink
    return sheet


def _reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """As a square, whatever its shape was."""
    if picture.shape == (side, side):
        return picture
    method = cv2.INTER_AREA if max(picture.shape) > side else cv2.INTER_LINEAR
    return cv2.resize(picture, (side, side), interpolation=method)
