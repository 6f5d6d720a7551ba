"""Confident learning against a ten-line NumPy version, labels altered on purpose, and degenerate
data.
"""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import nn

from core.cli.main import main
from core.curation.issues import IssueList, find_issues, list_issues
from core.curation.label_issues import check_unseen, cross_validated, fold_of
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS, tiny_card
from tests.reports import Reports
from tests.sentences import is_sentence


def flipped(random, count=1000, classes=5, wrong=80):
    """Probabilities of a good reader, labels of which `wrong` differ from its answers, and the rows
    of those.
    """
    truth = random.integers(classes, size=count)
    scores = random.normal(size=(count, classes))
    scores[np.arange(count), truth] += 6
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    rows = random.choice(count, wrong, replace=False)
    labels = truth.copy()
    labels[rows] = (labels[rows] + random.integers(1, classes, wrong)) % classes
    return labels, probabilities, rows


def confident_joint(labels, probabilities):
    """Equation 1 of Northcutt et al., calibrated as in equation 3, in counts."""
    count, classes = probabilities.shape
    thresholds = np.array([probabilities[labels == k, k].mean() for k in range(classes)])
    joint = np.zeros((classes, classes))
    for label, row in zip(labels, probabilities, strict=True):
        above = np.flatnonzero(row >= thresholds)
        if len(above):
            joint[label, above[row[above].argmax()]] += 1
    joint = joint / joint.sum(1, keepdims=True) * np.bincount(labels, minlength=classes)[:, None]
    return joint / joint.sum() * count


def dataset(count=100, seed=1, classes=DIGITS, size=28):
    images, labels = Handwriting(load_glyphs("classic"), seed=seed, size=size).draw(0, count)
    return Dataset(
        "x", "X", images, np.array([DIGITS.index(label) for label in labels]), classes, "mnist", "x"
    )


def test_flipped_labels_are_found(random):
    labels, probabilities, rows = flipped(random)
    issues = find_issues(labels, probabilities)
    result = np.isin(issues.rows, rows)
    assert result.mean() > 0.9
    assert result.sum() > 0.9 * len(rows)
    assert abs(issues.noise_rate - 0.08) < 0.02
    right = probabilities.argmax(1)
    np.testing.assert_array_equal(issues.suggested[issues.rows], right[issues.rows])


def test_noise_rate_is_that_of_the_confident_joint(random):
    labels, probabilities, _ = flipped(random, wrong=200)
    joint = confident_joint(labels, probabilities)
    assert find_issues(labels, probabilities).noise_rate == pytest.approx(
        1 - joint.trace() / joint.sum(), abs=1e-3
    )


def test_found_of_each_class_are_what_the_joint_says(random):
    labels, probabilities, _ = flipped(random, wrong=200)
    joint, issues = confident_joint(labels, probabilities), find_issues(labels, probabilities)
    expected = np.bincount(labels) - joint.diagonal()
    # cleanlab rounds
    assert np.abs(np.bincount(labels[issues.rows], minlength=5) - expected).max() <= 2


def test_order_is_by_self_confidence(random):
    labels, probabilities, _ = flipped(random)
    issues = find_issues(labels, probabilities)
    own = probabilities[np.arange(len(labels)), labels]
    np.testing.assert_array_equal(issues.quality, own)
    kinds = len(issues.rows)
    for part in (issues.order[:kinds], issues.order[kinds:]):
        assert (np.diff(own[part]) >= 0).all()
    np.testing.assert_array_equal(issues.rows, issues.order[:kinds])


@given(st.data())
def test_whatever_the_labels_it_orders_them_all(data):
    count, classes = data.draw(st.integers(0, 12)), data.draw(st.integers(1, 5))
    labels = data.draw(hnp.arrays(np.int64, count, elements=st.integers(0, classes - 1)))
    # ties abound
    weights = data.draw(
        hnp.arrays(np.float64, (count, classes), elements=st.sampled_from([1e-9, 0.5, 1.0, 2.0]))
    )
    probabilities = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    issues, again = find_issues(labels, probabilities), find_issues(labels, probabilities)
    assert sorted(issues.order) == list(range(count))
    np.testing.assert_array_equal(issues.order, again.order)
    assert 0 <= issues.noise_rate <= 1
    assert ((issues.suggested >= 0) & (issues.suggested < classes)).all()
    assert classes == 1 or not (issues.suggested == labels).any()
    assert not (probabilities[issues.rows].argmax(1) == labels[issues.rows]).any()


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_labels_that_are_all_right_have_no_issues(classes):
    labels = np.arange(30) % classes
    issues = find_issues(labels, np.eye(classes)[labels])
    assert not len(issues.rows)
    assert issues.noise_rate == 0


def test_a_class_that_no_label_has_is_no_trouble(random):
    labels, probabilities, _ = flipped(random)
    wider = np.insert(probabilities, 2, 0.0, axis=1)
    issues = find_issues(labels + (labels >= 2), wider)
    np.testing.assert_array_equal(issues.rows, find_issues(labels, probabilities).rows)


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        ([-1, 0], np.eye(2)),
        ([0, 2], np.eye(2)),
        ([0], np.eye(2)),
        ([0, 1], np.full((2, 2), np.nan)),
        ([0, 1], np.eye(2) * 2),
        ([0], [[]]),
    ],
)
def test_what_are_no_labels_or_probabilities_is_refused(labels, probabilities):
    with pytest.raises(ValueError, match=r"labels|probabilities"):
        find_issues(np.array(labels), np.array(probabilities))


def test_it_is_silent_and_starts_no_process(random, capfd, monkeypatch):
    monkeypatch.setattr("multiprocessing.Pool", None)
    labels, probabilities, _ = flipped(random)
    find_issues(labels, probabilities)
    assert capfd.readouterr() == ("", "")


def test_cross_validation_finds_altered_digits(random):
    data = dataset(200)
    rows = random.choice(200, 8, replace=False)
    labels = data.labels.copy()
    labels[rows] = (labels[rows] + 1) % 10
    seen = Reports()
    altered = Dataset("x", "X", data.images, labels, DIGITS, "mnist", "x")
    probabilities = cross_validated(altered, folds=2, epochs=20, report=seen)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert np.isin(rows, find_issues(labels, probabilities).order[:16]).all()
    assert seen == sorted(seen)
    assert seen[-1] == seen.totals[-1]


class ByHeart(nn.Module):
    """Certain of the label of each training image, and of nothing else."""

    def __init__(self, images, labels, classes):
        super().__init__()
        self.known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
        self.classes = classes

    def forward(self, x):
        seen = [self.known.get((image * 255).round().byte().numpy().tobytes()) for image in x[:, 0]]
        return torch.stack(
            [
                torch.zeros(self.classes) if k is None else torch.eye(self.classes)[k] * 20
                for k in seen
            ]
        )


def test_no_image_is_read_by_a_network_that_saw_it_or_a_copy(monkeypatch):
    def by_heart(images, labels, classes, recipe, report):
        made.append(ByHeart(images, labels, len(classes)))
        return made[-1]

    made: list[ByHeart] = []
    monkeypatch.setattr("core.curation.label_issues._trained", by_heart)
    data = dataset(40)
    # the first two are there three times
    images = np.concatenate([data.images, data.images[:7], data.images[:2]])
    labels = np.concatenate([data.labels, (data.labels[:7] + 1) % 10, data.labels[:2]])
    probabilities = cross_validated(
        Dataset("x", "X", images, labels, DIGITS, "mnist", "x"), folds=4
    )
    np.testing.assert_allclose(probabilities, 0.1)
    assert len(made) == 4
    assert all(len(network.known) > 25 for network in made)


def test_the_same_seed_gives_the_same_and_the_callers_chance_is_not_touched():
    data = dataset(30)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one, other, third = (cross_validated(data, folds=2, epochs=1, seed=seed) for seed in (0, 0, 1))
    assert torch.rand(1) == expected
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, third)


def test_other_sizes_are_brought_to_the_form():
    small = dataset(20, size=8)
    assert cross_validated(
        Dataset("x", "X", small.images, small.labels, DIGITS, "", "x"), folds=2, epochs=1
    ).shape == (20, 10)


@given(
    labels=hnp.arrays(np.int64, st.integers(2, 60), elements=st.integers(0, 4)),
    folds=st.integers(2, 6),
    kinds=st.integers(1, 60),
    seed=st.integers(0, 9),
)
def test_folds_are_even_and_keep_copies_together(labels, folds, kinds, seed):
    images = np.zeros((len(labels), 2, 2), np.uint8)
    images[:, 0, 0] = np.arange(len(labels)) % kinds
    parts = fold_of(images, labels, folds=folds, seed=seed)
    assert set(parts) <= set(range(folds))
    for kind in range(kinds):
        assert len(set(parts[images[:, 0, 0] == kind])) <= 1
    if kinds >= len(labels):
        for rows in [np.ones(len(labels), bool), *(labels == label for label in range(5))]:
            sizes = np.bincount(parts[rows], minlength=folds)
            assert sizes.max() - sizes.min() <= 1


def test_stopping_it_stops_it():
    with pytest.raises(KeyboardInterrupt):
        cross_validated(dataset(20), folds=2, epochs=1, report=Reports(stop_after=0))


@pytest.mark.parametrize(
    ("count", "folds", "classes"), [(0, 5, 10), (1, 2, 10), (4, 5, 10), (20, 1, 10), (20, 2, 1)]
)
def test_what_cannot_be_cross_validated_is_a_sentence(count, folds, classes):
    data = dataset(20)
    few = Dataset(
        "x", "X", data.images[:count], data.labels[:count] % classes, DIGITS, "mnist", "x"
    )
    with pytest.raises(InklingError) as caught:
        cross_validated(few, folds=folds, epochs=1)
    assert is_sentence(str(caught.value))


def test_a_recognizer_is_not_asked_about_what_it_was_trained_on():
    data, card = dataset(100), tiny_card()
    check_unseen(card, data)
    with pytest.raises(InklingError) as caught:
        check_unseen(card, replace(data, source=card.data))
    assert is_sentence(str(caught.value))


def test_the_list_as_a_table(tmp_path, random):
    labels, probabilities, _ = flipped(random)
    issues, names = find_issues(labels, probabilities), tuple("abcde")
    result = list_issues(issues, labels, probabilities, names, data="made")
    assert (result.n, result.found, result.data) == (1000, len(result.rows), "made")
    assert len(result.rows) == len(issues.rows)
    limit = len(issues.rows) + 1
    listed = list_issues(issues, labels, probabilities, names, data="made", limit=limit)
    assert IssueList.from_json(json.loads(json.dumps(listed.to_json()))) == listed
    listed.write(tmp_path / "new" / "list.csv")
    with open(tmp_path / "new" / "list.csv", newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [int(row["number"]) for row in table] == issues.order[:limit].tolist()
    worst = issues.rows[0]
    assert (table[0]["label"], table[0]["suggested"]) == (
        names[labels[worst]],
        names[probabilities[worst].argmax()],
    )
    assert (
        float(table[0]["label_probability"])
        == probabilities[worst, labels[worst]]
        == float(table[0]["quality"])
    )
    assert [row["found"] for row in table[-2:]] == ["True", "False"]


def test_the_command(tmp_path, capsys):
    data = dataset(200)
    labels = data.labels.copy()
    labels[:10] = (labels[:10] + 1) % 10
    np.savez(tmp_path / "some.npz", images=data.images, labels=np.array(DIGITS)[labels])
    given, table = (
        ["label-issues", "--data", str(tmp_path / "some.npz"), "--model", "digits"],
        tmp_path / "list.csv",
    )
    assert main([*given, "--json", "--limit", "2", "--out", str(table)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n"], len(result["rows"])) == (200, 2)
    assert result["noise"] == pytest.approx(0.05)
    assert result["caveat"]
    first = result["rows"][0]
    assert first["number"] < 10
    assert (int(first["suggested"]), int(first["label"])) == (
        first["number"],
        (first["number"] + 1) % 10,
    )
    assert len(table.read_text().splitlines()) == 3
    assert main(given) == 0
    text = capsys.readouterr()
    assert len(text.out.splitlines()) == result["found"]
    assert text.out.split()[0] == str(first["number"])
    assert "n = 200" in text.err


@pytest.mark.parametrize(
    "wrong", [["--folds", "1"], ["--limit", "-1"], ["--form", "none"], ["--model", "none"]]
)
def test_what_the_command_cannot_do_is_a_sentence(wrong, tmp_path, capsys):
    data = dataset(20)
    np.savez(tmp_path / "some.npz", images=data.images, labels=np.array(DIGITS)[data.labels])
    assert main(["label-issues", "--data", str(tmp_path / "some.npz"), *wrong]) == 1
    text = capsys.readouterr()
    assert not text.out
    assert is_sentence(text.err.strip().splitlines()[-1])


def test_the_command_cross_validates(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("core.curation.label_issues.SEEN", 20)  # one epoch
    data = dataset(20)
    np.savez(tmp_path / "some.npz", images=data.images, labels=np.array(DIGITS)[data.labels])
    assert (
        main(
            ["label-issues", "--data", str(tmp_path / "some.npz"), "--folds", "2", "--limit", "20"]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert sorted(int(line.split()[0]) for line in lines) == list(range(20))
