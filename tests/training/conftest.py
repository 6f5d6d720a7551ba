"""A small training set that needs no download: drawn digits in MNIST's canonical form."""

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.datasets.idx import write_idx
from core.ink.forms import FORMS
from core.synthesis.characters import synthetic_characters
from core.training import execute
from core.training.recipe import Recipe

SMALL = Recipe(
    epochs=3, batch_size=16, redrawn=0.0, validation_per_class=5, learning_rate=0.02, ema_decay=0.9
)


@pytest.fixture(scope="session")
def drawn_digits() -> Dataset:
    images, labels = synthetic_characters(FORMS["mnist"], per_class=40, seed=1, glyphs="classic")
    return Dataset(
        "drawn",
        "Drawn digits",
        images,
        np.array([int(label) for label in labels]),
        tuple("0123456789"),
        "mnist",
        "made here",
    )


@pytest.fixture
def small_recipe() -> Recipe:
    return SMALL


@pytest.fixture
def home(tmp_path, drawn_digits, monkeypatch):
    """A data root with the drawn digits in the place of MNIST's training part."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write_idx(raw / "train-images-idx3-ubyte", drawn_digits.images)
    write_idx(raw / "train-labels-idx1-ubyte", drawn_digits.labels.astype(np.uint8))
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    return tmp_path


@pytest.fixture
def extras(monkeypatch):
    """Records what would be added instead of training."""
    given = []

    def keep(run, dataset, extra, report):
        given.append(extra)
        return ()

    monkeypatch.setattr(execute, "train", keep)
    return given
