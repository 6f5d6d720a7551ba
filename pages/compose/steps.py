"""Every step of a composition: one tap adds one or takes it away, and each has its slider."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.synthesis.compose.request import ComposeRequest
from core.synthesis.compose.steps import INK, LETTERS, PAPER, SHEET, STEPS, Step
from pages.shared.live import Values

_GROUPS = {
    LETTERS: (":material/abc:", "On each character, before they are joined"),
    INK: (":material/ink_pen:", "On the joined ink"),
    SHEET: (":material/crop:", "How it lies on its sheet"),
    PAPER: (":material/grain:", "On the whole picture"),
}
SEEN = "steps-seen"
"""Key of the names of steps whose sliders stay in sight."""


def show_steps(request: ComposeRequest) -> Values:
    """The steps by groups; the value of each slider that is seen, by key."""
    recipe = request.recipe
    values: dict[str, float] = {}
    for group, (icon, about) in _GROUPS.items():
        if recipe.form and group in (INK, SHEET):
            continue  # a canonical form frames the characters itself
        steps = [
            step
            for step in STEPS.values()
            if step.group == group and (not step.signs or request.kind == "roman")
        ]
        with st.expander(group, icon=icon, expanded=group == LETTERS):
            st.caption(f"{about}.")
            for step in steps if group == SHEET else _chosen(group, steps, request):
                values[step_key(step.name)] = _slider(step, request)
    return values


def step_key(name: str) -> str:
    """Key of the slider of a step."""
    return f"step-{name}"


def _chosen(group: str, steps: Sequence[Step], request: ComposeRequest) -> list[Step]:
    """Those that are on. A slider that was moved stays, also where the step is off."""
    seen = st.session_state.setdefault(SEEN, set())
    on = [
        step for step in steps if request.recipe.amount(step.name) != step.off or step.name in seen
    ]
    key = f"on-{group.lower()}"
    st.session_state[key] = [step.name for step in on]
    st.pills(
        group,
        [step.name for step in steps],
        selection_mode="multi",
        key=key,
        format_func=lambda name: STEPS[name].title,
        label_visibility="collapsed",
        on_change=partial(_switch, key, [step.name for step in on], request),
    )
    return on


def _slider(step: Step, request: ComposeRequest) -> float:
    key = step_key(step.name)
    st.session_state[key] = type(step.low)(request.recipe.amount(step.name))
    value = st.slider(
        step.label,
        step.low,
        step.high,
        step=step.step,
        key=key,
        help=step.about,
        on_change=partial(_move, step.name, request),
    )
    return float(value)


def _switch(key: str, before: Sequence[str], request: ComposeRequest) -> None:
    """Steps that were tapped: on at their usual amount, or off."""
    now = st.session_state[key] or []
    st.session_state[SEEN] -= set(before) - set(now)
    amounts = {name: STEPS[name].off for name in before if name not in now}
    amounts |= {name: STEPS[name].usual for name in now if name not in before}
    _put(request.at(amounts))


def _move(name: str, request: ComposeRequest) -> None:
    st.session_state.setdefault(SEEN, set()).add(name)
    _put(request.at({name: float(st.session_state[step_key(name)])}))


def _put(request: ComposeRequest) -> None:
    st.query_params["set"] = list(request.set)
