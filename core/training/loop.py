"""The training loop: deterministic given its seed, resumable at every epoch, evaluated on its moving average."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from core.datasets.dataset import Dataset
from core.models.registry import architecture
from core.models.tensors import load_tensors, save_tensors
from core.training.augment import augment
from core.training.recipe import Recipe
from core.training.runs import Run

Tensors = tuple[Tensor, ...] | list[Tensor]
Report = Callable[[int, int, int, float], None]
"""Called as report(epoch, step, steps, loss) after every step; may raise to stop the run."""


@dataclass(frozen=True)
class Split:
    """Row numbers of one data set, in two parts that share none."""

    train: np.ndarray
    validation: np.ndarray


def split(labels: np.ndarray, *, per_class: int, seed: int) -> Split:
    """Hold out `per_class` random images of each class, never more than a fifth of it."""
    generator = np.random.default_rng(seed)
    held = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        held.append(generator.permutation(rows)[: min(per_class, len(rows) // 5)])
    validation = np.sort(np.concatenate(held))
    return Split(np.setdiff1d(np.arange(len(labels)), validation), validation)


def learning_rate(progress: float, recipe: Recipe) -> float:
    """One cycle (Smith 2018): linear up to the peak at `warmup` of the way, linear down to 0. progress in 0-1."""
    up = progress / recipe.warmup if recipe.warmup else 1.0
    return recipe.learning_rate * min(up, (1 - progress) / (1 - recipe.warmup))


def moving_average(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """Exponential moving average that starts as a plain mean, so that the first weights do not linger."""

    def update(averages: Tensors, values: Tensors, count: Tensor | int) -> None:
        if averages[0].is_floating_point():
            torch._foreach_lerp_(averages, values, 1 - min(decay, (1 + int(count)) / (10 + int(count))))
        else:
            torch._foreach_copy_(averages, values)

    return update


def logits(network: nn.Module, images: Tensor, *, batch_size: int = 500) -> Tensor:
    """Evaluate uint8 [N, H, W]: float [N, C] on the CPU."""
    device = next(network.parameters()).device
    network.eval()
    with torch.inference_mode():
        batches = [network(batch.to(device).unsqueeze(1).float() / 255).float().cpu() for batch in images.split(batch_size)]
    return torch.cat(batches)


@dataclass(frozen=True)
class Extra:
    """What a recipe adds to the scans of a data set.

    redrawn : uint8 like the data set's images, the same handwriting as drawn by a pen (`Recipe.redrawn`), or None.
    images, labels : uint8 [M, H, W] and int64 [M], more training images, never validated on (`Recipe.synthetic`).
    weights : state of a network to start from (`Recipe.start`), or None.
    """

    redrawn: np.ndarray | None
    images: np.ndarray
    labels: np.ndarray
    weights: dict[str, Tensor] | None = None


def train(run: Run, dataset: Dataset, extra: Extra | None = None, report: Report | None = None) -> dict[str, Any]:
    """Train to the end from wherever the run's checkpoint stands; returns the metrics of the best epoch."""
    name, _, recipe = run.settings()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    network = architecture(name).build(len(dataset.classes)).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if extra is not None and extra.weights is not None:
        network.load_state_dict(extra.weights)
    average = AveragedModel(network, multi_avg_fn=moving_average(recipe.ema_decay), use_buffers=True)
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]  # biases and batch norm are not decayed
    optimizer = torch.optim.SGD(
        [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=recipe.learning_rate, momentum=recipe.momentum, nesterov=True,
    )  # fmt: skip
    metrics: list[dict[str, Any]] = []
    if run.checkpoint.exists():
        epochs_done = _restore(run, network, average, optimizer)
        metrics = run.metrics()[:epochs_done]
    run.keep_metrics(metrics)
    run.set_state("running")

    parts = split(dataset.labels, per_class=recipe.validation_per_class, seed=recipe.seed)
    sources, targets = _training_images(dataset, parts.train, extra)
    validation = torch.from_numpy(np.ascontiguousarray(dataset.images[parts.validation]))
    truth = torch.from_numpy(dataset.labels[parts.validation])
    counts = torch.bincount(targets, minlength=len(dataset.classes)).double()
    drawn = counts**recipe.sampling_power / (counts**recipe.sampling_power).sum()
    log_prior = drawn.clamp(min=1e-12).log().float().to(device)
    weights = (drawn / counts.clamp(min=1))[targets]
    steps = len(targets) // recipe.batch_size

    for epoch in range(len(metrics), recipe.epochs):
        started, running_loss, hits = time.perf_counter(), 0.0, 0
        generator = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
        torch.manual_seed(recipe.seed * 100_003 + epoch)  # dropout
        order = (
            torch.randperm(len(targets), generator=generator)
            if recipe.sampling_power == 1
            else torch.multinomial(weights, len(targets), replacement=True, generator=generator)
        )
        network.train()
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate((epoch * steps + step) / (recipe.epochs * steps), recipe)
            rows = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            source = (torch.rand(len(rows), generator=generator) < recipe.redrawn).long()
            images = augment(sources[rows, source].unsqueeze(1).float() / 255, recipe.augmentation, generator)
            images = images.to(device).contiguous(memory_format=torch.channels_last)
            target = targets[rows].to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                output = network(images).float()
            loss = F.cross_entropy(output + log_prior, target, label_smoothing=recipe.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(network)
            running_loss += loss.item()
            hits += int((output.detach().argmax(1) == target).sum())
            if report:
                report(epoch, step, steps, loss.item())
        answer = logits(average.module, validation)
        metrics.append({
            "epoch": epoch + 1,
            "train_loss": running_loss / steps,
            "train_accuracy": hits / (steps * recipe.batch_size),
            "validation_loss": float(F.cross_entropy(answer, truth)),
            "validation_accuracy": float((answer.argmax(1) == truth).float().mean()),
            "validation_n": len(truth),
            "images_per_second": steps * recipe.batch_size / (time.perf_counter() - started),
            "seconds": time.perf_counter() - started,
        })  # fmt: skip
        if max(metrics, key=_quality) is metrics[-1]:
            save_tensors(run.best, average.module.state_dict(), {"epoch": epoch + 1})
        run.keep_metrics(metrics)  # first: a resumed run drops what its checkpoint does not hold, but could not invent it
        _store(run, network, average, optimizer, epoch + 1)
    run.set_state("done")
    return max(metrics, key=_quality)


def _training_images(dataset: Dataset, rows: np.ndarray, extra: Extra | None) -> tuple[Tensor, Tensor]:
    """uint8 [N, 2, H, W], each image as scanned and as drawn, and int64 [N]."""
    scans, labels = dataset.images[rows], dataset.labels[rows]
    drawn = scans if extra is None or extra.redrawn is None else extra.redrawn[rows]
    if extra is not None:
        scans, drawn = np.concatenate([scans, extra.images]), np.concatenate([drawn, extra.images])
        labels = np.concatenate([labels, extra.labels])
    return torch.from_numpy(np.stack([scans, drawn], 1)), torch.from_numpy(labels)


def _quality(row: dict[str, Any]) -> tuple[float, float]:
    return row["validation_accuracy"], -row["validation_loss"]


def _store(run: Run, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, epochs: int) -> None:
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v for k, v in state.items() if isinstance(v, Tensor)}
    save_tensors(run.checkpoint, tensors, {"epochs": epochs})


def _restore(run: Run, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    tensors, metadata = load_tensors(run.checkpoint)

    def part(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}

    network.load_state_dict(part("network."))
    average.load_state_dict(part("average."))
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in part("optimizer.").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    return int(str(metadata["epochs"]))
