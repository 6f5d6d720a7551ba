"""The Sheet screen without a browser: what the board is sent, and what it sends."""

import json
from typing import Any

import numpy as np
import pytest
import streamlit as st

from core.datasets import drawings
from core.ink.encode import png
from core.reading.sheet_example import draw_example
from core.settings import Settings
from pages.sheet.photos import PHOTOS, Photo
from tests.conftest import DIGITS
from tests.pages.conftest import screen, words
from tests.sentences import is_sentence
from tests.tables import table


class Board:
    """In place of the component: what it was sent last, and what it sends at the next run."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.sends: dict[str, Any] = {}

    def __call__(self, *, key: str, data: dict[str, str], **heard: Any) -> None:
        self.data = json.loads(data["json"])
        if self.sends:
            (name, value), self.sends = next(iter(self.sends.items())), {}
            st.session_state[key] = {name: {"id": self.data["id"], **value}}
            heard[f"on_{name}_change"]()

    @property
    def texts(self) -> list[list[str]]:
        texts = [cell["text"] for cell in self.data["cells"]]
        wide = self.data["columns"]
        return [texts[start : start + wide] for start in range(0, len(texts), wide)]


@pytest.fixture(autouse=True)
def board(home, monkeypatch) -> Board:
    board = Board()
    monkeypatch.setattr("pages.sheet.board._component", board)
    return board


@pytest.fixture
def example():
    return draw_example(DIGITS, Settings.from_environment())


def opened(*photos: Photo):
    """The screen with photographs that were given."""
    app = screen("sheet/page.py", model="digits")
    app.session_state[PHOTOS] = list(photos)
    app.run()
    assert not app.exception
    return app


def test_the_empty_state_leads_to_an_example_that_is_read(board, example):
    app = screen("sheet/page.py", model="digits")
    assert "Choose, photograph or paste" in words(app)
    next(button for button in app.button if button.label == "Try an example").click().run()
    assert not app.exception
    assert app.query_params["example"] == "true"
    read, truth = np.array(board.texts), np.array(example.texts)
    assert read.shape == truth.shape
    assert (read == truth).mean() > 0.95
    next(button for button in app.button if button.label == "Close").click().run()
    assert "Try an example" in [button.label for button in app.button]


@pytest.mark.parametrize(
    "data",
    [png(np.full((300, 400), 255, np.uint8)), b"no picture", b"", png(np.zeros((1, 1), np.uint8))],
    ids=["blank", "text", "empty", "pixel"],
)
def test_a_picture_without_a_table_is_one_sentence(data, board):
    app = opened(Photo("*a* [b].png", data))
    (error,) = app.error
    assert is_sentence(error.value)
    assert "[b]" not in error.value  # it would be Markdown
    assert not board.data or not board.data["cells"]


def test_corners_that_a_person_sets_are_read_between(board, example):
    app = opened(Photo("a.png", png(example.photograph)))
    # the first two rows and three columns, as the view has them
    across, points = board.data["columns"] + 1, board.data["points"]
    corners = [points[number] for number in (0, 3, 2 * across + 3, 2 * across)]
    board.sends = {"corners": {"corners": corners, "rows": 2, "columns": 3}}
    app.run()
    assert not app.exception
    assert board.texts == [list(line[:3]) for line in example.texts[:2]]
    board.sends = {"corners": {"corners": corners[::-1], "rows": 2, "columns": 3}}
    app.run()
    assert is_sentence(app.error[0].value)
    assert (board.data["rows"], board.data["columns"], board.data["own"]) == (2, 3, True)
    board.sends = {"corners": {"corners": None, "rows": 2, "columns": 3}}
    app.run()
    assert not app.error
    assert len(board.texts) == len(example.texts)


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_another_table_of_the_photograph_is_read_the_same_way_up(board, turns):
    pages = table(1), table(2, shape=(5, 6))
    high = min(page.image.shape[0] for page in pages)
    image = np.concatenate([page.image[:high] for page in pages], 1)
    app = opened(Photo("a.png", png(np.ascontiguousarray(np.rot90(image, turns)))))
    assert np.mean(np.array(board.texts) == np.array(pages[0].texts)) > 0.9
    next(button for button in app.button if button.label.startswith("Read the other")).click().run()
    assert not app.exception
    assert np.mean(np.array(board.texts) == np.array(pages[1].texts)) > 0.9


def test_what_was_looked_at_is_kept_once(board, example):
    app = opened(Photo("a.png", png(example.photograph)))
    assert next(item for item in app.button if item.label.startswith("Keep")).disabled
    # a corrected one, a confirmed one, a blank one, and what no browser of ours sends
    board.sends = {"edits": {"texts": {"0": "36", "1": board.texts[0][1], "2": "", "9999": "1"}}}
    app.run()
    for said in ("2 cells are kept", "already"):
        next(item for item in app.button if item.label.startswith("Keep")).click().run()
        assert not app.exception
        assert said in words(app)
        kept = drawings.load(Settings.from_environment())
        assert {drawing.label for drawing in kept} == {"36", board.texts[0][1]}
        assert len(kept) == 2


def test_several_are_read_by_a_job(board, example):
    """Two with a table and one without."""
    from core.jobs.job import Job
    from tests.browser.conftest import until

    other = draw_example(DIGITS, Settings.from_environment(), rows=3, columns=4, seed=0)
    app = opened(
        Photo("a.png", png(example.photograph)),
        Photo("../b*.png", png(other.photograph)),
        Photo("c.png", png(np.full((300, 400), 255, np.uint8))),
    )
    assert not board.data
    next(item for item in app.button if item.label == "Read 3 photographs").click().run()
    (folder,) = (Settings.from_environment().runs / "jobs").glob("*/")
    until(lambda: Job(folder).state() != "running")
    app.run()
    assert not app.exception
    assert app.error[0].value == "1 of 3 photographs could not be read."
    pick = next(item for item in app.selectbox if item.label == "Photograph")
    assert len(pick.options) == 3
    assert len(board.texts) == len(example.texts)
    pick.select_index(1).run()
    assert np.array(board.texts).shape == (3, 4)
    pick = next(item for item in app.selectbox if item.label == "Photograph")
    pick.select_index(2).run()
    assert not app.exception
    assert not board.data["cells"]
