"""The shipped recognizer of whole numbers, on numbers that need no data."""

import pytest

from core.datasets.letter_sources import open_letters
from core.models.cards import best_for, find_cards
from core.models.recognizer import load_recognizer
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.recipe import PRESETS

COUNT = 1110


@pytest.fixture
def numbers(settings):
    return load_recognizer("numbers", settings)


def test_its_classes_are_the_numbers_0_to_36(numbers, settings):
    assert numbers.card.classes == NUMBERS == tuple(map(str, range(37)))
    assert numbers.form.name == PRESETS["numbers"].form
    cards = {name: card for name, (card, _) in find_cards(settings).items()}
    # who asks for digits, or for nothing in particular, is answered as before
    assert list(cards)[:2] == ["characters", "digits"]
    assert best_for(tuple("0123456789"), cards.values())[0].name == "digits"
    assert best_for(NUMBERS, cards.values())[0].name == "numbers"


@pytest.mark.parametrize(
    ("letters", "preset"),
    [("natural:test", "canonical"), ("natural:test", "numbers"), ("print", "canonical")],
)
def test_numbers_of_other_hands_and_of_print_are_read(numbers, settings, letters, preset):
    made = Compositions(
        letters=open_letters(letters, settings), texts=NUMBERS, recipe=PRESETS[preset], seed=99
    )
    images, labels = made.draw(0, COUNT)
    answers = numbers.predict(images).labels()
    right = sum(answer == label for answer, label in zip(answers, labels, strict=True))
    assert right >= 0.98 * COUNT
