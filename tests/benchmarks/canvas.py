"""Handwriting drawn as on the canvases of the Draw screen: pictures to read."""

import numpy as np

from core.ink.handwritten import in_unit_box
from core.ink.strokes import draw_strokes

CHARACTER, LINE = (280, 280), (200, 680)
"""Height and width of the canvas for one character and of that for a line, pixels."""

_SHARES = {CHARACTER: (0.45, 0.80), LINE: (0.60, 0.95)}
"""Of the room there is: the ink takes a part between these, without the pen."""


def on_canvas(
    strokes: list[np.ndarray],
    generator: np.random.Generator,
    *,
    pen: float,
    canvas: tuple[int, int] = CHARACTER,
) -> np.ndarray:
    """Grey uint8 [H, W], black on white, of strokes in any unit, at a random size and place.

    pen : width, pixels.
    """
    boxed = in_unit_box(strokes)
    extent = np.maximum(np.concatenate(boxed).max(0), 1e-6)
    side = np.array(canvas[::-1], float)
    largest = ((side - 2 * pen) / extent).min()  # half a pen and more is kept from the edge
    share = generator.uniform(*_SHARES[canvas])
    scale = min(largest, share * side.min()) if canvas == CHARACTER else largest * share
    corner = pen + generator.random(2) * (side - 2 * pen - extent * scale)
    placed = [stroke * scale + corner for stroke in boxed]
    return 255 - draw_strokes(placed, width=pen, size=canvas)
