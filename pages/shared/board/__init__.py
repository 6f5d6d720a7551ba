"""Pictures to decide on by keyboard, touch or mouse: each decision is seen at once, sent at once,
and sent again until Python has taken it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from core.ink.encode import uri_of_png

_HTML, _CSS, _JS = (
    (Path(__file__).parent / f"board.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
)
_component = st.components.v2.component("inkling_board", html=_HTML, css=_CSS, js=_JS)

_PICTURES = """
export default function ({ data }) {
  window.inklingPictures = data;
  dispatchEvent(new CustomEvent("inkling-pictures"));
}
"""
_pictures = st.components.v2.component("inkling_pictures", html="<span></span>", js=_PICTURES)


@dataclass(frozen=True)
class Tile:
    """A picture on the board, by its name. value : as decided, "" for undecided. suggested : the
    value that the space bar gives it, "" for none. likely : values whose buttons come first. row :
    its row on a board of rows. title, note : shown on the desk.
    """

    name: str
    caption: str
    value: str = ""
    suggested: str = ""
    likely: tuple[str, ...] = ()
    row: int = 0
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Action:
    """What gives a picture a value: any of the keys, as a browser calls them or several digits that
    are typed one after the other, or the button called `title` on the desk, which shows `key`. word
    : on the picture then. fades : it gets pale.
    """

    value: str
    keys: tuple[str, ...]
    title: str = ""
    key: str = ""
    word: str = ""
    fades: bool = False


@dataclass(frozen=True)
class Made:
    """A decision from the browser. undo : it takes back another."""

    name: str
    value: str
    undo: bool


@dataclass(frozen=True)
class Page:
    """Which pictures are shown, by `id`: on a sheet of so many `columns` of cells of `cell` pixels.
    before, after : whether there are pages beside it.
    """

    id: str
    columns: int
    cell: int
    before: bool = False
    after: bool = False


def send_pictures(page: Page, sheet: bytes) -> None:
    """Send the PNG with the pictures: apart from the board, which is sent at every decision."""
    with st.container(key="listen-pictures"):
        _pictures(key="board-pictures", data={"page": page.id, "atlas": uri_of_png(sheet)})


def board(
    page: Page,
    tiles: Sequence[Tile],
    actions: Sequence[Action],
    *,
    key: str,
    decide: Callable[[Sequence[Made]], bool],
    turn: Callable[[int], None] = lambda by: None,
    steps: Sequence[tuple[str, str]] = (),
    rows: Sequence[str] = (),
    desk: bool = False,
    open_one: Callable[[str], None] | None = None,
    opened: str = "",
) -> None:
    """Show the tiles of a page, whose pictures are sent apart.

    decide : called before the script runs again with the decisions made since; whether they are
    kept: those that are not are sent again. turn : called with -1 or 1 when the page is left.
    steps : what can be undone, oldest first, names with the values that they get back. rows : the
    titles of the rows that the tiles stand in, for a board of rows: a key gives all that is
    undecided in a row what is suggested. desk : the current picture stands above the others, large,
    with the buttons of the actions. open_one : called with the name of the picture that is pressed
    or entered; `opened` is open.
    """
    state = st.session_state
    taken: dict[str, Any] = state.setdefault(f"{key}-taken", {"run": "", "number": 0})

    def read() -> None:
        log: Mapping[str, Any] = state[key].get("log") or {}
        run = str(log.get("run"))
        done = taken["number"] if run == taken["run"] else 0
        new = [entry for entry in log.get("entries", []) if entry["number"] > done]
        made = [Made(str(one["name"]), str(one["value"]), bool(one["undo"])) for one in new]
        if not made or decide(made):
            taken.update(run=run, number=max([done, *(int(entry["number"]) for entry in new)]))
        left = log.get("turn") or {}
        if left.get("page") == page.id:
            turn(int(left["by"]))

    def pressed() -> None:
        name = state[key].get("opened")
        if name is not None and open_one is not None:
            open_one(str(name))

    data = {
        **asdict(page),
        "page": page.id,
        "tiles": [asdict(tile) for tile in tiles],
        "actions": [asdict(action) for action in actions],
        "taken": taken,
        "steps": steps,
        "rows": rows,
        "server": state.setdefault("board-server", uuid4().hex),
        "desk": desk,
        "opens": open_one is not None,
        "opened": opened,
    }
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(
        key=key,
        data={"json": json.dumps(data)},
        on_log_change=read,
        on_opened_change=pressed,
    )
