"""How an answer developed while the pen moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.ink.forms import canonical_strokes
from core.ink.strokes import draw_strokes
from core.models.prediction import Prediction
from core.models.recognizer import Recognizer


@dataclass(frozen=True)
class Replay:
    """T moments of one drawing.

    pictures : uint8 [T, H, W], dark ink on white. stroke : int [T], strokes begun by then.
    prediction : T rows.
    """

    pictures: np.ndarray
    stroke: np.ndarray
    prediction: Prediction


def replay(
    recognizer: Recognizer,
    strokes: Sequence[np.ndarray],
    *,
    width: float,
    size: tuple[int, int],
    moments: int = 24,
) -> Replay:
    """Read the drawing at `moments` equal steps of ink length; every stroke's end is one of the
    moments.

    strokes : each float [P, 2] in canvas pixels. size : (height, width) of the canvas.
    """
    parts = _moments(strokes, moments)
    readable = [canonical_strokes(part, recognizer.form, width=width) for part in parts]
    blank = np.zeros((recognizer.form.size, recognizer.form.size), np.uint8)
    prediction = recognizer.predict(
        np.stack([blank if stages is None else stages.model_input for stages in readable])
    )
    pictures = np.stack([255 - draw_strokes(part, width=width, size=size) for part in parts])
    return Replay(pictures, np.array([len(part) for part in parts]), prediction)


def _moments(strokes: Sequence[np.ndarray], moments: int) -> list[list[np.ndarray]]:
    lengths = [max(float(np.hypot(*np.diff(stroke, axis=0).T).sum()), 1.0) for stroke in strokes]
    step = sum(lengths) / moments
    parts: list[list[np.ndarray]] = []
    for index, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        for share in np.linspace(0, 1, max(1, round(length / step)) + 1)[1:]:
            count = max(1, round(share * len(stroke)))
            parts.append([*strokes[:index], stroke[:count]])
    return parts
