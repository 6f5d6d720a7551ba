"""A drawing as a link or a file comes back as it was; anything else is one sentence."""

import base64
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InklingError
from core.ink.drawing_link import (
    MAX_FILE_BYTES,
    MOST_SIGNS,
    LinkedDrawing,
    from_json,
    from_text,
    to_json,
    to_text,
)
from core.ink.forms import FORMS, canonical_strokes

SEVEN = LinkedDrawing([np.array([[60.0, 80], [230, 75], [210, 120], [120, 260]])], 20, (320, 320))


@some.composite
def drawings(draw):
    height, width = draw(some.integers(50, 500)), draw(some.integers(50, 800))
    places = some.tuples(some.floats(0, width), some.floats(0, height))
    strokes = draw(some.lists(some.lists(places, min_size=1, max_size=30), min_size=1, max_size=6))
    pen = draw(some.floats(1, 60))
    return LinkedDrawing([np.array(stroke, float) for stroke in strokes], pen, (height, width))


@given(drawings())
def test_a_drawing_comes_back_from_link_and_file(drawing):
    for back in (from_text(to_text(drawing)), from_json(to_json(drawing).encode())):
        assert back.size == drawing.size
        assert back.pen == pytest.approx(drawing.pen, abs=0.126)
        assert [len(stroke) for stroke in back.strokes] == [len(s) for s in drawing.strokes]
        for stroke, before in zip(back.strokes, drawing.strokes, strict=True):
            assert np.abs(stroke - before).max() <= 0.5


def test_a_link_is_letters_and_digits_and_its_drawing_is_the_same_to_a_model():
    text = to_text(SEVEN)
    assert text.replace("-", "").replace("_", "").isalnum()
    form = FORMS["mnist"]
    before, after = (
        canonical_strokes(drawing.strokes, form, width=drawing.pen).model_input.astype(int)
        for drawing in (SEVEN, from_text(text))
    )
    assert np.abs(before - after).max() <= 8


def test_a_drawing_too_long_for_a_link_fits_a_file():
    random = np.random.default_rng(0)
    long = LinkedDrawing([random.uniform(0, 320, (2_000, 2))], 20, (320, 320))
    with pytest.raises(InklingError, match="too long for a link"):
        to_text(long)
    assert len(from_json(to_json(long).encode()).strokes[0]) == 2_000


def test_a_usual_drawing_fits_a_link():
    """Five strokes of 60 points: a character with a hundred points a second has fewer."""
    angle = np.linspace(0, 5, 60)
    curve = 160 + 110 * np.stack([np.cos(angle), np.sin(angle)], 1)
    random = np.random.default_rng(0)
    strokes = [curve + random.normal(0, 1, curve.shape) for _ in range(5)]
    assert len(to_text(LinkedDrawing(strokes, 20, (320, 320)))) < MOST_SIGNS


@given(some.text(max_size=60) | some.binary(max_size=60).map(lambda data: packed(data)))
def test_any_other_text_is_one_sentence(text):
    try:
        from_text(text)
    except InklingError as error:
        assert str(error).endswith(".")  # noqa: PT017


@given(some.binary(max_size=80) | some.text(max_size=80).map(str.encode))
def test_any_other_file_is_one_sentence(data):
    with pytest.raises(InklingError, match=r"no drawing; choose"):
        from_json(data)


def packed(data: bytes) -> str:
    return "1" + base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2" + to_text(SEVEN)[1:],
        to_text(SEVEN)[:-4],
        to_text(SEVEN) + "AAAA",
        to_text(SEVEN).replace(to_text(SEVEN)[5], "*"),
        "1" * (MOST_SIGNS + 1),
        packed(bytes(10**7)),  # 10 MB in a few signs
        packed(bytes([40, 200, 200])),  # a number cut short
        packed(bytes([40, 100, 100, 20, 2, 2])),  # ten points, of which one is there
        packed(bytes([40, 100, 100, 1, 2, 2])),  # minus one point
    ],
    ids=range(10),
)
def test_a_damaged_link_is_one_sentence(text):
    with pytest.raises(InklingError, match="damaged or cut short"):
        from_text(text)


def changed(**values: object) -> bytes:
    return json.dumps({**json.loads(to_json(SEVEN)), **values}).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (bytes(MAX_FILE_BYTES + 1), "larger than 1 MB"),
        (b"[" * 100_000, "no drawing"),
        (changed(strokes="abc"), "pairs of numbers"),
        (changed(strokes=[[[1, 2, 3]]]), "pairs of numbers"),
        (changed(strokes=[[[10**400, 0]]]), "no drawing"),
        (changed(strokes=[[[float("nan"), 0]]]), "finite"),
        (changed(strokes=[[[500, 500]]]), "empty"),
        (changed(strokes=[]), "empty"),
        (changed(width=0), "a pen of at most"),
        (changed(width=float("nan")), "a pen of at most"),
        (changed(size=[320, 10**9]), "sides of at most"),
        (changed(size=[320]), "no drawing"),
    ],
)
def test_a_file_that_is_no_drawing_is_one_sentence(data, says):
    with pytest.raises(InklingError, match=says):
        from_json(data)


def test_what_is_beside_the_canvas_is_cut_off():
    outside = replace(SEVEN, strokes=[np.array([[10.0, 10], [400, 10]])])
    (stroke,) = from_json(to_json(outside).encode()).strokes
    assert stroke.tolist() == [[10, 10], [320, 10]]


def test_a_drawing_of_a_larger_canvas_is_made_smaller_as_a_whole():
    large = LinkedDrawing([np.array([[0.0, 0], [640, 320]])], 40, (320, 640))
    small = large.fitted((320, 320))
    assert (small.size, small.pen) == ((160, 320), 20)
    assert small.strokes[0].tolist() == [[0, 0], [320, 160]]
    assert SEVEN.fitted((400, 400)).size == SEVEN.size
