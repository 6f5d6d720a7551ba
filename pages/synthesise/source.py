"""What the views show: handwriting as the controls set it, and a recognizer's answers to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.labels import class_index
from core.intervals import probability
from core.models.cards import Card
from core.settings import Settings
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request
from pages.shared.cache import cached
from pages.shared.gallery import Line
from pages.shared.models import recognizer

if TYPE_CHECKING:
    from core.models.prediction import Prediction


@dataclass(frozen=True)
class Source:
    """request : the settings of the controls. writing : made from them. card : of the recognizer
    that reads it, None if none is installed.
    """

    settings: Settings
    request: Request
    writing: Handwriting
    card: Card | None


def answers(images: np.ndarray, card: Card, settings: Settings) -> "Prediction":
    """What a recognizer reads in uint8 images [N, H, W]; kept, because most of what a view shows,
    such as pinned settings, is the same when a slider moves.
    """
    key = card.name, card.weights, images.shape, images.tobytes()
    return cached("synthesise", key, lambda: recognizer(card.name, settings).predict(images))


def read_captions(
    images: np.ndarray, labels: Sequence[str], source: Source
) -> tuple[list[list[Line]], list[bool]]:
    """For each image the answer and its probability, for a misreading also the truth's probability;
    and whether it is read right.
    """
    if source.card is None:
        return [[Line(label)] for label in labels], [True] * len(labels)
    prediction = answers(images, source.card, source.settings)
    captions, right = [], []
    for shares, label in zip(prediction.probabilities, labels, strict=True):
        best, truth = int(shares.argmax()), class_index(label, prediction.classes)
        hit = best == truth
        text = f"{prediction.classes[best]}, {probability(float(shares[best]))}"
        if not hit:
            known = "unknown to it" if truth is None else probability(float(shares[truth]))
            text += f"\n{label}, {known}"
        captions.append([Line(text, wrong=not hit)])
        right.append(hit)
    return captions, right
