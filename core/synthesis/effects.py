"""Effects on a finished picture: each is one slider, and the user chooses which and in what order.

A picture is uint8 [H, W] with H and W of at least 8, ink 255 on paper 0. Paper fills what moves in,
nothing is changed in place, and the shape and type stay.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import InklingError
from core.synthesis.flips import HALF_TURN, LEFT_RIGHT, TOP_BOTTOM

ELASTIC_SIGMA = 4.0
"""Smoothness of the elastic field, in pixels of a picture 28 wide (Simard et al. 2003)."""


@dataclass(frozen=True)
class Effect:
    """One slider: its name, its title, the unit and range of its amount, and what it does to a
    picture.

    draw(image, amount, generator) gives the changed image. An effect with `labels` is a flip: it
    happens with probability `amount`, only to a label in the table, and the label becomes the
    table's.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    step: float
    default: float
    draw: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    labels: Mapping[str, str] | None = None

    def apply(
        self, image: np.ndarray, label: str, amount: float, generator: np.random.Generator
    ) -> tuple[np.ndarray, str]:
        """The picture uint8 [H, W] and its label after the effect; amount in `unit`, low to high. 0
        gives back the image itself.
        """
        if amount == 0:
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

    Steps are as `parse_effects` gives them: amounts are not checked again, and an unknown name is a
    KeyError.
    """
    for name, amount in steps:
        image, label = EFFECTS[name].apply(image, label, amount, generator)
    return image, label


def parse_effects(text: str) -> tuple[tuple[str, float], ...]:
    """Steps from "rotation=10,noise=20", in that order; InklingError for an unknown name, no finite
    number, or one out of range.
    """
    steps = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (side.strip() for side in part.partition("="))
        if name not in EFFECTS:
            raise InklingError(f"There is no effect {name!r}; there are {', '.join(EFFECTS)}.")
        effect = EFFECTS[name]
        try:
            amount = float(number)
        except ValueError:
            amount = math.nan
        if not math.isfinite(amount):
            raise InklingError(
                f"{part!r} gives no finite number; write it as {name}={_number(effect.default)}."
            )
        if not effect.low <= amount <= effect.high:
            raise InklingError(
                f"{name} goes from {_number(effect.low)} to {_number(effect.high)} ({effect.unit}), not {_number(amount)}."
            )
        steps.append((name, amount))
    return tuple(steps)


def format_effects(steps: Sequence[tuple[str, float]]) -> str:
    """The text that `parse_effects` reads back as exactly these (name, amount) steps."""
    return ",".join(f"{name}={_number(amount)}" for name, amount in steps)


def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turned about the centre, counter-clockwise; uint8 [H, W]."""
    return _warp(image, cv2.getRotationMatrix2D(_centre(image), degrees, 1))


def zoom(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarged about the centre by a factor over 0; uint8 [H, W]."""
    return _warp(image, cv2.getRotationMatrix2D(_centre(image), 0, factor))


def shear(image: np.ndarray, degrees: float) -> np.ndarray:
    """Slanted about the middle row, upright strokes leaning right by degrees under 90; uint8 [H,
    W].
    """
    lean = math.tan(math.radians(degrees))
    return _warp(image, np.array([[1, -lean, lean * _centre(image)[1]], [0, 1, 0]]))


def shift(image: np.ndarray, right: float, down: float) -> np.ndarray:
    """Moved by pixels of this picture, fractions included; uint8 [H, W]."""
    return _warp(image, np.array([[1, 0, right], [0, 1, down]], float))


def deform(image: np.ndarray, pixels: float, generator: np.random.Generator) -> np.ndarray:
    """Elastic deformation, uint8 [H, W]: each pixel from a place `pixels` away (root mean square
    along x and along y, at size 28).

    Simard, Steinkraus and Platt (ICDAR 2003): uniform noise in -1..1 under a Gaussian of sigma 4,
    times alpha. Such a field has a standard deviation of 1 / (2 sqrt(3 pi) sigma), less near the
    border; their alpha of 34 is an amount of 1.4 here.
    """
    scale = _scale(image)
    sigma = ELASTIC_SIGMA * scale
    alpha = pixels * scale * 2 * math.sqrt(3 * math.pi) * sigma
    noise = generator.uniform(-alpha, alpha, (*image.shape, 2)).astype(np.float32)
    field = cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    x, y = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in image.shape[::-1]))
    return cv2.remap(
        image,
        x + field[..., 0],
        y + field[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )


def thicken(image: np.ndarray, pixels: float) -> np.ndarray:
    """Strokes grown (over 0: dilation) or thinned (under 0: erosion) by a disc of that radius;
    uint8 [H, W].

    Between two whole radii, the two pictures are blended.
    """
    change = cv2.dilate if pixels > 0 else cv2.erode
    radius, part = divmod(abs(pixels), 1)
    less, more = (
        change(image, _disc(r), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        for r in (int(radius), int(radius) + 1)
    )
    return cv2.addWeighted(less, 1 - part, more, part, 0)


def impulses(image: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """A share (0-1) of the pixels, each drawn on its own, replaced by ink or paper with equal
    chance; uint8 [H, W].
    """
    chance = generator.random(image.shape)
    return np.where(chance < share / 2, np.uint8(255), np.where(chance < share, np.uint8(0), image))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Under a Gaussian of sigma pixels, with paper all round; uint8 [H, W]."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)


def quantise(image: np.ndarray) -> np.ndarray:
    """Only decided ink stays; uint8 [H, W].

    YARoMNIST's rule on grey p, dark ink on white paper: p // 43 * 43, then everything above 43
    white. Here paper is 0, so p = 255 - ink: ink from 213 becomes 255, 170 to 212 becomes 212, and
    all that is fainter is paper.
    """
    levels = (255 - image) // 43 * 43
    return 255 - np.where(levels > 43, np.uint8(255), levels)


def _centre(image: np.ndarray) -> tuple[float, float]:
    return (image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2


def _scale(image: np.ndarray) -> float:
    return min(image.shape) / 28


def _warp(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = image.shape[1], image.shape[0]
    return cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )


def _disc(radius: int) -> np.ndarray:
    # OpenCV's own ellipse of radius 2 is wider than it is high
    across = np.arange(-radius, radius + 1)
    return (across**2 + across[:, None] ** 2 <= radius**2).astype(np.uint8)


def _grey(values: np.ndarray) -> np.ndarray:
    return np.rint(values).clip(0, 255).astype(np.uint8)


def _number(amount: float) -> str:
    return repr(float(amount)).removesuffix(".0")


def _shift_within(
    image: np.ndarray, half_width: float, generator: np.random.Generator
) -> np.ndarray:
    right, down = generator.uniform(-half_width, half_width, 2) * _scale(image)
    return shift(image, right, down)


# Rotation, zoom and shift default to the ranges of the original notebooks (10 degrees, .1, and .1
# of the picture), which had no shear: that is as wide as in training. Quantisation between 0 and 1,
# which no slider gives, is a probability.
_EFFECTS = (
    Effect(
        "rotation",
        "Rotation",
        "degrees either way",
        0,
        180,
        1,
        10,
        lambda i, a, g: rotate(i, g.uniform(-a, a)),
    ),
    Effect(
        "zoom",
        "Zoom",
        "share either way",
        0,
        0.5,
        0.01,
        0.1,
        lambda i, a, g: zoom(i, 1 + g.uniform(-a, a)),
    ),
    Effect(
        "shear",
        "Shear",
        "degrees either way",
        0,
        45,
        1,
        12,
        lambda i, a, g: shear(i, g.uniform(-a, a)),
    ),
    Effect("shift", "Shift", "pixels either way at size 28", 0, 14, 0.1, 2.8, _shift_within),
    Effect("elastic", "Elastic", "pixels at size 28", 0, 4, 0.1, 1, deform),
    Effect(
        "thickness",
        "Thickness",
        "pixels either way",
        0,
        3,
        0.1,
        0.7,
        lambda i, a, g: thicken(i, g.uniform(-a, a)),
    ),
    Effect(
        "noise",
        "Gaussian noise",
        "grey levels, sigma",
        0,
        128,
        1,
        20,
        lambda i, a, g: _grey(g.normal(i, a)),
    ),
    Effect(
        "uniform-noise",
        "Uniform noise",
        "grey levels either way",
        0,
        255,
        1,
        30,
        lambda i, a, g: _grey(i + g.uniform(-a, a, i.shape)),
    ),
    Effect("impulse-noise", "Impulse noise", "share of pixels", 0, 1, 0.01, 0.02, impulses),
    Effect("blur", "Blur", "pixels, sigma", 0, 4, 0.1, 0.7, lambda i, a, g: blur(i, a)),
    Effect(
        "quantisation",
        "Quantisation",
        "0 off, 1 on",
        0,
        1,
        1,
        1,
        lambda i, a, g: quantise(i) if g.random() < a else i,
    ),
    Effect(
        "flip-left-right",
        "Flip left to right",
        "probability",
        0,
        1,
        0.05,
        0.5,
        lambda i, a, g: cv2.flip(i, 1),
        LEFT_RIGHT,
    ),
    Effect(
        "flip-top-bottom",
        "Flip top to bottom",
        "probability",
        0,
        1,
        0.05,
        0.5,
        lambda i, a, g: cv2.flip(i, 0),
        TOP_BOTTOM,
    ),
    Effect(
        "half-turn",
        "Half turn",
        "probability",
        0,
        1,
        0.05,
        0.5,
        lambda i, a, g: cv2.flip(i, -1),
        HALF_TURN,
    ),
)
EFFECTS: dict[str, Effect] = {effect.name: effect for effect in _EFFECTS}
