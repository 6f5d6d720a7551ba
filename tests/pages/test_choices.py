"""Every choice of every control of every screen is made once, on a machine without data."""

from typing import Any

import pytest

from tests.browser.test_views import VIEWS
from tests.pages.conftest import SEVEN, screen

KINDS = (
    "selectbox",
    "button_group",
    "multiselect",
    "checkbox",
    "toggle",
    "slider",
    "select_slider",
)


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    on_canvas(SEVEN)


def choices(control: Any) -> list[Any]:
    """The values that it can have; of a slider its ends."""
    if control.type == "slider":
        return [control.min, control.max]
    if control.type in ("checkbox", "toggle"):
        return [True, False]
    if control.type == "multiselect":
        return [[], *([name] for name in control.options), list(control.options)]
    return list(control.options)


@pytest.mark.parametrize(
    ("name", "view"),
    [(name or "home", view) for name, views in VIEWS.items() for view in views],
    ids=str,
)
def test_every_choice_of_every_control(name, view):
    """Run k gives each control its choice k, so that all are made once in as few runs as the
    control with the most has choices.
    """
    key, _, value = view.partition("=")
    app = screen(f"{name}/page.py", **({key: value} if key else {}))
    assert not app.exception
    made: dict[tuple[str, str], int] = {}
    for _ in range(200):
        waiting = False
        controls: list[Any] = [control for kind in KINDS for control in app.get(kind)]
        for control in controls:
            if control.key == key or control.disabled:
                continue  # the view has a test of its own
            values, number = choices(control), made.get((control.type, control.label), 0)
            if number < len(values):
                made[control.type, control.label] = number + 1
                waiting = True
                control.set_value(values[number])
        if not waiting:
            return
        app.run()
        assert not app.exception, (made, [error.value for error in app.exception])
    pytest.fail("it has too many choices")
