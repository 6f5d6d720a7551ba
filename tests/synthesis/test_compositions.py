"""Compositions: the strokes that the label says, the same bytes however they are asked for, every
step on its own.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InklingError
from core.ink.handwritten import Handwritten
from core.jobs.engine import Engine
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.letters import (
    Letters,
    PictureLetters,
    StrokeLetters,
    WriterLetters,
)
from core.synthesis.compose.pieces import Piece, piece_of_strokes
from core.synthesis.compose.recipe import PRESETS, Recipe, format_amounts, parse_amounts
from core.synthesis.compose.roman import LETTERS, NUMERALS
from core.synthesis.compose.steps import STEPS
from tests.sentences import is_sentence
from tests.synthesis.test_compose import WRITERS, parts_of

LINES = {
    "i": [[(0.2, 0.4), (0.2, 1)]],
    "v": [[(0, 0.4), (0.25, 1), (0.5, 0.4)]],
    "x": [[(0, 0.4), (0.5, 1)], [(0.5, 0.4), (0, 1)]],
}
"""Small letters, and below the same as capitals; each is one piece of ink."""


@dataclass(frozen=True)
class Ruled(Letters):
    """Letters of straight lines."""

    @property
    def signs(self) -> str:
        return "ivxIVX"

    def write(self, text: str, generator: np.random.Generator) -> list[Piece]:
        pieces = []
        for sign in text:
            strokes = [np.array(stroke) for stroke in LINES[sign.lower()]]
            if sign.isupper():
                strokes = [stroke * (1, 5 / 3) - (0, 2 / 3) for stroke in strokes]
            pieces.append(piece_of_strokes(sign, strokes, 0.08))
        return pieces


def written(writers: int = 3) -> Handwritten:
    return Handwritten.of(
        (sign, f"writer {number}", [np.array(stroke) * 40 for stroke in LINES[sign.lower()]])
        for number in range(writers)
        for sign in "ivxIVX"
        for _ in range(2)
    )


SOURCES: dict[str, Letters] = {
    "ruled": Ruled(),
    "pictures": PictureLetters(parts_of(LETTERS)),
    "writers": WriterLetters(WRITERS),
    "strokes": StrokeLetters(written()),
}
EVERY = pytest.mark.parametrize("source", SOURCES)
NOWHERE = np.random.default_rng(0)


def amounts_of(names, *, share: float = 1.0) -> st.SearchStrategy[dict[str, float]]:
    """Any amounts of these steps, of a share of their range."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.floats(STEPS[name].low * share, STEPS[name].high * share) for name in names
        },
    )


ON_LETTERS = [name for name, step in STEPS.items() if step.pieces]


@EVERY
@given(amounts=amounts_of(ON_LETTERS, share=0.9), number=st.integers(0, 200))
@settings(max_examples=25)
def test_whatever_the_steps_the_letters_spell_the_label(source, amounts, number):
    amounts.pop("breadth", None)  # 0 is no breadth
    made = Compositions(letters=SOURCES[source], recipe=Recipe(amounts), seed=number)
    pieces = [piece for piece in made.pieces(number) if piece.label]
    assert "".join(piece.label for piece in pieces) == made.text(number)
    assert made.text(number).lower() == made.label(number) == NUMERALS[number % 10]
    assert all(piece.width > 0 < piece.height and piece.ink.max() > 127 for piece in pieces)
    assert all(b.left > a.left + 1.4 * a.pen for a, b in pairwise(pieces))


@given(
    amounts=st.fixed_dictionaries(
        {"gap": st.floats(0.25, 0.6), "letter": st.floats(0.4, 0.9)},
        optional={
            "even": st.floats(0, 1),
            "size": st.floats(0, 0.1),
            "pen": st.floats(0.06, 0.1),
            "pens": st.floats(0, 0.1),
            "uneven": st.floats(0, 0.02),
            "lift": st.floats(0, 0.05),
            "seam": st.floats(0, 0.2),
            "sheet": st.floats(200, 300),
            "sheets": st.floats(0, 0.1),
            "aspect": st.floats(1, 2),
            "place": st.floats(0, 0.4),
            "widen": st.floats(0, 8),
            "rough": st.floats(0.05, 0.2),
            "grey": st.floats(0, 64),
            "darken": st.floats(60, 200),
            "quantise": st.just(1.0),
        },
    ),
    dots=st.booleans(),
    number=st.integers(0, 59),
)
@settings(max_examples=60)
def test_a_picture_has_the_strokes_that_its_label_says(amounts, dots, number):
    """One piece of ink for each letter that stands apart, and one for each dot."""
    recipe = Recipe({**amounts, "dots": float(dots)})
    made = Compositions(letters=Ruled(), recipe=recipe, seed=number)
    picture, text = made.picture(number), made.text(number)
    _, _, boxes, _ = cv2.connectedComponentsWithStats((picture > 60).astype(np.uint8))
    # what a rough edge loses is smaller than a dot
    count = (boxes[1:, cv2.CC_STAT_AREA] > 6).sum()
    assert count == len(text) + (text.count("i") if dots else 0)


@EVERY
@given(
    amounts=amounts_of(name for name in STEPS if name != "sheet"),
    sheet=st.integers(16, 120),
    form=st.sampled_from(["", "number", "emnist"]),
    number=st.integers(1, 99),
)
@settings(max_examples=25)
def test_any_steps_in_any_amounts_make_a_picture(source, amounts, sheet, form, number):
    """The same again whenever it is asked for."""
    recipe = Recipe({**amounts, "sheet": sheet}, form=form)
    made = Compositions(letters=SOURCES[source], recipe=recipe, seed=number)
    picture = made.picture(number)
    assert (picture.dtype, picture.ndim) == (np.uint8, 2)
    assert min(picture.shape) >= 8
    np.testing.assert_array_equal(picture, made.picture(number))
    np.testing.assert_array_equal(made.draw(number, 1)[0], made.draw(number - 1, 2)[0][1:])


@EVERY
def test_the_smallest_numeral_of_the_thinnest_pen_is_there(source):
    recipe = Recipe({"pen": 0.005, "letter": 0.05, "sheet": 16, "slant": 6})
    made = Compositions(letters=SOURCES[source], recipe=recipe)
    assert all(made.picture(number).max() > 0 for number in range(20))


@EVERY
@pytest.mark.parametrize("preset", PRESETS)
def test_same_seed_same_bytes(source, preset):
    made = Compositions(letters=SOURCES[source], recipe=PRESETS[preset], seed=5)
    images, labels = made.draw(7, 23)
    assert images.shape == (23, made.size, made.size)
    assert labels == [NUMERALS[number % 10] for number in range(7, 30)]
    np.testing.assert_array_equal(images[11:], made.draw(18, 12)[0])
    again = Compositions(letters=SOURCES[source], recipe=PRESETS[preset], seed=5)
    np.testing.assert_array_equal(images, again.draw(7, 23)[0])
    assert (images != replace(made, seed=6).draw(7, 23)[0]).any((1, 2)).mean() > 0.6


@EVERY
@pytest.mark.parametrize("preset", PRESETS)
def test_the_last_stage_is_the_picture_and_one_is_there_for_each_step(source, preset):
    recipe = PRESETS[preset]
    made = Compositions(letters=SOURCES[source], recipe=recipe)
    stages = made.stages(6)
    names = [stage.name for stage in stages]
    np.testing.assert_array_equal(stages[-1].image, made.picture(6))
    assert [name for name in names if name not in ("", "sheet", "form", "reduced")] == [
        step.name for step in recipe.steps
    ]
    if recipe.size or recipe.form:
        np.testing.assert_array_equal(made.draw(6, 1)[0][0], made.picture(6))


def test_in_processes_and_threads_the_bytes_are_the_same():
    made = Compositions(letters=SOURCES["strokes"], recipe=PRESETS["canonical"], seed=1)
    chunks = [list(made.chunks(3200, engine=Engine(workers))) for workers in (1, 2)]
    one, two = (np.concatenate([images for images, _ in chunk]) for chunk in chunks)
    np.testing.assert_array_equal(one, two)
    assert [label for _, labels in chunks[1] for label in labels] == list(NUMERALS) * 320


def test_another_amount_changes_nothing_in_the_other_steps():
    recipe = Recipe({"gap": 0.2, "size": 0.1, "specks": 9, "neighbour": 1, "place": 0.1})
    made = Compositions(letters=Ruled(), recipe=recipe)
    grey = replace(made, recipe=replace(recipe, amounts={**recipe.amounts, "grey": 64}))
    for number in range(10):
        plain, faint = made.picture(number), grey.picture(number)
        np.testing.assert_array_equal(plain > 200, faint > 150)
        assert faint.max() == 191


@pytest.mark.parametrize("share", [0, 0.3, 0.5, 1])
def test_a_share_of_the_rounds_is_in_capitals(share):
    made = Compositions(letters=Ruled(), recipe=Recipe(capitals=share))
    large = [made.text(number).isupper() for number in range(400)]
    assert np.mean(large) == pytest.approx(share)
    assert all(len(set(large[first : first + 10])) == 1 for first in range(0, 400, 10))


@given(amounts_of(STEPS))
def test_amounts_are_written_and_read(amounts):
    again = parse_amounts(format_amounts(amounts))
    assert Recipe(again).steps == Recipe(amounts).steps
    assert all(Recipe(again).amount(name) == Recipe(amounts).amount(name) for name in STEPS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Recipe({"gap": 7}),
        lambda: Recipe({"gap": float("nan")}),
        lambda: Recipe({"nothing": 1}),
        lambda: Recipe(form="round"),
        lambda: Recipe(capitals=2),
        lambda: Recipe(size=3),
        lambda: Recipe(channels=2),
        lambda: parse_amounts(["gap"]),
        lambda: Compositions(letters=Ruled(), texts=("xl",)),
        lambda: Compositions(letters=Ruled(), seed=-1),
    ],
)
def test_what_cannot_be_composed_is_a_sentence(make):
    with pytest.raises(InklingError) as caught:
        make()
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize("text", ["i", "viii"])
def test_ink_that_leans_and_turns_stays_whole(text):
    """On its own canvas, and on a sheet that it fills."""
    recipe = Recipe({"slant": 15, "turn": 20, "letter": 1, "gap": 0.2, "sheet": 100})
    made = Compositions(letters=Ruled(), texts=(text,), recipe=recipe)
    for number in range(60):
        stages = made.stages(number)
        for stage in stages[:-1]:
            border = [stage.image[[0, -1]], stage.image[:, [0, -1]].T]
            assert max(side.max() for side in border) < 128
        parts = cv2.connectedComponentsWithStats((stages[-1].image > 60).astype(np.uint8))[2]
        assert (parts[1:, cv2.CC_STAT_AREA] > 6).sum() == len(text)
