"""Pictures to decide on by keyboard, touch or mouse: each decision is seen at once, sent at once,
and sent again until it is on disk.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from core.ink.encode import uri_of_png

KEEP, REMOVE, UNDECIDED, LABEL = "keep", "remove", "undecided", "label:"
"""Values of a picture; the last is followed by the label."""

_HTML, _CSS, _JS = (
    (Path(__file__).parent / f"board.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
)
_component = st.components.v2.component("inkling_curate", html=_HTML, css=_CSS, js=_JS)

_PICTURES = """
export default function ({ data }) {
  window.inklingPictures = data;
  dispatchEvent(new CustomEvent("inkling-pictures"));
}
"""
_pictures = st.components.v2.component("inkling_pictures", html="<span></span>", js=_PICTURES)


@dataclass(frozen=True)
class Tile:
    """A picture on the board. label : in the data. value : as decided. suggested : the value that
    the space bar gives it, "" for none. note : shown beside the large picture of the current one.
    """

    name: str
    label: str
    caption: str
    note: str
    value: str
    suggested: str = ""


@dataclass(frozen=True)
class Key:
    """A key ("" for none) that gives a picture a value; `title` is on its button."""

    key: str
    value: str
    title: str


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
    before: bool
    after: bool


def send_pictures(page: Page, sheet: bytes) -> None:
    """Send the PNG with the pictures: apart from the board, which is sent at every decision."""
    with st.container(key="listen-pictures"):
        _pictures(key="curate-pictures", data={"page": page.id, "atlas": uri_of_png(sheet)})


def board(
    page: Page,
    tiles: Sequence[Tile],
    keys: Sequence[Key],
    steps: Sequence[tuple[str, str]],
    *,
    of: str,
    decide: Callable[[Sequence[Made]], bool],
    turn: Callable[[int], None],
) -> None:
    """Show the tiles of a page, whose pictures are sent apart.

    steps : what can be undone, oldest first: names with the values that they get back. of : whose
    pictures these are. decide : called before the script runs again with the decisions made since;
    whether they are on disk. turn : called with -1 or 1 when the page is left.
    """
    state, key = st.session_state, f"curate-board-{of}"
    taken: dict[str, Any] = state.setdefault(f"{key}-taken", {"run": "", "number": 0})

    def read() -> None:
        log = state[key].get("log") or {}
        run = str(log.get("run"))
        done = taken["number"] if run == taken["run"] else 0
        new = [entry for entry in log.get("entries", []) if entry["number"] > done]
        made = [Made(str(one["name"]), str(one["value"]), bool(one["undo"])) for one in new]
        if not made or decide(made):
            taken.update(run=run, number=max([done, *(int(entry["number"]) for entry in new)]))
        left = log.get("turn") or {}
        if left.get("page") == page.id:
            turn(int(left["by"]))

    data = {
        **asdict(page),
        "page": page.id,
        "tiles": [asdict(tile) for tile in tiles],
        "keys": [asdict(one) for one in keys],
        "taken": taken,
        "steps": steps,
        "server": state.setdefault("curate-server", uuid4().hex),
    }
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(key=key, data={"json": json.dumps(data)}, on_log_change=read)
