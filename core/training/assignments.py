"""A recipe as the `key=value` texts that make it out of another one."""

from collections.abc import Mapping
from dataclasses import asdict, fields

from core.training.recipe import Recipe


def assignments(recipe: Recipe, base: Recipe | None = None, hyperparameters: Mapping[str, float] | None = None) -> list[str]:
    """What `base.override` needs to become `recipe`; base is the default recipe if None.

    hyperparameters : the architecture's, with their defaults, which the base leaves unsaid.
    """
    base = base or Recipe()
    own = [f.name for f in fields(recipe) if f.name not in ("augmentation", "hyperparameters")]
    texts = [f"{name}={_text(getattr(recipe, name))}" for name in own if getattr(recipe, name) != getattr(base, name)]
    before = {**(hyperparameters or {}), **base.hyperparameters}
    after = {**before, **recipe.hyperparameters}
    texts += [f"{name}={_text(value)}" for name, value in after.items() if value != before.get(name)]
    varied, usual = asdict(recipe.augmentation), asdict(base.augmentation)
    if not any(varied.values()) and any(usual.values()):
        return [*texts, "augmentation=0"]
    return texts + [f"{name}={_text(value)}" for name, value in varied.items() if value != usual[name]]


def _text(value: object) -> str:
    """As short as reads back the same."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)
