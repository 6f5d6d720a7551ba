"""The prior of texts against the formula written out, and what it prefers."""

from collections import defaultdict

import numpy as np
import pytest

from core.reading.letters import Texts, count_letters, load_letters, save_letters
from core.synthesis.compose.texts import CHARACTERS

WORDS = [("tea", 5.0), ("ten", 2.0), ("at", 3.0)]


def witten_bell(words: list[tuple[str, float]], history: str, letter: str) -> float:
    """P(letter | the last letters), `^` for the beginning of a word; by recursion."""
    if history is None:
        return 1 / 26
    after: defaultdict[str, float] = defaultdict(float)
    for word, count in words:
        padded = "^^^" + word
        for place in range(3, len(padded)):
            if padded[place - len(history) : place] == history:
                after[padded[place]] += count
    shorter = witten_bell(words, history[1:] if history else None, letter)
    total, different = sum(after.values()), len(after)
    if not total:
        return shorter
    return (after[letter] + different * shorter) / (total + different)


@pytest.mark.parametrize("history", ["^^^", "^^t", "^te", "^at", "tea", "xyz", "zte"])
def test_the_table_is_that_of_the_formula(history: str) -> None:
    table = count_letters(WORDS)
    place = tuple(26 if sign == "^" else ord(sign) - 97 for sign in history)
    for letter in "aetnz":
        expected = witten_bell(WORDS, history, letter)
        assert np.exp(table[place][ord(letter) - 97]) == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(np.exp(table).sum(-1), 1, rtol=1e-4)


def test_the_shipped_table_is_kept_within_a_sixteenth(tmp_path) -> None:
    table = count_letters(WORDS)
    save_letters(tmp_path / "letters.npz", table)
    with np.load(tmp_path / "letters.npz") as file:
        read = -file["sixteenths"].astype(np.float32) / 16
    assert np.abs(read - np.maximum(table, -255 / 16)).max() <= 1 / 32 + 1e-6
    np.testing.assert_allclose(np.exp(load_letters()).sum(-1), 1, atol=0.1)


@pytest.fixture(scope="module")
def prior() -> Texts:
    return Texts(CHARACTERS, load_letters())


def after(prior: Texts, text: str, sign: str) -> float:
    indices = tuple(CHARACTERS.index(one) + 1 for one in text)
    return float(prior(indices)[CHARACTERS.index(sign) + 1])


@pytest.mark.parametrize(
    ("text", "likely", "unlikely"),
    [
        ("12", "0", "O"),
        ("12", "5", "S"),
        ("C", "O", "0"),
        ("THI", "S", "5"),
        ("THI", "S", "s"),
        ("thi", "s", "S"),
        ("T", "H", "X"),
        ("QU", "I", "1"),
        ("3.", "1", "I"),
    ],
)
def test_neighbours_decide_between_characters_that_look_alike(
    prior: Texts, text: str, likely: str, unlikely: str
) -> None:
    assert after(prior, text, likely) > after(prior, text, unlikely) + 1


def test_probabilities_sum_to_one(prior: Texts) -> None:
    for text in ("", "1", "A", "ab", "3.", "A ", "ABCDE"):
        indices = tuple(CHARACTERS.index(one) + 1 for one in text)
        assert np.exp(prior(indices)[1:]).sum() == pytest.approx(1, abs=0.1)
