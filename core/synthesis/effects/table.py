"""The table of effects: each is one slider; the user chooses which and in what order. Those with
`training` also augment training batches, those with `strokes` handwriting before the pen, under the
same names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from core.errors import InklingError
from core.synthesis.effects.flips import HALF_TURN, LEFT_RIGHT, TOP_BOTTOM
from core.synthesis.effects.geometry import (
    deform,
    rotate,
    shear,
    shift_within,
    stretch,
    zoom,
)
from core.synthesis.effects.ink import (
    add_gaussian,
    add_uniform,
    blur,
    contrast,
    contrast_batch,
    impulses,
    quantise,
    thicken,
    thicken_batch,
)
from core.synthesis.effects.strokes import (
    Strokes,
    bend,
    broaden,
    change_starts,
    resize_parts,
    sample_sparsely,
    slant,
    tremble,
    turn,
)
from core.synthesis.effects.variants import add_variant

if TYPE_CHECKING:
    from torch import Tensor


StrokeKernel = Callable[[Strokes, str, float, np.random.Generator], Strokes]


@dataclass(frozen=True)
class Amount:
    """The amount of an effect: its unit, its maximum (from 0), the step of its slider, and the
    default.
    """

    unit: str
    high: float
    step: float
    default: float

    def check(self, name: str, amount: float) -> float:
        """The amount itself; InklingError, with the effect's name, for one out of range or NaN."""
        if not 0 <= amount <= self.high:
            raise InklingError(
                f"{name} goes from 0 to {number_text(self.high)} ({self.unit}), not "
                f"{number_text(amount)}."
            )
        return amount


@dataclass(frozen=True)
class Effect:
    """One row: an effect's names, amount and kernels.

    draw : called as draw(image, amount, generator), returns the changed image; None if only strokes
    can be changed so.
    labels : for a flip, applied with probability `amount` only to labels in this table, which maps
    them to the new label.
    training : the amount in a recipe's augmentation; None if not used in training. Its default also
    applies to earlier recipes that do not name it, so it is 0 for a new effect.
    batched : called as batched(images, parameter) with a parameter [N] uniform in ±amount. None
    despite `training` if the parameter is one of `warp_batch`.
    strokes : called as strokes(strokes, label, amount, generator), returns changed strokes in a box
    of longer side 1; the amount is that of `training`, or else `amount`. None if only pixels can be
    changed so.
    """

    name: str
    title: str
    amount: Amount
    draw: Callable[[np.ndarray, float, np.random.Generator], np.ndarray] | None = None
    labels: Mapping[str, str] | None = None
    training: Amount | None = None
    batched: "Callable[[Tensor, Tensor], Tensor] | None" = None
    strokes: StrokeKernel | None = None

    def apply(
        self, image: np.ndarray, label: str, amount: float, generator: np.random.Generator
    ) -> tuple[np.ndarray, str]:
        """The picture uint8 [H, W] and its label after the effect; amount in its unit. 0 returns
        the image itself.
        """
        if amount == 0 or self.draw is None:
            return image, label
        if self.labels is None:
            return self.draw(image, amount, generator), label
        if label not in self.labels or generator.random() >= amount:
            return image, label
        return self.draw(image, amount, generator), self.labels[label]


def apply_effects(
    image: np.ndarray,
    label: str,
    steps: Sequence[tuple[str, float]],
    generator: np.random.Generator,
) -> tuple[np.ndarray, str]:
    """The picture uint8 [H, W] and its label after (name, amount) steps in the order given; same
    generator state, same bytes.

    Steps as returned by `parse_effects`: amounts are not checked again; KeyError for an unknown
    name.
    """
    for name, amount in steps:
        image, label = EFFECTS[name].apply(image, label, amount, generator)
    return image, label


def vary_strokes(
    strokes: Strokes,
    label: str,
    steps: Sequence[tuple[str, float]],
    generator: np.random.Generator,
) -> Strokes:
    """Strokes in a box of longer side 1 after (name, amount) steps of STROKE_EFFECTS, as the same
    person could have written them another time.
    """
    for name, amount in steps:
        kernel = STROKE_EFFECTS[name].strokes
        if kernel is not None and amount:
            strokes = kernel(strokes, label, amount, generator)
    return strokes


def parse_effects(
    text: str, effects: "Mapping[str, Effect] | None" = None
) -> tuple[tuple[str, float], ...]:
    """Steps from "rotation=10,noise=20", in that order; InklingError for an unknown name, or an
    amount that is no number or out of range.

    effects : EFFECTS, which is the default, or STROKE_EFFECTS.
    """
    table = EFFECTS if effects is None else effects
    steps = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (side.strip() for side in part.partition("="))
        if name not in table:
            raise InklingError(f"There is no effect {name!r}; there are {', '.join(table)}.")
        effect = table[name]
        try:
            steps.append((name, effect.amount.check(name, float(number))))
        except ValueError as error:
            usual = number_text(effect.amount.default)
            raise InklingError(f"{part!r} gives no number; write it as {name}={usual}.") from error
    return tuple(steps)


def format_effects(steps: Sequence[tuple[str, float]]) -> str:
    """The text that `parse_effects` parses to exactly these (name, amount) steps."""
    return ",".join(f"{name}={number_text(amount)}" for name, amount in steps)


def number_text(amount: float) -> str:
    """The shortest text that is read back as exactly this number: 2, 0.5."""
    return repr(float(amount)).removesuffix(".0")


def _either_way(
    kernel: Callable[[np.ndarray, float], np.ndarray],
) -> Callable[[np.ndarray, float, np.random.Generator], np.ndarray]:
    return lambda image, amount, generator: kernel(image, generator.uniform(-amount, amount))


def _stroke_way(kernel: Callable[[Strokes, float], Strokes]) -> StrokeKernel:
    return lambda strokes, _, amount, generator: kernel(strokes, generator.uniform(-1, 1) * amount)


# Rotation, zoom and shift default to the ranges of the original notebooks (10 degrees, .1, and .1
# of the picture), which had no shear: its range is that of training. Zoom by a share and by a
# logarithm differ by less than 1 % of the size up to .1. Quantisation between 0 and 1, which no
# slider gives, is a probability.
_EFFECTS = (
    Effect(
        "rotation",
        "Rotation",
        Amount("degrees either way", 180, 1, 10),
        _either_way(rotate),
        training=Amount("degrees either way", 180, 1, 10),
        strokes=_stroke_way(turn),
    ),
    Effect(
        "shear",
        "Shear",
        Amount("degrees either way", 45, 1, 12),
        _either_way(shear),
        training=Amount("degrees either way", 60, 1, 12),
        strokes=_stroke_way(slant),
    ),
    Effect(
        "zoom",
        "Zoom",
        Amount("share either way", 0.5, 0.01, 0.1),
        lambda image, amount, generator: zoom(image, 1 + generator.uniform(-amount, amount)),
        training=Amount("logarithm of the factor either way", 1, 0.02, 0.12),
    ),
    Effect(
        "stretch",
        "Stretch",
        Amount("logarithm of the factor either way", 0.5, 0.01, 0.1),
        _either_way(stretch),
        training=Amount("logarithm of the factor either way", 1, 0.02, 0.1),
        strokes=_stroke_way(broaden),
    ),
    Effect(
        "shift",
        "Shift",
        Amount("pixels either way at size 28", 14, 0.1, 2.8),
        shift_within,
        training=Amount("pixels either way", 10, 0.5, 1.5),
    ),
    Effect(
        "elastic",
        "Elastic",
        Amount("pixels at size 28", 4, 0.1, 1),
        deform,
        training=Amount("pixels at most", 10, 0.2, 1.6),
        # a character is 20 of the picture's 28 pixels long
        strokes=lambda strokes, _, amount, generator: bend(strokes, amount / 20, generator),
    ),
    Effect(
        "thickness",
        "Thickness",
        Amount("pixels either way", 3, 0.1, 0.7),
        _either_way(thicken),
        training=Amount("pixels either way", 2, 0.1, 0.7),
        batched=thicken_batch,
    ),
    Effect(
        "contrast",
        "Contrast",
        Amount("logarithm of the exponent either way", 2, 0.1, 0.4),
        _either_way(contrast),
        training=Amount("logarithm of the exponent either way", 2, 0.1, 0.4),
        batched=contrast_batch,
    ),
    Effect("noise", "Gaussian noise", Amount("grey levels, sigma", 128, 1, 20), add_gaussian),
    Effect(
        "uniform-noise",
        "Uniform noise",
        Amount("grey levels either way", 255, 1, 30),
        add_uniform,
    ),
    Effect("impulse-noise", "Impulse noise", Amount("share of pixels", 1, 0.01, 0.02), impulses),
    Effect(
        "blur",
        "Blur",
        Amount("pixels, sigma", 4, 0.1, 0.7),
        lambda image, amount, _: blur(image, amount),
    ),
    Effect(
        "quantisation",
        "Quantisation",
        Amount("0 off, 1 on", 1, 1, 1),
        lambda image, amount, generator: quantise(image) if generator.random() < amount else image,
    ),
    Effect(
        "flip-left-right",
        "Flip left to right",
        Amount("probability", 1, 0.05, 0.5),
        lambda image, *_: cv2.flip(image, 1),
        LEFT_RIGHT,
    ),
    Effect(
        "flip-top-bottom",
        "Flip top to bottom",
        Amount("probability", 1, 0.05, 0.5),
        lambda image, *_: cv2.flip(image, 0),
        TOP_BOTTOM,
    ),
    Effect(
        "half-turn",
        "Half turn",
        Amount("probability", 1, 0.05, 0.5),
        lambda image, *_: cv2.flip(image, -1),
        HALF_TURN,
    ),
    Effect(
        "variants",
        "Slashed zeros, crossed sevens",
        Amount("probability that a character may get such a mark", 1, 0.1, 1),
        strokes=lambda strokes, label, amount, generator: (
            add_variant(strokes, label, generator) if generator.random() < amount else strokes
        ),
    ),
    Effect(
        "parts",
        "Size of parts",
        Amount("logarithm of the factor either way", 0.5, 0.01, 0.12),
        strokes=lambda strokes, _, amount, generator: resize_parts(strokes, amount, generator),
    ),
    Effect(
        "starts",
        "Missing or doubled starts",
        Amount("probability for each end of a stroke", 1, 0.05, 0.15),
        strokes=lambda strokes, _, amount, generator: change_starts(strokes, amount, generator),
    ),
    Effect(
        "sampling",
        "Sparse sampling",
        Amount("distance of points at most, share of the character", 0.3, 0.01, 0.1),
        strokes=lambda strokes, _, amount, generator: sample_sparsely(
            strokes, generator.uniform(0, amount)
        ),
    ),
    Effect(
        "jitter",
        "Jitter of points",
        Amount("sigma at most, share of the character", 0.05, 0.002, 0.012),
        strokes=lambda strokes, _, amount, generator: tremble(
            strokes, generator.uniform(0, amount), generator
        ),
    ),
)
EFFECTS: dict[str, Effect] = {effect.name: effect for effect in _EFFECTS if effect.draw}
"""What may happen to a picture."""

STROKE_EFFECTS: dict[str, Effect] = {effect.name: effect for effect in _EFFECTS if effect.strokes}
"""What may happen to strokes before the pen."""
