"""Why a recognizer gave an answer: evidence for a class in each pixel of its input."""

from collections.abc import Callable

import numpy as np
import torch

from core.models.fitted import Fitted
from core.models.recognizer import Recognizer


def integrated_gradients(recognizer: Recognizer, image: np.ndarray, target: int) -> np.ndarray:
    """Evidence float32 [size, size] of ink for class `target` (Sundararajan et al., ICML 2017),
    from blank paper as baseline.

    image : uint8 [size, size]. The evidence sums to the rise of the class's log-odds from blank
    paper to the drawing.
    """
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(lambda inputs: _log_odds(recognizer, inputs, target))
    return (
        method.attribute(_input(image), n_steps=32, internal_batch_size=32)[0, 0]
        .detach()
        .float()
        .numpy()
    )


def occlusion(recognizer: Recognizer, image: np.ndarray, target: int) -> np.ndarray:
    """How far the log-odds of class `target` fall when a 4x4 patch is blanked (Zeiler & Fergus,
    ECCV 2014), [size, size].
    """
    from captum.attr import Occlusion

    method = Occlusion(lambda inputs: _log_odds(recognizer, inputs, target))
    with torch.no_grad():
        evidence = method.attribute(
            _input(image),
            sliding_window_shapes=(1, 4, 4),
            strides=(1, 1, 1),
            perturbations_per_eval=125,
        )
    return evidence[0, 0].float().numpy()


_GRADIENTS = "Integrated gradients"
METHODS: dict[str, Callable[[Recognizer, np.ndarray, int], np.ndarray]] = {
    _GRADIENTS: integrated_gradients,
    "Occlusion": occlusion,
}


def methods_for(recognizer: Recognizer) -> list[str]:
    """Names in METHODS that it supports: models that vote (neighbours, trees) have no gradients to
    integrate.
    """
    return [
        name for name in METHODS if name != _GRADIENTS or not isinstance(recognizer.network, Fitted)
    ]


def _log_odds(recognizer: Recognizer, inputs: torch.Tensor, target: int) -> torch.Tensor:
    """log p / (1 - p): probabilities near 1 are flat and would show no evidence at all."""
    chance = recognizer.probabilities(inputs)[:, target].clamp(1e-6, 1 - 1e-6)
    return torch.log(chance) - torch.log1p(-chance)


def _input(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image))[None, None].float() / 255


def evidence_picture(evidence: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Evidence over a faint copy of its ink, BGR uint8 [size, size, 3]: orange speaks for, blue
    against.
    """
    strength = evidence / max(float(np.abs(evidence).max()), 1e-9)
    paper = 255 - image.astype(np.float32)[..., None] * 0.25
    color = np.where(
        strength[..., None] > 0,
        np.array([31, 96, 224], np.float32),
        np.array([190, 110, 30], np.float32),
    )
    weight = np.abs(strength)[..., None] ** 0.7
    mixed: np.ndarray = (paper * (1 - weight) + color * weight).astype(np.uint8)
    return mixed
