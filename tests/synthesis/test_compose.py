"""Composed numbers and numerals: the right characters, all of their ink, the same bytes however
they are requested.
"""

from dataclasses import replace
from math import cos, radians

import cv2
import numpy as np
import pytest

from core.errors import InklingError
from core.ink.forms import FORMS, canonical_ink
from core.ink.paper import pen_width
from core.jobs.engine import Engine
from core.synthesis.compose.composer import Composer
from core.synthesis.compose.letters import Letter
from core.synthesis.compose.numbers import DIGITS, Numbers
from core.synthesis.compose.parts import Parts, pen_widths
from core.synthesis.compose.pieces import crop_ink, extent
from core.synthesis.compose.roman import (
    LETTERS,
    NUMERALS,
    RomanOfLetters,
    RomanOfWriters,
    roughen,
)
from tests.sentences import is_sentence

# Corners of a box two wide and four high, as on a seven-segment display, and the letters between
# them.
LINES = {
    "0": "adlia",
    "1": "bk",
    "2": "adfgil",
    "3": "adfgfli",
    "4": "agfdl",
    "5": "dagfli",
    "6": "dailfg",
    "7": "adl",
    "8": "adlia gf",
    "9": "gadlfg",
    "i": "bk",
    "v": "akd",
    "x": "al di",
    "I": "ad bk il",
    "V": "akd",
    "X": "al di",
}
PLACES = {
    "a": (0, 0),
    "b": (1, 0),
    "d": (2, 0),
    "f": (2, 2),
    "g": (0, 2),
    "i": (0, 4),
    "k": (1, 4),
    "l": (2, 4),
}


def printed(sign: str, *, pen: float = 2) -> np.ndarray:
    """A character of straight lines in the middle of uint8 [28, 28], 20 pixels high and up to 12
    wide.
    """
    large = np.zeros((224, 224), np.uint8)
    for path in LINES[sign].split():
        corners = np.array([PLACES[name] for name in path]) * (10 / 2, 18 / 4) + (9, 5)
        cv2.polylines(large, [np.rint(corners * 8).astype(np.int32)], False, 255, round(8 * pen))
    return cv2.resize(large, (28, 28), interpolation=cv2.INTER_AREA)


def parts_of(signs, *, pens=(2, 3)) -> Parts:
    images = np.stack([printed(sign, pen=pen) for sign in signs for pen in pens])
    return Parts.of(
        images, np.repeat(np.arange(len(signs)), len(pens)), signs, signs, called="The print"
    )


def letter(sign: str, number: int) -> Letter:
    """A letter that each writer writes a little larger."""
    ink = crop_ink(cv2.resize(printed(sign), (56 + number, 56 + number)))
    return Letter(ink, 4.0)


NUMBERS = Numbers(parts=parts_of(DIGITS), seed=3)
LETTERED = RomanOfLetters(parts=parts_of(LETTERS), seed=3)
WRITERS = tuple({sign: letter(sign, number) for sign in LETTERS} for number in range(3))
WRITTEN = RomanOfWriters(writers=WRITERS, seed=3)
ALL = pytest.mark.parametrize(
    "composer", [NUMBERS, LETTERED, WRITTEN], ids=lambda composer: type(composer).__name__
)
FORMED = pytest.mark.parametrize(
    "form",
    [FORMS["number"], FORMS["emnist"], None],
    ids=lambda form: form.name if form else "written",
)


def test_numbers_are_those_of_the_article_without_leading_zeros():
    images, labels = NUMBERS.draw(0, 74)
    assert labels == [str(number) for number in range(37)] * 2
    assert (images.shape, images.dtype) == ((74, 28, 28), np.uint8)
    for number in range(74):
        assert [piece.label for piece in NUMBERS.compose(number).pieces] == list(str(number % 37))


@pytest.mark.parametrize(
    "composer", [LETTERED, replace(WRITTEN, bars=0.0)], ids=["letters", "writers"]
)
def test_numerals_in_small_letters_and_in_capitals(composer):
    spelt = [
        "".join(piece.label for piece in composer.compose(number).pieces) for number in range(20)
    ]
    assert spelt == [*NUMERALS, *(numeral.upper() for numeral in NUMERALS)]
    assert composer.draw(0, 20)[1] == list(NUMERALS) * 2


@pytest.mark.parametrize(
    "composer", [NUMBERS, LETTERED, WRITTEN], ids=["numbers", "letters", "writers"]
)
def test_pieces_stand_from_left_to_right(composer):
    for number in range(200):
        middles = [
            piece.left + piece.width / 2 for piece in composer.compose(number).pieces if piece.label
        ]
        assert middles == sorted(middles)


@FORMED
@ALL
def test_an_image_depends_on_the_seed_and_its_number_alone(composer: Composer, form):
    composer = replace(composer, form=form)
    whole, labels = composer.draw(0, 130)
    np.testing.assert_array_equal(whole[:41], composer.draw(0, 41)[0])
    np.testing.assert_array_equal(whole[41:], composer.draw(41, 89)[0])
    np.testing.assert_array_equal(whole[77], composer.compose(77).image)
    for workers in (1, 3):
        chunks = list(composer.chunks(1130, start=1000, engine=Engine(workers)))
        np.testing.assert_array_equal(
            np.concatenate([images for images, _ in chunks]), composer.draw(1000, 130)[0]
        )
    assert labels == composer.draw(0, 130)[1]
    other, _ = replace(composer, seed=4).draw(0, 130)
    assert (other != whole).any((1, 2)).mean() > 0.6  # few printed digits: some images are the same


@FORMED
@ALL
def test_all_ink_is_there(composer: Composer, form):
    """The joined ink equals the pieces together, less overlaps, and none of it comes near the
    border.
    """
    composer = replace(composer, form=form)
    for number in range(100):
        made = composer.compose(number)
        rows, columns = np.nonzero(made.ink)
        scale = max(np.ptp(rows) + 1, np.ptp(columns) + 1) / max(extent(made.pieces)[2:])
        masses = [piece.ink.mean() * piece.width * piece.height * scale**2 for piece in made.pieces]
        assert max(masses) * 0.9 < made.ink.sum() < sum(masses) * 1.1
        joined = any(
            a.right > b.left - 1 for a, b in zip(made.pieces, made.pieces[1:], strict=False)
        )
        if not joined:
            assert made.ink.sum() > sum(masses) * 0.9
        # the softness of the edge
        assert max(made.image[[0, -1]].max(), made.image[:, [0, -1]].max()) < 16
        assert made.image.max() == 255


@pytest.mark.parametrize("form", [FORMS["number"], None], ids=["number", "written"])
def test_every_character_can_be_counted(form):
    """Bars that lie apart stay as many as they were, through the pen and the reduction."""
    bars = np.zeros((10, 28, 28), np.uint8)
    bars[:, 4:24, 13:16] = 255
    numbers = Numbers(
        parts=Parts.of(bars, np.arange(10), DIGITS, DIGITS, called="bars"), form=form, gap=(3, 6)
    )
    numerals = RomanOfLetters(
        parts=Parts.of(bars[:6], np.arange(6), LETTERS, LETTERS, called="bars"), form=form, jitter=0
    )
    for composer in (numbers, numerals):
        for number in range(80):
            made = composer.compose(number)
            assert cv2.connectedComponents((made.image > 100).astype(np.uint8))[0] - 1 == len(
                made.pieces
            )


@pytest.mark.parametrize(
    "composer", [NUMBERS, LETTERED, replace(WRITTEN, bars=0)], ids=["numbers", "letters", "writers"]
)
def test_a_composition_is_framed_as_a_drawing_of_it_would_be(composer):
    form = FORMS["number"]
    likeness, pens, sides = [], [], []
    for number in range(100):
        made = replace(composer, pens=0.0).compose(number)
        theirs = canonical_ink(made.ink, form).model_input
        likeness.append(np.corrcoef(made.image.ravel(), theirs.ravel())[0, 1])
        pens.append(
            pen_width(cv2.resize(made.image, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC) > 127)
            / 8
        )
        rows, columns = np.nonzero(made.image > 100)
        sides.append(1 + max(np.ptp(rows), np.ptp(columns)))
    assert np.median(likeness) > 0.9
    assert np.quantile(likeness, 0.05) > 0.75  # a shift of half a pixel does that
    assert np.median(pens) == pytest.approx(form.pen, rel=0.2)
    assert form.box - 2 <= min(sides) <= max(sides) <= form.box + 1


def test_as_written_every_number_has_the_same_size():
    heights = []
    for number in range(111):
        rows, _ = np.nonzero(
            replace(NUMBERS, form=None, drop=0, scale=0).compose(number).image > 100
        )
        heights.append(1 + np.ptp(rows))
    assert max(heights) - min(heights) <= 4
    one = np.median([height for number, height in enumerate(heights) if number % 37 < 10])
    assert one == pytest.approx(np.median(heights), abs=1)


@pytest.mark.parametrize("width", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("turn", [0, 30, 45])
def test_the_pen_of_a_line_is_its_width(width, turn):
    """A line 20 long, by the distance of each point of a fine grid."""
    y, x = (np.indices((560, 560)) + 0.5) / 20 - 14
    along, across = (
        x * cos(radians(90 - turn)) + y * cos(radians(turn)),
        x * cos(radians(turn)) - y * cos(radians(90 - turn)),
    )
    line = (np.abs(across) < width / 2) & (np.abs(along) < 10)
    image = (line.reshape(28, 20, 28, 20).mean((1, 3)) * 255).astype(np.uint8)
    assert pen_widths(image[None])[0] == pytest.approx(width, rel=0.2)


def test_a_number_is_written_with_like_pens():
    """Nearer to each other than two digits at random: the means of the difference, over the same
    digits.
    """
    parts = parts_of(DIGITS, pens=(1, 2, 3, 4))
    generator = np.random.default_rng(0)
    chosen = np.array([parts.choose("25", generator) for _ in range(200)])
    assert set(chosen[:, 0]) <= set(parts.rows["2"])
    assert set(chosen[:, 1]) <= set(parts.rows["5"])
    alike = np.abs(np.diff(parts.pens[chosen], axis=1)).mean()
    by_chance = np.abs(parts.pens[parts.rows["2"]][:, None] - parts.pens[parts.rows["5"]]).mean()
    assert alike < by_chance / 2
    assert len(set(chosen[:, 0])) == 4


def test_a_numeral_is_of_one_writer_and_every_writer_writes_as_many():
    seen = []
    for number in range(3 * 20 * 2):
        of = {
            owner
            for piece in replace(WRITTEN, noise=0).compose(number).pieces
            for owner, writer in enumerate(WRITERS)
            if piece.label and piece.ink is writer[piece.label].ink
        }
        assert len(of) == 1
        seen += of
    assert np.bincount(seen).tolist() == [40, 40, 40]


def test_lines_above_and_below_are_only_on_capital_v_and_x():
    for number in range(40):
        pieces = replace(WRITTEN, bars=1.0).compose(number).pieces
        assert sum(not piece.label for piece in pieces) == 2 * sum(
            piece.label in "VX" for piece in pieces if piece.label
        )


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_noise_is_at_the_edge_only(kind):
    ink = np.zeros((40, 40), np.uint8)
    ink[10:30, 10:30] = 255
    noisy = roughen(ink, 1.0, kind, np.random.default_rng(0))
    changed = noisy != ink
    assert changed.any()
    assert not changed[12:28, 12:28].any()
    changed[9:31, 9:31] = False
    assert not changed.any()


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(NUMBERS, seed=-1),
        lambda: replace(NUMBERS, pens=2.0),
        lambda: replace(NUMBERS, form=FORMS["mnist"]),
        lambda: Parts.of(
            np.zeros((2, 28, 28), np.uint8), np.zeros(2, int), DIGITS, DIGITS, called="Paper"
        ),
        lambda: Parts.of(
            np.stack([printed("1")]), np.zeros(1, int), ("1",), DIGITS, called="A one"
        ),
    ],
)
def test_what_cannot_be_composed_is_a_sentence(make):
    with pytest.raises(InklingError) as caught:
        make()
    assert is_sentence(str(caught.value))
