"""Strokes that people wrote to model input, each time another drawing of them."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from core.ink.forms import Form, canonical_strokes
from core.ink.handwritten import Handwritten, in_unit_box
from core.jobs.engine import HERE
from core.progress import Progress, ignore_progress
from core.synthesis.effects.strokes import Strokes
from core.synthesis.effects.table import vary_strokes

PEN = 20.0
"""Pixels, on a canvas where a character is 175 pixels large: what the Draw screen starts with."""

SIDE = 175.0
"""Pixels of the longer side of a character drawn on a canvas, on average."""

_PENS = 6.0, 36.0
_SIDES = 126.0, 224.0
"""Pixels: drawings vary between these."""

_AT_ONCE, _MANY = 64, 5000
"""Drawings that a worker makes before it hands them over; so many are worth processes."""


def draw_inputs(
    pieces: Sequence[tuple[str, Strokes]],
    form: Form,
    *,
    effects: Sequence[tuple[str, float]] | None = None,
    pen: float = PEN,
    seed: int = 0,
    report: Progress = ignore_progress,
) -> np.ndarray:
    """Model input uint8 [N, size, size] of (label, strokes) in any unit.

    effects : (name, amount) steps of STROKE_EFFECTS: with them each is varied and drawn with a pen
    of its own, 6 to 36 pixels where a character has 126 to 224; without, as written and with `pen`
    where it has 175. Same seed, same bytes.
    """
    inputs = np.zeros((len(pieces), form.size, form.size), np.uint8)
    firsts = range(0, len(pieces), _AT_ONCE)
    parts = ((first, pieces[first : first + _AT_ONCE]) for first in firsts)
    draw = partial(_draw, form=form, effects=effects, pen=pen, seed=seed)
    # Half of the time is Python's, so many are drawn in processes, which take a second to start.
    every = HERE.map(draw, parts, here="threads" if len(pieces) < _MANY else "processes")
    for first, drawn in zip(firsts, every, strict=True):
        inputs[first : first + len(drawn)] = drawn
        report(first + len(drawn), len(pieces))
    return inputs


def _draw(
    part: tuple[int, Sequence[tuple[str, Strokes]]],
    *,
    form: Form,
    effects: Sequence[tuple[str, float]] | None,
    pen: float,
    seed: int,
) -> np.ndarray:
    """Some pieces, and the number of the first; uint8 [n, size, size]."""
    first, pieces = part
    inputs = np.zeros((len(pieces), form.size, form.size), np.uint8)
    for row, (label, strokes) in enumerate(pieces):
        strokes, share = in_unit_box(strokes), pen / SIDE
        if effects is not None:
            generator = np.random.default_rng((seed, first + row))
            strokes = vary_strokes(strokes, label, effects, generator)
            share = generator.uniform(*_PENS) / generator.uniform(*_SIDES)
        stages = canonical_strokes(strokes, form, width=share)
        if stages is not None:
            inputs[row] = stages.model_input
    return inputs


def pieces_of(data: Handwritten, rows: np.ndarray) -> list[tuple[str, Strokes]]:
    """(label, strokes) of some rows, int64 [M]."""
    return [(str(data.labels[row]), data.piece(row)) for row in rows]
