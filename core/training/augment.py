"""Batched augmentation of handwriting: one resampling for geometry, then pen thickness and
contrast.

torchvision's transforms draw one set of parameters for a whole batch; a network needs one for each
image. Only that is written here; the resampling is torch's.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass(frozen=True)
class Augmentation:
    """Half-widths of the uniform distributions that the parameters of each image are drawn from; 0
    switches one off.

    rotation and shear in degrees, scale and stretch as log factors, shift and elastic in pixels,
    thickness as the share of one pixel of dilation or erosion, gamma as a log exponent.
    """

    rotation: float = 10.0
    shear: float = 12.0
    scale: float = 0.12
    stretch: float = 0.10
    shift: float = 1.5
    elastic: float = 1.6
    thickness: float = 0.7
    gamma: float = 0.4


def augment(
    images: torch.Tensor, settings: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """Vary each image of a float batch [N, 1, H, W] in 0-1 on its own; same generator state, same
    result.

    The elastic field is after Simard et al. (ICDAR 2003): noise made smooth, here by drawing it on
    a 7x7 grid and bicubic interpolation, which costs a tenth of their Gaussian.
    """
    count, _, height, width = images.shape

    def uniform(half_width: float, *shape: int) -> torch.Tensor:
        return (torch.rand(count, *shape, generator=generator) * 2 - 1) * half_width

    angle, lean = (
        uniform(math.radians(settings.rotation)),
        uniform(math.tan(math.radians(settings.shear))),
    )
    scale, stretch = uniform(settings.scale), uniform(settings.stretch)
    along, across = torch.exp(scale + stretch), torch.exp(scale - stretch)
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack(
        [cos * along, (lean * cos - sin) * across, sin * along, (lean * sin + cos) * across], 1
    ).view(-1, 2, 2)
    offset = uniform(settings.shift, 2, 1) * 2 / torch.tensor([[width], [height]])
    grid = F.affine_grid(
        torch.cat([matrix, offset], 2), [count, 1, height, width], align_corners=False
    )
    if settings.elastic:
        coarse = uniform(1.0, 2, 7, 7) * uniform(settings.elastic, 1, 1, 1)
        field = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
        grid = grid + field.permute(0, 2, 3, 1) * 2 / torch.tensor([width, height])
    moved = F.grid_sample(images, grid, mode="bilinear", align_corners=False)

    if settings.thickness:
        amount = uniform(settings.thickness, 1, 1, 1)
        cross = torch.maximum(
            F.max_pool2d(moved, (3, 1), 1, (1, 0)), F.max_pool2d(moved, (1, 3), 1, (0, 1))
        )
        eroded = -torch.maximum(
            F.max_pool2d(-moved, (3, 1), 1, (1, 0)), F.max_pool2d(-moved, (1, 3), 1, (0, 1))
        )
        moved = (
            moved
            + amount.clamp(min=0) * (cross - moved)
            + (-amount).clamp(min=0) * (eroded - moved)
        )
    if settings.gamma:
        moved = moved.clamp(0, 1) ** torch.exp(uniform(settings.gamma, 1, 1, 1))
    return moved
