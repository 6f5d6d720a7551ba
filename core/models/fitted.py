"""Classifiers fitted by scikit-learn, stored as plain tensors: nothing executable is ever loaded,
and all have a network's interface.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import InklingError

RARE = 1e-6
"""Added to a share of votes before its logarithm: the probability of a class without votes."""

FLOOR = -1e4
"""Logit of a class without training images, if logits are not logarithms of votes."""


class Fitted(nn.Module):
    """Float [N, 1, H, W] in 0-1 to logits float32 [N, classes], using tensors whose sizes are known
    only from their file.

    pixels : H * W. STORED : name, type and number of dimensions of each tensor in the file; they
    are buffers, empty until `load_state_dict`. `features` are the pixels themselves.
    """

    STORED: ClassVar[dict[str, tuple[torch.dtype, int]]]

    def __init__(self, classes: int, pixels: int = 28 * 28) -> None:
        super().__init__()
        self.classes, self.pixels = classes, pixels
        self.features = nn.Flatten()
        for name, (dtype, dimensions) in self.STORED.items():
            self.register_buffer(name, torch.zeros((0,) * dimensions, dtype=dtype))
        self._loaded = False

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))

    def classifier(self, pixels: Tensor) -> Tensor:
        """As of any network: logits float32 [N, classes] of its features."""
        if not self._loaded:
            raise RuntimeError(f"this {type(self).__name__} has neither been fitted nor loaded")
        require(
            pixels.ndim == 2 and pixels.shape[1] == self.pixels,
            f"{self.pixels} pixels an image, not {tuple(pixels.shape)}",
        )
        return self.logits(pixels)

    @abstractmethod
    def logits(self, pixels: Tensor) -> Tensor:
        """Float [N, pixels] in 0-1 to float32 [N, classes]."""

    @abstractmethod
    def check(self, tensors: dict[str, Tensor]) -> None:
        """RuntimeError if tensors of the right names, types and dimensions contradict one
        another.
        """

    def prepare(self) -> None:
        """Compute derived tensors once after loading; they are not stored."""

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Load tensors of any size after validating them; RuntimeError, as for any module, says
        what is wrong.
        """
        require(
            set(state_dict) == set(self.STORED),
            f"tensors {sorted(self.STORED)} are needed, not {sorted(map(str, state_dict))}",
        )
        for name, (dtype, dimensions) in self.STORED.items():
            tensor = state_dict[name]
            right = (
                isinstance(tensor, Tensor)
                and tensor.dtype == dtype
                and tensor.ndim == dimensions
                and tensor.numel() > 0
            )
            require(
                right,
                f"{name} is to be a tensor of {dtype} with {dimensions} dimensions that is not "
                "empty",
            )
            require(
                not tensor.is_floating_point() or bool(torch.isfinite(tensor).all()),
                f"{name} is not finite",
            )
        tensors = {
            name: state_dict[name].detach().clone(memory_format=torch.contiguous_format)
            for name in self.STORED
        }
        self.check(tensors)
        for name, tensor in tensors.items():  # copies: the given tensors may be views of a file
            self.register_buffer(name, tensor)
        self.prepare()
        self._loaded = True
        return super().load_state_dict(tensors)


def require(condition: bool, otherwise: str) -> None:
    """RuntimeError, as torch raises for weights that do not fit, unless `condition` holds."""
    if not condition:
        raise RuntimeError(otherwise)


def within(tensor: Tensor, start: int, stop: int) -> bool:
    """Whether all its integers, if any, are at least `start` and below `stop`."""
    return not tensor.numel() or (int(tensor.min()) >= start and int(tensor.max()) < stop)


def in_bytes(pixels: Tensor) -> Tensor:
    """Float in 0-1 to its original uint8, exactly; 0-255."""
    return (pixels * 255).round().clamp(0, 255).to(torch.uint8)


def check_training(images: np.ndarray, labels: np.ndarray, classes: int) -> None:
    """ValueError unless these are uint8 images [N, H, W] with labels [N] of `classes` classes."""
    if images.dtype != np.uint8 or images.ndim != 3 or labels.shape != (len(images),):
        raise ValueError(
            f"uint8 images [N, H, W] with a label each, not {images.dtype} {images.shape} with "
            f"{labels.shape}"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(f"labels from {labels.min()} to {labels.max()} for {classes} classes")


def training_pixels(
    images: np.ndarray, labels: np.ndarray, classes: int, *, different: int = 1
) -> np.ndarray:
    """Images uint8 [N, H, W] as rows [N, H * W]; InklingError unless there are images of at least
    `different` classes.
    """
    check_training(images, labels, classes)
    if not images.size or len(np.unique(labels)) < different:
        needed = "Images" if different == 1 else f"Images of at least {different} different classes"
        raise InklingError(f"{needed} are needed to learn from; choose more training images.")
    return np.ascontiguousarray(images).reshape(len(images), -1)
