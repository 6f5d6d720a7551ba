"""Fit the hand of the natural glyph set to real digits: `python -m tests.benchmarks.natural_hand`;
a minute or two, no test data.

Properties of 3,000 images of MNIST's training set and of as many drawn ones are compared digit by
digit: mean and spread of the slant and of the log of the aspect, both from image moments (Castro et
al., Morpho-MNIST, JMLR 2019), quantiles of the ink, and the share of it that is grey. The sum of
squared differences, each over its spread among the real images, is made small. Seeds are fixed: the
same table gives the same hand. Jitter, correlation and pressure show in none of these and stay as
the table has them. It prints the `hand` to put into assets/glyphs/natural.json.
"""

import json
import sys
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from scipy.optimize import differential_evolution

from core.datasets.catalogue import open_dataset
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting

COUNT = 3000
BOUNDS = {
    "turn": (3.0, 8.0),
    "slant": (-0.1, 0.4),
    "slant_spread": (0.0, 0.4),
    "breadth": (0.0, 0.4),
    "thinnest": (1.2, 3.6),
    "range": (0.0, 3.5),
    "ramp": (0.0, 0.9),
}
_STEPS = {"turn": 0.5, "thinnest": 0.1, "thickest": 0.1, "ramp": 0.05}


def properties(images: np.ndarray) -> np.ndarray:
    """Of images uint8 [N, 28, 28]: float [N, 4], slant (columns a row), log of the aspect once
    upright, ink (pixels), share of grey.
    """
    ink = images.astype(np.float64) / 255
    mass = ink.sum((1, 2))
    away = (
        np.arange(28) - ((ink.sum(1) @ np.arange(28)) / mass)[:, None],
        np.arange(28) - ((ink.sum(2) @ np.arange(28)) / mass)[:, None],
    )
    xx, yy = (ink.sum(1) * away[0] ** 2).sum(1) / mass, (ink.sum(2) * away[1] ** 2).sum(1) / mass
    xy = np.einsum("nyx,nx,ny->n", ink, *away) / mass
    aspect = np.log(np.maximum(xx - xy**2 / yy, 0.01) / yy) / 2
    dark = images > 63
    grey = (dark & (images < 192)).sum((1, 2)) / np.maximum(dark.sum((1, 2)), 1)
    return np.stack([-xy / yy, aspect, mass, grey], 1)


def summary(images: np.ndarray) -> np.ndarray:
    """Of images of 0 to 9 in turn: float [10, 8], the statistics compared for each digit."""
    result = properties(images).reshape(-1, 10, 4)
    slant, aspect, ink, grey = np.moveaxis(result, 2, 0)
    return np.stack(
        [
            slant.mean(0),
            slant.std(0),
            aspect.mean(0),
            aspect.std(0),
            *np.quantile(ink, [0.1, 0.5, 0.9], axis=0),
            grey.mean(0),
        ],
        1,
    )


def hand_of(values: np.ndarray, hand: Hand) -> Hand:
    """A hand from numbers in the order of BOUNDS."""
    named: dict[str, Any] = dict(zip(BOUNDS, map(float, values), strict=True))
    thickest = named["thinnest"] + named.pop("range")
    return replace(hand, **named, thickest=thickest)


def main() -> None:
    train = open_dataset("mnist:train", Settings.from_environment())
    rows = np.stack(
        [np.flatnonzero(train.labels == digit)[: COUNT // 10] for digit in range(10)], 1
    ).ravel()
    real = np.asarray(train.images[rows])
    target, spread = (
        summary(real),
        properties(real).reshape(-1, 10, 4).std(0)[:, [0, 0, 1, 1, 2, 2, 2, 3]],
    )
    glyphs = load_glyphs("natural")

    def distance(hand: Hand) -> float:
        images, _ = Handwriting(glyphs, hand, seed=11).draw(0, COUNT)
        return float((((summary(images) - target) / spread) ** 2).sum(1).mean())

    print(f"before: {distance(glyphs.hand):.3f}", file=sys.stderr)
    result = differential_evolution(
        lambda values: distance(hand_of(values, glyphs.hand)),
        list(BOUNDS.values()),
        seed=0,
        maxiter=20,
        popsize=5,
        tol=1e-3,
        polish=False,
    )
    fitted = asdict(hand_of(result.x, glyphs.hand))
    rounded = {
        key: round(round(value / step) * step, 2)
        for key, value in fitted.items()
        for step in [_STEPS.get(key, 0.02)]
        if key != "zoom"
    }
    print(f"after: {distance(Hand(**rounded)):.3f} in {result.nfev} trials", file=sys.stderr)
    print(json.dumps(rounded))


if __name__ == "__main__":
    main()
