"""Small image sets shared by the tests of fitted classifiers."""

import numpy as np
from sklearn.datasets import load_digits


def digits(count: int = 700, size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """UCI digits as uint8 [count, size, size], every pixel repeated, and labels; noise avoids many
    equal distances.
    """
    result = load_digits()
    images = (
        result.images[:count].repeat(size // 8 + 1, 1).repeat(size // 8 + 1, 2)[:, :size, :size]
        * 15
    )
    noise = np.random.default_rng(7).integers(0, 15, images.shape)
    return (images + noise).astype(np.uint8), result.target[:count].astype(np.int64)


def speckle(
    count: int, classes: int, seed: int = 0, size: int = 28, gap: float = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Random pixels, darker for later classes: classes that overlap. All labels occur if there are
    enough images.
    """
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(count) % classes)
    shades = generator.normal(110 + gap * labels[:, None, None], 60, (count, size, size))
    return shades.clip(0, 255).astype(np.uint8), labels.astype(np.int64)
