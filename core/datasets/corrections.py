"""What is put right in arrays that people bring, and said: bright paper, and pictures that lie on
their side, as in EMNIST's own files and the tables made of them.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.settings import ASSETS

INVERTED = "ink and paper changed places, for the paper was bright"
TURNED = "rows and columns changed places, for the pictures lay on their side"
"""For the source of a set."""

_MEANS = ASSETS / "statistics" / "emnist-byclass-train.npz"
_LOOKED_AT = 1000
_FEWEST = 20
_LEAST, _CLEARLY = 0.55, 0.02
"""Of MNIST, EMNIST and three collections of pen strokes the likeness is 0.61 to 0.70 as they were
written, and in every other position but upside down at least 0.027 less.
"""


@dataclass(frozen=True)
class Corrections:
    """inverted : ink and paper are exchanged. turned : rows and columns are."""

    inverted: bool = False
    turned: bool = False

    @staticmethod
    def of(images: np.ndarray) -> "Corrections":
        """What pictures uint8 [N, H, W] need, N > 0, judged by a thousand of them."""
        some = _some(images)
        inverted = _on_bright_paper(some)
        return Corrections(inverted, lies_on_its_side(255 - some if inverted else some))

    def apply(self, images: np.ndarray) -> np.ndarray:
        """The pictures put right; the same array if there is nothing to do."""
        images = 255 - images if self.inverted else images
        return images.transpose(0, 2, 1) if self.turned else images

    @property
    def notes(self) -> list[str]:
        """What was done, for the source of the set."""
        return [INVERTED] * self.inverted + [TURNED] * self.turned


def lies_on_its_side(images: np.ndarray) -> bool:
    """Whether pictures uint8 [N, H, W], ink 255, are clearly more like characters with rows and
    columns exchanged.

    Of the eight ways to turn and mirror them this must fit best, clearly better than as they are
    and than all others but its half turn, which letters and digits survive best. Needs no labels.
    False for other sizes than EMNIST's, for few pictures, and for what is like no character.
    """
    if images.shape[1:] != _means()[0]:
        return False
    some = _some(images)
    some = some[some.any((1, 2))]
    if len(some) < _FEWEST:
        return False
    fits = {
        (exchanged, quarters): _likeness(np.rot90(way, quarters, (1, 2)))
        for exchanged, way in ((False, some), (True, some.transpose(0, 2, 1)))
        for quarters in range(4)
    }
    exchanged, half_turn = fits.pop((True, 0)), fits.pop((True, 2))
    return exchanged >= max(_LEAST, half_turn, max(fits.values()) + _CLEARLY)


def upright(images: np.ndarray) -> tuple[np.ndarray, str]:
    """The pictures, turned if they lie on their side, and what to add to their source then."""
    if lies_on_its_side(images):
        return images.transpose(0, 2, 1), f"; {TURNED}"
    return images, ""


def _some(images: np.ndarray) -> np.ndarray:
    rows = np.linspace(0, len(images) - 1, min(len(images), _LOOKED_AT)).astype(int)
    return np.asarray(images[rows])


def _on_bright_paper(images: np.ndarray) -> bool:
    """Whether the median of the border is bright."""
    edges = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    return bool(np.median(np.concatenate([edge.ravel() for edge in edges])) > 127)


def _likeness(images: np.ndarray) -> float:
    """The mean correlation of each picture with the class mean that it is most like."""
    return float((_standard(images) @ _means()[1].T).max(1).mean())


@cache
def _means() -> tuple[tuple[int, ...], np.ndarray]:
    """Height and width, and the standardised mean of each class of EMNIST, float32 [C, pixels]."""
    with np.load(_MEANS, allow_pickle=False) as file:
        means = file["sums"] / file["count"][:, None, None]
    return means.shape[1:], _standard(means)


def _standard(images: np.ndarray) -> np.ndarray:
    """Each picture's pixels with mean 0 and length 1."""
    pixels = images.reshape(len(images), -1).astype(np.float32)
    pixels -= pixels.mean(1, keepdims=True)
    return pixels / np.maximum(np.linalg.norm(pixels, axis=1, keepdims=True), 1e-6)
