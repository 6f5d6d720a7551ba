"""Scores, calibration and comparison against scikit-learn, SciPy and plain loops, on random and
degenerate answers.
"""

import json
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.evaluation.calibration import coverage, reliability
from core.evaluation.compare import compare, holm, mcnemar
from core.evaluation.predictions import About, DatasetPrediction, predict_all
from core.evaluation.scores import (
    TOP,
    class_scores,
    confused_pairs,
    confusion_matrix,
    refit,
    similarity_order,
    summary,
    top_k_hits,
)
from core.intervals import rates
from core.models.recognizer import load_recognizer
from tests.sentences import is_sentence

CAPITALS = tuple("ABCDEFGHIJ")
quick = hypothesis_settings(max_examples=25)


def made(
    probabilities: np.ndarray,
    truth: np.ndarray,
    classes: tuple[str, ...] | None = None,
    pictures: str = "p",
) -> DatasetPrediction:
    names = classes or tuple(str(number) for number in range(probabilities.shape[1]))
    return DatasetPrediction(
        probabilities,
        names,
        np.asarray(truth, np.int64),
        About("made", "set", "a set", "w", pictures),
    )


@st.composite
def predictions(draw: st.DrawFn, *, least_classes: int = 1, least: int = 0) -> DatasetPrediction:
    """Few classes and pictures with probabilities of a coarse grid, so that ties, empty classes and
    all wrong occur.
    """
    classes, count = draw(st.integers(least_classes, 6)), draw(st.integers(least, 30))
    parts = (
        draw(arrays(np.int64, (count, classes), elements=st.integers(0, 4))).astype(np.float64)
        + 0.25
    )
    truth = draw(arrays(np.int64, count, elements=st.integers(0, classes - 1)))
    return made(
        (parts / parts.sum(1, keepdims=True)).astype(
            draw(st.sampled_from([np.float32, np.float16]))
        ),
        truth,
    )


hits = st.integers(0, 40).flatmap(lambda count: st.tuples(arrays(bool, count), arrays(bool, count)))
confidences = st.integers(0, 60).flatmap(
    lambda count: st.tuples(
        arrays(np.float64, count, elements=st.integers(0, 30).map(lambda part: part / 30)),
        arrays(bool, count),
    )
)


@quick
@given(predictions())
def test_answers_and_confidence_are_those_of_a_loop(dataset_prediction: DatasetPrediction) -> None:
    rows = [list(map(float, row)) for row in dataset_prediction.probabilities]
    assert dataset_prediction.answers.tolist() == [row.index(max(row)) for row in rows]
    assert dataset_prediction.confidence.tolist() == [max(row) for row in rows]
    assert dataset_prediction.truth_probability.tolist() == [
        row[truth] for row, truth in zip(rows, dataset_prediction.truth, strict=True)
    ]
    assert dataset_prediction.right.tolist() == [
        row.index(max(row)) == truth
        for row, truth in zip(rows, dataset_prediction.truth, strict=True)
    ]


@pytest.mark.filterwarnings("ignore:A single label")
@quick
@given(predictions())
def test_the_matrix_is_scikit_learns(dataset_prediction: DatasetPrediction) -> None:
    classes = range(len(dataset_prediction.classes))
    ours = confusion_matrix(dataset_prediction.truth, dataset_prediction.answers, len(classes))
    theirs = (
        metrics.confusion_matrix(
            dataset_prediction.truth, dataset_prediction.answers, labels=classes
        )
        if len(dataset_prediction)
        else np.zeros_like(ours)
    )
    np.testing.assert_array_equal(ours, theirs)


@quick
@given(predictions())
def test_the_scores_of_a_class_are_counts_divided(dataset_prediction: DatasetPrediction) -> None:
    scores = class_scores(dataset_prediction)
    for index in range(len(dataset_prediction.classes)):
        own, answered = dataset_prediction.truth == index, dataset_prediction.answers == index
        both = int((own & answered).sum())
        recall, precision = both / max(own.sum(), 1), both / max(answered.sum(), 1)
        f1 = 2 * both / (own.sum() + answered.sum()) if both else 0.0
        got = (
            scores.recall[index],
            scores.precision[index],
            scores.f1[index],
            scores.support[index],
            scores.answered[index],
        )
        assert got == pytest.approx((recall, precision, f1, own.sum(), answered.sum()))


@quick
@given(predictions(least_classes=3, least=1), st.integers(1, 5))
def test_top_k_is_scikit_learns(dataset_prediction: DatasetPrediction, k: int) -> None:
    if k >= len(dataset_prediction.classes):  # theirs warns that it is always right
        assert top_k_hits(dataset_prediction, k) == len(dataset_prediction)
        return
    theirs = metrics.top_k_accuracy_score(
        dataset_prediction.truth,
        dataset_prediction.probabilities,
        k=k,
        normalize=False,
        labels=range(len(dataset_prediction.classes)),
    )
    assert top_k_hits(dataset_prediction, k) == theirs


def test_top_k_goes_on_after_a_chunk(
    monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    result = made(random.dirichlet(np.ones(7), 100).astype(np.float32), random.integers(0, 7, 100))
    whole = [top_k_hits(result, k) for k in range(1, 8)]
    monkeypatch.setattr("core.evaluation.scores._CHUNK", 9)
    assert [top_k_hits(result, k) for k in range(1, 8)] == whole
    assert top_k_hits(made(np.zeros((0, 4), np.float32), np.zeros(0)), 2) == 0


@quick
@given(
    arrays(np.int64, st.integers(1, 6).map(lambda size: (size, size)), elements=st.integers(0, 3)),
    st.integers(0, 12),
)
def test_confused_pairs_are_the_largest_cells_off_the_diagonal(
    confusion: np.ndarray, count: int
) -> None:
    cells = [
        (-int(confusion[i, j]), i, j)
        for i in range(len(confusion))
        for j in range(len(confusion))
        if i != j and confusion[i, j]
    ]
    assert confused_pairs(confusion, count) == [
        (i, j, -value) for value, i, j in sorted(cells)[:count]
    ]


@quick
@given(
    arrays(np.int64, st.integers(1, 9).map(lambda size: (size, size)), elements=st.integers(0, 50))
)
def test_the_order_by_similarity_has_each_class_once(confusion: np.ndarray) -> None:
    assert sorted(similarity_order(confusion).tolist()) == list(range(len(confusion)))


def test_classes_that_are_confused_stand_side_by_side() -> None:
    confusion = 50 * np.eye(6, dtype=np.int64)
    for one, other in ((0, 5), (1, 3), (2, 4)):
        confusion[one, other], confusion[other, one] = 30, 20
    order = similarity_order(confusion).tolist()
    assert all(
        abs(order.index(one) - order.index(other)) == 1 for one, other in ((0, 5), (1, 3), (2, 4))
    )


def test_a_rate_of_nothing() -> None:
    assert rates([0, 3], [0, 4])[0] == (0.0, 0.0, 1.0)
    theirs = binomtest(3, 4).proportion_ci(0.95, method="wilson")
    assert rates([0, 3], [0, 4])[1] == pytest.approx((0.75, theirs.low, theirs.high), abs=1e-9)


@quick
@given(confidences, st.integers(1, 20))
def test_the_reliability_diagram_is_scikit_learns(
    given_: tuple[np.ndarray, np.ndarray], bins: int
) -> None:
    confidence, right = given_
    result = reliability(confidence, right, bins)
    if len(confidence):
        accuracy, mean = calibration_curve(right, confidence, n_bins=bins, pos_label=True)
        np.testing.assert_allclose(result.accuracy, accuracy)
        np.testing.assert_allclose(result.confidence, mean)
    error, edges = 0.0, np.linspace(0, 1, bins + 1)
    for number in range(bins):
        above = confidence > edges[number] if number else np.ones(len(confidence), bool)
        rows = above & ((confidence <= edges[number + 1]) if number < bins - 1 else True)
        if rows.any():
            error += (
                rows.sum() / len(confidence) * abs(right[rows].mean() - confidence[rows].mean())
            )
    assert result.error == pytest.approx(error, abs=1e-12)
    assert result.count.sum() == len(confidence)
    assert result.hits.sum() == right.sum()


def test_calibration_by_hand() -> None:
    """Two bins: 0.25 and 0.35 said, none right; 0.9 said, one of two right: 2/4 x 0.3 + 2/4 x
    0.4.
    """
    result = reliability(np.array([0.25, 0.35, 0.9, 0.9]), np.array([False, False, True, False]), 2)
    assert result.error == pytest.approx(0.35)
    assert (result.count.tolist(), result.hits.tolist()) == ([2, 2], [0, 1])


@quick
@given(confidences)
def test_coverage_is_that_of_a_loop(given_: tuple[np.ndarray, np.ndarray]) -> None:
    confidence, right = given_
    thresholds = np.linspace(0, 1, 31)  # the confidences themselves are among them
    result = coverage(confidence, right, thresholds)
    assert result.n == len(confidence)
    for at, threshold in enumerate(thresholds):
        above = [
            bool(hit) for sure, hit in zip(confidence, right, strict=True) if sure >= threshold
        ]
        assert (result.answered[at], result.hits[at]) == (len(above), sum(above))


@quick
@given(hits)
def test_mcnemar_is_the_exact_binomial(both: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = both
    result = mcnemar(first, second)
    alone = sum(a and not b for a, b in zip(first, second, strict=True))
    other = sum(b and not a for a, b in zip(first, second, strict=True))
    assert (result.n, result.only_first, result.only_second) == (len(first), alone, other)
    tail = sum(comb(alone + other, k) for k in range(min(alone, other) + 1)) / 2 ** (alone + other)
    assert result.p == pytest.approx(min(1.0, 2 * tail))
    if alone + other:
        assert result.p == pytest.approx(binomtest(alone, alone + other).pvalue)
    assert mcnemar(second, first).p == pytest.approx(result.p)


def test_holm_by_hand() -> None:
    """Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06 and 0.04, which is not less
    than the one before.
    """
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    assert holm(np.zeros(0)).shape == (0,)


@quick
@given(arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)))
def test_holm_rejects_what_the_procedure_rejects(p: np.ndarray) -> None:
    """Step down: reject while the smallest left is at most level / (how many are left)."""
    corrected = holm(p)
    for level in (0.05, 0.3):
        rejected: set[int] = set()
        for step, index in enumerate(np.argsort(p, kind="stable")):
            if p[index] * (len(p) - step) > level:
                break
            rejected.add(int(index))
        assert set(np.flatnonzero(corrected <= level).tolist()) == rejected


def one_hot(answers: list[int], classes: tuple[str, ...]) -> np.ndarray:
    return np.eye(len(classes), dtype=np.float32)[answers]


@quick
@given(predictions(least=1), st.data())
def test_two_with_the_same_classes_are_compared_as_they_are(
    first: DatasetPrediction, data: st.DataObject
) -> None:
    size = len(first.classes)
    answers = data.draw(
        st.lists(st.integers(0, size - 1), min_size=len(first), max_size=len(first))
    )
    second = made(one_hot(answers, first.classes), first.truth, first.classes)
    result = compare(first, second)
    assert result.classes == first.classes
    np.testing.assert_array_equal(result.first_right, first.right)
    np.testing.assert_array_equal(result.second_right, second.right)
    assert result.overall() == mcnemar(first.right, second.right)
    shares = [
        metrics.confusion_matrix(first.truth, item.answers, labels=range(size))
        / np.maximum(np.bincount(first.truth, minlength=size), 1)[:, None]
        for item in (first, second)
    ]
    np.testing.assert_allclose(result.difference(), shares[1] - shares[0], atol=1e-12)
    tests = dict(result.by_class())
    assert list(tests) == [
        name for index, name in enumerate(first.classes) if (first.truth == index).any()
    ]
    assert sum(test.n for test in tests.values()) == len(first)
    assert sum(test.only_first for test in tests.values()) == result.overall().only_first


def test_letters_that_one_does_not_tell_apart_are_one_class_for_both() -> None:
    """Pictures of C, c, c, 5: a reader of 62 classes may say c where one of 47 has only C; neither
    is at a disadvantage.
    """
    wide, merged = ("5", "C", "c"), ("5", "C")
    first = made(one_hot([1, 1, 0, 0], merged), np.array([1, 1, 1, 0]), merged)
    second = made(one_hot([2, 2, 1, 2], wide), np.array([1, 2, 2, 0]), wide)
    for result in (compare(first, second), compare(second, first)):
        assert set(result.classes) == {"5", "C"}
        assert [result.classes[index] for index in result.truth] == ["C", "C", "C", "5"]
    result = compare(first, second)
    assert result.first_right.tolist() == [True, True, False, True]
    assert result.second_right.tolist() == [True, True, True, False]
    assert (result.overall().only_first, result.overall().only_second) == (1, 1)


def test_what_only_one_can_answer_keeps_its_name() -> None:
    digits, letters = ("0", "1"), ("1", "0", "O")
    result = compare(
        made(one_hot([0, 1], digits), np.array([0, 1]), digits),
        made(one_hot([2, 0], letters), np.array([1, 0]), letters),
    )
    assert result.classes == ("0", "1", "O")
    assert [result.classes[index] for index in result.second] == ["O", "1"]
    assert result.difference().tolist() == [[-1, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_other_pictures_are_not_compared() -> None:
    one = made(one_hot([0], ("0", "1")), np.array([0]))
    for other in (
        made(one_hot([0], ("0", "1")), np.array([0]), pictures="q"),
        made(one_hot([0, 1], ("0", "1")), np.array([0, 1])),
    ):
        with pytest.raises(InklingError) as error:
            compare(one, other)
        assert is_sentence(str(error.value))


def test_the_refitted_temperature_undoes_what_was_done(random: np.random.Generator) -> None:
    """Truths are drawn from probabilities, then these are sharpened or flattened by a known
    temperature.
    """
    honest = random.dirichlet(np.full(5, 0.7), 20_000)
    truth = random.multinomial(1, honest).argmax(1)
    for temperature in (0.5, 1.0, 2.0):
        powers = honest ** (1 / temperature)
        bent = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
        assert refit(made(bent, truth)) == pytest.approx(1 / temperature, rel=0.06)
        assert refit(made(bent, truth), most=6000) == pytest.approx(1 / temperature, rel=0.12)


@hypothesis_settings(max_examples=15)
@given(predictions(least=1))
def test_the_summary_is_finite_whatever_was_answered(dataset_prediction: DatasetPrediction) -> None:
    text = json.loads(json.dumps(summary(dataset_prediction).to_json(), allow_nan=False))
    assert text["accuracy"] == pytest.approx(
        metrics.accuracy_score(dataset_prediction.truth, dataset_prediction.answers)
    )
    assert list(text["top_k"]) == [str(k) for k in TOP if k < len(dataset_prediction.classes)]
    assert 0.04 < text["temperature"] < 21


def test_nothing_cannot_be_scored() -> None:
    nothing = made(np.zeros((0, 3), np.float32), np.zeros(0))
    with pytest.raises(InklingError) as error:
        summary(nothing)
    assert is_sentence(str(error.value))
    assert refit(nothing) == 1.0
    assert class_scores(nothing).support.tolist() == [0, 0, 0]


def test_the_summary_of_a_recognizer_is_scikit_learns(
    settings, make_model, random: np.random.Generator
) -> None:
    make_model("tiny", CAPITALS)
    images = random.integers(0, 256, (200, 28, 28), np.uint8) * random.integers(
        0, 2, (200, 28, 28), np.uint8
    )
    labels = random.integers(0, 9, 200)  # of the last class there is none
    recognizer = load_recognizer("tiny", settings)
    text = json.loads(
        json.dumps(
            summary(
                predict_all(
                    recognizer,
                    Dataset("d", "D", images, labels, CAPITALS, "mnist", "noise"),
                    settings,
                )
            ).to_json()
        )
    )
    probabilities = recognizer.predict(images).probabilities.astype(np.float64)
    answers, every = probabilities.argmax(1), range(10)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, answers, labels=every, zero_division=0
    )
    assert text["confusion"] == metrics.confusion_matrix(labels, answers, labels=every).tolist()
    for name, theirs in (
        ("precision", precision),
        ("recall", recall),
        ("f1", f1),
        ("support", support),
    ):
        assert text[name] == pytest.approx(theirs)
    assert text["loss"] == pytest.approx(
        metrics.log_loss(labels, probabilities, labels=every), rel=1e-4
    )
    for k in TOP:
        assert text["top_k"][str(k)] == pytest.approx(
            metrics.top_k_accuracy_score(labels, probabilities, k=k, labels=every)
        )
    assert (text["n"], text["classes"], text["model"], text["data"]) == (
        200,
        list(CAPITALS),
        "tiny",
        "noise",
    )
    assert text["accuracy"] == metrics.accuracy_score(labels, answers)
