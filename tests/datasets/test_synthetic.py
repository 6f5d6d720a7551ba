"""Synthetic digits as data sets in files."""

import numpy as np
import pytest

from core.datasets import synthetic
from core.datasets.catalogue import open_dataset
from core.errors import InklingError
from tests.conftest import BALANCED
from tests.sentences import is_sentence


def test_a_set_is_made_once_and_opened(settings):
    with pytest.raises(InklingError) as caught:
        open_dataset("synthetic-natural:test", settings)
    assert is_sentence(str(caught.value))
    texts = []
    synthetic.make_synthetic(
        "natural",
        settings.data,
        lambda *numbers: texts.append(numbers[:2]),
        sizes={"train": 60, "test": 50},
    )
    assert texts == [(number, 1100) for number in range(1, 1101)]
    train, test = (
        open_dataset(f"synthetic-natural:{part}", settings) for part in ("train", "test")
    )
    assert (len(train), len(test)) == (600, 500)
    assert np.bincount(train.labels).tolist() == [60] * 10
    assert train.form == "mnist"
    assert "nobody wrote" in train.source
    assert not {image.tobytes() for image in train.images} & {
        image.tobytes() for image in test.images
    }


def test_what_can_be_drawn_of_classes():
    assert synthetic.characters_of((*"01", "C", "I", "a")) == ["0", "1", "Cc", "Ii", "a"]
    assert synthetic.characters_of(("ii", "v", "#")) == ["v"]
    assert synthetic.characters_of(("ii", "iii")) == []
    assert len(synthetic.characters_of(BALANCED)) == 47
