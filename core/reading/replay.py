"""How an answer developed while the pen moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.ink.forms import canonical_strokes
from core.models.prediction import Prediction
from core.models.recognizer import Recognizer


@dataclass(frozen=True)
class Replay:
    """T moments of one drawing.

    points : int [T], points drawn by then, of all strokes. stroke : int [T], strokes begun by then.
    prediction : T rows.
    """

    points: np.ndarray
    stroke: np.ndarray
    prediction: Prediction


def replay(
    recognizer: Recognizer,
    strokes: Sequence[np.ndarray],
    *,
    width: float,
    moments: int = 32,
) -> Replay:
    """Read the drawing at `moments` equal steps of ink length, in one batch; every stroke's end is
    one of the moments.

    strokes : each float [P, 2] in canvas pixels. width : of the pen, pixels.
    """
    parts = _moments(strokes, moments)
    readable = [canonical_strokes(part, recognizer.form, width=width) for part in parts]
    blank = np.zeros((recognizer.form.size, recognizer.form.size), np.uint8)
    prediction = recognizer.predict(
        np.stack([blank if stages is None else stages.model_input for stages in readable])
    )
    points = np.array([sum(map(len, part)) for part in parts])
    return Replay(points, np.array([len(part) for part in parts]), prediction)


def _moments(strokes: Sequence[np.ndarray], moments: int) -> list[list[np.ndarray]]:
    lengths = [max(float(np.hypot(*np.diff(stroke, axis=0).T).sum()), 1.0) for stroke in strokes]
    step = sum(lengths) / moments
    parts: list[list[np.ndarray]] = []
    for index, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        for share in np.linspace(0, 1, max(1, round(length / step)) + 1)[1:]:
            count = max(1, round(share * len(stroke)))
            parts.append([*strokes[:index], stroke[:count]])
    return parts
