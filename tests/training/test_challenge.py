"""The fixed network of the competition, what it reads of photographs, and its training."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.cli.main import main
from core.errors import InklingError
from core.models.network import count_parameters
from core.models.resnet import challenge_network
from core.training.challenge import FIXED, Photographs, read_photographs, reduced, run_challenge


def drawn(count: int, seed: int) -> Photographs:
    """Upright and level strokes, `count` of each."""
    generator = np.random.default_rng(seed)
    images = np.zeros((2 * count, 32, 32), np.uint8)
    for number, image in enumerate(images):
        at = int(generator.integers(8, 22))
        image[4:28, at : at + 3] = 255
        if number % 2:
            images[number] = image.T
    labels = np.arange(2 * count) % 2
    paths = tuple(Path(f"{number}.png") for number in range(2 * count))
    return Photographs(images, labels, ("i", "x"), paths)


def test_the_network_has_the_parameters_that_keras_counts() -> None:
    network = challenge_network(10)
    assert count_parameters(network, running_statistics=True) == 232_330
    # stem, three bottlenecks of 64, 64 and 256, and the first one's projection, with biases
    by_hand = 7 * 7 * 3 * 64 + 64 + 128
    for inputs in (64, 256, 256):
        by_hand += inputs * 64 + 64 + 9 * 64 * 64 + 64 + 64 * 256 + 256 + 2 * (64 + 64 + 256)
    by_hand += 64 * 256 + 256 + 512 + 256 * 10 + 10
    assert count_parameters(network) == by_hand
    assert network(torch.zeros(2, 1, 32, 32)).shape == (2, 10)


def test_recipe_is_the_competitions() -> None:
    assert (FIXED.optimizer, FIXED.learning_rate, FIXED.batch_size) == ("adam", 1e-4, 8)
    assert (FIXED.epochs, FIXED.schedule, FIXED.weight_decay) == (100, "constant", 0)
    assert not any(FIXED.augmentation.values())


def test_photographs_are_reduced_by_area() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (128, 96), dtype=np.uint8)
    means = grey.reshape(32, 4, 32, 3).mean((1, 3))
    assert np.abs(255.0 - reduced(grey) - means).max() <= 0.5
    small = np.full((32, 32), 7, np.uint8)
    assert (reduced(small) == 248).all()


def test_reads_folders_of_classes(tmp_path: Path) -> None:
    for label in ("i", "ii"):
        (tmp_path / "train" / label).mkdir(parents=True)
        for number in range(3):
            cv2.imwrite(
                str(tmp_path / "train" / label / f"{number}.png"), np.full((50, 40), 200, np.uint8)
            )
    found = read_photographs(tmp_path / "train")
    assert (found.classes, found.images.shape) == (("i", "ii"), (6, 32, 32))
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    with pytest.raises(InklingError, match="class ii"):
        read_photographs(tmp_path / "train", ("i",))


def test_learns_and_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    train, validation, test = drawn(24, 0), drawn(8, 1), drawn(20, 2)
    whole = run_challenge(train, validation, test, epochs=3)
    assert whole.accuracy > 0.9
    assert sum(map(sum, whole.confusion)) == whole.n == 40
    assert whole.correct == np.trace(whole.confusion)

    class StoppedError(Exception):
        pass

    def stop(done: int, total: int = 0, note: str = "") -> None:
        if done > 8:  # in the second epoch
            raise StoppedError

    with pytest.raises(StoppedError):
        run_challenge(train, validation, test, epochs=3, folder=tmp_path, report=stop)
    resumed = run_challenge(train, validation, test, epochs=3, folder=tmp_path)
    assert resumed.answers == whole.answers
    assert resumed.validation_accuracy == whole.validation_accuracy


def test_refuses_more_than_the_budget() -> None:
    much = drawn(24, 0)
    rows = np.zeros(9_990, int)
    much = replace(much, images=much.images[rows], labels=much.labels[rows])
    with pytest.raises(InklingError, match="10,000"):
        run_challenge(much, drawn(8, 1), drawn(8, 2))


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part, count in (("train", 8), ("val", 4), ("test", 6)):
        some = drawn(count, 3)
        for image, label, path in zip(some.images, some.labels, some.paths, strict=True):
            folder = tmp_path / part / some.classes[label]
            folder.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / path.name), 255 - image)
    folders = [text for part in ("train", "val", "test") for text in (f"--{part}", tmp_path / part)]
    assert main(["challenge", *map(str, folders), "--epochs", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["train_n"], result["validation_n"], result["n"]) == (16, 8, 12)
    assert set(result["answers"]) == {f"{'ix'[n % 2]}/{n}.png" for n in range(12)}
