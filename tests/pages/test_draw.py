"""Draw: what a character may be, and a line that is corrected."""

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS
from tests.pages.conftest import SEVEN, screen, words

ONE, SEVEN_BESIDE = [[50, 40], [50, 140]], [[100, 45], [160, 42]]
SEVEN_BESIDE += [[125, 140]]


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    pass


def classes_shown(app):
    """The classes that have a bar."""
    return re.findall(r"class=\\\"bar \w*\\\"><b>(.+?)</b>", words(app))


def answer(app):
    return re.findall(r"data-testid=\\\"answer\\\">(.+?)<", words(app))


@pytest.mark.parametrize(
    ("only", "among"),
    [
        ("Digits", "0123456789"),
        ("digits", "0123456789"),
        ("Capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("0, 7, j-l", "07JKL"),
    ],
)
def test_the_answer_is_one_of_the_chosen_classes(on_canvas, only, among):
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="characters", only=only)
    assert not app.exception
    assert not app.warning
    shown = classes_shown(app)
    assert len(shown) == 5
    assert set(shown) <= set(among)
    assert answer(app)[0] == shown[0] == ("7" if "7" in among else shown[0])


def test_the_choice_is_the_screens_and_changes_the_answer(on_canvas):
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="characters")
    assert answer(app) == ["7"]
    picker = next(box for box in app.selectbox if box.label == "Classes")
    assert picker.options == ["All", "Digits", "Capitals", "Letters"]
    for choice in picker.options:
        next(box for box in app.selectbox if box.label == "Classes").set_value(choice).run()
        assert not app.exception
        assert (answer(app) == ["7"]) == (choice in ("All", "Digits"))
    for view in ("Why", "Stroke by stroke"):
        pills(app, "Look closer").set_value(view).run()
        assert not app.exception


@pytest.mark.parametrize("only", ["Letters", "A-F", "9-", "nonsense"])
def test_a_choice_that_the_model_has_not_is_said(on_canvas, only):
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="digits", only=only)
    assert not app.exception
    (warning,) = app.warning
    assert "names no" in warning.value
    assert "all are read" in warning.value
    assert answer(app) == ["7"]


def test_one_is_drawn_of_the_chosen_classes(monkeypatch):
    drawn = []

    def write(**given):
        drawn.append(given["labels"])
        return Handwriting(**given)

    monkeypatch.setattr("core.synthesis.handwriting.Handwriting", write)
    app = screen("draw/page.py", model="characters", only="Digits")
    next(button for button in app.button if button.label == "Draw one for me").click().run()
    assert not app.exception
    assert drawn == [DIGITS]


def line(app):
    (text,) = re.findall(r"data-testid=\\\"line\\\">(.+?)<", words(app))
    return text


def pills(app, label) -> Any:
    groups: list[Any] = list(app.get("button_group"))
    return next(group for group in groups if group.label.startswith(label))


def kept():
    return drawings.load(Settings.from_environment())


@pytest.fixture
def tapped(on_canvas):
    """A line of two, and the second of them tapped."""
    on_canvas(ONE, SEVEN_BESIDE)
    app = screen("draw/page.py", model="digits", mode="Line")
    assert line(app) == "17"
    assert "Character 2 is" not in words(app)
    pills(app, "Tap a character").set_value(1).run()
    assert not app.exception
    return app


def test_a_tapped_character_shows_what_else_it_may_be(tapped):
    assert words(tapped).count("box selected") == 1
    said = [option.content for option in pills(tapped, "Character 2 is").proto.options]
    assert said[0].startswith("7 · ")
    assert len(said) == 5
    pills(tapped, "Tap a character").set_value(None).run()
    assert "box selected" not in words(tapped)


def test_a_character_is_corrected_kept_and_undone(tapped):
    settings = Settings.from_environment()
    before = drawings.save(
        settings, Drawing(np.full((9, 9), 255, np.uint8), [], "3", "3", 1.0, "digits")
    )
    other = pills(tapped, "Character 2 is").proto.options[1].content[0]
    pills(tapped, "Character 2 is").set_value(other).run()
    assert not tapped.exception
    assert line(tapped) == f"1{other}"
    assert "kept in My drawings" in words(tapped)
    drawing, _ = kept()
    assert (drawing.label, drawing.predicted, drawing.model) == (other, "7", "digits")
    assert drawing.strokes == [[[100, 45], [160, 42], [125, 140]]]  # its own alone
    assert drawing.picture.min() == 0
    recognizer = load_recognizer("digits", settings)
    assert recognizer.predict(drawing.picture[None]).labels() == ["7"]
    # another correction replaces it
    box = next(box for box in tapped.selectbox if box.label == "Or another")
    box.set_value(box.options[-1]).run()
    assert line(tapped) == f"1{box.options[-1]}"
    assert [drawing.label for drawing in kept()] == [box.options[-1], "3"]
    # tapped again, it is undone
    pills(tapped, "Character 2 is").set_value(None).run()
    assert not tapped.exception
    assert line(tapped) == "17"
    assert [drawing.id for drawing in kept()] == [before]  # and nothing else is deleted
    assert "kept in" not in words(tapped)


def test_equal_characters_of_a_line_are_told_apart(on_canvas):
    """Also those that a correction makes equal."""
    on_canvas(ONE, [[150, 40], [150, 140]], [[250, 40], [250, 140]])
    app = screen("draw/page.py", model="digits", mode="Line")
    assert line(app) == "111"
    for position, text in ((1, "171"), (2, "177")):
        pills(app, "Tap a character").set_value(position).run()
        assert f"Character {position + 1} is" in words(app)
        next(box for box in app.selectbox if box.label == "Or another").set_value("7").run()
        assert line(app) == text
        assert pills(app, "Tap a character").value == position
        assert f"Character {position + 1} is" in words(app)
    pills(app, "Tap a character").set_value(1).run()
    pills(app, "Character 2 is").set_value(None).run()
    assert line(app) == "117"
    assert [drawing.strokes[0][0] for drawing in kept()] == [[250, 40]]


def test_corrections_last_until_the_drawing_changes(tapped, on_canvas):
    box = next(box for box in tapped.selectbox if box.label == "Or another")
    box.set_value(box.options[0]).run()
    corrected = line(tapped)
    pills(tapped, "Tap a character").set_value(0).run()
    assert line(tapped) == corrected != "17"
    on_canvas(ONE, SEVEN_BESIDE, [[250, 40], [250, 140]])
    tapped.run()
    assert line(tapped) == "171"
    assert len(kept()) == 1


def test_a_correction_that_cannot_be_kept_is_one_sentence(tapped, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("INKLING_DATABASE", f"sqlite:///{tmp_path}/file/drawings.db")
    box = next(box for box in tapped.selectbox if box.label == "Or another")
    box.set_value(box.options[0]).run()
    assert not tapped.exception
    assert len(tapped.error) == 1
    assert line(tapped) == f"1{box.options[0]}"


def test_a_character_of_a_picture_is_kept_as_it_is_there():
    def page() -> None:
        from core.ink.strokes import draw_strokes
        from core.models.recognizer import load_recognizer
        from core.settings import Settings
        from pages.draw.line import show_line_answer
        from tests.handwriting import FIVE, SEVEN, in_box

        strokes = in_box(SEVEN, left=1100, top=300, width=200, height=320)
        strokes += in_box(FIVE, left=200, top=300, width=200, height=320)
        picture = 255 - draw_strokes(strokes, width=30, size=(900, 1600))
        show_line_answer(load_recognizer("digits", Settings.from_environment()), picture)

    app = AppTest.from_function(page, default_timeout=60).run()
    assert line(app) == "57"
    pills(app, "Tap a character").set_value(1).run()
    box = next(box for box in app.selectbox if box.label == "Or another")
    box.set_value("1").run()
    assert not app.exception
    (drawing,) = kept()
    assert (drawing.label, drawing.predicted, drawing.strokes) == ("1", "7", [])
    height, width = drawing.picture.shape
    assert 350 < height < 520 < 900
    assert 230 < width < 420
    recognizer = load_recognizer("digits", Settings.from_environment())
    assert recognizer.predict(drawing.picture[None]).labels() == ["7"]


def test_what_is_unsure_is_a_caption(on_canvas, monkeypatch):
    monkeypatch.setattr("core.reading.line.SURE", 0.99)
    angles = np.linspace(0, 2 * np.pi, 40)
    on_canvas([[120 + 60 * np.cos(angle), 90 + 60 * np.sin(angle)] for angle in angles])
    app = screen("draw/page.py", model="characters", mode="Line", only="0,O")
    assert any("Not sure of character 1" in caption.value for caption in app.caption)


def test_the_ink_outside_the_canvas_is_not_read(on_canvas):
    on_canvas(SEVEN, [[-50, 20], [-50, 900], [900, 900]])
    app = screen("draw/page.py", model="digits")
    assert answer(app) == ["7"]
    next(button for button in app.button if button.label == "Keep in My drawings").click().run()
    (drawing,) = kept()
    assert len(drawing.strokes) == 1
    on_canvas([[-50, 20], [-50, 900]])
    assert "the answer appears here" in words(screen("draw/page.py", model="digits"))
