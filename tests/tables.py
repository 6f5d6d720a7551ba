"""Photographs of tables with a known truth, of glyphs alone: no data needed."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.datasets.letter_sources import glyph_letters
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.tables import Light, draw_table, take_photograph


@dataclass(frozen=True)
class Table:
    """A picture uint8 [H, W], the texts of its cells, and its corners float32 [4, 2]."""

    image: np.ndarray
    texts: list[list[str]]
    corners: np.ndarray


@lru_cache(maxsize=32)
def table(
    seed: int,
    rules: str = "lines",
    *,
    shape: tuple[int, int] = (6, 8),
    blank: float = 0.1,
    tilt: float = 25.0,
    turn: float = 8.0,
    digits: bool = True,
) -> Table:
    """Of digits, or of numbers 0-36."""
    texts = tuple(str(number) for number in range(10 if digits else 37))
    written = Compositions(
        letters=glyph_letters("natural", "test"),
        texts=texts,
        recipe=PRESETS["canonical"],
        seed=seed,
    )
    generator = np.random.default_rng(seed)
    labels = generator.integers(len(texts), size=shape)
    empty = generator.random(shape) < blank
    numbers = labels + len(texts) * np.arange(labels.size).reshape(shape)
    cells = [
        [None if nothing else int(number) for number, nothing in zip(*row, strict=True)]
        for row in zip(numbers, empty, strict=True)
    ]
    page = draw_table(written, cells, rules=rules)
    seen = take_photograph(page, generator, Light(tilt=tilt, turn=turn))
    return Table(seen.image, np.where(empty, "", labels.astype(str)).tolist(), seen.corners)
