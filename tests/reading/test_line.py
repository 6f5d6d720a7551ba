"""A line is read from left to right, and each character is where it was drawn."""

import json

import cv2
import numpy as np
import pytest

from core.ink.strokes import draw_strokes, picture_of_strokes
from core.models.recognizer import load_recognizer
from core.reading.line import Line, LineCharacter, cut, line_to_json, read_line, read_line_strokes
from core.settings import Settings

SEVEN = [np.array([[70.0, 70], [240, 62], [158, 235], [146, 270]])]
FOUR = [np.array([[520.0, 60], [492, 175], [630, 170]]), np.array([[595.0, 110], [584, 270]])]
ONE = [np.array([[800.0, 60], [800, 270]])]
ANGLES = np.linspace(0, 2 * np.pi, 40)
ROUND = [np.stack([100 * np.cos(ANGLES), 100 * np.sin(ANGLES)], 1)]
PEN = 16


@pytest.fixture(scope="module")
def digits():
    return load_recognizer("digits", Settings.from_environment())


def around(strokes, pen=PEN):
    """Left, top, right, bottom of the ink of strokes."""
    points = np.concatenate(strokes)
    return np.concatenate([points.min(0) - pen / 2, points.max(0) + pen / 2])


def corners(character):
    left, top, width, height = character.box
    return np.array([left, top, left + width, top + height])


@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_a_line_is_read_and_boxed_in_pixels_of_the_picture(digits, scale):
    """Pictures over 1,024 pixels are reduced before ink is sought."""
    grey = 255 - draw_strokes([*FOUR, *SEVEN, *ONE], width=PEN, size=(340, 900))
    line = read_line(digits, cv2.resize(grey, None, fx=scale, fy=scale))
    assert line.text == "741"
    assert line.ink.ndim == 2
    for character, strokes in zip(line.characters, (SEVEN, FOUR, ONE), strict=True):
        assert corners(character) == pytest.approx(around(strokes) * scale, abs=3 * max(scale, 1))
        assert character.top[0] == (character.label, character.confidence)
    assert 0.5 < line.confidence <= 1


def test_a_lone_dash_is_a_dash(digits):
    dash = [np.array([[100.0, 150], [220, 146]])]
    assert read_line(digits, 255 - draw_strokes(dash, width=PEN, size=(300, 600))).text == "-"


@pytest.mark.parametrize("turn", [0, 7, -7])
def test_on_a_sheet_on_a_desk_the_boxes_are_where_the_ink_is(digits, turn):
    sheet = 240 - 0.8 * draw_strokes([*FOUR, *SEVEN, *ONE], width=PEN, size=(560, 900))
    onto = cv2.getRotationMatrix2D((450, 280), turn, 0.75) + np.array([[0, 0, 60], [0, 0, 20]])
    desk = np.full((600, 1000), 60, np.uint8)
    grey = cv2.warpAffine(
        sheet.astype(np.uint8), onto, (1000, 600), dst=desk, borderMode=cv2.BORDER_TRANSPARENT
    )
    line = read_line(digits, grey)
    assert line.text == "741"
    for character, strokes in zip(line.characters, (SEVEN, FOUR, ONE), strict=True):
        placed = [cv2.transform(stroke[None], onto)[0] for stroke in strokes]
        left, top, right, bottom = corners(character)
        expected = around(placed, PEN * 0.75)
        # an upright box around a turned one is somewhat larger
        assert (np.array([left, top]) <= expected[:2] + 4).all()
        assert (np.array([right, bottom]) >= expected[2:] - 4).all()
        assert corners(character) == pytest.approx(expected, abs=35), (turn, character)


@pytest.mark.parametrize(("unit", "offset"), [(1, 0), (1, -500), (20, 300)])
def test_strokes_are_boxed_in_their_own_unit(digits, unit, offset):
    def placed(strokes):
        return [stroke * unit + offset for stroke in strokes]

    line = read_line_strokes(digits, placed([*FOUR, *SEVEN, *ONE]), width=PEN * unit)
    assert line.text == "741"
    for character, strokes in zip(line.characters, (SEVEN, FOUR, ONE), strict=True):
        expected = around(placed(strokes), PEN * unit)
        assert corners(character) == pytest.approx(expected, abs=4 * unit)


def test_what_is_unsure_is_said_and_what_is_excluded_is_not_answered(digits, monkeypatch):
    picture = picture_of_strokes([*FOUR, *SEVEN], width=PEN)
    assert read_line(digits, picture).notes == ()
    wrong = read_line(digits, picture, only=("0", "1"))
    assert set(wrong.text) <= set("01")
    for character in wrong.characters:
        assert {name for name, _ in character.top} == {"0", "1"}
        assert sum(share for _, share in character.top) == pytest.approx(1, abs=1e-5)
    several = load_recognizer("characters", Settings.from_environment())
    monkeypatch.setattr("core.reading.line.SURE", 0.99)
    line = read_line(several, picture_of_strokes(ROUND, width=PEN), only=("0", "O", "D"))
    first, second = (name for name, _ in line.characters[0].top[:2])
    assert line.confidence < 0.99
    assert line.notes == (f"Not sure of character 1 ({first} or {second}).",)


def test_a_character_is_cut_out_with_paper_around_it(digits):
    grey = 255 - draw_strokes([*FOUR, *SEVEN, *ONE], width=PEN, size=(340, 900))
    for character in read_line(digits, grey).characters:
        piece = cut(grey, character.box)
        left, top, width, height = character.box
        assert piece.shape[0] > height
        assert piece.shape[1] > width
        assert (piece[0] == 255).all()
        assert (piece[:, -1] == 255).all()
        assert (piece < 128).sum() == (grey[top : top + height, left : left + width] < 128).sum()
    assert cut(grey, (0, 0, 900, 340)).shape == grey.shape


def test_a_blank_line_is_none(digits):
    assert read_line(digits, np.full((80, 200), 255, np.uint8)) is None
    assert read_line_strokes(digits, [], width=PEN) is None
    assert line_to_json(None) == {"text": "", "confidence": 0.0, "characters": [], "notes": []}


def test_a_corrected_text_keeps_its_spaces():
    labels = ("1", "1", "viii", "1")
    characters = tuple(LineCharacter(label, 0.5, (0, 0, 1, 1), ((label, 0.5),)) for label in labels)
    line = Line(np.zeros((2, 2), np.uint8), characters, "1 1\nviii 1", 0.1, ())
    assert line.text_with({}) == line.text
    assert line.text_with({1: "viii", 3: "7"}) == "1 viii\nviii 7"
    said = json.loads(json.dumps(line_to_json(line)))
    assert said["characters"][2] == {
        "label": "viii",
        "confidence": 0.5,
        "box": [0, 0, 1, 1],
        "top": [["viii", 0.5]],
    }


def test_of_a_page_full_of_rows_the_first_are_read(digits, monkeypatch):
    """However many there are, and however short each is."""
    monkeypatch.setattr("core.reading.line._MOST", 3 * 128)
    page = np.full((600, 300), 255, np.uint8)
    for row in range(9):
        cv2.putText(page, "17", (100, 60 * row + 55), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 4)
    line = read_line(digits, page)
    assert line.text.count("\n") == 2
    assert "Only the first 3 of 9 rows" in " ".join(line.notes)
