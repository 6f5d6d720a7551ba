"""Kernels on the picture of a composition: the traces of pens, paper and scanners in the
photographs of the Data-Centric AI competition, and the cleaning of the articles.

Pictures are uint8 [H, W], ink 255 on paper 0. A kernel is called as kernel(picture, amount,
generator) and returns a new picture.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from core.synthesis.effects import geometry
from core.synthesis.effects import ink as inks

Kernel = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]

_EDGE = 0.12
"""Of a sheet's side: specks and bits of a neighbour lie so near to its edge."""


def slant(picture: np.ndarray, degrees: float, generator: np.random.Generator) -> np.ndarray:
    """Leaning by a normal random angle of that deviation."""
    return geometry.shear(picture, float(np.clip(generator.normal(0, degrees), -45, 45)))


def turn(picture: np.ndarray, degrees: float, generator: np.random.Generator) -> np.ndarray:
    """Turned by a normal random angle of that deviation."""
    return geometry.rotate(picture, float(np.clip(generator.normal(0, degrees), -60, 60)))


def bend(picture: np.ndarray, pixels: float, generator: np.random.Generator) -> np.ndarray:
    """`geometry.deform` with its field made at size 28 and enlarged, which takes a tenth of the
    time.
    """
    height, width = picture.shape
    scale = min(height, width) / 28
    size = max(2, round(height / scale)), max(2, round(width / scale))
    sigma = geometry.ELASTIC_SIGMA
    alpha = pixels * scale * 2 * math.sqrt(3 * math.pi) * sigma
    noise = generator.uniform(-alpha, alpha, (*size, 2)).astype(np.float32)
    field = cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return geometry.displace(
        picture, cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    )


def roughen(picture: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Ink or paper and nothing between, its edges eaten in steps as by a coarse scan."""
    height, width = picture.shape
    block = max(1.0, min(height, width) / 90)
    noise = generator.normal(0, 1, (int(height / block) + 1, int(width / block) + 1))
    field = cv2.resize(noise.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8 * block).astype(np.float32)
    return np.where(soft + 75 * share * field > 127, np.uint8(255), np.uint8(0))


def break_strokes(picture: np.ndarray, odds: float, generator: np.random.Generator) -> np.ndarray:
    """With these odds the strokes are broken, faint ones to dots."""
    if generator.random() >= odds:
        return picture
    return _broken(picture, generator.uniform(0.1, 0.75), generator)


def add_grid(picture: np.ndarray, odds: float, generator: np.random.Generator) -> np.ndarray:
    """With these odds there are lines of squared paper, whole or what is left of them."""
    if generator.random() >= odds:
        return picture
    grid = np.zeros_like(picture)
    height, width = picture.shape
    apart = generator.uniform(0.38, 0.75) * min(height, width)
    thickness = max(1, round(generator.uniform(0.008, 0.022) * min(height, width)))
    for across, along, odd in ((width, height, 0.9), (height, width, 0.7)):
        if generator.random() > odd:
            continue
        for middle in np.arange(generator.uniform(0, apart), across, apart):
            start, end = np.array([middle, 0]), np.array([middle + generator.normal(0, 1), along])
            if across == height:
                start, end = start[::-1], end[::-1]
            ends = np.round([start, end]).astype(int).tolist()
            cv2.line(grid, ends[0], ends[1], 255, thickness)
    if generator.random() < 0.7:
        grid = _broken(grid, generator.uniform(0.2, 0.9), generator)
    return np.maximum(picture, grid)


def add_neighbour(picture: np.ndarray, odds: float, generator: np.random.Generator) -> np.ndarray:
    """With these odds a stroke of what stood beside it reaches over the edge."""
    if generator.random() >= odds:
        return picture
    changed, (height, width) = picture.copy(), picture.shape
    side = min(height, width)
    for _ in range(int(generator.integers(1, 3))):
        at = generator.uniform(0.05, 0.95)
        from_side = generator.random() < 0.5
        base = np.array([at * width, 0.0] if not from_side else [0.0, at * height])
        if generator.random() < 0.5:
            base = np.array([width, height]) - base
        inwards = np.array([width, height]) / 2 - base
        inwards /= max(float(np.hypot(*inwards)), 1e-6)
        reach = generator.uniform(-0.02, _EDGE) * side
        lean = generator.normal(0, 0.35)
        across = generator.uniform(0.1, 0.35) * side
        tip = base + inwards * reach
        end = base - np.array([lean, 1.0]) * across * np.sign(inwards[1] or 1)
        thickness = max(1, round(generator.uniform(0.025, 0.05) * side))
        points = np.round([tip, end]).astype(int).tolist()
        cv2.line(changed, points[0], points[1], 255, thickness)
    return changed


def add_specks(picture: np.ndarray, number: float, generator: np.random.Generator) -> np.ndarray:
    """Specks, so many on average, more of them near the edges."""
    changed, (height, width) = picture.copy(), picture.shape
    for _ in range(int(generator.poisson(number))):
        place = generator.uniform(0, 1, 2)
        if generator.random() < 0.7:
            place[generator.integers(2)] = abs(generator.normal(0, _EDGE)) % 1
        place = np.where(generator.random(2) < 0.5, place, 1 - place)
        size = np.maximum(1, generator.uniform(0.004, 0.03, 2) * min(height, width))
        x, y = place * (width, height)
        changed[int(y) : int(y + size[1]) + 1, int(x) : int(x + size[0]) + 1] = 255
    return changed


def add_blotches(picture: np.ndarray, odds: float, generator: np.random.Generator) -> np.ndarray:
    """With these odds a shadow on the paper was scanned as grain, denser towards one side."""
    if generator.random() >= odds:
        return picture
    height, width = picture.shape
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    angle = generator.uniform(0, 2 * np.pi)
    dense = (np.sin(angle) * rows + np.cos(angle) * columns + 1) / 2
    share = generator.uniform(0.03, 0.45) * np.clip(dense, 0, 1) ** generator.uniform(1, 4)
    grain = np.where(generator.random(picture.shape) < share, 191, 0).astype(np.uint8)
    return np.maximum(picture, grain)


def fade(picture: np.ndarray, level: float, _: np.random.Generator) -> np.ndarray:
    """Ink becomes a grey of that level instead of black."""
    return (picture * ((255 - level) / 255) + 0.5).astype(np.uint8)


def dilate(picture: np.ndarray, pixels: float, generator: np.random.Generator) -> np.ndarray:
    """The white of the paper dilated by up to so many pixels, which thins the strokes; below 0 they
    get thicker.
    """
    thinned = inks.thicken(picture, -pixels * generator.random())
    return thinned if thinned.max() > 127 else picture


def up_to(kernel: Kernel) -> Kernel:
    """The kernel with a random part of the amount."""
    return lambda picture, amount, generator: kernel(
        picture, amount * generator.random(), generator
    )


def darken(picture: np.ndarray, below: float, _: np.random.Generator) -> np.ndarray:
    """Greys below a level become 50: YARoMNIST's 175 or 200, on dark ink and white paper."""
    return np.where(255 - picture < below, np.uint8(255 - 50), picture)


def quantise(picture: np.ndarray, _: float, __: np.random.Generator) -> np.ndarray:
    """p // 43 * 43, then all above 43 to white."""
    return inks.quantise(picture)


def _broken(picture: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """About a share of the ink taken away, in pieces."""
    height, width = picture.shape
    block = max(1.0, min(height, width) * generator.uniform(0.02, 0.05))
    cells = generator.random((int(height / block) + 2, int(width / block) + 2)).astype(np.float32)
    gone = cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST) < share
    return np.where(gone, np.uint8(0), picture)
