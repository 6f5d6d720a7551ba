"""A grid of what is fitted in one go, cross-validated cell by cell with scikit-learn's
GridSearchCV.
"""

import json
import time
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import write_whole
from core.models.registry import architecture
from core.progress import Progress
from core.settings import Settings
from core.training.data import open_for_training, split
from core.training.loop import logits
from core.training.runs import Run
from core.training.search.search import Search, read_lines
from core.training.search.space import Plan, Value


class ByArchitecture(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An architecture with `fit` as scikit-learn wants it: images uint8 [N, H, W], labels int64
    [N].

    model : its name. classes : how many there are. hyperparameters : the architecture's own, each a
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


def fit_cells(search: Search, settings: Settings, update: Progress) -> None:
    """Cross-validate each cell that is not yet, on the training images alone: those held out are
    left out here too.

    One GridSearchCV a cell, over the same folds, so that what was measured before a kill stays.
    """
    plan = search.plan
    dataset = _open(search, settings)
    rows, cells = read_lines(search.cells), plan.cells()
    images, labels = _training_part(plan, dataset)
    for number in range(len(rows), len(cells)):
        told = ", ".join(f"{key}={value}" for key, value in cells[number].items())
        update(number, note=f"trial {number + 1}/{len(cells)} {told}")
        rows.append(
            {
                "number": number,
                **_cross_validate(plan, cells[number], images, labels, len(dataset.classes)),
                **cells[number],
            }
        )
        write_whole(search.cells, "".join(json.dumps(row) + "\n" for row in rows))
    update(len(cells))


def _open(search: Search, settings: Settings) -> Dataset:
    """In a canonical form that is kept, as a run keeps it, in the folder `prepared`."""
    prepared, plan = Run(search.folder / "prepared"), search.plan
    prepared.folder.mkdir(exist_ok=True)
    values = {"model": plan.model, "data": plan.data, "recipe": plan.recipe.to_json()}
    write_whole(prepared.folder / "settings.json", json.dumps(values))
    dataset = open_for_training(prepared, settings)
    search.check_data(prepared.data())
    return dataset


def _training_part(plan: Plan, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    recipe = plan.recipe
    rows = split(
        dataset.labels,
        per_class=recipe.validation_per_class,
        seed=recipe.seed,
        at_most=recipe.at_most,
    ).train
    images, labels = (
        np.ascontiguousarray(dataset.images[rows]),
        np.asarray(dataset.labels[rows], np.int64),
    )
    fewest = np.unique(labels, return_counts=True)[1].min()
    if fewest < plan.folds:
        raise InklingError(
            f"{plan.folds} folds need as many images of every class, and one has {fewest} to train on; give fewer folds."
        )
    return images, labels


def _cross_validate(
    plan: Plan, cell: dict[str, Value], images: np.ndarray, labels: np.ndarray, classes: int
) -> dict[str, Any]:
    hyperparameters = {**plan.architecture.hyperparameters, **plan.recipe.hyperparameters}
    grid = GridSearchCV(
        ByArchitecture(model=plan.model, classes=classes, seed=plan.recipe.seed, **hyperparameters),
        {key: [value] for key, value in cell.items()},
        cv=StratifiedKFold(plan.folds, shuffle=True, random_state=plan.seed),
        refit=False,
        error_score="raise",
    )
    started = time.perf_counter()
    row: dict[str, Any] = {
        "state": "done",
        "value": None,
        "spread": None,
        "run": "",
        "trained": 0,
        "detail": "",
    }
    try:
        found = grid.fit(images, labels).cv_results_
        row |= {
            "value": float(found["mean_test_score"][0]),
            "spread": float(found["std_test_score"][0]),
        }
        row["folds"] = [float(found[f"split{fold}_test_score"][0]) for fold in range(plan.folds)]
    except InklingError as error:
        row |= {"state": "failed", "detail": str(error)}
    except MemoryError:
        row |= {
            "state": "failed",
            "detail": "It needs more memory than there is; set at_most to train on fewer images.",
        }
    return row | {"seconds": time.perf_counter() - started}
