"""Drawn characters read by a recognizer, for robustness sweeps and for mining hard examples."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.labels import class_index, to_indices
from core.errors import InklingError
from core.ink.forms import Form, to_form
from core.models.prediction import ScoredPrediction
from core.synthesis.handwriting import Handwriting

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SEEDS = 2**32
"""A probe takes seeds 0 to SEEDS - 1."""

SWEEP_SEEDS, MINING_SEEDS = SEEDS, 2 * SEEDS
"""Seed offsets, so that no image is used for both testing and training: handwriting of a sweep has
the seeds 2^32 to 2^33 - 1, mined handwriting 2^33 to 3 x 2^32 - 1; lower seeds are left to
handwriting made for data sets."""

ENLARGED = 3
"""Images for the canonical form are drawn at this many times its size; larger is slower and no
better.
"""


@dataclass(frozen=True)
class Drawn:
    """N drawn characters and how they were read.

    images : uint8 [N, size, size], as given to the network. labels : N characters.
    """

    images: np.ndarray
    labels: list[str]
    prediction: ScoredPrediction


@dataclass(frozen=True)
class Probe:
    """A recognizer, and the seed of the drawings that it is given.

    seed : of the handwriting, its offset included. canonical : whether images go through the
    recognizer's canonical form; None is `canonical_by_default`.
    """

    recognizer: "Recognizer"
    seed: int
    canonical: bool | None = None

    @property
    def through_form(self) -> bool:
        """Whether images go through the canonical form."""
        return (
            canonical_by_default(self.recognizer.form) if self.canonical is None else self.canonical
        )

    def writing(self, asked: Handwriting) -> Handwriting:
        """The handwriting as it is given to `read`: with the probe's seed, and as large as the form
        needs. InklingError if the recognizer has no class for one of its characters.
        """
        classes = self.recognizer.card.classes
        missing = [label for label in asked.labels if class_index(label, classes) is None]
        if missing:
            raise InklingError(
                f"{self.recognizer.card.name} does not read {' '.join(missing)}; choose a "
                "recognizer that does, or other characters."
            )
        size = self.recognizer.form.size * (ENLARGED if self.through_form else 1)
        return replace(asked, seed=self.seed, size=size)

    def read(self, writing: Handwriting, start: int, count: int) -> Drawn:
        """Images `start` to `start + count` of a handwriting from `writing`.

        Effects come after the canonical form, which would undo some of them: their amounts are of
        the picture that the network is given.
        """
        images, labels = replace(writing, effects=()).draw(start, count)
        images = to_form(images, self.recognizer.form, ink_maps=True)
        writing.add_effects(images, labels, start)
        read = self.recognizer.predict(images)
        truth = to_indices(labels, read.classes)
        return Drawn(images, labels, ScoredPrediction(read.probabilities, read.classes, truth))


def seed_of(seed: int, first: int) -> int:
    """The seed of the handwriting for a user's seed; InklingError if outside 0 to SEEDS - 1."""
    if not 0 <= seed < SEEDS:
        raise InklingError(f"The seed is a whole number from 0 to 2^32 - 1, not {seed}.")
    return first + seed


def canonical_by_default(form: Form) -> bool:
    """False for MNIST's form, in which glyphs are already drawn: the original used them unchanged.

    Measured with the shipped recognizers, 1,000 classic images at jitter 0, 1 and 2 each: `digits`
    (MNIST's form) reads 98.9, 99.4 and 98.9 % as drawn, 97.8, 98.5 and 98.5 % through the form;
    `characters` (EMNIST's, which fills 24 of 28 pixels) 93.1, 88.3 and 82.1 % as drawn, 99.4, 97.6
    and 92.9 % through it.
    """
    return not form.fits_glyphs
