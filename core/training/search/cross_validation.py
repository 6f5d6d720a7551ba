"""A grid of a fitted model, cross-validated cell by cell with scikit-learn's GridSearchCV."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import write_whole
from core.jobs.engine import Engine
from core.models.registry import architecture
from core.progress import Progress
from core.settings import Settings
from core.training.data import open_for_training, split_rows
from core.training.loop import logits
from core.training.runs import Run, RunSettings
from core.training.search.search import Search, read_lines
from core.training.search.space import Plan, Value
from core.training.search.trials import Trial


class ByArchitecture(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An architecture with `fit` as a scikit-learn estimator: images uint8 [N, H, W], labels int64
    [N].

    model : its name. classes : their number. hyperparameters : the architecture's own, each a
    parameter of the estimator.
    """

    def __init__(self, *, model: str, classes: int, seed: int, **hyperparameters: float) -> None:
        self.model, self.classes, self.seed, self.hyperparameters = (
            model,
            classes,
            seed,
            hyperparameters,
        )

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {
            "model": self.model,
            "classes": self.classes,
            "seed": self.seed,
            **self.hyperparameters,
        }

    def set_params(self, **parameters: Any) -> "ByArchitecture":
        self.hyperparameters = {**self.hyperparameters, **parameters}
        return self

    def fit(self, images: np.ndarray, labels: np.ndarray) -> "ByArchitecture":
        fit = architecture(self.model).fit
        assert fit is not None
        self.network_ = fit(images, labels, self.classes, seed=self.seed, **self.hyperparameters)
        return self

    def predict(self, images: np.ndarray) -> np.ndarray:
        """int64 [N]"""
        answers: np.ndarray = (
            logits(self.network_, torch.from_numpy(np.ascontiguousarray(images))).argmax(1).numpy()
        )
        return answers


def fit_cells(search: Search, settings: Settings, engine: Engine, report: Progress) -> None:
    """Cross-validate each remaining cell, on the training images only: those held out are not used.

    One GridSearchCV per cell, over the same folds, so that results survive a kill.
    """
    plan = search.plan
    dataset = _open(search, settings)
    keys = [dimension.key for dimension in plan.dimensions]
    trials = [Trial.from_json(values, keys) for values in read_lines(search.cells)]
    cells = plan.cells()
    images, labels = _training_part(plan, dataset)
    fit = partial(_cross_validate, plan, images, labels, len(dataset.classes))
    report(len(trials), len(cells), _note(cells, len(trials)))
    for trial in engine.map(fit, range(len(trials), len(cells)), here="serial"):
        trials.append(trial)
        lines = "".join(json.dumps(trial.to_json()) + "\n" for trial in trials)
        write_whole(search.cells, lines)
        report(len(trials), len(cells), _note(cells, len(trials)))


def _note(cells: Sequence[dict[str, Value]], number: int) -> str:
    """Which cell is fitted; "" after the last."""
    if number == len(cells):
        return ""
    cell = ", ".join(f"{key}={value}" for key, value in cells[number].items())
    return f"trial {number + 1}/{len(cells)} {cell}"


def _open(search: Search, settings: Settings) -> Dataset:
    """The data set in a canonical form, stored in the folder `prepared` as a run stores it."""
    prepared, plan = Run(search.folder / "prepared"), search.plan
    prepared.folder.mkdir(exist_ok=True)
    prepared.write_settings(RunSettings(plan.model, plan.data, plan.recipe))
    dataset = open_for_training(prepared, settings)
    search.check_data(dataset)
    return dataset


def _training_part(plan: Plan, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    rows = split_rows(dataset.labels, plan.recipe, dataset.writers).train
    images, labels = (
        np.ascontiguousarray(dataset.images[rows]),
        np.asarray(dataset.labels[rows], np.int64),
    )
    fewest = np.unique(labels, return_counts=True)[1].min()
    if fewest < plan.folds:
        raise InklingError(
            f"{plan.folds} folds need as many images of every class, and one has {fewest} to train "
            "on; give fewer folds."
        )
    return images, labels


def _cross_validate(
    plan: Plan, images: np.ndarray, labels: np.ndarray, classes: int, number: int
) -> Trial:
    """The trial of the cell with this number."""
    cell: dict[str, Value] = plan.cells()[number]
    hyperparameters = {**plan.architecture.hyperparameters, **plan.recipe.hyperparameters}
    grid = GridSearchCV(
        ByArchitecture(model=plan.model, classes=classes, seed=plan.recipe.seed, **hyperparameters),
        {key: [value] for key, value in cell.items()},
        cv=StratifiedKFold(plan.folds, shuffle=True, random_state=plan.seed),
        refit=False,
        error_score="raise",
    )
    trial = Trial(number=number, state="failed", parameters=cell, folds=())
    started = time.perf_counter()
    try:
        measured = grid.fit(images, labels).cv_results_
        trial = replace(
            trial,
            state="done",
            value=float(measured["mean_test_score"][0]),
            spread=float(measured["std_test_score"][0]),
            folds=tuple(
                float(measured[f"split{fold}_test_score"][0]) for fold in range(plan.folds)
            ),
        )
    except InklingError as error:
        trial = replace(trial, detail=str(error))
    except MemoryError:
        detail = "It needs more memory than there is; set at_most to train on fewer images."
        trial = replace(trial, detail=detail)
    return replace(trial, seconds=time.perf_counter() - started)
