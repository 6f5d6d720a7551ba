"""What is read in one photograph, and what a person has said about it since."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.evaluation.predictions import digest_of_weights
from core.ink.decode import decode
from core.ink.grid.find import grid_between
from core.ink.grid.shape import Grid
from core.models.cards import Card, find_card
from core.reading.sheet_view import SheetView, view_sheet
from core.settings import Settings
from pages.shared.cache import cached
from pages.shared.classes import chosen_classes, narrowed
from pages.shared.models import recognizer
from pages.sheet.board import Moved, Place
from pages.sheet.photos import Photo

if TYPE_CHECKING:
    from core.reading.sheet import Sheet

_CORNERS, _TEXTS = "sheet-corners", "sheet-texts"
_GUESS = 8, 8


@dataclass(frozen=True)
class Corners:
    """Of a table, as a person set them, in pixels of the photograph; rows, columns : its shape."""

    corners: tuple[tuple[float, float], ...]
    rows: int
    columns: int
    ruled: bool

    @property
    def points(self) -> np.ndarray:
        """As those of a table of one cell, float [2, 2, 2]."""
        return np.array(self.corners)[[[0, 1], [3, 2]]]


@dataclass(frozen=True)
class Reading:
    """sheet : None if there is no table; problem : a sentence, if so. own : corners that a person
    set.
    """

    photo: Photo
    card: Card
    view: SheetView
    sheet: "Sheet | None"
    problem: str
    own: Corners | None

    @cached_property
    def name(self) -> str:
        """Of the table: another photograph, other corners and another way up have another."""
        points = b"" if self.sheet is None else np.round(self.sheet.points).tobytes()
        return sha256(self.photo.digest.encode() + points).hexdigest()[:16]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; of a table that is to be found by hand a guess."""
        if self.sheet is not None:
            return len(self.sheet.cells), len(self.sheet.cells[0])
        return (self.own.rows, self.own.columns) if self.own else _GUESS

    @property
    def texts(self) -> dict[Place, str]:
        """What the cells hold that somebody has looked at: what the session keeps, which goes on
        changing.
        """
        texts: dict[Place, str] = _kept(_TEXTS).setdefault(self.name, {})
        return texts

    def correct(self, texts: dict[Place, str]) -> None:
        """Keep them in the session."""
        self.texts.clear()
        self.texts.update(texts)

    def move(self, moved: Moved) -> None:
        """Read it again between these corners, or where it is found."""
        if moved.corners is None:
            _kept(_CORNERS).pop(self.photo.digest, None)
            return
        ruled = self.sheet.ruled if self.sheet else True
        self._take(self.view.in_photograph(moved.corners), moved.rows, moved.columns, ruled=ruled)

    def take(self, table: Grid) -> None:
        """Read another table of the photograph instead, the same way up."""
        rows, columns = table.shape[:: -1 if self.view.turned % 2 else 1]
        corners = np.roll(table.corners, -self.view.turned, 0)
        self._take(corners, rows, columns, ruled=table.ruled)

    def _take(self, corners: np.ndarray, rows: int, columns: int, *, ruled: bool) -> None:
        points = tuple((x, y) for x, y in corners.astype(float).round(1).tolist())
        _kept(_CORNERS)[self.photo.digest] = Corners(points, rows, columns, ruled)


def read(photo: Photo, card: Card, settings: Settings) -> Reading:
    """Read a photograph, once for the same settings; InklingError for no picture."""
    grey = cached("sheet-grey", photo.digest, lambda: decode(photo.data, name="The photograph"))
    own: Corners | None = _kept(_CORNERS).get(photo.digest)
    weights = digest_of_weights(find_card(card.name, settings)[1], card)
    key = photo.digest, weights, chosen_classes(card), own
    sheet, problem = cached("sheet", key, lambda: _read(grey, card, own, settings))
    points = sheet.points if sheet else own.points if own else None
    view = cached("sheet-view", key, lambda: view_sheet(grey, points))
    return Reading(photo, card, view, sheet, problem, own)


def _read(
    grey: np.ndarray, card: Card, own: Corners | None, settings: Settings
) -> "tuple[Sheet | None, str]":
    from core.reading.sheet import read_sheet  # torch: only when something is read

    with st.spinner("Reading the table …", show_time=False):
        try:
            grid = None
            if own is not None:
                grid = grid_between(np.array(own.corners), own.rows, own.columns, ruled=own.ruled)
            return read_sheet(narrowed(recognizer(card.name, settings)), grey, grid=grid), ""
        except InklingError as error:
            return None, str(error)


def _kept(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(name, {})
    return kept
