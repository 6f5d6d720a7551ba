"""Geometric kernels: for one picture with OpenCV, and for a batch with torch.

A picture is uint8 [H, W] with H and W of at least 8, ink 255 on paper 0. A batch is float [N, 1, S,
S], ink 1 on paper 0. Uncovered areas become paper; inputs are not modified; shape and type are
preserved. Torch is imported in the functions that need it, so that screens appear before it is
loaded.
"""

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

ELASTIC_SIGMA = 4.0
"""Smoothness of the elastic field, in pixels of a picture 28 wide (Simard et al. 2003)."""


def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """Rotated about the centre, counter-clockwise; uint8 [H, W]."""
    return _warp(image, cv2.getRotationMatrix2D(_centre(image), degrees, 1))


def shear(image: np.ndarray, degrees: float) -> np.ndarray:
    """Sheared about the middle row, vertical strokes leaning right by `degrees` under 90; uint8 [H,
    W].
    """
    lean = math.tan(math.radians(degrees))
    return _warp(image, np.array([[1, -lean, lean * _centre(image)[1]], [0, 1, 0]]))


def zoom(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarged about the centre by a factor over 0; uint8 [H, W]."""
    return _warp(image, cv2.getRotationMatrix2D(_centre(image), 0, factor))


def stretch(image: np.ndarray, logarithm: float) -> np.ndarray:
    """The width times exp(logarithm) and the height divided by it, about the centre; uint8
    [H, W].
    """
    (x, y), wider = _centre(image), math.exp(logarithm)
    return _warp(image, np.array([[wider, 0, x - wider * x], [0, 1 / wider, y - y / wider]]))


def shift(image: np.ndarray, right: float, down: float) -> np.ndarray:
    """Shifted by pixels of this picture, fractions allowed; uint8 [H, W]."""
    return _warp(image, np.array([[1, 0, right], [0, 1, down]], float))


def shift_within(
    image: np.ndarray, half_width: float, generator: np.random.Generator
) -> np.ndarray:
    """Shifted in x and y, each uniformly in ±half_width, pixels at size 28; uint8 [H, W]."""
    right, down = generator.uniform(-half_width, half_width, 2) * _scale(image)
    return shift(image, right, down)


def displace(image: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Each pixel taken from the offset `field`, float32 [H, W, 2], pixels right and down; uint8 [H,
    W].
    """
    x, y = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in image.shape[::-1]))
    return cv2.remap(
        image,
        x + field[..., 0],
        y + field[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )


def deform(image: np.ndarray, pixels: float, generator: np.random.Generator) -> np.ndarray:
    """Elastic deformation, uint8 [H, W]: each pixel is taken from a point `pixels` away (root mean
    square in x and in y, at size 28).

    Simard, Steinkraus and Platt (ICDAR 2003): uniform noise in -1..1 under a Gaussian of sigma 4,
    times alpha. Such a field has a standard deviation of 1 / (2 sqrt(3 pi) sigma), less near the
    border; their alpha of 34 is an amount of 1.4 here.
    """
    scale = _scale(image)
    sigma = ELASTIC_SIGMA * scale
    alpha = pixels * scale * 2 * math.sqrt(3 * math.pi) * sigma
    noise = generator.uniform(-alpha, alpha, (*image.shape, 2)).astype(np.float32)
    return displace(image, cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT))


def warp_batch(
    images: "Tensor",
    *,
    angle: "Tensor",
    lean: "Tensor",
    zoom: "Tensor",
    stretch: "Tensor",
    shift: "Tensor",
    field: "Tensor | None" = None,
) -> "Tensor":
    """All of the above as one affine map and one resampling of a batch [N, 1, S, S]: shift, then
    rotation, shear and scaling, then displacement.

    angle : [N], radians counter-clockwise. lean : [N], the tangent of the angle of `shear`. zoom,
    stretch : [N], logarithms of the factors of `zoom` and `stretch`. shift : [N, 2], pixels right
    and down. field : [N, 2, S, S], as for `displace`.
    """
    import torch
    from torch.nn import functional as F

    count, _, height, width = images.shape
    # grid_sample needs the source of each pixel, so this is the inverse map
    along, across = torch.exp(-zoom - stretch), torch.exp(stretch - zoom)
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack(
        [cos * along, (lean * cos - sin) * across, sin * along, (lean * sin + cos) * across], 1
    ).view(-1, 2, 2)
    offset = -shift.unsqueeze(2) * 2 / shift.new_tensor([[width], [height]])
    grid = F.affine_grid(
        torch.cat([matrix, offset], 2), [count, 1, height, width], align_corners=False
    )
    if field is not None:
        grid = grid + field.permute(0, 2, 3, 1) * 2 / field.new_tensor([width, height])
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


def _centre(image: np.ndarray) -> tuple[float, float]:
    return (image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2


def _scale(image: np.ndarray) -> float:
    return min(image.shape) / 28


def _warp(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = image.shape[1], image.shape[0]
    return cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
