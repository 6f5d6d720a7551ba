"""Endless handwriting: independent of the chunk size, and open to every setting."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from core.errors import InklingError
from core.jobs.engine import Engine
from core.synthesis.glyph_file import SETS, load_glyphs
from core.synthesis.glyphs import HAND_LIMITS, Hand
from core.synthesis.handwriting import Handwriting, override
from core.synthesis.labels import parse_labels
from core.synthesis.path import MARGIN
from core.synthesis.pen import write_glyphs
from tests.sentences import is_sentence


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("effects", [(), (("rotation", 20.0), ("noise", 30.0), ("half-turn", 0.5))])
def test_the_same_bytes_whatever_the_batch_and_the_workers(name, effects):
    writing = Handwriting(load_glyphs(name), seed=7, effects=effects)
    whole, labels = writing.draw(0, 2300)
    for workers in (1, 3):
        pieces = list(writing.chunks(2300, engine=Engine(workers)))
        np.testing.assert_array_equal(np.concatenate([images for images, _ in pieces]), whole)
        assert [label for _, names in pieces for label in names] == labels
    one, label = writing.draw(1234, 1)
    np.testing.assert_array_equal(one[0], whole[1234])
    assert label == [labels[1234]]
    rest = np.concatenate([images for images, _ in writing.chunks(2300, start=2001)])
    np.testing.assert_array_equal(rest, whole[2001:])


def test_whole_numbers_do_not_compile_another_pen():
    glyphs = load_glyphs("natural")
    whole: dict[str, Any] = {
        "jitter": 1,
        "correlation": 0,
        "turn": 3,
        "slant": 0,
        "pressure": 0,
        "thinnest": 2,
        "thickest": 5,
        "ramp": 0,
        "zoom": 10.0,
    }
    Handwriting(glyphs, Hand()).draw(0, 1)
    compiled = list(write_glyphs.signatures)
    for hand in (
        Hand(**whole),
        override(Hand(**whole), ["thickest=5.5"]),
        replace(Hand(), jitter=2),
    ):
        Handwriting(glyphs, hand).draw(0, 1)
    assert write_glyphs.signatures == compiled


def test_other_seeds_other_bytes():
    assert not np.array_equal(
        Handwriting(seed=1).draw(0, 10)[0], Handwriting(seed=2).draw(0, 10)[0]
    )


def test_jitter_alone_does_not_move_the_dice():
    """Sliders change only their own property: the same seed keeps variants, parts and pens."""
    little, much = (
        Handwriting(load_glyphs("classic"), Hand(jitter=jitter), seed=3) for jitter in (0.5, 3.0)
    )
    for number in range(40):
        one, other = little.sketch(number), much.sketch(number)
        assert one.variant == other.variant
        np.testing.assert_array_equal(one.widths, other.widths)


def test_a_sketch_is_what_the_image_was_drawn_from():
    writing = Handwriting(load_glyphs("classic"), Hand(jitter=2), seed=5, size=56)
    images, labels = writing.draw(0, 20)
    for number, image in enumerate(images):
        sketch = writing.sketch(number)
        assert sketch.label == labels[number]
        path = np.concatenate(sketch.strokes(size=56, steps=60))
        inside = path[((path > 2) & (path < 54)).all(1)]
        x, y = inside.astype(int).T  # pixel n covers n to n + 1
        assert image[y, x].min() > 150
        rows, columns = np.nonzero(image > 0)
        away = np.hypot(rows[:, None] - path[:, 1], columns[:, None] - path[:, 0]).min(1)
        assert away.max() < sketch.widths.max() / 2 * 2 + 1.5


@given(
    st.sampled_from(SETS),
    st.dictionaries(st.sampled_from(sorted(HAND_LIMITS)), st.booleans()),
    st.integers(0, 2**63 - 1),
)
@rounds(max_examples=60)
def test_sliders_at_their_ends_give_pictures(name, ends, seed):
    values: dict[str, Any] = {key: HAND_LIMITS[key][high] for key, high in ends.items()}
    if values.get("thinnest", 2.8) > values.get("thickest", 5.0):
        values["thinnest"] = min(values.get("thinnest", 2.8), values.get("thickest", 5.0))
    hand = Hand(**{key: int(value) if key == "zoom" else value for key, value in values.items()})
    images, _ = Handwriting(load_glyphs(name), hand, seed=seed).draw(0, 20)
    assert images.dtype == np.uint8
    assert images.shape == (20, 28, 28)


def test_every_character_of_the_natural_set_has_ink():
    labels = tuple(load_glyphs("natural").glyphs)
    images, _ = Handwriting(labels=labels, seed=1).draw(0, 8 * len(labels))
    assert (images.max((1, 2)) == 255).all()
    assert (images > 127).sum((1, 2)).min() > 15


def test_one_hand_leans_one_way():
    """Correlated jitter: neighbouring points move together."""

    def together(correlation):
        nominal = (
            Handwriting(load_glyphs("classic"), Hand(jitter=0), labels=("0",)).sketch(0).points
        )
        writing = Handwriting(
            load_glyphs("classic"), Hand(jitter=2, correlation=correlation), labels=("0",)
        )
        away = np.array([writing.sketch(number).points - nominal for number in range(600)])[..., 0]
        return np.corrcoef(away[:, 3], away[:, 4])[0, 1]

    assert abs(together(0.0)) < 0.12
    assert abs(together(0.8) - 0.8) < 0.1


@rounds(deadline=None, max_examples=30)
@given(
    jitter=st.floats(0, 10),
    turn=st.floats(0, 45),
    slant=st.floats(-1, 1),
    breadth=st.floats(0.01, 1),
    seed=st.integers(0, 999),
)
def test_a_leaning_hand_keeps_to_its_margin(jitter, turn, slant, breadth, seed):
    hand = Hand(jitter=jitter, turn=turn, slant=slant, slant_spread=0.3, breadth=breadth)
    writing = Handwriting(load_glyphs("natural"), hand, seed=seed)
    for number in range(20):
        points = writing.sketch(number).points
        assert points.min() >= MARGIN - 1e-9
        assert points.max() <= 28 - MARGIN + 1e-9


def test_natural_digits_do_not_reach_the_edge_of_the_paper():
    images, _ = Handwriting().draw(0, 2000)
    assert (images[:, [0, -1]].max((1, 2)) > 127).mean() < 0.002
    assert (images[:, :, [0, -1]].max((1, 2)) > 127).mean() < 0.002


def test_pressure_changes_the_width_along_a_stroke():
    steady = Handwriting(load_glyphs("classic"), Hand(pressure=0)).sketch(0).widths
    assert np.ptp(steady) < 1e-9
    pressed = Handwriting(load_glyphs("classic"), Hand(pressure=0.3)).sketch(0).widths
    assert np.ptp(pressed) > 0.05
    assert pressed[0, 1] == pressed[1, 0]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0-9", "0123456789"),
        ("3", "3"),
        ("3,7,3", "37"),
        ("A-C,x", "ABCx"),
        ("i,v,x", "ivx"),
        ("8-9,0-1", "8901"),
        ("9-11,x", ("9", "10", "11", "x")),
    ],
)
def test_labels_by_name_and_range(text, labels):
    assert parse_labels(text) == tuple(labels)


@pytest.mark.parametrize("text", ["", "3-", "9-0", "-", ",", "0--9", "a-zz", "01-3", "1-99999"])
def test_labels_that_name_nothing(text):
    with pytest.raises(InklingError) as caught:
        parse_labels(text)
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Handwriting(labels=("ß",)),
        lambda: Handwriting(labels=()),
        lambda: Handwriting(seed=-1),
        lambda: Handwriting(size=4),
        lambda: Hand(jitter=-1),
        lambda: Hand(jitter=float("nan")),
        lambda: Hand(thinnest=5, thickest=3),
        lambda: Hand(zoom=0),
        lambda: override(Hand(), ["jitter"]),
        lambda: override(Hand(), ["zoom=1.5"]),
        lambda: override(Hand(), ["wobble=1"]),
    ],
)
def test_what_cannot_be_written_is_a_sentence(make):
    with pytest.raises(InklingError) as caught:
        make()
    assert is_sentence(str(caught.value))


def test_flips_say_which_labels_there_can_be():
    assert Handwriting(labels=("6",), effects=(("half-turn", 0.5),)).classes == tuple("0123456789")
    assert Handwriting(labels=("b", "x"), effects=(("flip-left-right", 0.5),)).classes == (
        "b",
        "x",
        "d",
    )
    images, labels = Handwriting(labels=("6",), effects=(("half-turn", 1.0),)).draw(0, 4)
    plain, _ = Handwriting(labels=("6",)).draw(0, 4)
    assert labels == ["9"] * 4
    np.testing.assert_array_equal(images, plain[:, ::-1, ::-1])
