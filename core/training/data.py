"""What a run trains on: all images not held out, and everything its recipe adds to them."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx, write_idx
from core.datasets.labels import to_indices
from core.datasets.marks import marks_of, with_marks
from core.datasets.synthetic import characters_of
from core.errors import InklingError
from core.ink.forms import DEFAULT_FORM, Form, form_named, to_form
from core.models.network import weights_in_common
from core.models.recognizer import load_recognizer
from core.models.registry import architecture
from core.progress import progress_bar
from core.settings import Settings
from core.synthesis.characters import synthetic_characters
from core.synthesis.effects.table import STROKE_EFFECTS, parse_effects
from core.synthesis.negatives import negative_inputs
from core.training.loop import NONE
from core.training.mixture import mix, parse_mixture
from core.training.recipe import Recipe
from core.training.redraw import redraw
from core.training.runs import Run, RunSettings

MARKED = 3
"""How often pictures that are marked mislabelled or hard are trained on, where marks are applied.
"""


@dataclass(frozen=True)
class Split:
    """Row numbers of one data set for training and for validation, int64 and ascending."""

    train: np.ndarray
    validation: np.ndarray


def split_rows(labels: np.ndarray, recipe: Recipe, writers: np.ndarray | None = None) -> Split:
    """How a run of this recipe splits a data set with labels int64 [N].

    `validation_per_class` random images of each class are held out, never more than a fifth of the
    class; of the rest `at_most` are sampled at random, or all if it is 0. Both follow from the
    recipe's seed.

    writers : texts [N]; with them whole writers are held out, at random, so long as they have at
    most a fifth of all images, and the random images are theirs.
    """
    generator = np.random.default_rng(recipe.seed)
    theirs = _of_some_writers(writers, generator) if writers is not None else None
    held = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        most = min(recipe.validation_per_class, len(rows) // 5)
        if theirs is not None:
            rows = rows[theirs[rows]]
        held.append(generator.permutation(rows)[:most])
    validation = np.sort(np.concatenate(held))
    train = np.flatnonzero(~theirs) if theirs is not None else np.arange(len(labels))
    train = np.setdiff1d(train, validation)
    if recipe.at_most:
        train = np.sort(generator.permutation(train)[: recipe.at_most])
    return Split(train, validation)


def _of_some_writers(writers: np.ndarray, generator: np.random.Generator) -> np.ndarray | None:
    """Whether each image is by one of the writers held out, bool [N]; None if each of them wrote
    more than a fifth.
    """
    names, counts = np.unique(writers, return_counts=True)
    order = generator.permutation(len(names))
    held = order[counts[order].cumsum() <= len(writers) / 5]
    return np.isin(writers, names[held]) if len(held) else None


@dataclass(frozen=True)
class Extra:
    """What a recipe adds to the scans of a data set.

    redrawn : uint8 like the data set's images, the same handwriting as drawn by a pen
    (`Recipe.redrawn`), or None.
    images, labels : uint8 [M, H, W] and int64 [M], more training images, never validated on
    (`Recipe.synthetic`, `.pool`).
    validation, truth : uint8 [V, H, W] and int64 [V], more images to validate on
    (`Recipe.validate_on`).
    weights : state of a network to start from (`Recipe.start`), or None.
    """

    redrawn: np.ndarray | None
    images: np.ndarray
    labels: np.ndarray
    validation: np.ndarray | None = None
    truth: np.ndarray | None = None
    weights: dict[str, Tensor] | None = None


def training_images(dataset: Dataset, split: Split, extra: Extra | None) -> tuple[Tensor, Tensor]:
    """uint8 [N, 2, H, W], each image as scanned and as drawn, and labels int64 [N]; the data set's
    own come first.
    """
    rows = split.train
    scans, labels = dataset.images[rows], dataset.labels[rows]
    drawn = scans if extra is None or extra.redrawn is None else extra.redrawn[rows]
    if extra is not None:
        scans, drawn = np.concatenate([scans, extra.images]), np.concatenate([drawn, extra.images])
        labels = np.concatenate([labels, extra.labels])
    return torch.from_numpy(np.stack([scans, drawn], 1)), torch.from_numpy(labels)


def validation_images(
    dataset: Dataset, split: Split, extra: Extra | None = None
) -> tuple[Tensor, Tensor]:
    """The images held out, unchanged, uint8 [N, H, W], and labels int64 [N]; then those that the
    recipe adds.
    """
    rows = split.validation
    images, labels = np.ascontiguousarray(dataset.images[rows]), dataset.labels[rows]
    if extra is not None and extra.validation is not None and extra.truth is not None:
        images = np.concatenate([images, extra.validation])
        labels = np.concatenate([labels, extra.truth])
    return torch.from_numpy(images), torch.from_numpy(labels)


def open_for_training(run: Run, settings: Settings) -> Dataset:
    """The data set of a run, in a canonical form; InklingError if it is not the one the run started
    with.
    """
    own = run.settings()
    dataset, _ = _opened(own, settings)
    if not len(dataset):
        raise InklingError(f"There are no images in {own.data}; give a data set that has some.")
    if not dataset.form:
        dataset = _prepared(run, dataset, form_named(DEFAULT_FORM))
    if not len(split_rows(dataset.labels, own.recipe, dataset.writers).validation):
        raise InklingError(
            f"{dataset.title} has fewer than five images of every class, too few to hold some out; "
            "add more."
        )
    if len(np.unique(dataset.labels)) < 2:
        raise InklingError(
            f"{dataset.title} has images of one class only; there is nothing to tell apart."
        )
    run.keep_data(dataset)
    return dataset


def _opened(own: RunSettings, settings: Settings) -> tuple[Dataset, np.ndarray]:
    """The data set of a run, as the marks say it is if its recipe applies them, and the rows that
    are marked, int64 [M].
    """
    dataset = open_dataset(own.data, settings)
    if own.recipe.marks == "ignored":
        return dataset, np.zeros(0, np.int64)
    return with_marks(dataset, marks_of(settings, dataset))


def prepare(run: Run, dataset: Dataset, settings: Settings) -> Extra:
    """What the recipe adds. What takes minutes is stored in the run's folder, so that a resumed run
    sees the same pictures without waiting.
    """
    recipe = run.settings().recipe
    form, path = form_named(dataset.form), run.folder / "redrawn-images-idx3-ubyte"
    weights = _start(run, dataset, recipe, settings) if recipe.start else None
    images, indices = [np.zeros((0, form.size, form.size), np.uint8)], [np.zeros(0, np.int64)]
    if recipe.pool:
        pooled, positions = _pool(run, dataset, recipe, settings)
        images.append(pooled)
        indices.append(positions)
    if recipe.marks != "ignored":
        marked = _opened(run.settings(), settings)[1]
        learnt = np.intersect1d(marked, split_rows(dataset.labels, recipe, dataset.writers).train)
        again = np.repeat(learnt, MARKED - 1)
        images.append(np.asarray(dataset.images[again]))
        indices.append(dataset.labels[again])
    if recipe.synthetic:
        drawn, labels = synthetic_characters(
            form,
            per_class=recipe.synthetic,
            seed=recipe.seed,
            classes=characters_of(dataset.classes),
        )
        images.append(drawn)
        indices.append(to_indices(labels, dataset.classes))
    if recipe.negatives:
        negatives = negative_inputs(
            recipe.negatives, form, seed=recipe.seed, classes=dataset.classes
        )
        images.append(negatives)
        indices.append(np.full(len(negatives), NONE))
    if recipe.redrawn and not path.exists():
        print(f"drawing {len(dataset):,} scans with a pen", file=sys.stderr)
        write_idx(path, redraw(dataset.images, form, seed=recipe.seed))
    return Extra(
        read_idx(path) if recipe.redrawn else None,
        np.concatenate(images),
        np.concatenate(indices),
        *_validation(dataset, recipe, settings),
        weights,
    )


def _prepared(run: Run, dataset: Dataset, form: Form) -> Dataset:
    path = run.folder / "canonical-images-idx3-ubyte"
    if not path.exists():
        write_idx(path, _in_form(dataset.images, form))
    return replace(dataset, images=read_idx(path), form=form.name)


def _in_form(images: np.ndarray, form: Form) -> np.ndarray:
    with progress_bar(len(images), unit="image") as report:
        return to_form(images, form, report=report)


def _pool(
    run: Run, dataset: Dataset, recipe: Recipe, settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [M, size, size] and their class indices int64 [M]; copied, as the files may
    change or be deleted.
    """
    images, labels = run.folder / "pool-images-idx3-ubyte", run.folder / "pool-labels-idx1-ubyte"
    if not images.exists():
        form = form_named(dataset.form)
        whole = _is_path(recipe.pool)  # a path may have a + in it
        parts = []
        for weight, name in [(1.0, recipe.pool)] if whole else parse_mixture(recipe.pool):
            part = open_dataset(name, settings, classes=dataset.classes, form=form)
            if part.written is None:
                part = replace(part, images=_in_form(part.images, form))
            parts.append((weight, part))
        run.keep_sources([part.source for _, part in parts])
        pictures, indices = mix(
            parts,
            dataset.classes,
            seed=recipe.seed,
            effects=parse_effects(recipe.strokes, STROKE_EFFECTS),
        )
        write_idx(labels, indices)
        write_idx(images, pictures)  # last: if it exists, both are complete
    return read_idx(images), np.asarray(read_idx(labels), np.int64)


def _is_path(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # longer than a name can be
        return False


def _validation(
    dataset: Dataset, recipe: Recipe, settings: Settings
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Images uint8 [V, size, size] and class indices int64 [V] of the sets in `validate_on`."""
    form, images, labels = form_named(dataset.form), [], []
    for _, name in parse_mixture(recipe.validate_on) if recipe.validate_on else []:
        part = open_dataset(name, settings, classes=dataset.classes, form=form)
        own = to_indices(part.classes, dataset.classes)[part.labels]
        generator = np.random.default_rng(recipe.seed)
        rows = np.concatenate(
            [
                generator.permutation(np.flatnonzero(own == label))[: recipe.validation_per_class]
                for label in np.unique(own)
            ]
        )
        images.append(to_form(part.images[np.sort(rows)], form))
        labels.append(own[np.sort(rows)])
    if not images:
        return None, None
    return np.concatenate(images), np.concatenate(labels)


def _start(run: Run, dataset: Dataset, recipe: Recipe, settings: Settings) -> dict[str, Tensor]:
    """The weights that a network of this run can take over."""
    recognizer = load_recognizer(recipe.start, settings)
    model = architecture(run.settings().model)
    network = model.build(len(dataset.classes))
    weights = weights_in_common(recognizer.network.state_dict(), network)
    if recognizer.card.classes != dataset.classes:
        weights = {name: own for name, own in weights.items() if not name.startswith("classifier.")}
    if not any(tensor.ndim > 1 for tensor in weights.values()):
        raise InklingError(
            f"{recipe.start} is a {recognizer.card.architecture}; a {model.name} can take over "
            "none of its layers."
        )
    return weights
