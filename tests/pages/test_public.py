"""A demo on a network, by every screen: what one visitor makes, another neither sees nor guesses;
nobody trains.
"""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.curation.cells import keep_cells
from core.curation.decisions import REMOVE, Decision, log_decisions, log_of
from core.datasets import drawings, marks
from core.datasets.catalogue import open_dataset
from core.datasets.drawings import Drawing
from core.datasets.marks import UNREADABLE, Mark
from core.datasets.uploads import keep_upload
from core.jobs.job import Job
from core.jobs.public import NO_TRAINING
from core.reading.sheet import Sheet, SheetCell
from core.settings import Settings
from core.synthesis.glyph_file import FOLDER, find_glyphs, keep_glyphs
from core.visitors import visitor_of
from tests.datasets.upload_files import IMAGES, LABELS, npz
from tests.pages.conftest import PAGES, SEVEN, screen, words

SCREENS = sorted(
    match for match in re.findall(r'"(\w+/page\.py)"', (PAGES / "navigation.py").read_text("utf-8"))
)
Visit = Callable[[str], Settings]


@pytest.fixture
def visit(home: Path, on_canvas: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Visit:
    """From then on the screens are those of a visitor, whose settings are returned."""
    monkeypatch.setenv("INKLING_PUBLIC", "1")

    def visit(name: str) -> Settings:
        visitor = visitor_of("cookie", name)
        monkeypatch.setattr("pages.shared.visitor._visitor", lambda: visitor)
        return Settings.from_environment().for_visitor(visitor)

    return visit


def _make(settings: Settings) -> dict[str, str]:
    """One of each that a visitor keeps in files, all called zebra; parameters of addresses that
    would show them.
    """
    files = [("zebra.npz", io.BytesIO(npz(images=IMAGES, labels=LABELS)))]
    keep_upload(files, "zebra", settings)
    keep_glyphs((FOLDER / "classic.json").read_text("utf-8"), "zebra", settings)
    inks = np.full((1, 1, 40, 30), 255, np.uint8)
    cells = ((SheetCell("1", 0.9),),)
    sheet = Sheet(cells, np.zeros((2, 2, 2), np.float32), inks, 255 - inks, 0, True, ())
    folder = keep_cells(sheet, "zebra", settings)
    log = log_of(settings, "uci-digits")
    log_decisions(log, [Decision("train/0", "0" * 32, REMOVE, why="zebra")])
    job = Job.of(["synth"], settings)
    job.folder.mkdir(parents=True)
    (job.folder / "state.json").write_text(json.dumps({"state": "done"}))
    return {
        "data": "upload-zebra",
        "folder": folder.name,
        "glyphs": "zebra",
        "run": job.folder.name,
        "search": "zebra",
        "own": find_glyphs(settings)["zebra"],
        "cells": str(folder),
    }


def test_the_screens_have_their_settings_from_one_place() -> None:
    found = {
        str(path.relative_to(PAGES))
        for path in PAGES.rglob("*.py")
        if "from_environment" in path.read_text("utf-8")
    }
    assert found == {"shared/visitor.py"}


@pytest.mark.parametrize("page", SCREENS)
def test_another_visitor_s_things_are_on_no_screen(visit: Visit, page: str) -> None:
    made = _make(visit("a"))
    own, cells = made.pop("own"), made.pop("cells")
    visit("b")
    app = screen(page, **made)
    assert not app.exception
    assert "zebra" not in words(app).replace("?folder=zebra", "")
    sidebar = " ".join(str(element.proto) for element in app.sidebar)
    assert "zebra" not in sidebar
    assert "for you alone" in sidebar
    if page in ("curate/page.py", "explore/page.py", "evaluate/page.py"):
        asked = f"synthetic?glyphs={own}&seed=0&count=5"
        app = screen(page, data=asked, folder=cells)
        assert not app.exception
        assert "zebra" not in " ".join(str(element.proto) for element in app.selectbox)
        assert not (Path(cells).name in words(app) and "picture" in words(app).lower())


def test_one_s_own_things_are_there(visit: Visit) -> None:
    made = _make(visit("a"))
    app = screen("explore/page.py", data=made["data"])
    assert app.selectbox(key="data").value == "upload-zebra"
    app = screen("synthesise/page.py", glyphs="zebra")
    assert app.selectbox(key="glyphs").value == "zebra"
    app = screen("curate/page.py", folder=made["folder"])
    assert app.selectbox(key="folder").value == made["folder"]
    assert "zebra r01 c01" in words(app)


def test_two_sets_of_one_name_are_two(visit: Visit) -> None:
    """The same labels and names: only whose they are tells what is cached of them apart."""
    shown = []
    for name, images in (("a", IMAGES), ("b", np.roll(IMAGES, 5, axis=2))):
        files = [("zebra.npz", io.BytesIO(npz(images=images, labels=LABELS)))]
        keep_upload(files, "zebra", visit(name))
        shown.append(words(screen("explore/page.py", data="upload-zebra", show="Images")))
    assert shown[0] != shown[1]


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("train/page.py", {}),
        ("train/page.py", {"show": "New run", "tour": "6"}),
        ("my_drawings/page.py", {"view": "Your hand"}),
        ("robustness/page.py", {"show": "Hard examples"}),
        ("curate/page.py", {"show": "Suspects", "list": "Wrong labels", "data": "uci-digits"}),
    ],
)
def test_a_screen_says_that_the_demo_does_not_train(
    visit: Visit, page: str, address: dict[str, str]
) -> None:
    visit("a")
    app = screen(page, **address)
    assert not app.exception
    assert not app.error
    if address.get("view") != "Your hand":  # nothing is drawn yet
        assert NO_TRAINING in words(app)
    labels = {button.label for button in app.button}
    starts = {"Train", "Teach it", "Mine and train", "Look for wrong labels", "Set it up"}
    assert not labels & starts


def test_what_is_not_here_is_not_fetched(visit: Visit) -> None:
    visit("a")
    app = screen("curate/page.py", data="mnist")
    assert "not in this demo" in words(app)
    assert not {button.label for button in app.button} & {"Make them", "Take these"}
    assert not [button for button in app.button if button.label.startswith("Download")]


def test_a_visitor_of_no_cookie_is_one_session(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_PUBLIC", "1")
    apps = [screen("home/page.py") for _ in range(2)]
    secrets = {app.session_state["visitor-secret"] for app in apps}
    assert len(secrets) == 2


def test_drawings_and_marks_are_one_visitor_s(visit: Visit) -> None:
    one = visit("a")
    picture = np.full((40, 40), 255, np.uint8)
    picture[10:30, 18:22] = 0
    number = drawings.save(one, Drawing(picture, [SEVEN], "zebra", "7", 0.9, "digits"))
    digits = open_dataset("uci-digits", one)
    marks.mark(one, digits, [Mark(0, digits.classes[digits.labels[0]], UNREADABLE)])
    two = visit("b")
    assert not drawings.count(two)
    assert not marks.marks_of(two, digits)
    app = screen("my_drawings/page.py", drawing=str(number))
    assert not app.exception
    assert "zebra" not in words(app)
    # who guesses its number neither deletes nor replaces it
    drawings.delete(two, [number])
    drawings.save(two, Drawing(picture, [SEVEN], "lion", "7", 0.9, "digits", id=number))
    marks.unmark(two, digits, [0])
    assert [drawing.label for drawing in drawings.load(one)] == ["zebra"]
    assert [drawing.label for drawing in drawings.load(two)] == ["lion"]
    assert list(marks.marks_of(one, digits)) == [0]


def test_so_many_drawings_are_kept(
    visit: Visit, on_canvas: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_VISITOR_DRAWINGS", "1")
    settings = visit("a")
    for count, strokes in enumerate((SEVEN, [[50.0, 50.0], [150.0, 150.0]])):
        on_canvas(strokes)
        app = screen("draw/page.py", model="digits")
        next(one for one in app.button if one.label == "Keep in My drawings").click().run()
        assert not app.exception
        assert bool(app.error) == bool(count)
    assert "keeps 1 drawings" in app.error[0].value
    assert drawings.count(settings) == 1
