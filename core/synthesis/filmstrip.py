"""A filmstrip: one image, drawn again across the range of one setting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InklingError
from core.synthesis.effects.table import (
    EFFECTS,
    format_effects,
    number_text,
    parse_effects,
)
from core.synthesis.glyphs import HAND_SETTINGS, Setting
from core.synthesis.request import Request

BRUSH = "brush"
"""The pen's width; the two ends of its range at once."""

_ENDS = ("thinnest", "thickest")

_EFFECT = "effect-"


def effect_key(name: str) -> str:
    """The key of an effect in TRACKS, and of its slider: the hand has a zoom too."""
    return _EFFECT + name


@dataclass(frozen=True)
class Track(Setting):
    """A setting, and the request that has another value of it."""

    at: Callable[[Request, float], Request]

    @property
    def whole(self) -> bool:
        """Only whole numbers."""
        return isinstance(self.low, int)

    def values(self, count: int) -> list[float]:
        """At most `count` values from low to high, evenly spaced."""
        values = np.linspace(self.low, self.high, count)
        return [float(value) for value in np.unique(values.round() if self.whole else values)]


def _with_hand(keys: Sequence[str]) -> Callable[[Request, float], Request]:
    def at(request: Request, value: float) -> Request:
        others = [text for text in request.hand if text.partition("=")[0] not in keys]
        return replace(request, hand=(*others, *(f"{key}={number_text(value)}" for key in keys)))

    return at


def _with_effect(name: str) -> Callable[[Request, float], Request]:
    """Where it stands among the effects, or after them."""

    def at(request: Request, value: float) -> Request:
        steps = dict(parse_effects(request.effects)) | {name: value}
        return replace(request, effects=format_effects(list(steps.items())))

    return at


def _of_effect(name: str) -> Track:
    title, amount = f"Effect: {EFFECTS[name].title}", EFFECTS[name].amount
    return Track(title, amount.unit, 0.0, amount.high, amount.step, "", at=_with_effect(name))


TRACKS = {
    **{
        key: Track(**vars(setting), at=_with_hand([key]))
        for key, setting in HAND_SETTINGS.items()
        if key not in _ENDS
    },
    BRUSH: Track(
        **vars(HAND_SETTINGS["thickest"]) | {"title": "Brush", "about": "The pen's width."},
        at=_with_hand(_ENDS),
    ),
    **{effect_key(name): _of_effect(name) for name in EFFECTS},
}
"""The settings of the hand by their keys, and the effects, `effect-NAME`."""


def short_name(name: str) -> str:
    """What a setting of TRACKS is called elsewhere, as in `--hand` and `--effects`: an effect by
    its own name, but for its zoom, as the hand has one too.
    """
    short = name.removeprefix(_EFFECT)
    return name if short in HAND_SETTINGS else short


def track_name(text: str) -> str:
    """Inverse of `short_name`, which the names in TRACKS pass unchanged; InklingError for any
    other text.
    """
    for name in (text, effect_key(text)):
        if name in TRACKS:
            return name
    raise InklingError(
        f"There is no setting {text!r} to vary; there are {', '.join(map(short_name, TRACKS))}."
    )


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
