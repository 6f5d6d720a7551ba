"""Roman numerals and their values, against the rules written another way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InklingError
from core.synthesis.compose.numerals import (
    LARGEST,
    LETTERS,
    is_numeral,
    numeral,
    parse_numerals,
    value,
)
from tests.sentences import is_sentence

CANONICAL = re.compile("m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
WORTH = dict(zip(LETTERS, (1, 5, 10, 50, 100, 500, 1000), strict=True))


def subtractive(text: str) -> int:
    """A letter before a larger one is taken away."""
    worth = [WORTH[letter] for letter in text]
    return sum(
        -one if any(other > one for other in worth[place + 1 : place + 2]) else one
        for place, one in enumerate(worth)
    )


def test_every_numeral_is_canonical_and_worth_its_value():
    for number in range(1, LARGEST + 1):
        text = numeral(number)
        assert CANONICAL.fullmatch(text)
        assert subtractive(text) == number
        assert value(text) == value(text.upper()) == number
    assert numeral(LARGEST) == "mmmcmxcix"


@given(st.text(LETTERS, max_size=9))
def test_only_canonical_texts_are_read(text):
    assert is_numeral(text) == bool(text and CANONICAL.fullmatch(text))


@pytest.mark.parametrize("text", ["", "iiii", "ic", "Iv", "vx", "mmmm", "x ", "7", "XiX"])
def test_what_is_none_is_a_sentence(text):
    with pytest.raises(InklingError) as caught:
        value(text)
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("text", "values"),
    [("i-x", range(1, 11)), ("1-3,xl", [1, 2, 3, 40]), ("IX,9", [9]), ("MMMCMXCIX", [3999])],
)
def test_numerals_by_name_value_and_range(text, values):
    assert parse_numerals(text) == tuple(numeral(number) for number in values)


@pytest.mark.parametrize("text", ["", "x-i", "0-3", "4000", "a", "i-", "i--v"])
def test_what_names_no_numerals_is_a_sentence(text):
    with pytest.raises(InklingError) as caught:
        parse_numerals(text)
    assert is_sentence(str(caught.value))
