"""Batch augmentation for training: random parameters per image for the effects of the table.

torchvision's transforms draw one set of parameters for a whole batch; training needs one per image.
Only that is written here; the resampling is torch's.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from core.synthesis.effects.geometry import warp_batch
from core.synthesis.effects.table import EFFECTS


def augment(images: Tensor, amounts: Mapping[str, float], generator: torch.Generator) -> Tensor:
    """Augment each image of a float batch [N, 1, S, S] in 0-1 separately; same generator state,
    same result.

    amounts : by name of the effects with `training`, in its unit; unnamed effects are off.
    Parameters are uniform in ±amount, for shear in the tangent. The elastic field follows Simard et
    al. (ICDAR 2003): smoothed noise, here drawn on a 7x7 grid with bicubic interpolation, a tenth
    of the cost of their Gaussian.
    """
    amount = {name: amounts.get(name, 0.0) for name in EFFECTS}

    def uniform(half_width: float, *shape: int) -> Tensor:
        drawn = torch.rand(len(images), *shape, generator=generator) * 2 - 1
        return (drawn * half_width).to(images.device)

    # keep the order of the draws and the signs: a seed must always give the same images
    images = warp_batch(
        images,
        angle=uniform(math.radians(amount["rotation"])),
        lean=uniform(math.tan(math.radians(amount["shear"]))),
        zoom=-uniform(amount["zoom"]),
        stretch=-uniform(amount["stretch"]),
        shift=-uniform(amount["shift"], 2),
        field=F.interpolate(
            uniform(1.0, 2, 7, 7) * uniform(amount["elastic"], 1, 1, 1),
            images.shape[2:],
            mode="bicubic",
            align_corners=False,
        )
        if amount["elastic"]
        else None,
    )
    for effect in EFFECTS.values():
        if effect.batched and amount[effect.name]:
            images = effect.batched(images, uniform(amount[effect.name]))
    return images
