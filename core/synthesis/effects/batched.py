"""A batch varied as training varies it: parameters for each image, drawn for the effects of the
table.

torchvision's transforms draw one set of parameters for a whole batch; a network needs one for each
image. Only that is written here; the resampling is torch's.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from core.synthesis.effects.geometry import warp_batch
from core.synthesis.effects.table import EFFECTS


def augment(images: Tensor, amounts: Mapping[str, float], generator: torch.Generator) -> Tensor:
    """Vary each image of a float batch [N, 1, S, S] in 0-1 on its own; same generator state, same
    result.

    amounts : by the names of effects that have `training`, whose unit they are in; an effect that
    is not named is off. Parameters are uniform within the amount either way, that of shear in the
    tangent. The elastic field is after Simard et al. (ICDAR 2003): noise made smooth, here by
    drawing it on a 7x7 grid and bicubic interpolation, which costs a tenth of their Gaussian.
    """
    amount = {name: amounts.get(name, 0.0) for name in EFFECTS}

    def uniform(half_width: float, *shape: int) -> Tensor:
        return (torch.rand(len(images), *shape, generator=generator) * 2 - 1) * half_width

    # this order of the draws, and the signs: a seed stands for the same images for ever
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
