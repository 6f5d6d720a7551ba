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
from torch import Tensor, nn
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
from core.synthesis.effects.strokes import Strokes
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
_SORTED = 8
"""Batches whose lines are sorted by length together, so that little of them is padding."""

_PICTURES = 2
"""Of each line, one after the other: to compose it takes longer than to draw it once more."""

_WRITTEN, _PENDIGITS, _UNDERLINED, _SOFT, _GREY = 0.15, 0.3, 0.05, 0.15, 0.15
"""Shares: of lines that a person wrote as a line; of numbers composed of pendigits; with a line
under them that is no part of the text; blurred; with other contrast and noise.
"""

_PENS, _WIDEST = (1.3, 4.5), 480
"""Pixels: pens, evenly in their logarithm; longer lines are squeezed to this."""

_ROOM, _ALIGNED = 4, 16
"""Pixels beside the longest line of a batch, and of which its width is a multiple."""

_CLASS = {sign: index for index, sign in enumerate(CHARACTERS, start=1)}

Batch = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Images uint8, texts and lengths as of `LineBatches.epoch`."""


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


class LineBatches(Dataset[list[Batch]]):
    """Lines composed as they are needed; those of an epoch follow from its number and the seed."""

    def __init__(self, sources: Sources, recipe: Recipe, *, steps: int = _STEPS_AN_EPOCH) -> None:
        self._sources, self._recipe = sources, recipe
        self.steps = steps
        self._sorted = min(_SORTED, steps)

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Images float [n, 1, 32, W] in 0-1 on this process's device, their texts as classes from
        1, int64 [all characters], and the number of characters of each, int64 [n].
        """
        parts = -(-self.steps // self._sorted)
        composed = DataLoader(
            self,
            batch_size=None,
            sampler=range(number * parts, (number + 1) * parts),
            collate_fn=list,
            num_workers=workers.composers(),
        )
        batches = islice(chain.from_iterable(composed), self.steps)
        for images, texts, lengths in batches:
            shown = torch.from_numpy(images).to(workers.device()).float() / 255
            yield shown, torch.from_numpy(texts), torch.from_numpy(lengths)

    def __getitem__(self, part: int) -> list[Batch]:
        """Some batches, always the same of a number from 0: composed, sorted by length together and
        padded here, as that is too much for the one process that trains.
        """
        generator = np.random.default_rng((self._recipe.seed, 0, part))
        size = self._recipe.batch_size
        lines = list(islice(self._lines(generator), size * self._sorted))
        lines.sort(key=lambda line: line[0].shape[1])
        return [
            _batch(lines[index * size : (index + 1) * size])
            for index in generator.permutation(self._sorted)
        ]

    def _lines(self, generator: np.random.Generator) -> Iterator[tuple[np.ndarray, str]]:
        """Lines without end, each as several pictures."""
        while True:
            text, strokes = self._written(generator)
            for _ in range(_PICTURES):
                yield _picture(strokes, generator), text

    def _written(self, generator: np.random.Generator) -> tuple[str, Strokes]:
        """One line's text and its strokes, in any unit."""
        sources = self._sources
        if generator.random() < _WRITTEN and len(sources.lines):
            number = int(generator.integers(len(sources.lines)))
            return str(sources.lines.labels[number]), sources.lines.piece(number)
        text = self._texts.draw(generator)
        numeric = text.isdigit() and generator.random() < _PENDIGITS
        setter = self._digits if numeric else self._characters
        return text, setter.write(text, generator)

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


def _picture(strokes: Strokes, generator: np.random.Generator) -> np.ndarray:
    """A line's ink uint8 [32, W], varied and drawn with a pen of its own."""
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
    return image


def _batch(lines: Sequence[tuple[np.ndarray, str]]) -> Batch:
    width = max(image.shape[1] for image, _ in lines) + 2 * _ROOM
    width += -width % _ALIGNED
    images = np.zeros((len(lines), 1, LINE_HEIGHT, width), np.uint8)
    for row, (image, _) in enumerate(lines):
        images[row, 0, :, _ROOM : _ROOM + image.shape[1]] = image
    texts = [_CLASS[sign] for _, text in lines for sign in text]
    lengths = [len(text) for _, text in lines]
    return images, np.array(texts), np.array(lengths)


def train_lines(
    folder: Path,
    sources: Sources,
    recipe: Recipe,
    settings: Settings,
    *,
    report: Progress = ignore_progress,
) -> Iterator[TrainedEpoch]:
    """Train epoch by epoch, from the checkpoint in `folder` if there is one, and keep the averaged
    weights there as `lines.safetensors`.

    recipe.start : the card of a line network, a path to a .json, goes on from it; the name of a
    `resnet8` or `resnet10` lends the front its weights; "" starts afresh. recipe.at_most : lines an
    epoch, in whole batches; 0 is 176 batches.
    """
    torch.manual_seed(recipe.seed)
    network = LineNetwork(len(CHARACTERS))
    if recipe.start.endswith(".json"):
        network.load_state_dict(load_line_reader(Path(recipe.start)).network.state_dict())
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
        steps = -(-recipe.at_most // recipe.batch_size) or _STEPS_AN_EPOCH
        batches = LineBatches(sources, recipe, steps=steps)
        for epoch in train_epochs(learner, batches, recipe, start=done, report=report):
            facts: dict[str, object] = {
                "epoch": epoch.number + 1,
                "parameters": count_parameters(network),
            }
            save_tensors(folder / "lines.safetensors", _weights(learner.average.module), facts)
            save_checkpoint(checkpoint, learner, epochs=epoch.number + 1)
            print(f"epoch {epoch.number + 1}: loss {epoch.loss:.4f}", file=sys.stderr)
            save_card(folder, _card(sources, recipe, network, epoch.number + 1))
            yield epoch


def _weights(network: nn.Module) -> dict[str, Tensor]:
    """By name; those of convolutions in half precision, in half the bytes, and read alike."""
    state = network.state_dict()
    return {name: value.half() if value.ndim > 1 else value for name, value in state.items()}


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
            + (f"; begun with the weights of {recipe.start}" if recipe.start else "")
        ),
        recipe=recipe.to_json(),
        seed=recipe.seed,
        epoch=epoch,
        minutes=0.0,
        hardware="",
    )
