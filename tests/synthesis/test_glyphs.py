"""Glyph sets in files: read, refused with a sentence, changed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InklingError
from core.synthesis.glyph_file import SETS, dump_glyphs, load_glyphs, parse_glyphs
from core.synthesis.glyphs import (
    Hand,
    format_moves,
    move_points,
    parse_moves,
    parse_probabilities,
    with_probabilities,
)
from core.synthesis.handwriting import Handwriting
from tests.sentences import is_sentence

LINE = {"name": "x", "strokes": [[[4, 4], [20, 20]]]}


def glyph_set(*variants, **others):
    return json.dumps({"glyphs": {"x": list(variants)}, **others})


@pytest.mark.parametrize("name", SETS)
def test_shipped_sets_are_well_formed(name):
    glyphs = load_glyphs(name)
    assert set("0123456789") <= set(glyphs.glyphs)
    for label, variants in glyphs.glyphs.items():
        assert len({variant.name for variant in variants}) == len(variants), label
        for variant in variants:
            for point in variant.points.values():
                assert point.of or (0 <= point.row <= 28 and 0 <= point.column <= 28), (
                    label,
                    variant.name,
                )


BAD = [
    glyph_set(LINE, hand={"zoom": 10.9}),
    glyph_set(LINE).replace("20]", "1e999]"),
    glyph_set(LINE, hand={"jitter": 10**400}),
    glyph_set(LINE, hand={"zoom": 10**400}),
    glyph_set({**LINE, "share": 10**400}),
    glyph_set(LINE, hand={"jitter": "7"}),
    "",
    "[]",
    "7",
    "null",
    "{}",
    '{"glyphs": {}}',
    '{"glyphs": {"x": []}}',
    '{"glyphs": [1]}',
    "[" * 100_000,
    glyph_set({}),
    glyph_set({"strokes": [[[1, 2]]]}),
    glyph_set({"strokes": [[[1, 2], [3]]]}),
    glyph_set({"strokes": [[[1, 2], [3, "a"]]]}),
    glyph_set({**LINE, "name": "a/b"}),
    glyph_set({**LINE, "points": {"a/b": [1, 2]}}),
    glyph_set({"strokes": [[[1, 2], [3, 1e9]]]}),
    glyph_set({"strokes": [[[1, 2], [3, float("nan")]]]}),
    glyph_set({"strokes": 5}),
    glyph_set({"points": {"A": [1, 2]}, "curves": [["line", "A", "B"]]}),
    glyph_set({"points": {"A": [1, 2]}, "curves": [["wave", "A"]]}),
    glyph_set({"points": {"A": [1, 2], "B": [3, 4]}, "curves": [["bow", "A", "B", 0]]}),
    glyph_set({"points": {"A": {"of": ["B"], "at": [0, 0]}}}),
    glyph_set(
        {
            "points": {"A": [1, 2], "B": {"of": ["A"], "at": [0, 0], "spread": 2}},
            "curves": [["line", "A", "B"]],
        }
    ),
    glyph_set({**LINE, "share": 0}),
    glyph_set({**LINE, "share": -1}),
    glyph_set(LINE, hand={"jitter": "much"}),
    glyph_set(LINE, hand={"jitter": -1}),
    glyph_set({**LINE, "parts": [{"name": "dot", "probability": 2, "strokes": LINE["strokes"]}]}),
    glyph_set(
        {
            **LINE,
            "parts": [
                {"name": "dot", "probability": 1, "within": "cap", "strokes": LINE["strokes"]}
            ],
        }
    ),
    glyph_set({"strokes": [[[4, 4 + n / 10] for n in range(100)]]}),
    glyph_set({"strokes": [[[4, 4], [5, 5]]] * 120}),
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_glyph_set_is_a_sentence(text):
    with pytest.raises(InklingError) as caught:
        parse_glyphs(text, where="mine.json")
    assert is_sentence(str(caught.value))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=6), inner),
    )
)
def test_no_json_is_a_crash(value):
    with pytest.raises(InklingError):
        parse_glyphs(json.dumps({"glyphs": {"x": value}}))


def test_files(tmp_path):
    path = tmp_path / "mine.json"
    for data in (None, b"\xff\xfe\x00", b" " * (2**20 + 1)):
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(InklingError) as caught:
            load_glyphs(str(path))
        assert is_sentence(str(caught.value))
    path.write_text(glyph_set(LINE, name="mine"))
    images, labels = Handwriting(load_glyphs(str(path)), labels=("x",)).draw(0, 2)
    assert labels == ["x", "x"]
    assert images.any((1, 2)).all()


def test_probabilities_change_what_is_drawn():
    glyphs = load_glyphs("classic")
    never = with_probabilities(glyphs, parse_probabilities(["1/stem/flag=0", "4/open=0"]))
    writing = Handwriting(never, labels=("1", "4"))
    sketches = [writing.sketch(number) for number in range(60)]
    assert {len(sketch.cubics) for sketch in sketches if sketch.label == "1"} == {1}
    assert {sketch.variant for sketch in sketches if sketch.label == "4"} == {"closed"}
    assert glyphs.glyphs["4"][0].share == 0.85


@pytest.mark.parametrize(
    "text",
    [
        "4/open",
        "4/open=x",
        "4/shut=0.5",
        "z/open=0.5",
        "4=0.5",
        "1/stem/flag=2",
        "1/stem/hat=0.5",
        "4/open=nan",
        "1/stem=0",
    ],
)
def test_probabilities_that_are_none(text):
    with pytest.raises(InklingError) as caught:
        with_probabilities(load_glyphs("classic"), parse_probabilities([text]))
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize("name", SETS)
def test_a_set_survives_its_file(name):
    glyphs = load_glyphs(name)
    again = parse_glyphs(dump_glyphs(glyphs))
    assert again == glyphs
    one, other = (
        Handwriting(glyph_set, labels=tuple(glyphs.glyphs), seed=2).draw(0, 60)[0]
        for glyph_set in (glyphs, again)
    )
    np.testing.assert_array_equal(one, other)


def test_a_moved_point_moves_alone():
    glyphs = load_glyphs("classic")
    moves = {("4", "open", "A"): (-1.5, 2.0), ("1", "stem", "E"): (0.0, 3.0)}
    assert parse_moves(format_moves(moves)) == moves
    moved = move_points(glyphs, moves)
    point, before = moved.glyphs["4"][0].points["A"], glyphs.glyphs["4"][0].points["A"]
    assert (point.row - before.row, point.column - before.column) == (-1.5, 2.0)
    assert moved.glyphs["4"][0].points["B"] == glyphs.glyphs["4"][0].points["B"]
    assert moved.glyphs["0"] is glyphs.glyphs["0"]
    flat = Hand(jitter=0)
    one, other = (Handwriting(s, flat, labels=("4",)).sketch(0).points for s in [glyphs, moved])
    shifts: list[list[float]] = [[-1.5, 2], [0, 0], [0, 0], [0, 0], [0, 0]]
    np.testing.assert_allclose((other - one)[:5], shifts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4/open/A",
        "4/open/A=1",
        "4/open/A=1,x",
        "4/open/Z=1,1",
        "4/ajar/A=1,1",
        "z/open/A=1,1",
        "4/open/A=1,99",
        "4/open/A=nan,0",
    ],
)
def test_moves_of_nothing(text):
    with pytest.raises(InklingError) as caught:
        move_points(load_glyphs("classic"), parse_moves([text]))
    assert is_sentence(str(caught.value))
