"""The single interface to models for pages, REST, the command line and evaluation."""

import gc
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from core.datasets.labels import select_classes
from core.errors import InklingError
from core.ink.forms import Form, form_named, to_form
from core.metrics import PREDICTIONS
from core.models.batching import Batches
from core.models.cards import Card, find_card
from core.models.prediction import Prediction
from core.models.registry import architecture
from core.models.tensors import load_tensors
from core.models.threads import one_thread
from core.settings import Settings

_BATCH = 256

_FEW = 8
"""Images that share a pass with those of other threads."""

_TOGETHER = 32
"""Images of a shared pass, and those that one thread reads: on a busy machine several wait for each
other longer than they work.
"""

_SHARP = 0.05
"""Edges of the ink, of the character's longer side: narrower ones hide nothing."""

_PER_BLUR = 5.0
"""By how much the temperature grows with broader edges. These two minimise the cross-entropy of
`digits`, and of `characters`, on pictures spoilt in six ways (tests/benchmarks/degraded.py).
"""


@dataclass(frozen=True)
class Recognizer:
    """A network with its card and the canonical form it was trained on; immutable once loaded.

    among : classes that every answer is one of; () for all of the card's. passes : what threads
    that ask at the same time share.
    """

    network: nn.Module
    form: Form
    card: Card
    among: tuple[str, ...] = ()
    passes: Batches = field(
        default_factory=lambda: Batches(_logits, most=_TOGETHER, cores=os.cpu_count() or 1),
        repr=False,
        compare=False,
    )

    @property
    def classes(self) -> tuple[str, ...]:
        """What its answers are among."""
        return self.among or self.card.classes

    def only(self, classes: Sequence[str]) -> "Recognizer":
        """The same recognizer, all of whose answers are among these classes of its card."""
        return replace(self, among=tuple(classes))

    def predict(self, images: np.ndarray, *, blur: Sequence[float] = ()) -> Prediction:
        """Classify uint8 images [N, H, W] (ink 255): model input unchanged, any other size through
        the canonical form.

        An image without ink gets equal probabilities. blur : of the pictures that the images were
        made of, as `Stages.blur` [N], if known: of a bad picture the answer is less sure.
        """
        images = to_form(images, self.form)
        if not len(images):
            return Prediction(np.zeros((0, len(self.classes)), np.float32), self.classes)
        ask = self.passes.answer if len(images) <= _FEW else _logits
        return self._calibrated(ask(self.network, images), images, blur)

    def features_and_prediction(self, images: np.ndarray) -> tuple[np.ndarray, Prediction]:
        """What `features` and `predict` say, in one pass."""
        images = to_form(images, self.form)
        features = self.features(images)
        with torch.inference_mode():
            logits = self.network.classifier(torch.from_numpy(features))  # type: ignore[operator]
        return features, self._calibrated(logits.numpy(), images)

    def _calibrated(
        self, logits: np.ndarray, images: np.ndarray, blur: Sequence[float] = ()
    ) -> Prediction:
        """The prediction for model input uint8 [N, size, size] of logits float32 [N, C]."""
        probabilities = torch.softmax(torch.from_numpy(logits) / self.card.temperature, 1).numpy()
        if not np.isfinite(probabilities).all():
            raise InklingError(
                f"{self.card.name} answers with numbers that are none: its weights are damaged; "
                "restore it or train it again."
            )
        probabilities[~images.any((1, 2))] = 1 / len(self.card.classes)
        if len(blur):
            probabilities = _less_sure(probabilities, np.array(blur))
        PREDICTIONS.inc(len(images))
        prediction = Prediction(probabilities, self.card.classes)
        return prediction.only(self.among) if self.among else prediction

    def probabilities(self, inputs: torch.Tensor) -> torch.Tensor:
        """Calibrated probabilities [N, C] of float inputs [N, 1, size, size] in 0-1, differentiable
        in them.
        """
        return torch.softmax(
            self.network(inputs.contiguous(memory_format=torch.channels_last))
            / self.card.temperature,
            1,
        )

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of uint8 images [N, H, W]: float32 [N, F], the input of the last layer."""
        with torch.inference_mode():
            rows = [
                self.network.features(batch).numpy()  # type: ignore[operator]
                for batch in _batches(to_form(images, self.form))
            ]
        return np.concatenate(rows)


def _logits(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """What a network says to model input uint8 [N, size, size]: float32 [N, C]."""
    with torch.inference_mode(), one_thread(alone=len(images) <= _TOGETHER):
        return np.concatenate([network(batch).numpy() for batch in _batches(images)])


def _less_sure(probabilities: np.ndarray, blur: np.ndarray) -> np.ndarray:
    """Probabilities float32 [N, C] at the temperatures of pictures as blurred as that, [N]."""
    temperatures = 1 + _PER_BLUR * np.maximum(blur - _SHARP, 0)
    powers = probabilities ** (1 / temperatures[:, None])
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)


def _batches(images: np.ndarray) -> Iterator[torch.Tensor]:
    """Float [n, 1, size, size] in 0-1."""
    for start in range(0, len(images), _BATCH):
        # a copy: memory maps are read-only
        batch = torch.from_numpy(np.array(images[start : start + _BATCH]))
        yield (batch.unsqueeze(1).float() / 255).contiguous(memory_format=torch.channels_last)


def load_recognizer(name: str, settings: Settings, *, only: str = "") -> Recognizer:
    """The recognizer called `name`, loaded once per process and file version.

    only : classes that its answers are among, as `select_classes` reads them; "" for all.
    """
    while True:
        card, weights = find_card(name, settings)
        try:
            # one for all visitors: none has a recognizer of their own
            shared = replace(settings, visitor="", runs=settings.models)
            loaded = _load(card.name, weights, weights.stat().st_mtime_ns, shared)
            return loaded.only(select_classes(only, card.classes)) if only else loaded
        except (OSError, InklingError):
            if find_card(name, settings)[1] == weights:
                raise
            # It was just republished, and the card names other weights.


@lru_cache(maxsize=8)
def _load(name: str, weights: Path, _modified: int, settings: Settings) -> Recognizer:
    card, current = find_card(name, settings)
    if current != weights:
        raise InklingError(f"{name} was replaced while it was loaded; try again.")
    network = architecture(card.architecture).build(len(card.classes))
    tensors, _metadata = load_tensors(weights)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InklingError(
            f"{weights.name} does not hold the weights of a {card.architecture} with "
            f"{len(card.classes)} classes."
        ) from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values()):
        raise InklingError(
            f"{weights.name} holds weights that are not finite; restore it or train it again."
        )
    network.eval().requires_grad_(False)
    # it stays, and torch: the garbage collector, which stops all threads, need not look at them
    gc.freeze()
    return Recognizer(network.to(memory_format=torch.channels_last), form_named(card.form), card)  # type: ignore[call-overload]
