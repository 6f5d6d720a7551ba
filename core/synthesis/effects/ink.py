"""Kernels that change ink in place: pen thickness, contrast, noise, blur.

Pictures, batches and the late import of torch are as in `core.synthesis.effects.geometry`.
"""

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


def thicken(image: np.ndarray, pixels: float) -> np.ndarray:
    """Strokes dilated (above 0) or eroded (below 0) by a disc of that radius; uint8 [H, W].

    Between two integer radii, the two results are blended.
    """
    change = cv2.dilate if pixels > 0 else cv2.erode
    radius, part = divmod(abs(pixels), 1)
    less, more = (
        change(image, _disc(r), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        for r in (int(radius), int(radius) + 1)
    )
    return cv2.addWeighted(less, 1 - part, more, part, 0)


def thicken_batch(images: "Tensor", pixels: "Tensor") -> "Tensor":
    """`thicken` of a batch [N, 1, S, S] by pixels [N], with two differences: above 1 pixel the
    change of the first pixel is extrapolated, and erosion leaves ink on the picture's border, as
    only `thicken` assumes paper beyond it.
    """
    import torch
    from torch.nn import functional as F

    amount = pixels.view(-1, 1, 1, 1)
    grown = torch.maximum(
        F.max_pool2d(images, (3, 1), 1, (1, 0)), F.max_pool2d(images, (1, 3), 1, (0, 1))
    )
    thinned = -torch.maximum(
        F.max_pool2d(-images, (3, 1), 1, (1, 0)), F.max_pool2d(-images, (1, 3), 1, (0, 1))
    )
    return (
        images
        + amount.clamp(min=0) * (grown - images)
        + (-amount).clamp(min=0) * (thinned - images)
    )


def contrast(image: np.ndarray, logarithm: float) -> np.ndarray:
    """Ink in 0-1 to the power of exp(logarithm): above 0 half-tones fade, below 0 they darken;
    uint8 [H, W].
    """
    levels = np.arange(256) / 255
    return _grey(255 * levels ** math.exp(logarithm))[image]


def contrast_batch(images: "Tensor", logarithm: "Tensor") -> "Tensor":
    """`contrast` of a batch [N, 1, S, S] by logarithms [N]."""
    return images.clamp(0, 1) ** logarithm.exp().view(-1, 1, 1, 1)


def add_gaussian(image: np.ndarray, sigma: float, generator: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of sigma grey levels to each pixel; uint8 [H, W]."""
    return _grey(generator.normal(image, sigma))


def add_uniform(image: np.ndarray, half_width: float, generator: np.random.Generator) -> np.ndarray:
    """Add uniform noise in ±half_width grey levels to each pixel; uint8 [H, W]."""
    return _grey(image + generator.uniform(-half_width, half_width, image.shape))


def impulses(image: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Replace a share (0-1) of the pixels, chosen independently, by ink or paper with equal
    probability; uint8 [H, W].
    """
    chance = generator.random(image.shape)
    return np.where(chance < share / 2, np.uint8(255), np.where(chance < share, np.uint8(0), image))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of sigma pixels, with paper outside; uint8 [H, W]."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)


def quantise(image: np.ndarray) -> np.ndarray:
    """Only strong ink stays; uint8 [H, W].

    YARoMNIST's rule on grey p, dark ink on white paper: p // 43 * 43, then everything above 43
    white. Here paper is 0, so p = 255 - ink: ink from 213 becomes 255, 170 to 212 becomes 212, and
    fainter ink becomes paper.
    """
    levels = (255 - image) // 43 * 43
    return 255 - np.where(levels > 43, np.uint8(255), levels)


def _disc(radius: int) -> np.ndarray:
    # OpenCV's own ellipse of radius 2 is wider than it is high
    across = np.arange(-radius, radius + 1)
    return (across**2 + across[:, None] ** 2 <= radius**2).astype(np.uint8)


def _grey(values: np.ndarray) -> np.ndarray:
    return np.rint(values).clip(0, 255).astype(np.uint8)
