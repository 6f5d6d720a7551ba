"""How long a search will still take."""

from collections.abc import Sequence
from typing import Any

from core.training.search.search import FINISHED
from core.training.search.space import Plan


def seconds_left(plan: Plan, rows: Sequence[dict[str, Any]]) -> float | None:
    """Until the end at the pace so far, each trial counted by its epochs; None while that is anybody's guess."""
    worked, seconds = sum(_work(plan, row, done=True) for row in rows), sum(row["seconds"] for row in rows)
    if not worked or not seconds:
        return None
    ahead = sum(_work(plan, row, done=False) - _work(plan, row, done=True) for row in rows if row["state"] not in FINISHED)
    finished = [_work(plan, row, done=True) for row in rows if row["state"] in FINISHED]
    unknown = (plan.total - len(rows)) * (sum(finished) / len(finished) if finished else plan.recipe.epochs)
    return seconds / worked * (ahead + unknown)


def _work(plan: Plan, row: dict[str, Any], *, done: bool) -> int:
    """Epochs of a trial, or 1 for one that is fitted."""
    if plan.fitted:
        return int(row["state"] in FINISHED) if done else 1
    return row["trained"] if done else row.get("epochs") or plan.recipe.epochs
