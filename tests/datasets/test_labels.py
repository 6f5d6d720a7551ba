import re
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.datasets.labels import (
    class_index,
    folder_of_label,
    in_order,
    label_of_folder,
    select_classes,
    to_indices,
)
from core.errors import InklingError
from tests.conftest import BALANCED, DIGITS
from tests.sentences import is_sentence

_LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=16)


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("7", "7"),
        ("36", "36"),
        ("a", "lower_a"),
        ("A", "upper_a"),
        ("viii", "viii"),
        ("i", "lower_i"),
        ("é", "lower_é"),
    ],
)
def test_a_folder_for_each_label(label: str, folder: str) -> None:
    assert (folder_of_label(label), label_of_folder(folder)) == (folder, label)


@pytest.mark.parametrize(
    ("folder", "label"),
    [("a", "a"), ("A", "A"), ("VIII", "VIII"), ("lower_", "lower_"), ("upper_ab", "upper_ab")],
)
def test_folders_named_otherwise_are_their_own_label(folder: str, label: str) -> None:
    assert label_of_folder(folder) == label


@given(_LABELS)
@example("upper_a")
@example("..")
@example("İ")
@example("ẞ")
@example("%2F")
def test_no_label_is_lost_in_a_folder_name(label: str) -> None:
    assert label_of_folder(folder_of_label(label)) == unicodedata.normalize("NFC", label)


@given(_LABELS)
@example("/")
@example("\\")
@example("..")
@example(".")
@example("C:")
def test_no_folder_name_leaves_its_folder(label: str) -> None:
    assert re.fullmatch(r"[\w%-]+", folder_of_label(label))


def test_single_letters_do_not_meet_where_case_is_folded() -> None:
    assert len({folder_of_label(label).casefold() for label in BALANCED}) == 47


def test_a_class_of_its_own_comes_first() -> None:
    assert [BALANCED[class_index(label, BALANCED) or 0] for label in "acAC"] == ["a", "C", "A", "C"]
    assert class_index("a", DIGITS) is None
    assert class_index("ii", ("II",)) is None


def test_labels_to_indices() -> None:
    indices = to_indices(["7", "c", "7"], BALANCED)
    assert (indices.tolist(), indices.dtype) == ([7, 12, 7], np.int64)
    with pytest.raises(InklingError, match="'b'"):
        to_indices(["0", "c", "b"], (*DIGITS, "C"))
    assert to_indices([], DIGITS).shape == (0,)


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("digits", "0123456789"),
        ("capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        ("0-9,A-F", "0123456789ABCDEF"),
        ("x,i,v", "IVX"),  # they have no classes of their own
        ("a,A", "Aa"),
        ("7,ß,36", "7"),
    ],
)
def test_classes_are_selected_by_kind_and_by_list(text: str, selected: str) -> None:
    assert select_classes(text, BALANCED) == tuple(selected)


def test_a_numeral_and_a_number_are_of_no_kind() -> None:
    classes = ("i", "viii", "7", "36")
    assert select_classes("letters", classes) == ("i",)
    assert select_classes("digits", classes) == ("7",)
    assert select_classes("36,viii", classes) == ("viii", "36")


@pytest.mark.parametrize("text", ["letters", "capitals", "A-Z", "nonsense", "9-", "a,,b"])
def test_a_selection_without_classes_is_refused(text: str) -> None:
    with pytest.raises(InklingError) as caught:
        select_classes(text, DIGITS)
    assert is_sentence(str(caught.value))


def test_a_label_of_thousands_of_digits_is_a_name() -> None:
    """int() refuses it."""
    assert in_order(["9" * 5000, "b", "10", "9"]) == ("9", "10", "9" * 5000, "b")
