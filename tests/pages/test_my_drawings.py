"""My drawings: a gallery whose drawings are labelled anew, deleted, brought, taught, and undone."""

import io
import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.datasets.drawings_zip import export_png
from core.jobs.job import Job
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from pages.my_drawings import bring
from tests.pages.conftest import screen, words


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    pass


def keep(label: str, predicted: str = "7") -> int:
    blank = np.full((50, 50), 255, np.uint8)
    drawing = Drawing(blank, [[[1.0, 2.0], [3.0, 4.0]]], label, predicted, 0.9, "digits")
    return drawings.save(Settings.from_environment(), drawing)


def kept() -> dict[int, str]:
    return drawings.labels(Settings.from_environment())


def button(app: AppTest, label: str) -> Any:
    return next(item for item in app.button if item.label == label)


def tiles(app: AppTest) -> list[str]:
    return [item.label for item in app.button if (item.key or "").startswith("open-")]


def test_it_is_empty_at_first_then_lists_and_filters():
    app = screen("my_drawings/page.py")
    assert "Nothing is kept yet" in app.info[0].value
    keep("7"), keep("1")
    app = screen("my_drawings/page.py")
    assert tiles(app) == ["1, not 7", "7"]
    app.toggle[0].set_value(True).run()
    assert tiles(app) == ["1, not 7"]
    assert not app.exception


def test_what_nobody_read_was_not_misread():
    keep("7", predicted="")
    app = screen("my_drawings/page.py", wrong="true")
    assert "Nothing here was misread." in words(app)


def test_what_is_asked_about_is_what_was_selected():
    """Another tab keeps one and a filter is switched on between selecting and deleting."""
    first, second = keep("7"), keep("1")
    app = screen("my_drawings/page.py")
    app.toggle[1].set_value(True).run()
    next(box for box in app.checkbox if box.key == f"select-{second}").check().run()
    third = keep("2")
    app.toggle[0].set_value(True).run()
    button(app, "Delete 1 selected").click().run()
    assert not app.exception
    assert button(app, "Delete one drawing")
    assert str(app.get("html")[-1].proto).count("<figcaption>1<") == 1
    assert set(kept()) == {first, second, third}


def test_a_label_is_edited_even_to_one_that_no_class_has_and_undone():
    number, other = keep("7"), keep("ß")
    app = screen("my_drawings/page.py", drawing=str(number))
    box = next(box for box in app.selectbox if box.label == "It shows")
    assert box.proto.accept_new_options
    box.set_value("ß").run()
    assert not app.exception
    assert kept() == {number: "ß", other: "ß"}
    button(app, "Undo").click().run()
    assert kept() == {number: "7", other: "ß"}


def test_an_opened_drawing_is_left_for_the_next_and_deleted():
    older, newer = keep("7"), keep("1")
    app = screen("my_drawings/page.py", drawing=str(newer))
    button(app, "Next").click().run()
    assert app.query_params["drawing"] == str(older)
    button(app, "Delete").click().run()
    assert set(kept()) == {newer}


@pytest.mark.parametrize("address", ["", "x", "99", "-1"])
def test_an_address_of_no_drawing_opens_none(address):
    keep("7")
    app = screen("my_drawings/page.py", drawing=address)
    assert not app.exception
    assert not any(item.label == "Next" for item in app.button)


class Upload(io.BytesIO):
    name = "drawings.zip"


def test_what_was_exported_comes_back_once(monkeypatch):
    settings = Settings.from_environment()
    first, second = keep("7"), keep("★")
    packed = export_png(drawings.load(settings))
    drawings.delete(settings, [first])
    state: dict[str, Any] = {"brought": Upload(packed)}
    monkeypatch.setattr("streamlit.session_state", state)
    bring._bring(settings)
    assert kept() == {first: "7", second: "★"}
    assert state["changed-drawings"] == (
        "One drawing brought; of 2 the others were here already.",
        [],
        [first],
    )
    state["brought"] = Upload(b"no zip")
    bring._bring(settings)
    assert "drawings.zip" in state["bring-problem"]


def test_teach_it_shows_what_came_of_it_and_drops_it(monkeypatch):
    """The job itself is replaced: it has ended with these figures."""
    compared = {"data": "My drawings", "n": 6, "right_before": 3, "right_after": 5}
    result = {
        "model": "digits",
        "save_as": "digits-mine",
        "drawings": 24,
        "new_classes": ["A"],
        "replay": "MNIST digits",
        "learnt": {**compared, "n": 24, "right_after": 24},
        "held_out": compared,
        "test": None,
        "seconds": 60.0,
        "hardware": "none",
    }
    dropped: list[str] = []
    monkeypatch.setattr(Job, "state", lambda _: "done")
    monkeypatch.setattr(Job, "output", lambda _: json.dumps(result))
    monkeypatch.setattr(
        "core.evaluation.publish.remove_recognizer", lambda name, _: dropped.append(name)
    )
    keep("A")
    app = screen("my_drawings/page.py", model="digits")
    said = words(app)
    assert "New to digits: A." in said
    assert "| Drawings held out | 6 | 50.0 % | 83.3 % |" in said
    assert "what was forgotten is not measured" in said
    button(app, "Drop it").click().run()
    assert not app.exception
    assert dropped == ["digits-mine"]


def hand(**query: str) -> AppTest:
    return screen("my_drawings/page.py", view="Your hand", **query)


def test_a_hand_is_drawn_one_character_after_another(on_canvas):
    app = hand()
    assert "Nothing of your hand is here yet" in app.info[0].value
    for number in range(2):
        on_canvas([[60.0, 80.0], [230, 75 + 9 * number], [120, 260]], serial=number)
        app.run()
        button(app, "Next").click().run()
        assert f"Draw **{number + 1}**" in words(app)
        button(app, "Next").click().run()  # the browser has not cleared the canvas yet
        assert [*kept().values()] == [*"01"[: number + 1]]
    button(app, "Skip").click().run()
    assert "Draw **3**" in words(app)
    assert "2 of 30 drawn" in words(app)
    assert not app.exception


def test_a_hand_is_kept_as_a_set_opened_and_learnt(monkeypatch):
    started: list[list[str]] = []
    monkeypatch.setattr(Job, "start", lambda _, arguments: started.append(list(arguments)))
    keep("7"), keep("A")
    app = hand()
    button(app, "Teach it").click().run()
    assert started.pop()[-2:] == ["--glyphs", "own"]
    button(app, "Keep").click().run()
    assert not app.exception
    path = Settings.from_environment().data / "glyphs" / "my-hand.json"
    made = load_glyphs(str(path))
    assert (made.name, set(made.glyphs)) == ("my-hand", {"7"})
    app.run()
    next(box for box in app.selectbox if box.label == "Glyph set").set_value("my-hand").run()
    button(app, "Teach it").click().run()
    assert started.pop()[-2:] == ["--glyphs", str(path)]
    assert not hand(kind="Small letters").exception


@pytest.mark.parametrize("name", ["digits", "characters", "a/b", ""])
def test_a_copy_needs_a_name_of_its_own(name):
    keep("7")
    app = screen("my_drawings/page.py")
    app.text_input[0].set_value(name).run()
    assert not any(item.label == "Teach it" for item in app.button)
