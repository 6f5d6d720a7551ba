"""The Curate screen without a browser: what it shows, what it logs, and what it says when pictures
are not as they were.
"""

import io
import json
import time
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from core.cli.main import run
from core.curation.decisions import KEEP, LABEL, REMOVE, UNDONE, decided, log_of, read_log
from core.datasets.catalogue import open_dataset
from core.datasets.digest import digest_of_picture
from core.datasets.marks import Mark, mark
from core.ink.encode import negative
from core.settings import Settings
from pages.curate.actions import actions_of
from tests.curation.collections import numerals, picture, write
from tests.pages.conftest import screen, words


class Board:
    """Instead of the component: what it was given last, and what a browser sends at the next
    run.
    """

    def __init__(self, monkeypatch):
        self.data, self.entries, self.left = {}, [], None
        monkeypatch.setattr("pages.shared.board._component", self.show)
        monkeypatch.setattr("pages.shared.board._pictures", lambda **_: None)

    def show(self, *, key, data, on_log_change, on_opened_change):
        self.data = json.loads(data["json"])
        if self.entries or self.left:
            log = {"run": "here", "entries": self.entries, "turn": self.left}
            st.session_state[key] = {"log": log}
            self.entries, self.left = [], None
            on_log_change()
        return {}

    def turn(self, app):
        """Leave the page, and look again."""
        self.left = {"page": self.data["page"], "by": 1}
        app.run()
        app.run()

    def decide(self, app, *decisions):
        """Send (name, value) or (name, value, undo), and look again."""
        done = self.data["taken"]["number"]
        self.entries = [
            {"number": done + number, "name": one[0], "value": one[1], "undo": len(one) > 2}
            for number, one in enumerate(decisions, 1)
        ]
        app.run()
        app.run()

    @property
    def tiles(self):
        return {tile["name"]: tile for tile in self.data["tiles"]}

    @property
    def values(self):
        return {name: tile["value"] for name, tile in self.tiles.items()}


@pytest.fixture
def board(home, monkeypatch):
    return Board(monkeypatch)


@pytest.fixture
def folder(tmp_path):
    return numerals(tmp_path / "a set")


@pytest.fixture
def at_once(monkeypatch):
    """Jobs are done at once, in this process."""

    def run_job(label, arguments, job, *, key, done):
        text = io.StringIO()
        with redirect_stdout(text):
            assert run(arguments) == 0
        done(SimpleNamespace(output=text.getvalue))

    for view in ("suspects", "export"):
        monkeypatch.setattr(f"pages.curate.{view}.run_job", run_job)


def held(name):
    return decided(read_log(log_of(Settings.from_environment(), str(name))))


def press(app, label):
    next(button for button in app.button if label in button.label).click()
    app.run()
    assert not app.exception


def test_decisions_are_logged_with_the_pixels_that_were_seen(board, folder):
    app = screen("curate/page.py", folder=str(folder))
    assert not app.exception
    assert len(board.tiles) == 18
    assert set(board.values.values()) == {"undecided"}
    keys = {one["value"]: one["key"] for one in board.data["actions"]}
    assert keys == {
        "keep": "Enter",
        "remove": "Del",
        "label:i": "1",
        "label:iv": "4",
        "label:x": "0",
    }
    app.text_input(key="curate-why").set_value("too faint")
    board.decide(
        app,
        ("train/i/0.png", "remove"),
        ("train/i/1.png", "label:x"),
        ("train/i/2.png", "label:i"),  # as it is labelled already
        ("none.png", "remove"),
        ("train/x/0.png", "shred"),
    )
    assert not app.exception
    found = held(folder)
    assert {name: (one.action, one.label) for name, one in found.items()} == {
        "train/i/0.png": (REMOVE, ""),
        "train/i/1.png": (LABEL, "x"),
        "train/i/2.png": (KEEP, ""),
    }
    assert found["train/i/0.png"].why == "too faint"
    assert found["train/i/0.png"].digest == digest_of_picture(picture(0))
    assert board.values["train/i/1.png"] == "label:x"
    assert board.data["taken"] == {"run": "here", "number": 5}
    assert "17 of 10,000" in words(app)
    board.decide(app, ("train/i/0.png", "undecided", "undo"))
    assert "train/i/0.png" not in held(folder)
    assert read_log(log_of(Settings.from_environment(), str(folder)))[-1].why == UNDONE
    assert [name for name, _ in board.data["steps"]] == ["train/i/1.png", "train/i/2.png"]


def test_what_cannot_be_written_is_not_acknowledged(board, folder, home):
    app = screen("curate/page.py", folder=str(folder))
    (home / "runs").mkdir(exist_ok=True)
    (home / "runs" / "curation").write_text("a file where the folder should be")
    board.decide(app, ("train/i/0.png", "remove"))
    assert not app.exception
    assert board.data["taken"]["number"] == 0
    assert board.values["train/i/0.png"] == "undecided"


def test_class_part_and_state(board, folder):
    app = screen("curate/page.py", folder=str(folder), **{"of-class": "x", "of-part": "val"})
    assert list(board.tiles) == ["val/x/0.png", "val/x/1.png", "val/x/2.png"]
    board.decide(app, ("val/x/0.png", "remove"), ("val/x/1.png", "label:i"))
    assert list(board.tiles) == ["val/x/0.png", "val/x/1.png", "val/x/2.png"]  # nothing moves
    for pictures, names in {
        "undecided": ["val/x/2.png"],
        "decided": ["val/x/0.png"],
        "removed": ["val/x/0.png"],
    }.items():
        app.button_group(key="pictures").set_value(pictures).run()
        assert list(board.tiles) == names
    app.selectbox(key="of-class").set_value("i").run()
    assert "There are no such pictures." in words(app)
    app.button_group(key="pictures").set_value("decided").run()
    assert list(board.tiles) == ["val/x/1.png"]


def test_other_data_with_other_classes_and_parts(board, folder):
    app = screen("curate/page.py", folder=str(folder), **{"of-class": "iv", "of-part": "val"})
    assert len(board.tiles) == 3
    app.text_input(key="folder").set_value("").run()
    assert not app.exception
    assert len(board.tiles) == 48
    app.button_group(key="of-part").set_value("test").run()
    app.text_input(key="folder").set_value(str(folder)).run()
    assert not app.exception
    assert len(board.tiles) == 18


def test_a_file_that_vanished_one_that_changed_and_one_that_is_new(board, folder):
    app = screen("curate/page.py", folder=str(folder), **{"of-class": "i"})
    board.decide(app, ("train/i/0.png", "keep"), ("train/i/1.png", "remove"))
    time.sleep(0.02)  # the clock of a file system is coarse
    write(folder / "train/i/0.png", picture(500))
    (folder / "train/i/1.png").unlink()
    write(folder / "train/i/new.png", picture(501))
    app.run()
    assert not app.exception
    assert "1 new, 1 gone" in app.toast[0].value
    assert "have changed since" in board.tiles["train/i/0.png"]["note"]
    assert "train/i/new.png" in board.tiles
    assert "train/i/1.png" not in board.tiles
    app.button_group(key="show").set_value("Export").run()
    assert "no longer there: `train/i/1.png`" in words(app)


def test_names_with_quotes_and_newlines(board, tmp_path):
    names = ['a"b.png', "a\nb.png", "<i>.png", "*.png", "\udcff.png"]
    for number, name in enumerate(names):
        write(tmp_path / "odd" / "i" / name, picture(number))
    write(tmp_path / "odd" / "x" / "1.png", picture(9))
    app = screen("curate/page.py", folder=str(tmp_path / "odd"))
    assert set(board.tiles) == {*(f"i/{name}" for name in names), "x/1.png"}
    assert all(tile["note"].isprintable() for tile in board.tiles.values())
    board.decide(app, *((f"i/{name}", "remove") for name in names))
    assert set(held(tmp_path / "odd")) == {f"i/{name}" for name in names}


def test_copies_are_removed_together_and_taken_back(board, folder, at_once):
    write(folder / "val/i/copy.png", picture(0))
    app = screen("curate/page.py", folder=str(folder), show="Suspects")
    assert not app.exception
    assert list(board.tiles) == ["train/i/0.png", "val/i/copy.png"]
    assert "an exact copy of val/i/copy.png" in board.tiles["train/i/0.png"]["note"]
    app.button_group(key="left-in-exact").set_value("val").run()
    press(app, "Remove the other 1")
    assert {name: one.action for name, one in held(folder).items()} == {"train/i/0.png": REMOVE}
    assert held(folder)["train/i/0.png"].why == "an exact copy of val/i/copy.png"
    press(app, "Take 1 back")
    assert not held(folder)


def test_marks_of_evaluate_are_confirmed(board):
    data = open_dataset("uci-digits:test", Settings.from_environment())
    label = data.classes[data.labels[4]]
    mark(Settings.from_environment(), data, [Mark(4, label, "unreadable")])
    app = screen("curate/page.py", data="uci-digits", show="Suspects", list="Marked")
    assert list(board.tiles) == ["test/4"]
    assert board.tiles["test/4"]["suggested"] == "remove"
    press(app, "Confirm 1")
    assert held("uci-digits")["test/4"].action == REMOVE
    assert board.values == {"test/4": "remove"}


def test_balance_and_budget(board, folder):
    app = screen("curate/page.py", folder=str(folder), show="Balance", budget="10")
    assert not app.exception
    assert "8 too many" in words(app)
    assert "6 of i to 6 of i" in words(app)
    app.button_group(key="by").set_value("source").run()
    assert "manifest.csv" in words(app)
    (folder / "manifest.csv").write_text("file,source\ntrain/i/0.png,<b>drawn</b>\n")
    app.run()
    assert not app.exception


def test_export(board, folder, at_once, tmp_path):
    app = screen("curate/page.py", folder=str(folder), show="Export")
    assert not app.exception
    assert (tmp_path / "a set-curated" / "manifest.csv").exists()
    assert "18 pictures are written" in words(app)
    sets = open_dataset("upload-a-set-curated", Settings.from_environment())
    assert len(sets) == 9


def test_empty_states(board, tmp_path):
    app = screen("curate/page.py", folder=str(tmp_path / "none"))
    assert "There is no folder" in app.error[0].value
    (tmp_path / "flat").mkdir()
    app = screen("curate/page.py", folder=str(tmp_path / "flat"))
    assert "holds no pictures in class folders" in app.error[0].value
    app = screen("curate/page.py", data="mnist")
    assert not app.exception
    assert "MNIST" in words(app)


def test_an_action_for_each_class():
    many = actions_of([f"class {number}" for number in range(80)])[2:]
    keys = [key for one in many for key in one.keys]
    assert len(keys) == len({*keys}) == 62
    assert {one.value for one in many} == {f"label:class {number}" for number in range(80)}


@pytest.fixture
def cuts(tmp_path):
    """24 digits in a folder without class folders, and what they show."""
    data = open_dataset("uci-digits:test", Settings.from_environment())
    rows = [row for label in "0123" for row in np.flatnonzero(data.labels == int(label))[:6]]
    for number, row in enumerate(rows):
        write(tmp_path / "cuts" / f"{number:02d}.png", negative(data.images[row]))
    return tmp_path / "cuts", {f"{n:02d}.png": str(n // 6) for n in range(24)}


def test_rows_of_one_proposal_are_confirmed_and_others_follow(board, cuts):
    folder, truth = cuts
    app = screen("curate/page.py", folder=str(folder), show="Rows", model="digits")
    assert not app.exception
    assert "0 of 24 labelled" in words(app).replace("*", "")
    assert len(board.tiles) == 24
    rows = board.data["rows"]
    for tile in board.tiles.values():
        assert tile["suggested"] == tile["likely"][0] == f"label:{rows[tile['row']]}"
        assert len(set(tile["likely"])) == 4
    right = [
        name for name, one in board.tiles.items() if one["suggested"] == f"label:{truth[name]}"
    ]
    assert len(right) > 18
    keys = {key for action in board.data["actions"] for key in action["keys"]}
    assert {*"0123456789"} <= keys
    assert "Enter" not in keys  # there is no label to keep
    page = board.data["page"]
    board.decide(app, *[(name, f"label:{truth[name]}") for name in truth if name != right[0]])
    assert not app.exception
    assert {name: one.label for name, one in held(folder).items()} == {
        name: label for name, label in truth.items() if name != right[0]
    }
    assert board.data["page"] == page  # nothing moves before the page is left
    board.turn(app)
    assert list(board.tiles) == [right[0]]
    assert board.tiles[right[0]]["suggested"] == f"label:{truth[right[0]]}"
    board.turn(app)  # what was passed over comes again
    assert list(board.tiles) == [right[0]]
    board.decide(app, (right[0], "remove"))
    board.turn(app)
    assert "Every picture is decided on" in words(app)
    assert "23 of 24 labelled, 1 removed" in words(app).replace("*", "")


def test_rows_of_labelled_pictures_check_their_labels(board, folder):
    app = screen("curate/page.py", folder=str(folder), show="Rows", model="digits")
    assert not app.exception
    assert {tile["caption"] for tile in board.tiles.values()} <= {"i", "iv", "x"}
    values = [action["value"] for action in board.data["actions"]]
    assert {"keep", "label:i", "label:7"} <= set(values)
    board.decide(app, ("train/i/0.png", "label:i"))
    assert held(folder)["train/i/0.png"].action == KEEP


def test_views_of_pictures_without_labels(board, cuts, at_once):
    folder, _ = cuts
    for view in ("Label", "Balance", "Export", "Suspects"):
        app = screen("curate/page.py", folder=str(folder), show=view)
        assert not app.exception, view
        assert not app.error, view
