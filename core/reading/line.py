"""Read a line of several characters, left to right."""

from dataclasses import dataclass

import numpy as np

from core.ink.forms import canonical_ink
from core.ink.line import split_line
from core.ink.paper import find_ink
from core.models.recognizer import Recognizer


@dataclass(frozen=True)
class Line:
    """A line as read: its ink uint8 [H, W], and for each character (left, top, width, height) in
    its pixels, label and probability."""

    ink: np.ndarray
    boxes: tuple[tuple[int, int, int, int], ...]
    labels: tuple[str, ...]
    confidences: tuple[float, ...]

    @property
    def text(self) -> str:
        return "".join(self.labels)


def read_line(recognizer: Recognizer, grey: np.ndarray) -> Line | None:
    """Split a grey picture [H, W] into characters and read each; None if it is blank."""
    ink = find_ink(grey)
    if ink is None:
        return None
    characters = split_line(ink)
    prediction = recognizer.predict(
        np.stack(
            [canonical_ink(character.ink, recognizer.form).model_input for character in characters]
        )
    )
    boxes = tuple(
        (character.left, character.top, character.ink.shape[1], character.ink.shape[0])
        for character in characters
    )
    return Line(
        ink,
        boxes,
        tuple(prediction.labels()),
        tuple(map(float, prediction.confidence)),
    )
