"""Hands and effects by name, to start from: each a row of settings on top of a set's own hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.synthesis.request import Request


@dataclass(frozen=True)
class Preset:
    """hand : settings of `Hand` that differ from the set's own. effects : as `parse_effects` reads
    them.
    """

    hand: Mapping[str, float] = field(default_factory=dict)
    effects: str = ""

    def of(self, request: Request) -> Request:
        """The same characters, seed, odds and moves, written so."""
        hand = tuple(f"{key}={value:g}" for key, value in self.hand.items())
        return replace(request, hand=hand, effects=self.effects)


PRESETS = {
    "Usual": Preset(),
    "Tidy": Preset(
        {
            "jitter": 0.6,
            "turn": 1.5,
            "slant": 0.06,
            "slant_spread": 0.04,
            "breadth": 0.04,
            "pressure": 0.06,
        }
    ),
    "Hasty": Preset(
        {
            "jitter": 2.6,
            "correlation": 0.8,
            "turn": 7,
            "slant": 0.4,
            "slant_spread": 0.16,
            "breadth": 0.16,
            "pressure": 0.3,
        }
    ),
    "Child's hand": Preset(
        {
            "jitter": 3.4,
            "correlation": 0.1,
            "turn": 12,
            "slant": -0.06,
            "slant_spread": 0.2,
            "breadth": 0.24,
            "pressure": 0.2,
            "thinnest": 2.6,
            "thickest": 4.2,
        }
    ),
    "Felt pen": Preset({"thinnest": 4.4, "thickest": 6.2, "ramp": 0.8, "pressure": 0.1}),
    "Fine liner": Preset({"thinnest": 1.2, "thickest": 1.7, "ramp": 0.7, "pressure": 0.04}),
    "Photocopy": Preset(effects="quantisation=1,impulse-noise=0.03"),
    "Blurred": Preset(effects="blur=1.4,noise=12"),
}
"""By name. The first is the hand that a set brings."""
