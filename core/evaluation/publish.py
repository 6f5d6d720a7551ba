"""Publish a run as a recognizer: calibrated weights and a card."""

import math
import os
import platform
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from glob import escape
from pathlib import Path

import numpy as np
import torch

from core.errors import InklingError
from core.evaluation.calibration import fit_temperature
from core.files import hold
from core.intervals import Measured
from core.models.cards import LOCK, Card, is_shipped, save_card
from core.models.recognizer import load_recognizer
from core.models.tensors import load_tensors, save_tensors
from core.settings import SHIPPED_MODELS, Settings
from core.training.mixture import format_mixture
from core.training.runs import Run

_PUBLISH_SECONDS = 30.0
"""How long publishing waits for another in the same folder."""


def publish(run: Run, *, name: str, title: str, folder: Path) -> Card:
    """Write the best epoch of a run as `NAME.safetensors` and `NAME.json` in `folder`; temperature
    and accuracy are those on the images it held out. The data set itself is not needed."""
    settings, data, metrics = run.settings(), run.data(), run.metrics()
    if not run.best.exists() or not run.answers.exists() or data is None:
        raise InklingError(f"Run {run.name} has not finished an epoch yet; resume it first.")
    tensors, metadata = load_tensors(run.best)
    answered, _ = load_tensors(run.answers)
    answers, truth, recipe = answered["logits"], answered["labels"], settings.recipe
    before = [f"begun with the weights of {recipe.start}"] if recipe.start else []
    held_out = [data.title, *recipe.validate_on.split("+")]
    card = Card(
        name=name,
        title=title,
        architecture=settings.model,
        classes=data.classes,
        form=data.form,
        parameters=int(str(metadata["parameters"])),
        temperature=fit_temperature(answers, truth),
        data="; ".join([data.source, *run.sources(), *before]),
        recipe=recipe.to_json(),
        seed=recipe.seed,
        epoch=int(str(metadata["epoch"])),
        minutes=round(sum(row.seconds for row in metrics) / 60, 1),
        hardware=hardware(),
        validation=Measured.of(
            int((answers.argmax(1) == truth).sum()),
            len(truth),
            f"{len(truth):,} images held out, at most {recipe.validation_per_class} a class of "
            f"{' and '.join(filter(None, held_out))}; they chose the epoch",
        ),
    )
    return save_recognizer(folder, card, tensors)


def average(
    parts: Sequence[tuple[float, str]], settings: Settings, *, name: str, title: str
) -> Card:
    """Publish the weighted mean of the weights of recognizers of one architecture, of which each
    started from another: often better than each of them (Wortsman et al., CVPR 2022).

    parts : (weight, name). The card is that of the first with no figures; the temperature is the
    geometric mean. InklingError if they differ in kind.
    """
    loaded = [load_recognizer(each, settings) for _, each in parts]
    shares = np.array([weight for weight, _ in parts]) / sum(weight for weight, _ in parts)
    first = loaded[0].card
    for other in (recognizer.card for recognizer in loaded[1:]):
        if (other.architecture, other.classes, other.form) != (
            first.architecture,
            first.classes,
            first.form,
        ):
            raise InklingError(
                f"{first.name} and {other.name} differ in kind; average what is alike."
            )
    states = [recognizer.network.state_dict() for recognizer in loaded]
    weighted = list(zip(states, shares.tolist(), strict=True))
    tensors = {
        key: torch.stack([state[key] * share for state, share in weighted]).sum(0)
        if value.is_floating_point()
        else value
        for key, value in states[0].items()
    }
    card = replace(
        first,
        name=name,
        title=title,
        temperature=math.exp(shares @ [math.log(each.card.temperature) for each in loaded]),
        data=f"{first.data}; the mean of the weights of {format_mixture(parts)}",
        minutes=round(sum(each.card.minutes for each in loaded), 1),
        validation=None,
        test=None,
    )
    return save_recognizer(settings.models, card, tensors)


def check_name(name: str) -> None:
    """InklingError if a recognizer cannot be called so."""
    if not name or Path(name).name != name or name.startswith("."):
        raise InklingError(
            f"{name!r} cannot be the name of a recognizer; use letters, figures and hyphens."
        )


def save_recognizer(folder: Path, card: Card, tensors: Mapping[str, torch.Tensor]) -> Card:
    """Write weights, then the card that names them, whose rename publishes the recognizer.

    A replaced recognizer keeps its weights until the new card exists, so that one run's weights are
    never paired with another's classes. The old file is deleted last.
    """
    check_name(card.name)
    busy = f"Another recognizer is being written to {folder}; wait a moment and try again."
    with hold(folder / LOCK, busy, wait=_PUBLISH_SECONDS):
        stem, there = card.name, (folder / f"{card.name}.json").exists()
        weights = f"{stem}.{secrets.token_hex(6)}.safetensors" if there else f"{stem}.safetensors"
        card = replace(card, weights=weights)
        save_tensors(folder / weights, tensors)
        save_card(folder, card)
        for old in folder.glob(f"{escape(stem)}.*safetensors"):
            if old.name != weights and _is_of(old.name, stem):
                old.unlink(missing_ok=True)
    return card


def remove_recognizer(name: str, settings: Settings) -> None:
    """Delete a recognizer of one's own, its card first; InklingError if it is Inkling's."""
    check_name(name)
    folder = settings.models
    if is_shipped(name) and folder == SHIPPED_MODELS:
        raise InklingError(f"{name} is one of Inkling's own and stays.")
    busy = f"Another recognizer is being written to {folder}; wait a moment and try again."
    with hold(folder / LOCK, busy, wait=_PUBLISH_SECONDS):
        (folder / f"{name}.json").unlink(missing_ok=True)
        for weights in folder.glob(f"{escape(name)}.*safetensors"):
            if _is_of(weights.name, name):
                weights.unlink(missing_ok=True)


def _is_of(name: str, stem: str) -> bool:
    """Whether a file of weights was written for the recognizer `stem`, not for "stem.x"."""
    return re.fullmatch(rf"{re.escape(stem)}(\.[0-9a-f]{{12}})?\.safetensors", name) is not None


def hardware() -> str:
    """Description of this machine."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    try:
        names = [
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
    except OSError:
        names = []
    return (
        f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} "
        "cores, no GPU"
    )
