"""Effects: one tap adds one or takes it away; each has its amount, and its place in the order."""

from functools import partial

import streamlit as st

from core.synthesis.effects.table import EFFECTS
from core.synthesis.filmstrip import effect_key
from pages.shared.address import correct_address, renamed
from pages.shared.style import icon_button


def show_effects() -> dict[str, float]:
    """The controls; the amount of each effect that was chosen, in their order."""
    chosen = st.pills(
        "Effects",
        list(EFFECTS),
        selection_mode="multi",
        key="effects",
        bind="query-params",
        format_func=lambda name: EFFECTS[name].title,
        label_visibility="collapsed",
    )
    if not chosen:
        st.caption("Tap one to add it. They happen in the order in which they were added.")
    return {name: _step(name, place, chosen) for place, name in enumerate(chosen)}


def _step(name: str, place: int, chosen: list[str]) -> float:
    effect, amount = EFFECTS[name], EFFECTS[name].amount
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        number = f"{place + 1}. " if len(chosen) > 1 else ""
        st.markdown(f"{number}**{effect.title}**", width="stretch")
        for title, icon, step in (
            ("Earlier", ":material/arrow_upward:", -1),
            ("Later", ":material/arrow_downward:", 1),
        ):
            if len(chosen) > 1:
                icon_button(
                    f"{title}: {effect.title}",
                    icon,
                    key=f"{title}-{name}",
                    disabled=not 0 <= place + step < len(chosen),
                    on_click=partial(_move, name, step),
                )
        icon_button(
            f"Remove {effect.title}",
            ":material/close:",
            key=f"remove-{name}",
            on_click=partial(_remove, name),
        )
    return st.slider(
        f"{effect.title}, {amount.unit}",
        0.0,
        float(amount.high),
        float(amount.default),
        float(amount.step),
        key=effect_key(name),
        bind="query-params",
    )


def _move(name: str, step: int) -> None:
    chosen = list(st.session_state["effects"])
    if name in chosen:  # a second click may be on its way for what is gone
        place = chosen.index(name)
        chosen.insert(min(max(place + step, 0), len(chosen)), chosen.pop(place))
        st.session_state["effects"] = chosen


def _remove(name: str) -> None:
    st.session_state["effects"] = [other for other in st.session_state["effects"] if other != name]


def correct_effects() -> None:
    """In older addresses an effect's amount had the effect's name alone. An effect may also be
    chosen by name, not only by title.
    """
    zoom = st.query_params.get("zoom", "")
    # the hand's is a whole number
    names = [name for name in EFFECTS if name != "zoom" or zoom.startswith("0.")]
    chosen = [
        EFFECTS[text].title if text in EFFECTS else text
        for text in st.query_params.get_all("effects")
    ]
    correct_address(renamed({name: effect_key(name) for name in names}) | {"effects": chosen})
