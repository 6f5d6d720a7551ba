"""A filmstrip: one image, drawn again across the range of one setting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.synthesis.effects.table import EFFECTS, format_effects, parse_effects
from core.synthesis.glyphs import HAND_LIMITS
from core.synthesis.request import Request

PEN = "pen"
"""The pen's width; the two ends of its range at once."""


@dataclass(frozen=True)
class Track:
    """One setting: its range, and the request that has another value of it.

    whole : only whole numbers.
    """

    low: float
    high: float
    at: Callable[[Request, float], Request]
    whole: bool = False

    def values(self, count: int) -> list[float]:
        """At most `count` values from low to high, evenly spaced."""
        values = np.linspace(self.low, self.high, count)
        return [float(value) for value in np.unique(values.round() if self.whole else values)]


def _with_hand(keys: Sequence[str]) -> Callable[[Request, float], Request]:
    def at(request: Request, value: float) -> Request:
        others = [text for text in request.hand if text.partition("=")[0] not in keys]
        return replace(request, hand=(*others, *(f"{key}={value:g}" for key in keys)))

    return at


def _with_effect(name: str) -> Callable[[Request, float], Request]:
    """Where it stands among the effects, or after them."""

    def at(request: Request, value: float) -> Request:
        steps = dict(parse_effects(request.effects)) | {name: value}
        return replace(request, effects=format_effects(list(steps.items())))

    return at


TRACKS = {
    **{
        key: Track(low, high, _with_hand([key]), whole=isinstance(low, int))
        for key, (low, high) in HAND_LIMITS.items()
        if key not in ("thinnest", "thickest")
    },
    PEN: Track(*HAND_LIMITS["thickest"], _with_hand(["thinnest", "thickest"])),
    **{
        f"effect-{name}": Track(0.0, effect.amount.high, _with_effect(name))
        for name, effect in EFFECTS.items()
    },
}
"""The settings of the hand by their keys, and the effects, `effect-NAME`."""


def filmstrip(
    request: Request, name: str, number: int, *, count: int
) -> tuple[np.ndarray, list[float]]:
    """Image `number` of a request at up to `count` values of a setting of TRACKS: uint8 [N, size,
    size], and the values.
    """
    track = TRACKS[name]
    values = track.values(count)
    images = [track.at(request, value).handwriting().draw(number, 1)[0][0] for value in values]
    return np.stack(images), values
