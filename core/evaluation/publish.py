"""A run becomes a recognizer: calibrated weights and a card beside them."""

import os
import platform
from pathlib import Path

import torch

from core.errors import InklingError
from core.evaluation.calibration import fit_temperature
from core.intervals import measured
from core.models.cards import Card, save_card
from core.models.tensors import load_tensors, save_tensors
from core.training.runs import Run


def publish(run: Run, *, name: str, title: str, folder: Path) -> Card:
    """Write the best epoch of a run as `NAME.safetensors` and `NAME.json` in `folder`; temperature
    and accuracy are those on the images it held out. The data set itself is not needed."""
    model, _, recipe = run.settings()
    if not run.best.exists() or not run.answers.exists():
        raise InklingError(f"Run {run.name} has not finished an epoch yet; resume it first.")
    if not name or Path(name).name != name or name.startswith("."):
        raise InklingError(
            f"{name!r} cannot be the name of a recognizer; use letters, figures and hyphens."
        )
    tensors, metadata = load_tensors(run.best)
    answered, _ = load_tensors(run.answers)
    answers, truth, data, metrics = (
        answered["logits"],
        answered["labels"],
        run.data(),
        run.metrics(),
    )
    card = Card(
        name=name,
        title=title,
        architecture=model,
        classes=tuple(data["classes"]),
        form=data["form"],
        parameters=int(str(metadata["parameters"])),
        temperature=fit_temperature(answers, truth),
        data=data["source"],
        recipe=recipe.to_json(),
        seed=recipe.seed,
        epoch=int(str(metadata["epoch"])),
        minutes=round(sum(row["seconds"] for row in metrics) / 60, 1),
        hardware=hardware(),
        validation=measured(
            int((answers.argmax(1) == truth).sum()),
            len(truth),
            f"{len(truth):,} images held out of {data['title']}, {recipe.validation_per_class} a class; they chose the epoch",
        ),
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_tensors(folder / f"{name}.safetensors", tensors)
    save_card(folder, card)
    return card


def hardware() -> str:
    """This machine in words."""
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
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores, no GPU"
