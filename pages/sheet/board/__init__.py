"""The photograph with the table over it, the table as read and the chosen cell: one component
that answers at once and sends what is corrected.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.ink.encode import contact_sheet, negative, photograph_uri
from core.reading.sheet_view import SheetView
from core.settings import MAX_DIGITS
from core.tables import MAX_LABEL

if TYPE_CHECKING:
    from core.reading.sheet import Sheet

_HTML, _CSS, _JS = (
    (Path(__file__).parent / f"board.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
)
_component = st.components.v2.component("inkling_sheet", html=_HTML, css=_CSS, js=_JS)

_PICTURES = """
export default function ({ data }) {
  window.inklingSheet = JSON.parse(data.json);
  dispatchEvent(new CustomEvent("inkling-sheet"));
}
"""
_pictures = st.components.v2.component("inkling_sheet_pictures", html="<span></span>", js=_PICTURES)

_SIDE, _SPRITE = 1400, 12_000
"""Pixels of the photograph as shown, and of all cells together, at most."""

_TOP, _LEAST = 3, 0.005
"""Answers to choose from, and the probability that each has at least."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Moved:
    """Where a person says that the table is. corners : float [4, 2], shares of the view, clockwise
    from its top left; None to find it again.
    """

    corners: np.ndarray | None
    rows: int
    columns: int


def send_pictures(name: str, view: SheetView, sheet: "Sheet | None") -> None:
    """Send the photograph and the cells by a name: apart from the board, which is sent at every
    correction.
    """
    sprite, ratio = "", 1.0
    if sheet is not None:
        rows, columns, high, wide = sheet.pictures.shape
        cells = negative(sheet.pictures.reshape(rows * columns, high, wide))
        sprite = photograph_uri(contact_sheet(cells, columns=columns), side=_SPRITE)
        ratio = wide / high
    data = {
        "id": name,
        "photo": photograph_uri(view.picture, side=_SIDE),
        "size": view.picture.shape[::-1],
        "sprite": sprite,
        "ratio": ratio,
    }
    with st.container(key="listen-sheet-pictures"):
        _pictures(key="sheet-pictures", data={"json": json.dumps(data)})


def board(
    name: str,
    view: SheetView,
    sheet: "Sheet | None",
    shape: tuple[int, int],
    texts: Mapping[Place, str],
    *,
    own: bool,
    correct: Callable[[dict[Place, str]], None],
    move: Callable[[Moved], None],
) -> None:
    """Show what was read.

    name : of the table, as its pictures were sent; another one has other corrections. shape : rows
    and columns, as read or as guessed. texts : what the cells hold that somebody has looked at.
    own : whether a person has set the corners. correct, move : called before the script runs
    again.
    """
    rows, columns = shape
    key = "sheet-board"

    def read() -> None:
        sent = st.session_state[key].get("edits") or {}
        if sent.get("id") == name and sheet is not None:
            correct(_texts(sent.get("texts"), rows, columns))

    def moved() -> None:
        sent = st.session_state[key].get("corners")
        if isinstance(sent, dict) and sent.get("id") == name:
            move(_moved(sent))

    data = {
        "id": name,
        "rows": rows,
        "columns": columns,
        "points": view.points.reshape(-1, 2).round(5).tolist() if sheet else [],
        "corners": view.corners.round(5).tolist(),
        "cells": [
            {
                "text": cell.text,
                "confidence": round(cell.confidence, 4),
                "sure": cell.sure,
                "line": cell.line if cell.line != cell.text else "",
                "top": [
                    (text, round(share, 4)) for text, share in cell.top[:_TOP] if share > _LEAST
                ],
            }
            for line in (sheet.cells if sheet else ())
            for cell in line
        ],
        "digits": not sheet or all(t.isdecimal() for row in sheet.texts for t in row if t),
        "own": own,
        "alt": f"The photograph with a table of {rows} rows and {columns} columns"
        if sheet
        else "The photograph, in which no table was found",
    }
    edits = {row * columns + column: text for (row, column), text in texts.items()}
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(
        key=key,
        data={"json": json.dumps(data), "edits": json.dumps(edits)},
        on_edits_change=read,
        on_corners_change=moved,
    )


def _texts(sent: Any, rows: int, columns: int) -> dict[Place, str]:
    """Texts by place, of what a browser sent, which may be anything."""
    if not isinstance(sent, dict):
        return {}
    return {
        (int(index) // columns, int(index) % columns): str(text).strip()[:MAX_LABEL]
        for index, text in sent.items()
        if str(index).isdecimal() and len(str(index)) <= MAX_DIGITS and int(index) < rows * columns
    }


def _moved(sent: Mapping[str, Any]) -> Moved:
    """Of what a browser sent: without four corners the table is found again."""
    try:
        corners = np.array(sent.get("corners"), np.float64)
        rows, columns = int(sent["rows"]), int(sent["columns"])
    except (TypeError, ValueError, KeyError):
        return Moved(None, 0, 0)
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        return Moved(None, rows, columns)
    return Moved(corners, rows, columns)
