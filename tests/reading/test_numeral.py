"""Lines of letters are read as the most probable numeral, which is a numeral."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.letter_sources import open_letters
from core.models.recognizer import load_recognizer
from core.reading.numeral import most_probable, read_numeral
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numerals import LETTERS, is_numeral, numeral, value
from core.synthesis.compose.recipe import Recipe

shares = st.dictionaries(st.sampled_from("ivxlcdmIVX"), st.floats(0.01, 1), min_size=1, max_size=4)


@given(st.lists(shares, min_size=1, max_size=4))
def test_it_is_the_best_of_all_numerals_of_as_many_letters(places):
    """Against every text of so many letters, checked one by one."""

    def score(text):
        return float(
            np.prod(
                [
                    1e-6 + sum(share for name, share in options.items() if name.lower() == letter)
                    for letter, options in zip(text, places, strict=True)
                ]
            )
        )

    texts = ["".join(letters) for letters in product(LETTERS, repeat=len(places))]
    scores = {text: score(text) for text in texts if is_numeral(text)}
    found, confidence = most_probable(places)
    assert scores[numeral(found)] == pytest.approx(max(scores.values()))
    assert confidence == pytest.approx(max(scores.values()) / sum(scores.values()))


def test_what_is_no_numeral_letter_by_letter_is_read_as_one():
    """An l for an i, as in so many hands: vlll is none, viii is."""
    places = [{"v": 0.9, "u": 0.1}, *[{"l": 0.6, "i": 0.4}] * 3]
    assert most_probable(places)[0] == 8


def test_no_numeral_is_as_long():
    assert most_probable([{"m": 1.0}] * 16) is None
    assert most_probable([]) is None


def test_blank_paper_has_none():
    recognizer = load_recognizer("characters", Settings.from_environment())
    assert read_numeral(recognizer, np.full((100, 200), 255, np.uint8)) is None


def test_composed_numerals_are_read():
    """In capitals of the glyph set, set apart: most of twenty beyond x."""
    settings = Settings.from_environment()
    recognizer = load_recognizer("characters", settings)
    texts = tuple(numeral(number) for number in range(37, 2600, 135))
    recipe = Recipe({"gap": 0.3, "sheet": 120, "aspect": 3, "letter": 0.5}, capitals=1)
    made = Compositions(letters=open_letters("natural", settings), texts=texts, recipe=recipe)
    right = 0
    for number, text in enumerate(texts):
        found = read_numeral(recognizer, 255 - made.picture(number))
        assert found is not None
        assert value(found.text) == found.value
        assert 0 < found.confidence <= 1
        right += found.text == text
    assert right > 0.6 * len(texts)
