"""Train the network for lines on lines composed of what people drew, and on lines that they
wrote.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from core.datasets.stroke_files import read_strokes
from core.datasets.strokes import COLLECTIONS, LINES
from core.errors import InklingError
from core.files import hold
from core.ink.handwritten import Handwritten
from core.models.cards import Card, save_card
from core.models.line_network import LINE_HEIGHT, LineNetwork
from core.models.line_reader import load_line_reader
from core.models.network import count_parameters, weights_in_common
from core.models.recognizer import load_recognizer
from core.models.tensors import save_tensors
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.synthesis.compose.lines import Typesetter, draw_line, underline, vary_line
from core.synthesis.compose.texts import CHARACTERS, Texts
from core.training import workers
from core.training.checkpoint import restore, save_checkpoint
from core.training.loop import TrainedEpoch, learner_of, train_epochs
from core.training.recipe import Recipe

RECIPE = Recipe(
    epochs=12,
    batch_size=64,
    optimizer="adamw",
    learning_rate=2e-3,
    warmup=0.1,
    weight_decay=0.01,
    largest_gradient=5.0,
    label_smoothing=0.0,
    redrawn=0.0,
    augmentation={},
)

_STEPS_AN_EPOCH = 176
_SORTED, _AT_ONCE = 8, 32
"""Batches whose lines are sorted by length together, so that little of them is padding; lines
composed at once.
"""

_WRITTEN, _PENDIGITS, _UNDERLINED, _SOFT, _GREY = 0.25, 0.3, 0.05, 0.15, 0.15
"""Shares: of lines that a person wrote as a line; of numbers composed of pendigits; with a line
under them that is no part of the text; blurred; with other contrast and noise.
"""

_PENS, _WIDEST = (1.3, 4.5), 480
"""Pixels: pens, evenly in their logarithm; longer lines are squeezed to this."""

_ROOM, _ALIGNED = 4, 16
"""Pixels beside the longest line of a batch, and of which its width is a multiple."""


@dataclass(frozen=True)
class Sources:
    """What lines are made of, all by writers for training: characters, digits of another
    collection, whole lines, and words.
    """

    characters: Handwritten
    digits: Handwritten
    lines: Handwritten
    words: tuple[str, ...]

    @staticmethod
    def open(settings: Settings, words: Sequence[str]) -> "Sources":
        """From the files under `DATA/strokes`; InklingError names one that is missing."""
        names = COLLECTIONS["unipen"].file, COLLECTIONS["pendigits"].file, LINES
        parts = [read_strokes(settings.data / "strokes" / name) for name in names]
        characters, digits, lines = (part.take(~part.held_out) for part in parts)
        known = np.array([set(text) <= set(CHARACTERS) for text in lines.labels])
        return Sources(characters, digits, lines.take(known), tuple(words))


class LineBatches(Dataset[list[tuple[np.ndarray, str]]]):
    """Lines composed as they are needed; those of an epoch follow from its number and the seed."""

    def __init__(self, sources: Sources, recipe: Recipe, *, steps: int = _STEPS_AN_EPOCH) -> None:
        self._sources, self._recipe = sources, recipe
        self.steps = steps

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Images float [n, 1, 32, W] in 0-1, their texts as classes from 1, int64 [all
        characters], and the number of characters of each, int64 [n].
        """
        size = self._recipe.batch_size
        parts = range(number * self._parts, (number + 1) * self._parts)
        composed = DataLoader(
            self,
            batch_size=None,
            sampler=parts,
            collate_fn=list,
            num_workers=workers.composers(),
        )
        lines = chain.from_iterable(composed)
        generator = np.random.default_rng((self._recipe.seed, number))
        for first in range(0, self.steps, _SORTED):
            count = min(_SORTED, self.steps - first)
            some = sorted(islice(lines, size * count), key=lambda line: line[0].shape[1])
            for index in generator.permutation(count):
                yield _batch(some[index * size : (index + 1) * size])

    def __getitem__(self, part: int) -> list[tuple[np.ndarray, str]]:
        """Some lines, always the same of a number from 0."""
        generator = np.random.default_rng((self._recipe.seed, 0, part))
        return [self.line(generator) for _ in range(_AT_ONCE)]

    @property
    def _parts(self) -> int:
        """Parts of `_AT_ONCE` lines that an epoch needs."""
        return -(-self.steps * self._recipe.batch_size // _AT_ONCE)

    def line(self, generator: np.random.Generator) -> tuple[np.ndarray, str]:
        """One line's ink uint8 [32, W] and its text."""
        sources = self._sources
        if generator.random() < _WRITTEN and len(sources.lines):
            number = int(generator.integers(len(sources.lines)))
            text, strokes = str(sources.lines.labels[number]), sources.lines.piece(number)
        else:
            text = self._texts.draw(generator)
            numeric = text.isdigit() and generator.random() < _PENDIGITS
            setter = self._digits if numeric else self._characters
            strokes = setter.write(text, generator)
        strokes = vary_line(strokes, generator)
        if generator.random() < _UNDERLINED:
            strokes = underline(strokes, generator)
        pen = float(np.exp(generator.uniform(*np.log(_PENS))))
        margin = int(generator.integers(1, 4))
        image = draw_line(strokes, height=LINE_HEIGHT, margin=margin, pen=pen)
        if image.shape[1] > _WIDEST:
            image = cv2.resize(image, (_WIDEST, LINE_HEIGHT), interpolation=cv2.INTER_AREA)
        if generator.random() < _SOFT:
            image = cv2.GaussianBlur(image, (0, 0), generator.uniform(0.4, 1.0))
        if generator.random() < _GREY:
            noise = generator.normal(0, generator.uniform(0, 18), image.shape)
            image = np.clip(image * generator.uniform(0.6, 1.6) + noise, 0, 255).astype(np.uint8)
        return image, text

    def loss(self, output: Tensor, batch: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, int]:
        """Connectionist temporal classification of logits [n, T, 1 + C]; lines are not counted as
        right while training.
        """
        _, texts, lengths = batch
        columns = F.log_softmax(output, -1).transpose(0, 1)
        seen = torch.full((len(lengths),), len(columns))
        texts = texts.to(output.device)
        return F.ctc_loss(columns, texts, seen, lengths, zero_infinity=True), 0

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self._sources.words)

    @cached_property
    def _characters(self) -> Typesetter:
        return Typesetter(self._sources.characters)

    @cached_property
    def _digits(self) -> Typesetter:
        return Typesetter(self._sources.digits)


def _batch(lines: Sequence[tuple[np.ndarray, str]]) -> tuple[Tensor, Tensor, Tensor]:
    width = max(image.shape[1] for image, _ in lines) + 2 * _ROOM
    width += -width % _ALIGNED
    images = np.zeros((len(lines), 1, LINE_HEIGHT, width), np.float32)
    for row, (image, _) in enumerate(lines):
        images[row, 0, :, _ROOM : _ROOM + image.shape[1]] = image
    texts = [CHARACTERS.index(sign) + 1 for _, text in lines for sign in text]
    lengths = [len(text) for _, text in lines]
    return torch.from_numpy(images / 255), torch.tensor(texts), torch.tensor(lengths)


def train_lines(
    folder: Path,
    sources: Sources,
    recipe: Recipe,
    settings: Settings,
    *,
    steps: int = _STEPS_AN_EPOCH,
    report: Progress = ignore_progress,
) -> Iterator[TrainedEpoch]:
    """Train epoch by epoch, from the checkpoint in `folder` if there is one, and keep the averaged
    weights there as `lines.safetensors`.

    recipe.start : `lines` goes on from the shipped network; the name of a `resnet8` or `resnet10`
    lends the front its weights; "" starts afresh. steps : batches an epoch.
    """
    torch.manual_seed(recipe.seed)
    network = LineNetwork(len(CHARACTERS))
    if recipe.start == "lines":
        network.load_state_dict(load_line_reader().network.state_dict())
    elif recipe.start:
        given = load_recognizer(recipe.start, settings).network.state_dict()
        front = weights_in_common(given, network)
        if len(front) < len(network.features.state_dict()):
            raise InklingError(f"{recipe.start} is no resnet8; lines start from one, or afresh.")
        network.load_state_dict({**network.state_dict(), **front})
    learner = learner_of(network, recipe)
    checkpoint = folder / "checkpoint.safetensors"
    with hold(folder / "lock", f"Another process trains in {folder}; wait until it has ended."):
        done = restore(checkpoint, learner) if checkpoint.exists() else 0
        batches = LineBatches(sources, recipe, steps=steps)
        for epoch in train_epochs(learner, batches, recipe, start=done, report=report):
            average = learner.average.module
            facts: dict[str, object] = {
                "epoch": epoch.number + 1,
                "parameters": count_parameters(network),
            }
            save_tensors(folder / "lines.safetensors", average.state_dict(), facts)
            save_checkpoint(checkpoint, learner, epochs=epoch.number + 1)
            print(f"epoch {epoch.number + 1}: loss {epoch.loss:.4f}", file=sys.stderr)
            save_card(folder, _card(sources, recipe, network, epoch.number + 1))
            yield epoch


def _card(sources: Sources, recipe: Recipe, network: LineNetwork, epoch: int) -> Card:
    return Card(
        name="lines",
        title="Lines of characters",
        architecture="line-network",
        classes=CHARACTERS,
        form="line",
        parameters=count_parameters(network),
        temperature=1.0,
        data=(
            f"{len(sources.lines):,} lines and {len(sources.characters):,} characters of UniPen "
            f"train_r01_v07 (Guyon et al. 1994; International Unipen Foundation, CC BY 4.0) and "
            f"{len(sources.digits):,} digits of UCI pendigits (CC BY 4.0), as pen strokes by "
            "writers for training; lines composed of the characters"
        ),
        recipe=recipe.to_json(),
        seed=recipe.seed,
        epoch=epoch,
        minutes=0.0,
        hardware="",
    )
