"""The budget bar: how many pictures are kept, of how many are allowed."""

import streamlit as st

from core.curation.curated import Curated
from core.datasets.competition import BUDGET

_MOST = 10_000_000


def pick_budget() -> None:
    """How many pictures are allowed, bound to `?budget=`."""
    st.number_input(
        "Budget, pictures",
        1,
        _MOST,
        BUDGET,
        1000,
        key="budget",
        bind="query-params",
        help="The Data-Centric AI competition allowed 10,000, train and validation together.",
    )


def show_budget(now: Curated) -> None:
    """A bar, and what was decided in a line."""
    budget = int(st.session_state.get("budget", BUDGET))
    used, count = now.used, len(now.collection)
    over = f", {used - budget:,} too many" if used > budget else ""
    changed = f"{now.relabelled:,} relabelled"
    if now.unlabelled or now.labelled:
        changed = f"{now.labelled:,} labelled, {now.unlabelled:,} without a label yet"
    st.progress(
        min(used / budget, 1.0),
        text=f"**{used:,} of {budget:,}** pictures used{over}; {int(now.decided.sum()):,} of "
        f"{count:,} decided: {int(now.removed.sum()):,} removed, {changed}",
    )
