"""A copy of a recognizer learns drawings and new classes, and keeps what it knew."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.ink.forms import FORMS
from core.ink.handwritten import Handwritten
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.drawing import draw_inputs, pieces_of
from core.synthesis.negatives import star
from core.training.fine_tune import FineTuning, between, fine_tune
from tests.conftest import DIGITS
from tests.sentences import is_sentence

QUICK = FineTuning(copies=40, replay=60, epochs=1)


def stars(count: int, first: int = 0) -> Dataset:
    """Stars as people draw them, some of five strokes in one, some of three across."""
    written = Handwritten.of(
        (
            "★",
            "",
            [np.asarray(stroke, np.float32) for stroke in star(np.random.default_rng(number))],
        )
        for number in range(first, first + count)
    )
    images = draw_inputs(pieces_of(written, np.arange(count)), FORMS["mnist"])
    labels = np.zeros(count, np.int64)
    return Dataset("stars", "Stars", images, labels, ("★",), "mnist", "drawn", written)


def test_twelve_stars_are_enough_and_digits_stay(settings: Settings) -> None:
    digits = load_recognizer("digits", settings)
    taught = fine_tune(digits, stars(12), None, FineTuning(copies=200, replay=300))
    others = stars(60, first=100)
    assert taught.card.classes == (*digits.card.classes, "★")
    assert (taught.predict(others.images).answers == 10).mean() >= 0.95
    known = open_dataset("uci-digits:test", settings)
    right = [
        int((model.predict(known.images).answers == known.labels).sum())
        for model in (digits, taught)
    ]
    assert right[1] >= right[0] - 0.03 * len(known)  # without any real digit beside the stars


def test_a_share_of_nothing_is_the_recognizer_itself(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("tiny")
    tiny = load_recognizer("tiny", settings)
    drawings = replace(stars(3), classes=("7",))
    copy = fine_tune(tiny, drawings, None, replace(QUICK, share=0.0))
    expected = tiny.predict(drawings.images).probabilities
    np.testing.assert_array_equal(copy.predict(drawings.images).probabilities, expected)
    other = fine_tune(tiny, drawings, None, QUICK)
    assert not np.array_equal(other.predict(drawings.images).probabilities, expected)
    again = fine_tune(tiny, drawings, None, QUICK)
    for own, same in zip(
        other.network.state_dict().values(), again.network.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(own, same, rtol=0, atol=0)


def test_the_recognizer_itself_is_not_changed(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("tiny")
    tiny = load_recognizer("tiny", settings)
    before = {name: tensor.clone() for name, tensor in tiny.network.state_dict().items()}
    fine_tune(tiny, stars(3), None, QUICK)
    for name, tensor in tiny.network.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
    assert tiny.card.classes == DIGITS


def test_between_two_states_lies_their_weighted_mean() -> None:
    old = {"rows": torch.zeros(2, 3), "count": torch.tensor(1)}
    new = {"rows": torch.ones(3, 3), "count": torch.tensor(5)}
    middle = between(old, new, 0.25)
    torch.testing.assert_close(middle["rows"], torch.tensor([[0.25] * 3, [0.25] * 3, [1.0] * 3]))
    assert middle["count"] == 5


def test_what_is_fitted_in_one_go_cannot_learn_more(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("tiny")
    tiny = load_recognizer("tiny", settings)
    forest = replace(tiny, card=replace(tiny.card, architecture="random-forest"))
    with pytest.raises(InklingError) as error:
        fine_tune(forest, stars(3), None, QUICK)
    assert is_sentence(str(error.value))
