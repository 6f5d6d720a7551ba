"""One of the pictures on a page large, in a dialog that the address names: opened by a press, with
the pictures before and after it.
"""

from collections.abc import Callable, Sequence
from typing import ParamSpec

import streamlit as st

from core.settings import MAX_DIGITS
from pages.shared.text import plain

P = ParamSpec("P")

_PRESS = """
export default function ({ data, setTriggerValue }) {
  const press = (event) => {
    const button = event.target.closest?.(`.st-key-${data.within} [data-picture]`);
    if (button) setTriggerValue("pressed", button.dataset.picture);
  };
  addEventListener("click", press);
  return () => removeEventListener("click", press);
}
"""
_presses = st.components.v2.component("inkling_picture", html="<span></span>", js=_PRESS)


def opened() -> int:
    """The number of the picture that the address shows large; -1 for none."""
    text = st.query_params.get("picture", "")
    return int(text[:MAX_DIGITS]) if text.isdecimal() else -1


def open_picture(number: int) -> None:
    """Show it over the page from the next run on."""
    st.query_params["picture"] = str(number)


def close_picture() -> None:
    """Close the picture."""
    st.query_params.pop("picture", None)


def on_picture(within: str) -> None:
    """Open the picture that is pressed in the container with that key: one of a gallery with
    `numbers`.
    """
    key = f"press-{within}"

    def pressed() -> None:
        number = st.session_state[key].get("pressed")
        if number is not None:
            open_picture(int(number))

    with st.container(key=f"listen-{within}"):
        _presses(data={"within": within}, key=key, on_pressed_change=pressed)


def picture_dialog(draw: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Draw into a dialog; closing it closes the picture."""
    st.dialog("Picture", width="large", on_dismiss=close_picture)(draw)(*args, **kwargs)


def turn_over(title: str, number: int, numbers: Sequence[int]) -> None:
    """The name of picture `number`, and buttons to those beside it; after the last of `numbers`
    comes the first.
    """
    at = numbers.index(number) if number in numbers else -1
    with st.container(horizontal=True, vertical_alignment="center"):
        of = f"; {at + 1:,} of {len(numbers):,}" if at >= 0 else ""
        st.markdown(f"**{plain(title)}**{of}", width="stretch")
        if at < 0 or len(numbers) < 2:
            return
        # never disabled: with it the dialog would lose the keyboard
        for name, step, icon, key in (
            ("Previous", -1, ":material/arrow_back:", "Left"),
            ("Next", 1, ":material/arrow_forward:", "Right"),
        ):
            beside = numbers[(at + step) % len(numbers)]
            st.button(name, icon=icon, shortcut=key, on_click=open_picture, args=(beside,))
