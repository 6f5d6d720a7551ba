"""The grids of the source systems, with the accuracies their authors got in the cells they ran."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.training.recipe import PLAIN, assignments
from core.training.search.space import Plan


@dataclass(frozen=True)
class Grid:
    """One grid of one source.

    claims : accuracy (0-1) by the cell's values, in the order and notation of the space.
    claimed_on : the images it was measured on, never the same as ours.
    """

    name: str
    title: str
    model: str
    data: str
    space: tuple[str, ...]
    assignments: tuple[str, ...]
    claims: Mapping[tuple[str, ...], float]
    claimed_on: str
    folds: int = 3
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(text.partition("=")[0] for text in self.space))

    def claim(self, parameters: Mapping[str, Any]) -> float | None:
        """The source's accuracy with these parameters; None if it did not try them."""
        return self.claims.get(tuple(_written(parameters[key]) for key in self.keys))


def grid_of(plan: Plan) -> Grid | None:
    """The grid that this plan belongs to: same model, data and searched settings."""
    keys, data = {dimension.key for dimension in plan.dimensions}, plan.data.removesuffix(":train")
    return next(
        (
            grid
            for grid in GRIDS.values()
            if (grid.model, grid.data, set(grid.keys)) == (plan.model, data, keys)
        ),
        None,
    )


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# the optimizer is searched
_PLAIN = tuple(text for text in assignments(PLAIN) if not text.startswith("optimizer="))

GRIDS = {
    grid.name: grid
    for grid in [
        Grid(
            "vanilla-cnn",
            "Vanilla CNN of the EMNIST study",
            "vanilla-cnn",
            "emnist-balanced",
            (
                "optimizer=adam,adamax,adadelta",
                "batch_size=512,1024",
                "epochs=10,20",
                "dropout=0.5,0.2",
            ),
            _PLAIN,
            {
                ("adam", "512", "10", "0.5"): 0.8770,
                ("adam", "512", "10", "0.2"): 0.8779,
                ("adam", "512", "20", "0.5"): 0.8825,
                ("adam", "512", "20", "0.2"): 0.8782,
                ("adam", "1024", "10", "0.5"): 0.8700,
                ("adam", "1024", "10", "0.2"): 0.8753,
                ("adam", "1024", "20", "0.5"): 0.8724,
                ("adam", "1024", "20", "0.2"): 0.8801,
                ("adamax", "512", "20", "0.5"): 0.8735,
                ("adamax", "512", "20", "0.2"): 0.8777,
                ("adamax", "1024", "20", "0.5"): 0.8675,
                ("adamax", "1024", "20", "0.2"): 0.8705,
                ("adadelta", "512", "20", "0.5"): 0.1439,
            },
            "the test set of EMNIST balanced",
        ),
        Grid(
            "random-forest",
            "Random forest of the EMNIST study",
            "random-forest",
            "emnist-balanced",
            ("max_depth=25", "max_samples=0.2,0.7,1.0"),
            ("trees=250",),
            {("25", "0.2"): 0.7751, ("25", "0.7"): 0.8032, ("25", "1"): 0.8090},
            "three folds of four fifths of EMNIST balanced's training set",
        ),
    ]
}
