"""Fit the hand of the natural glyph set to real digits: `python -m tests.benchmarks.natural_hand`; about a minute, no test data.

What is minimised is the Frechet distance (Dowson & Landau 1982) between 3,000 images of MNIST's training set and 3,000 drawn
ones in the space of the real ones' first 64 principal components, plus that of the ten mean digits. The seeds are fixed, so
the same table always gives the same hand. Jitter is bounded: beyond 2.2 units some digits are no longer what their label says.
It prints the `hand` to put into assets/glyphs/natural.json.
"""

import json
import sys
from dataclasses import asdict, replace

import numpy as np
from scipy.linalg import sqrtm
from scipy.optimize import differential_evolution
from sklearn.decomposition import PCA

from core.datasets.catalogue import open_dataset
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting

COUNT, COMPONENTS = 3000, 64
BOUNDS = {
    "jitter": (0.3, 2.2), "correlation": (0.0, 0.9), "turn": (0.0, 12.0), "slant": (-0.1, 0.4), "slant_spread": (0.0, 0.4),
    "breadth": (0.0, 0.4), "pressure": (0.0, 0.3), "thinnest": (1.2, 3.6), "range": (0.0, 3.5), "ramp": (0.0, 0.9),
}  # fmt: skip
_STEPS = {"jitter": 0.1, "correlation": 0.05, "turn": 0.5, "thinnest": 0.1, "thickest": 0.1, "ramp": 0.05}


def hand_of(values: np.ndarray, hand: Hand) -> Hand:
    """A hand from numbers in the order of BOUNDS."""
    named = dict(zip(BOUNDS, map(float, values), strict=True))
    thickest = named["thinnest"] + named.pop("range")
    return replace(hand, **named, thickest=thickest)


def main() -> None:
    train = open_dataset("mnist:train", Settings.from_environment())
    rows = np.concatenate([np.flatnonzero(train.labels == digit)[: COUNT // 10] for digit in range(10)])
    real = np.asarray(train.images[rows], np.float32).reshape(COUNT, -1) / 255
    space = PCA(COMPONENTS, random_state=0).fit(real)
    glyphs = load_glyphs("natural")

    def features(images: np.ndarray) -> np.ndarray:
        return space.transform(images.reshape(len(images), -1))

    target = features(real)
    mean, spread = target.mean(0), np.cov(target.T)
    digits = target.reshape(10, -1, COMPONENTS).mean(1)

    def distance(hand: Hand) -> float:
        images, _ = Handwriting(glyphs, hand, seed=11).draw(0, COUNT)
        ours = features(images.astype(np.float32) / 255)
        covariance = np.cov(ours.T)
        frechet = ((ours.mean(0) - mean) ** 2).sum() + np.trace(spread + covariance - 2 * np.real(sqrtm(spread @ covariance)))
        return float(frechet + ((ours.reshape(-1, 10, COMPONENTS).mean(0) - digits) ** 2).sum(1).mean())

    print(f"before: {distance(glyphs.hand):.2f}", file=sys.stderr)
    found = differential_evolution(
        lambda values: distance(hand_of(values, glyphs.hand)), list(BOUNDS.values()), seed=0, maxiter=30, popsize=5, tol=1e-3, polish=False
    )  # fmt: skip
    fitted = asdict(hand_of(found.x, glyphs.hand))
    rounded = {
        key: round(round(value / step) * step, 2) for key, value in fitted.items() for step in [_STEPS.get(key, 0.02)] if key != "zoom"
    }
    print(f"after: {distance(Hand(**rounded)):.2f} in {found.nfev} trials", file=sys.stderr)
    print(json.dumps(rounded))


if __name__ == "__main__":
    main()
