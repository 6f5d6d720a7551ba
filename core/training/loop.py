"""The training loop: deterministic given its seed, resumable at every epoch, evaluated on its
moving average.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel

from core.datasets.dataset import Dataset
from core.models.network import count_parameters
from core.models.registry import architecture
from core.models.tensors import save_tensors
from core.synthesis.effects.batched import augment
from core.synthesis.effects.table import apply_effects, parse_effects
from core.training import workers
from core.training.checkpoint import restore, store
from core.training.data import Extra, split, training_images
from core.training.optimizers import learning_rate, make_optimizer, moving_average
from core.training.recipe import Recipe
from core.training.runs import Run, best_epoch

Report = Callable[[int, int, int, float], None]
"""Called as report(epoch, step, steps, loss) after every step; may raise to stop the run."""

SEEN_AGAIN = 2000
"""Training images that are read once more after each epoch, as they are and without dropout, to
compare with validation.
"""


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


def train(
    run: Run, dataset: Dataset, extra: Extra | None = None, report: Report | None = None
) -> dict[str, Any]:
    """Train to the end from wherever the run's checkpoint stands; returns the metrics of the best
    epoch.

    Under `torchrun` each process takes its share of every batch, and the first alone writes.
    """
    name, _, recipe = run.settings()
    device = workers.device()
    torch.manual_seed(recipe.seed)
    network: nn.Module = architecture(name).build(len(dataset.classes), **recipe.hyperparameters)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if extra is not None and extra.weights is not None:
        network.load_state_dict(extra.weights)
    average = AveragedModel(
        network, multi_avg_fn=moving_average(recipe.ema_decay), use_buffers=True
    )
    optimizer = make_optimizer(network, recipe)
    metrics: list[dict[str, Any]] = []
    if run.checkpoint.exists():
        metrics = run.metrics()[: restore(run, network, average, optimizer)]
    parallel = DistributedDataParallel(network) if workers.count() > 1 else network

    parts = split(
        dataset.labels,
        per_class=recipe.validation_per_class,
        seed=recipe.seed,
        at_most=recipe.at_most,
    )
    sources, targets = training_images(dataset, parts.train, extra)
    validation = torch.from_numpy(np.ascontiguousarray(dataset.images[parts.validation]))
    truth = torch.from_numpy(dataset.labels[parts.validation])
    again = torch.from_numpy(
        np.random.default_rng(recipe.seed).permutation(len(parts.train))[:SEEN_AGAIN]
    )
    batches = Batches(sources, targets, dataset.classes, recipe)
    if workers.first():
        run.keep_metrics(metrics)
        run.set_state("running")

    while not _ended(metrics, recipe):
        epoch, started, worked, running_loss, hits, seen = (
            len(metrics),
            time.perf_counter(),
            time.process_time(),
            0.0,
            0,
            0,
        )
        torch.manual_seed(recipe.seed * 100_003 + epoch)  # dropout
        rate = recipe.learning_rate
        network.train()
        for step, (images, target, other, share) in enumerate(batches.epoch(epoch)):
            rate = learning_rate(
                (epoch * batches.steps + step) / (recipe.epochs * batches.steps), recipe
            )
            for group in optimizer.param_groups:
                group["lr"] = rate
            images, target = (
                images.to(device).contiguous(memory_format=torch.channels_last),
                target.to(device),
            )
            with torch.autocast(
                device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"
            ):
                output = parallel(images).float()
            answer = output + batches.log_prior.to(device)
            loss = F.cross_entropy(answer, target, label_smoothing=recipe.label_smoothing)
            if share < 1:
                loss = share * loss + (1 - share) * F.cross_entropy(
                    answer, other.to(device), label_smoothing=recipe.label_smoothing
                )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(network)
            running_loss += loss.item()
            seen += len(target)
            hits += int((output.detach().argmax(1) == target).sum())
            if report:
                report(epoch, step, batches.steps, loss.item())
        trained = time.perf_counter() - started
        answers = logits(average.module, validation)
        if not bool(torch.isfinite(answers).all()):
            raise ArithmeticError(
                f"The weights grew beyond all bounds in epoch {epoch + 1}; lower the learning rate."
            )
        row = {
            "epoch": epoch + 1,
            "train_loss": running_loss / batches.steps,
            "train_accuracy": hits / seen,
            "train_accuracy_as_is": accuracy(
                logits(average.module, sources[again, 0]), targets[again]
            ),
            "validation_loss": float(F.cross_entropy(answers, truth)),
            "validation_accuracy": accuracy(answers, truth),
            "validation_n": len(truth),
            "learning_rate": rate,
            "images": seen * workers.count(),
            "images_per_second": seen * workers.count() / trained,
            "seconds": time.perf_counter() - started,
            "processor_seconds": time.process_time() - worked,
        }
        row["seconds_left"] = (
            (recipe.epochs - epoch - 1)
            * (sum(each["seconds"] for each in metrics) + row["seconds"])
            / (epoch + 1)
        )
        metrics.append(workers.agree(row))
        if workers.first():
            if best_epoch(metrics) is metrics[-1]:
                save_tensors(
                    run.best,
                    average.module.state_dict(),
                    {"epoch": epoch + 1, "parameters": count_parameters(network)},
                )
                save_tensors(
                    run.answers, {"logits": answers, "labels": truth}, {"epoch": epoch + 1}
                )
            # first: a resumed run drops what its checkpoint does not hold, but could not invent it
            run.keep_metrics(metrics)
            store(run, network, average, optimizer, epochs=epoch + 1)
    if workers.first():
        run.set_state("done")
    return best_epoch(metrics)


class Batches:
    """The training images of each epoch in an order, and varied, as its number and the recipe's
    seed say.

    steps : batches an epoch. log_prior : float [C], log of the share in which each class is drawn.
    """

    def __init__(
        self, sources: Tensor, targets: Tensor, classes: tuple[str, ...], recipe: Recipe
    ) -> None:
        """sources : uint8 [N, 2, H, W], as scanned and as drawn. targets : int64 [N]."""
        self._sources, self._targets, self._classes, self._recipe = (
            sources,
            targets,
            classes,
            recipe,
        )
        counts = torch.bincount(targets, minlength=len(classes)).double()
        drawn = counts**recipe.sampling_power * (counts > 0)
        drawn /= drawn.sum()
        self.log_prior = recipe.logit_adjustment * drawn.clamp(min=1e-12).log().float()
        self._weights = (drawn / counts.clamp(min=1))[targets]
        self._size = min(recipe.batch_size, len(targets))
        self.steps = len(targets) // self._size
        self._varies = any(recipe.augmentation.values())

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
        """Images float [n, 1, H, W] in 0-1, their classes int64 [n], those of what is mixed in, and
        the first's share.
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
            ]
            source = (torch.rand(len(rows), generator=generator) < recipe.redrawn).long()
            pictures, target = self._sources[rows, source], self._targets[rows]
            if effects:
                pictures, target = _with_effects(
                    pictures, target, effects, self._classes, other_draws
                )
            images = pictures.unsqueeze(1).float() / 255
            if self._varies:
                images = augment(images, recipe.augmentation, generator)
            share, other = 1.0, target
            if recipe.mixup:
                share = float(other_draws.beta(recipe.mixup, recipe.mixup))
                partners = torch.from_numpy(other_draws.permutation(len(target)))
                images, other = share * images + (1 - share) * images[partners], target[partners]
            yield images, target, other, share


def _with_effects(
    pictures: Tensor,
    target: Tensor,
    steps: Sequence[tuple[str, float]],
    classes: tuple[str, ...],
    generator: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """The synthesis room's effects on uint8 [n, H, W]; a picture that a flip would take out of the
    classes stays as it is.
    """
    varied, places = pictures.numpy(), target.numpy().copy()
    for row, place in enumerate(places):
        picture, label = apply_effects(varied[row], classes[place], steps, generator)
        if label in classes:
            varied[row], places[row] = picture, classes.index(label)
    return torch.from_numpy(varied), torch.from_numpy(places)


def _ended(metrics: list[dict[str, Any]], recipe: Recipe) -> bool:
    stale = len(metrics) - best_epoch(metrics)["epoch"] if metrics else 0
    return len(metrics) >= recipe.epochs or bool(recipe.patience and stale >= recipe.patience)


def accuracy(answers: Tensor, truth: Tensor) -> float:
    """Share of logits [N, C] whose highest is the true class, int64 [N]."""
    return float((answers.argmax(1) == truth).float().mean())
