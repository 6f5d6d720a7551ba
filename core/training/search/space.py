"""What a search tries: dimensions written as `KEY=VALUES`, their grid, and the plan that they
belong to.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from typing import Any

import torch

from core.errors import InklingError
from core.models.registry import Architecture, architecture
from core.training.recipe import Recipe, name_today, own_recipe

Value = str | int | float
_MOST = 10_000
_MOST_FOLDS = 20
_FITTED_SETTINGS = ("seed", "at_most", "validation_per_class")
"""Recipe settings that choose the images a model is fitted to; the rest concern gradients."""


@dataclass(frozen=True)
class Dimension:
    """One setting and its values: one of `choices`, or `low` to `high` inclusive, log-uniform if
    `log`.
    """

    key: str
    choices: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether a range is of integers."""
        return isinstance(self.low, int)


@dataclass(frozen=True)
class Plan:
    """A search before it is created; use `Plan.of`, which checks it.

    space : texts `KEY=A,B,C` (choices), `KEY=LOW..HIGH` or `KEY=LOW..HIGH:log` (ranges); a choice
    has no comma in it.
    assignments : `KEY=VALUE` texts of the fixed settings. trials : 0 for every cell of the grid
    once.
    seed : of the trials; also the recipe's, unless that is set. folds : of cross-validation, if
    any.
    """

    model: str
    data: str
    space: tuple[str, ...]
    assignments: tuple[str, ...] = ()
    trials: int = 0
    seed: int = 0
    folds: int = 3

    @staticmethod
    def of(
        model: str,
        data: str,
        space: Sequence[str],
        *,
        assignments: Sequence[str] = (),
        trials: int | None = None,
        seed: int = 0,
        folds: int = 3,
    ) -> "Plan":
        """InklingError, in a sentence, for whatever would fail once it has started."""
        plan = Plan(model, data, tuple(space), tuple(assignments), trials or 0, seed, folds)
        ranges = [dimension.key for dimension in plan.dimensions if not dimension.choices]
        if not 0 <= seed < 2**31:
            raise InklingError(f"The seed is 0 to {2**31 - 1}, not {seed}.")
        if trials is not None and not 1 <= trials <= _MOST:
            raise InklingError(f"The number of trials is 1 to {_MOST:,}, not {trials:,}.")
        if plan.fitted and (ranges or trials):
            raise InklingError(
                f"{model} is searched over its whole grid: give choices such as "
                f"{plan.dimensions[0].key}=A,B, and no trials."
            )
        if ranges and not trials:
            raise InklingError(
                f"{ranges[0]} is a range, which has no end of values; say how many trials to make "
                "of it."
            )
        if plan.total > _MOST:
            raise InklingError(
                f"The grid has {plan.total:,} cells, more than {_MOST:,}; give fewer choices, or a "
                "number of trials."
            )
        if not 2 <= folds <= _MOST_FOLDS:
            raise InklingError(f"The number of folds is 2 to {_MOST_FOLDS}, not {folds}.")
        if not plan.fitted:
            plan.check_builds()
        return plan

    @property
    def architecture(self) -> Architecture:
        return architecture(self.model)

    @property
    def fitted(self) -> bool:
        """Whether trials are fitted and cross-validated by scikit-learn rather than trained by our
        loop.
        """
        return self.architecture.fit is not None

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe of every trial, before the searched settings are applied."""
        fixed = {text.partition("=")[0] for text in self.assignments}
        if self.fitted:
            self._check_fitted(fixed)
        seed = [] if "seed" in fixed else [f"seed={self.seed}"]
        return own_recipe(self.model).override(
            [*seed, *self.assignments], self.architecture.hyperparameters
        )

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        if not self.space:
            raise InklingError(
                "There is nothing to search; give a space such as optimizer=adam,sgd or "
                "learning_rate=1e-4..1e-1:log."
            )
        dimensions = tuple(self._dimension(text) for text in self.space)
        hyperparameters = self.architecture.hyperparameters
        keys = Counter(name_today(dimension.key, hyperparameters) for dimension in dimensions)
        fixed = {text.partition("=")[0] for text in self.assignments}
        keys.update({name_today(key, hyperparameters) for key in fixed})
        twice = [key for key, count in keys.items() if count > 1]
        if twice:
            raise InklingError(f"{twice[0]} is given twice; say once what it may be.")
        return dimensions

    @property
    def grid(self) -> bool:
        """Whether every cell is tried, rather than a number of random trials."""
        return not self.trials

    def cells(self) -> list[dict[str, Value]]:
        """Every combination of the choices, the last dimension changing fastest."""
        keys = [dimension.key for dimension in self.dimensions]
        return [
            dict(zip(keys, values, strict=True))
            for values in product(*(dimension.choices for dimension in self.dimensions))
        ]

    @property
    def total(self) -> int:
        """Number of trials."""
        return self.trials or math.prod(len(dimension.choices) for dimension in self.dimensions)

    def recipe_of(self, parameters: dict[str, Value]) -> Recipe:
        """The recipe of one trial."""
        return self.recipe.override(
            [f"{key}={value}" for key, value in parameters.items()],
            self.architecture.hyperparameters,
        )

    def describe(self) -> str:
        """How much work it is, such as "24 trials: 12 of 10 epochs, 12 of 20 epochs"."""
        trials = f"{self.total:,} trial{'s' * (self.total > 1)}"
        if self.fitted:
            return f"{trials}, each fitted {self.folds} times"
        own = [dimension for dimension in self.dimensions if dimension.key == "epochs"]
        if not own:
            return f"{trials} of {_epochs(self.recipe.epochs)}"
        if not own[0].choices:
            return f"{trials} of {own[0].low} to {_epochs(own[0].high)}"
        if not self.grid:
            return f"{trials} of {' or '.join(map(str, own[0].choices))} epochs"
        return f"{trials}: " + ", ".join(
            f"{self.total // len(own[0].choices):,} of {_epochs(count)}" for count in own[0].choices
        )

    def command(self) -> list[str]:
        """Arguments of `python -m core` that start it."""
        parts = ["search", self.model, "--data", self.data, "--space", *self.space]
        parts += ["--set", *self.assignments] if self.assignments else []
        parts += [] if self.grid else ["--trials", str(self.trials)]
        parts += ["--folds", str(self.folds)] if self.fitted else []
        return [*parts, "--seed", str(self.seed)]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Plan":
        own = {key: values[key] for key in ("model", "data", "trials", "seed", "folds")}
        return Plan(**own, space=tuple(values["space"]), assignments=tuple(values["assignments"]))

    def check_builds(self) -> None:
        """InklingError unless the network can be built with each choice and both ends of every
        range.
        """
        known = self.architecture.hyperparameters
        for dimension in self.dimensions:
            for value in (
                (dimension.choices or (dimension.low, dimension.high))
                if dimension.key in known
                else ()
            ):
                try:
                    with torch.device("meta"):  # no memory
                        self.architecture.build(
                            10, **self.recipe_of({dimension.key: value}).hyperparameters
                        )
                except (ValueError, TypeError, RuntimeError) as error:
                    raise InklingError(
                        f"{self.model} cannot be built with {dimension.key}={value}; choose "
                        "another value."
                    ) from error

    def _dimension(self, text: str) -> Dimension:
        key, separator, values = text.partition("=")
        if not separator or not key or not values:
            raise InklingError(
                f"{text!r} is no dimension; write KEY=A,B,C for choices, KEY=LOW..HIGH for a "
                "range, or KEY=LOW..HIGH:log."
            )
        if self.fitted and key not in self.architecture.hyperparameters:
            names = ", ".join(self.architecture.hyperparameters)
            raise InklingError(
                f"{key!r} cannot be searched; {self.model} is fitted in one go, and has: {names}."
            )
        if ".." in values.partition(":")[0]:
            return self._range(key, values)
        choices = tuple(self._read(key, item.strip()) for item in values.split(","))
        if len(set(choices)) < len(choices):
            raise InklingError(f"{text!r} has the same choice twice; give each once.")
        return Dimension(key, choices)

    def _range(self, key: str, values: str) -> Dimension:
        ends, colon, scale = values.partition(":")
        low, high = (self._read(key, item.strip()) for item in ends.split("..", 1))
        if isinstance(low, str) or isinstance(high, str):
            raise InklingError(
                f"{key} is no number, so it has no range; give choices such as {key}=A,B."
            )
        if colon and scale != "log":
            raise InklingError(f"{key}={values} ends in {scale!r}; only :log can stand there.")
        if low >= high or (colon and low <= 0):
            raise InklingError(
                f"{key}={values} is no range: it goes from low to "
                f"high{', with both above 0 for :log' if colon else ''}."
            )
        return Dimension(key, (), low, high, bool(colon))

    def _read(self, key: str, text: str) -> Value:
        """One value, converted to the setting's type; the recipe checks it."""
        recipe = self.recipe.override([f"{key}={text}"], self.architecture.hyperparameters)
        name = name_today(key, self.architecture.hyperparameters)
        if key in self.architecture.hyperparameters:
            value: Value = recipe.hyperparameters[key]
        elif name in recipe.augmentation:
            value = recipe.augmentation[name]
        elif key in ("augmentation", "hyperparameters"):
            raise InklingError(
                f"{key!r} is many settings at once; search those of them that you mean."
            )
        else:
            value = getattr(recipe, key)
        if isinstance(value, float) and not math.isfinite(value):
            raise InklingError(f"{key}={text} is no finite number; give one.")
        return value

    def _check_fitted(self, fixed: set[str]) -> None:
        allowed = {*_FITTED_SETTINGS, *self.architecture.hyperparameters}
        for key in sorted(fixed - allowed):
            raise InklingError(
                f"{key!r} cannot be set for {self.model}, which is fitted in one go; it has: "
                f"{', '.join(sorted(allowed))}."
            )


def _epochs(count: float | str) -> str:
    return f"{count} epoch{'s' * (count != 1)}"
