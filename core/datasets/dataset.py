"""The common type of all labelled image sets."""

from dataclasses import dataclass, replace

import numpy as np

from core.ink.handwritten import Handwritten


@dataclass(frozen=True)
class Dataset:
    """Labelled pictures, upright, ink 255 on paper 0.

    images : uint8 [N, H, W], often a memory map.
    labels : int64 [N], indices into `classes`.
    classes : class names in label order.
    form : the canonical form of the pictures (a name in `core.ink.forms`), "" if none.
    source : origin of the pictures, with the caveat to be stated with any result.
    written : the strokes that the pictures are drawn from, N pieces, some of which may have none;
    or None.
    """

    name: str
    title: str
    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    form: str
    source: str
    written: Handwritten | None = None

    def __post_init__(self) -> None:
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise ValueError(
                f"images must be uint8 [N, H, W], not {self.images.dtype} {self.images.shape}"
            )
        if self.labels.shape != (len(self.images),):
            raise ValueError(f"{len(self.images)} images but labels of shape {self.labels.shape}")

    @property
    def writers(self) -> np.ndarray | None:
        """Who wrote each, texts [N]; None if unknown."""
        return None if self.written is None else self.written.writers

    def take(self, rows: np.ndarray) -> "Dataset":
        """Some of the pictures, by their numbers int64 [M], with all classes."""
        written = None if self.written is None else self.written.take(rows)
        images = np.asarray(self.images[rows])
        return replace(self, images=images, labels=self.labels[rows], written=written)

    def __len__(self) -> int:
        return len(self.images)
