"""Read a line of several characters, left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from math import exp, prod

import cv2
import numpy as np

from core.ink.forms import canonical_ink
from core.ink.line import split_line
from core.ink.paper import look
from core.ink.rows import WIDEST, LineInput, Row, find_rows, line_input
from core.ink.strokes import frame_of_strokes, picture_of_strokes
from core.models.line_network import LINE_HEIGHT
from core.models.line_reader import LineReader, column_at, load_line_reader
from core.models.prediction import SURE
from core.models.recognizer import Recognizer
from core.reading.ctc import align, alternatives, restrict, search
from core.reading.letters import Texts, load_letters

PRIOR_WEIGHT, BONUS = 0.7, 1.2
"""How much the prior of texts counts beside what is seen, and what a character is given to make up
for it: chosen on lines by writers held out.
"""

_MOST, _LEAST = 3 * WIDEST, 128
"""Pixels of the input of all rows that are read, 300 characters and more; and what each row counts
at least. A page takes a second for each 2048, whatever is on it.
"""

_SURE_OF_SPLIT = 0.9
"""Probability below which a character that touches its neighbour is worth a caution."""

Box = tuple[int, int, int, int]
"""Left, top, width, height."""


@dataclass(frozen=True)
class LineCharacter:
    """One character of a line: what it was read as and where it stands.

    confidence : 0-1. box : in pixels of the picture as given, or in the unit of the strokes. top :
    the most probable classes and their probabilities, most probable first.
    """

    label: str
    confidence: float
    box: Box
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Line:
    """A line as read.

    ink : uint8 [H, W], of the page, which may be reduced and turned. text : the labels in their
    order, with the spaces and line breaks that were read. confidence : of the whole text, 0-1.
    notes : sentences on what was left out or is unsure.
    """

    ink: np.ndarray
    characters: tuple[LineCharacter, ...]
    text: str
    confidence: float
    notes: tuple[str, ...]

    def text_with(self, labels: Mapping[int, str]) -> str:
        """The text with other labels for the characters at these positions, its spaces kept."""
        parts, end = [], 0
        for position, character in enumerate(self.characters):
            start = self.text.index(character.label, end)
            parts += [self.text[end:start], labels.get(position, character.label)]
            end = start + len(character.label)
        return "".join(parts) + self.text[end:]


def line_to_json(line: Line | None) -> dict[str, object]:
    """As `predict --line --json` and REST answer; without ink the text is empty."""
    if line is None:
        return {"text": "", "confidence": 0.0, "characters": [], "notes": []}
    return {
        "text": line.text,
        "confidence": line.confidence,
        "characters": [asdict(character) for character in line.characters],
        "notes": list(line.notes),
    }


def read_line(
    recognizer: Recognizer, grey: np.ndarray, *, only: Sequence[str] | None = None
) -> Line | None:
    """Read a grey picture uint8 [H, W] of a line; None if it is blank.

    only : classes that the answers are among; None for those of the recognizer.
    """
    if only is not None:
        recognizer = recognizer.only(only)
    found = look(grey)
    if found.ink is None:
        return None
    reader = load_line_reader()
    if set(recognizer.classes) <= set(reader.classes):
        return _read_rows(
            reader, allowed_classes(reader.classes, recognizer), found.ink, found.onto
        )
    return _read_pieces(recognizer, found.ink, found.onto)


def read_line_strokes(
    recognizer: Recognizer,
    strokes: Sequence[np.ndarray],
    *,
    width: float,
    only: Sequence[str] | None = None,
) -> Line | None:
    """Read pen strokes, each float [P, 2] with P > 0, x right, y down; None without strokes.

    width : of the pen, in the unit of the strokes, in which the boxes are too, rounded to whole
    ones.
    """
    if not strokes:
        return None
    line = read_line(recognizer, picture_of_strokes(strokes, width=width), only=only)
    if line is None:
        return None
    frame = frame_of_strokes(strokes, width=width)
    characters = []
    for character in line.characters:
        left, top, breadth, height = character.box
        corners = frame.points(np.array([(left, top), (left + breadth, top + height)]))
        characters.append(replace(character, box=_box(corners[:, ::-1])))
    return replace(line, characters=tuple(characters))


def read_numbers(inks: Sequence[np.ndarray]) -> list[str]:
    """The digits of numbers, ink maps uint8 [h, w] that are not blank; "" where one shows none."""
    if not inks:
        return []  # nothing has to be loaded
    reader = load_line_reader()
    allowed = np.array([False, *(name.isdecimal() for name in reader.classes)])
    others = np.array([False, *(name.isalnum() for name in reader.classes)]) & ~allowed
    prior = Texts(reader.classes, load_letters())
    numbers = []
    images = [line_input(ink, height=LINE_HEIGHT).image for ink in inks]
    for columns in reader.log_probabilities(images):
        known = restrict(columns, allowed, others)
        found = search(known, prior, weight=PRIOR_WEIGHT, bonus=BONUS)
        names = [reader.classes[index - 1] for index in found.text]
        numbers.append("".join(filter(str.isdecimal, names)))
    return numbers


def shows_several(recognizer: Recognizer, line: Line) -> bool:
    """Whether what was read as a line is several characters rather than one: it has several pieces
    of ink side by side, or is surer as a line than as one character.
    """
    if len(line.characters) < 2:
        return False
    if len(split_line(line.ink)) > 1:
        return True
    stages = canonical_ink(line.ink, recognizer.form)
    whole = recognizer.predict(stages.model_input[None], blur=[stages.blur])
    return line.confidence >= float(whole.confidence[0])


def cut(grey: np.ndarray, box: Box) -> np.ndarray:
    """The part of a picture [H, W] in a box of its pixels, with the paper around it, a fifth of the
    longer side.
    """
    left, top, width, height = box
    margin = max(width, height) // 5 + 1
    rows = slice(max(0, top - margin), top + height + margin)
    return grey[rows, max(0, left - margin) : left + width + margin]


def allowed_classes(classes: Sequence[str], recognizer: Recognizer) -> np.ndarray:
    """Which letters and digits of the line network a recognizer may answer, bool [1 + C], the blank
    first.

    A small letter that it keeps no class for may stand where it knows other small letters: as one
    character both look alike, in a line they do not.
    """
    own, known = set(recognizer.classes), recognizer.card.classes
    small = any(name.islower() for name in own)
    return np.array(
        [False]
        + [name in own or (small and name not in known and name.upper() in own) for name in classes]
    )


def _read_rows(reader: LineReader, allowed: np.ndarray, ink: np.ndarray, onto: np.ndarray) -> Line:
    """Each row of the picture by the line network."""
    rows, ruled = find_rows(ink)
    prior = Texts(reader.classes, load_letters())
    readable = np.array([False, *(name.isalnum() for name in reader.classes)])
    notes = ["A line under or over the writing was left out."] if ruled else []
    characters: list[LineCharacter] = []
    texts: list[str] = []
    confidence, room = 1.0, _MOST
    for number, row in enumerate(rows):
        given = line_input(row.ink, height=LINE_HEIGHT)
        room -= max(given.image.shape[1], _LEAST)
        if room < 0:
            rest = f"Only the first {number} of {len(rows)} rows were read: crop the picture"
            notes.append(f"{rest} to those that are wanted.")
            break
        (seen,) = reader.log_probabilities([given.image])
        columns = restrict(seen, allowed, readable & ~allowed)
        found = search(columns, prior, weight=PRIOR_WEIGHT, bonus=BONUS)
        confidence *= exp(found.score)
        if not found.text:
            continue
        spans = align(columns, found.text)
        tops = alternatives(columns, found.text, spans, prior, weight=PRIOR_WEIGHT)
        names = [reader.classes[index - 1] for index in found.text]
        boxes = _boxes(row, given, spans)
        shown = [place for place, name in enumerate(names) if name != " "]
        for place in shown:
            top = _likely(reader.classes, tops[place])
            characters.append(LineCharacter(*top[0], _placed(boxes[place], onto), top))
        texts.append("".join(names).strip())
        notes += _touching(row, [boxes[place] for place in shown], characters[-len(shown) :])
    return Line(
        ink, tuple(characters), "\n".join(texts), confidence, (*notes, *_unsure(characters))
    )


def _likely(
    classes: Sequence[str], options: Sequence[tuple[int, float]]
) -> tuple[tuple[str, float], ...]:
    """The five most probable options by name; a letter or digit is not told to be a sign."""
    named = [(classes[index - 1], share) for index, share in options]
    if named[0][0].isalnum():
        named = [(name, share) for name, share in named if name.isalnum()]
    total = sum(share for _, share in named)
    return tuple((name, share / total) for name, share in named[:5])


def _boxes(row: Row, given: LineInput, spans: np.ndarray) -> list[np.ndarray]:
    """For each character the upper left and the lower right corner of its ink, int [2, 2] of row
    and column in pixels of the picture, between it and its neighbours.
    """
    middles = given.to_row(column_at(spans.mean(1)))
    first, last = given.to_row(column_at(spans[:, 0])), given.to_row(column_at(spans[:, 1]))
    between = (last[:-1] + first[1:]) / 2
    edges = np.concatenate([[0], between, [row.ink.shape[1]]]).round().astype(int)
    boxes = []
    for place, middle in enumerate(middles):
        left, right = edges[place], max(edges[place + 1], edges[place] + 1)
        x, y, width, height = cv2.boundingRect((row.ink[:, left:right] > 127).astype(np.uint8))
        if not width:  # a space
            x, y, width, height = int(middle) - left, 0, 1, row.ink.shape[0]
        corner = np.array([row.top + y, row.left + left + x])
        boxes.append(np.stack([corner, corner + np.array([height, width])]))
    return boxes


def _touching(
    row: Row, boxes: Sequence[np.ndarray], characters: Sequence[LineCharacter]
) -> list[str]:
    """A caution for each pair of neighbours of which one is unsure and whose ink is joined."""
    _, parts = cv2.connectedComponents((row.ink > 127).astype(np.uint8), connectivity=8)
    cautions = []
    for place, (one, other) in enumerate(pairwise(boxes)):
        joined = _parts_in(parts, row, one) & _parts_in(parts, row, other)
        sure = min(character.confidence for character in characters[place : place + 2])
        if joined and sure < _SURE_OF_SPLIT:
            pair = "".join(character.label for character in characters[place : place + 2])
            cautions.append(f"The characters read as {pair} touch; look whether they are right.")
    return cautions


def _parts_in(parts: np.ndarray, row: Row, box: np.ndarray) -> set[int]:
    """Numbers of the connected components in a box."""
    (top, left), (bottom, right) = box - (row.top, row.left)
    return set(np.unique(parts[top:bottom, left:right]).tolist()) - {0}


def _read_pieces(recognizer: Recognizer, ink: np.ndarray, onto: np.ndarray) -> Line:
    """For recognizers of other classes, such as whole numerals: the line is split between pieces of
    ink, and each is read for itself.
    """
    found = split_line(ink)
    made = [canonical_ink(character.ink, recognizer.form) for character in found]
    prediction = recognizer.predict(
        np.stack([stages.model_input for stages in made]), blur=[stages.blur for stages in made]
    )
    characters = []
    for row, character in enumerate(found):
        top = tuple(prediction.top(5, row))
        corners = np.array([(character.top, character.left)] * 2)
        corners[1] += character.ink.shape
        characters.append(LineCharacter(*top[0], _placed(corners, onto), top))
    text = "".join(character.label for character in characters)
    confidence = prod(character.confidence for character in characters)
    return Line(ink, tuple(characters), text, confidence, _unsure(characters))


def _unsure(characters: Sequence[LineCharacter]) -> tuple[str, ...]:
    """A note that lists the characters that are unsure, and what else they could be."""
    unsure = [
        f"{number} ({' or '.join(name for name, _ in character.top[:2])})"
        for number, character in enumerate(characters, start=1)
        if character.confidence < SURE
    ]
    return (f"Not sure of character {', '.join(unsure)}.",) if unsure else ()


def _placed(corners: np.ndarray, onto: np.ndarray) -> Box:
    """The box in the picture around a box of the page, by the homography of `Found`."""
    (top, left), (bottom, right) = corners.astype(float)
    quad = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]])
    points = cv2.perspectiveTransform(quad, onto)[0, :, ::-1]
    return _box(np.stack([points.min(0), points.max(0)]))


def _box(corners: np.ndarray) -> Box:
    """Of the upper left and the lower right corner, [2, 2] of row and column."""
    (top, left), (bottom, right) = np.round(corners).astype(int).tolist()
    return left, top, max(1, right - left), max(1, bottom - top)
