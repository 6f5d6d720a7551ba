"""The glyph set of a data set of one hand's drawings."""

import numpy as np

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.synthesis.drawing import pieces_of
from core.synthesis.glyphs import GlyphSet
from core.synthesis.own_glyphs import own_glyphs


def glyphs_of(drawings: Dataset, name: str) -> GlyphSet:
    """A set called `name` of the drawings whose strokes are known, oldest first; InklingError if
    there is none.
    """
    written = drawings.written
    if written is None:
        raise InklingError(
            f"{drawings.title} has no strokes to make glyphs of; draw each character once or more."
        )
    return own_glyphs(pieces_of(written, np.flatnonzero(written.drawn)), name=name)
