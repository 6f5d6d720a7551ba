"""The training loop: epochs over a network, batches and a recipe. It writes nothing; recording the
epochs is left to the caller.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from core.models.registry import architecture
from core.progress import Progress, ignore_progress
from core.synthesis.effects.batched import augment
from core.synthesis.effects.table import apply_effects, parse_effects
from core.training import workers
from core.training.optimizers import learning_rate, make_optimizer, moving_average
from core.training.recipe import Recipe

NONE = -1
"""The class of an image that shows none of them."""


@dataclass(frozen=True)
class Learner:
    """What training changes: a network, the moving average of its weights, which reads best, and
    the optimizer.

    parallel : the network itself, or under `torchrun` the wrapper that keeps the processes in step.
    """

    network: nn.Module
    average: AveragedModel
    optimizer: Optimizer
    parallel: nn.Module


@dataclass(frozen=True)
class Step:
    """One batch: its loss, number of images and number of correct answers, before the weights were
    updated at this learning rate.
    """

    loss: float
    images: int
    correct: int
    learning_rate: float


@dataclass(frozen=True)
class TrainedEpoch:
    """One pass over the training images, before validation.

    number : from 0. loss, accuracy : over its batches, of the network at each. learning_rate : of
    the last step. images : of all processes together. seconds, processor_seconds : time taken.
    """

    number: int
    loss: float
    accuracy: float
    learning_rate: float
    images: int
    seconds: float
    processor_seconds: float


class TrainingBatches(Protocol):
    """What a network is trained on: `steps` batches an epoch, each a tuple whose first item is the
    input, and the loss of each batch.
    """

    steps: int

    def epoch(self, number: int) -> Iterator[tuple[Any, ...]]: ...

    def loss(self, output: Tensor, batch: tuple[Any, ...]) -> tuple[Tensor, int]:
        """The mean loss of a batch's output, and how many of it were answered correctly."""


def new_learner(
    model: str, classes: int, recipe: Recipe, weights: Mapping[str, Tensor] | None = None
) -> Learner:
    """The architecture `model` before its first step, on this process's device.

    Weights are drawn from torch's global generator, seeded with the recipe's seed, or are
    `weights`, by their names in the network's state, as far as they go.
    """
    torch.manual_seed(recipe.seed)
    network: nn.Module = architecture(model).build(classes, **recipe.hyperparameters)
    if weights is not None:
        network.load_state_dict({**network.state_dict(), **weights})
    return learner_of(network, recipe)


def learner_of(network: nn.Module, recipe: Recipe) -> Learner:
    """A network before its first step, on this process's device."""
    network = network.to(workers.device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(
        network, multi_avg_fn=moving_average(recipe.ema_decay), use_buffers=True
    )
    parallel = DistributedDataParallel(network) if workers.count() > 1 else network
    return Learner(network, average, make_optimizer(network, recipe), parallel)


def train_epochs(
    learner: Learner,
    batches: TrainingBatches,
    recipe: Recipe,
    *,
    start: int = 0,
    seed_epochs: bool = True,
    report: Progress = ignore_progress,
) -> Iterator[TrainedEpoch]:
    """Train epoch by epoch, from number `start` to the recipe's last.

    The learner is changed in place; after each epoch the caller may read it, save it, or stop
    iterating. seed_epochs : seed dropout by the epoch's number, so that a run resumed at `start`
    draws what an uninterrupted one would; otherwise torch's global generator is used as it is.
    report : batches done, of those of all epochs.
    """
    total = recipe.epochs * batches.steps
    for number in range(start, recipe.epochs):
        started, worked = time.perf_counter(), time.process_time()
        if seed_epochs:
            torch.manual_seed(recipe.seed * 100_003 + number)
        loss, rate, images, correct = 0.0, recipe.learning_rate, 0, 0
        for index, step in enumerate(train_steps(learner, batches, recipe, epoch=number), 1):
            loss, rate = loss + step.loss, step.learning_rate
            images, correct = images + step.images, correct + step.correct
            note = f"epoch {number + 1}/{recipe.epochs} loss {step.loss:.3f}"
            report(number * batches.steps + index, total, note)
        yield TrainedEpoch(
            number=number,
            loss=loss / batches.steps,
            accuracy=correct / images,
            learning_rate=rate,
            images=images * workers.count(),
            seconds=time.perf_counter() - started,
            processor_seconds=time.process_time() - worked,
        )


def train_steps(
    learner: Learner, batches: TrainingBatches, recipe: Recipe, *, epoch: int
) -> Iterator[Step]:
    """Train on the batches of one epoch; the learner is changed in place."""
    device = workers.device()
    learner.network.train()
    for index, batch in enumerate(batches.epoch(epoch)):
        # The learning rate follows the share of all steps that is done.
        done = (epoch * batches.steps + index) / (recipe.epochs * batches.steps)
        rate = learning_rate(done, recipe)
        for group in learner.optimizer.param_groups:
            group["lr"] = rate

        # Forward, in the precision of the recipe; the loss is always taken in float32.
        images = batch[0].to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            output = learner.parallel(images).float()
        loss, correct = batches.loss(output, batch)

        learner.optimizer.zero_grad()
        loss.backward()
        if recipe.largest_gradient:
            nn.utils.clip_grad_norm_(learner.network.parameters(), recipe.largest_gradient)
        learner.optimizer.step()
        learner.average.update_parameters(learner.network)
        yield Step(loss.item(), len(images), correct, rate)


def _loss(answers: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Mean cross-entropy of logits [N, C] to classes int64 [N]; to equal probabilities where the
    class is NONE.
    """
    known = target != NONE
    total = F.cross_entropy(
        answers, target, ignore_index=NONE, label_smoothing=smoothing, reduction="sum"
    )
    none = -F.log_softmax(answers[~known], 1).mean(1).sum()
    return (total + none) / len(target)


def logits(network: nn.Module, images: Tensor, *, batch_size: int = 500) -> Tensor:
    """Evaluate uint8 [N, H, W]: float [N, C] on the CPU."""
    device = next((tensor.device for tensor in network.parameters()), torch.device("cpu"))
    network.eval()
    with torch.inference_mode():
        batches = [
            network(batch.to(device).unsqueeze(1).float() / 255).float().cpu()
            for batch in images.split(batch_size)
        ]
    return torch.cat(batches)


def accuracy(answers: Tensor, truth: Tensor) -> float:
    """Share of logits [N, C] whose highest is at the true class, int64 [N]."""
    return float((answers.argmax(1) == truth).float().mean())


def chance(truth: Tensor) -> float:
    """Share of the most frequent class in int64 [N]: what always answering it gets right."""
    return float(truth.bincount().max() / len(truth))


class Batches:
    """The training images of each epoch, shuffled and varied by its number and the recipe's seed.

    steps : batches an epoch. log_prior : float [C], log of the share in which each class is drawn.
    """

    def __init__(
        self,
        sources: Tensor,
        targets: Tensor,
        classes: tuple[str, ...],
        recipe: Recipe,
        *,
        device: torch.device | None = None,
    ) -> None:
        """sources : uint8 [N, 2, H, W], as scanned and as drawn. targets : int64 [N].

        device : where the batches are made, the processor if None.
        """
        self._device = device or torch.device("cpu")
        self._sources, self._targets = sources.to(self._device), targets.to(self._device)
        self._classes, self._recipe = classes, recipe
        known = targets != NONE
        counts = torch.bincount(targets[known], minlength=len(classes)).double()
        drawn = counts**recipe.sampling_power * (counts > 0)
        drawn /= drawn.sum()
        self.log_prior = recipe.logit_adjustment * drawn.clamp(min=1e-12).log().float()
        # images of no class are drawn as often as they are among all
        self._weights = torch.where(
            known, (drawn / counts.clamp(min=1))[targets], 1 / max(int(known.sum()), 1)
        )
        self._size = min(recipe.batch_size, len(targets))
        self.steps = len(targets) // self._size
        self._varies = any(recipe.augmentation.values())

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
        """Images float [n, 1, H, W] in 0-1, their classes int64 [n], the classes mixed in, and the
        share of the first.
        """
        recipe, seed = self._recipe, self._recipe.seed * 100_003 + number
        generator = torch.Generator().manual_seed(seed)
        order = (
            torch.randperm(len(self._targets), generator=generator)
            if recipe.sampling_power == 1
            else torch.multinomial(
                self._weights, len(self._targets), replacement=True, generator=generator
            )
        )
        other_draws = np.random.default_rng(seed)  # of effects and mixtures
        effects = parse_effects(recipe.effects)
        for step in range(self.steps):
            rows = order[step * self._size : (step + 1) * self._size][
                workers.number() :: workers.count()
            ].to(self._device)
            redrawn = torch.rand(len(rows), generator=generator) < recipe.redrawn
            source = redrawn.long().to(self._device)
            pictures, target = self._sources[rows, source], self._targets[rows]
            if effects:
                pictures, target = _with_effects(
                    pictures.cpu(), target.cpu(), effects, self._classes, other_draws
                )
            images = pictures.to(self._device).unsqueeze(1).float() / 255
            if self._varies:
                images = augment(images, recipe.augmentation, generator)
            share, other = 1.0, target
            if recipe.mixup:
                share = float(other_draws.beta(recipe.mixup, recipe.mixup))
                partners = torch.from_numpy(other_draws.permutation(len(target))).to(target.device)
                images, other = share * images + (1 - share) * images[partners], target[partners]
            yield images, target, other, share

    def loss(
        self, output: Tensor, batch: tuple[Tensor, Tensor, Tensor, float]
    ) -> tuple[Tensor, int]:
        """Mean cross-entropy of logits [n, C], and how many of them are highest at the class."""
        _, target, other, share = batch
        target, smoothing = target.to(output.device), self._recipe.label_smoothing
        # The prior is added to the logits, so that the network learns to answer without it.
        answer = output + self.log_prior.to(output.device)
        loss = _loss(answer, target, smoothing)
        if share < 1:
            mixed_in = _loss(answer, other.to(output.device), smoothing)
            loss = share * loss + (1 - share) * mixed_in
        return loss, int((output.detach().argmax(1) == target).sum())


def _with_effects(
    pictures: Tensor,
    target: Tensor,
    steps: Sequence[tuple[str, float]],
    classes: tuple[str, ...],
    generator: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """The synthesis room's effects on uint8 [n, H, W]; a picture that they would move outside
    `classes` is left unchanged.
    """
    varied, indices = pictures.numpy(), target.numpy().copy()
    for row in np.flatnonzero(indices != NONE):
        position = indices[row]
        picture, label = apply_effects(varied[row], classes[position], steps, generator)
        if label in classes:
            varied[row], indices[row] = picture, classes.index(label)
    return torch.from_numpy(varied), torch.from_numpy(indices)
