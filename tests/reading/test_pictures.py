import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

from core.datasets.labels import folder_of_label
from core.errors import InklingError
from core.evaluation.scores import evaluate
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.reading.pictures import predict_pictures
from core.settings import Settings
from tests.conftest import BALANCED, DIGITS
from tests.handwriting import FIVE, FOUR, SEVEN, THREE, canvas
from tests.idx_files import write_pair
from tests.sentences import is_sentence

Make = Callable[..., Card]
GLYPHS = [SEVEN, FIVE, FOUR, THREE]


def spots(random: np.random.Generator, count: int) -> np.ndarray:
    """Images that a network with random weights answers differently: strokes of random length."""
    images = np.zeros((count, 28, 28), np.uint8)
    for image in images:
        for _ in range(3):
            ends = random.integers(2, 26, 4)
            cv2.line(
                image,
                tuple(ends[:2].tolist()),
                tuple(ends[2:].tolist()),
                255,
                int(random.integers(1, 5)),
            )
    return images


@pytest.mark.parametrize("kind", ["names", "indices"])
def test_the_figures_are_scikit_learns(
    settings: Settings, make_model: Make, random: np.random.Generator, tmp_path: Path, kind: str
) -> None:
    make_model("tiny", BALANCED)
    recognizer = load_recognizer("tiny", settings)
    images = spots(random, 400)
    predicted = recognizer.predict(images)
    # Random weights know nothing: half of the labels are made right so that the diagonal is not
    # empty.
    truth = np.where(
        random.random(400) < 0.5, predicted.probabilities.argmax(1), random.integers(0, 47, 400)
    )
    np.savez(
        tmp_path / "set.npz",
        images=images,
        labels=truth if kind == "indices" else np.array(BALANCED)[truth],
    )
    result = evaluate(recognizer, str(tmp_path / "set.npz"), settings)
    answers = predicted.probabilities.argmax(1)
    np.testing.assert_array_equal(
        result.confusion, confusion_matrix(truth, answers, labels=range(47))
    )
    assert result.accuracy == accuracy_score(truth, answers)
    assert result.loss == pytest.approx(
        log_loss(truth, predicted.probabilities.astype(float), labels=range(47)), rel=1e-4
    )
    assert (result.n, result.classes) == (400, BALANCED)
    assert result.interval[0] < result.accuracy < result.interval[1]
    json.dumps(result.to_json(), allow_nan=False)


def test_truth_is_in_rows(
    settings: Settings, make_model: Make, random: np.random.Generator, tmp_path: Path
) -> None:
    make_model()
    recognizer = load_recognizer("tiny", settings)
    image = spots(random, 1)
    answer = int(recognizer.predict(image).probabilities.argmax())
    truth = (answer + 3) % 10
    np.savez(tmp_path / "one.npz", images=image, labels=[truth])
    confusion = np.array(evaluate(recognizer, str(tmp_path / "one.npz"), settings).confusion)
    assert confusion[truth, answer] == 1
    assert confusion.sum() == 1


def test_folders_count_small_letters_without_a_class_as_capitals(
    settings: Settings, make_model: Make, tmp_path: Path
) -> None:
    make_model("tiny", BALANCED)
    for label in ("c", "a", "A", "5"):
        (tmp_path / "set" / folder_of_label(label)).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "set" / folder_of_label(label) / "1.png"), canvas(FIVE))
    result = evaluate(load_recognizer("tiny", settings), str(tmp_path / "set"), settings)
    rows = np.array(result.confusion).sum(1)
    assert {BALANCED[index]: int(rows[index]) for index in np.flatnonzero(rows)} == {
        "C": 1,
        "a": 1,
        "A": 1,
        "5": 1,
    }


def test_a_label_the_model_does_not_have(
    settings: Settings, make_model: Make, tmp_path: Path
) -> None:
    make_model("tiny", DIGITS)
    np.savez(tmp_path / "set.npz", images=np.ones((2, 28, 28), np.uint8), labels=["7", "a"])
    with pytest.raises(InklingError, match="'a'") as error:
        evaluate(load_recognizer("tiny", settings), str(tmp_path / "set.npz"), settings)
    assert is_sentence(str(error.value))


def test_a_data_set_without_images(settings: Settings, make_model: Make) -> None:
    make_model()
    write_pair(settings.data / "MNIST" / "raw", "t10k", np.zeros((0, 28, 28)), np.zeros(0))
    with pytest.raises(InklingError) as error:
        evaluate(load_recognizer("tiny", settings), "mnist:test", settings)
    assert is_sentence(str(error.value))


def test_other_sizes_are_evaluated_too(settings: Settings, make_model: Make) -> None:
    """The UCI digits are 8x8."""
    make_model()
    result = evaluate(load_recognizer("tiny", settings), "uci-digits:test", settings)
    assert np.array(result.confusion).sum() == result.n == 360


def test_rows_for_pictures(settings: Settings, make_model: Make, tmp_path: Path) -> None:
    make_model()
    recognizer = load_recognizer("tiny", settings)
    for number, glyph in enumerate(GLYPHS):
        cv2.imwrite(str(tmp_path / f"{number}.png"), canvas(glyph))
    (tmp_path / "1b.png").write_bytes(b"not a picture")
    cv2.imwrite(str(tmp_path / "2b.png"), np.full((90, 90), 255, np.uint8))
    rows = list(predict_pictures([tmp_path], recognizer))
    assert [row.path.name for row in rows] == [
        "0.png",
        "1.png",
        "1b.png",
        "2.png",
        "2b.png",
        "3.png",
    ]
    expected = recognizer.predict(np.stack([canvas(glyph) for glyph in GLYPHS]))
    read = [row for row in rows if row.label is not None]
    assert [row.label for row in read] == expected.labels()
    for row, probabilities in zip(read, expected.probabilities, strict=True):
        assert row.confidence == pytest.approx(probabilities.max(), abs=1e-5)
        assert [pair[0] for pair in row.top] == [
            DIGITS[index] for index in np.argsort(-probabilities)[:5]
        ]
    damaged, blank = rows[2].to_json(), rows[4].to_json()
    assert is_sentence(str(damaged.pop("error")))
    nothing = {"label": None, "confidence": 0.0, "top": []}
    assert damaged == {"path": str(tmp_path / "1b.png"), **nothing}
    assert blank == {"path": str(tmp_path / "2b.png"), **nothing}
