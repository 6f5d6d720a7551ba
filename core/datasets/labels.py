"""Class names across data sets, models and file systems."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

import numpy as np

from core.errors import InklingError
from core.settings import MAX_DIGITS
from core.synthesis.labels import parse_labels

GROUPS: dict[str, Callable[[str], bool]] = {
    "digits": lambda name: name in tuple("0123456789"),
    "capitals": lambda name: len(name) == 1 and name.isupper(),
    "letters": lambda name: len(name) == 1 and name.isalpha(),
}
"""Kinds of classes, and which names are of each."""


def one_form(label: str) -> str:
    """A label with its letters and accents composed (Unicode's NFC): macOS writes an é as two
    characters, others as one.
    """
    return unicodedata.normalize("NFC", label)


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The classes that labels name: numbers by value before other names."""
    return tuple(
        sorted(
            set(labels),
            key=lambda label: (
                (0, int(label), label)
                if label.isdecimal() and len(label) <= MAX_DIGITS
                else (1, 0, label)
            ),
        )
    )


def folder_of_label(label: str) -> str:
    """Folder name of a class: letters become `upper_a` / `lower_a`, because file systems fold case.

    Other characters than letters, digits and hyphens are percent-encoded (%2F), so that no label
    escapes its folder or collides with another.
    """
    if len(label) == 1 and label.isalpha():
        case, letter = ("upper", label.lower()) if label.isupper() else ("lower", label)
        return (
            f"{case}_{letter}" if label_of_folder(f"{case}_{letter}") == label else _escaped(label)
        )
    return "".join(sign if sign.isalnum() or sign == "-" else _escaped(sign) for sign in label)


def label_of_folder(folder: str) -> str:
    """The inverse of `folder_of_label`, for labels in `one_form`."""
    case, _, letter = one_form(folder).partition("_")
    if len(letter) == 1 and letter.isalpha() and case in ("upper", "lower"):
        return letter.upper() if case == "upper" else letter
    return one_form(unquote(folder))


def _escaped(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))


def class_index(label: str, classes: Sequence[str]) -> int | None:
    """Index of a label; a small letter without its own class counts as its capital (EMNIST's merged
    classes).
    """
    for name in (label, label.upper() if len(label) == 1 else label):
        if name in classes:
            return classes.index(name)
    return None


def select_classes(text: str, classes: Sequence[str]) -> tuple[str, ...]:
    """The classes that a text names, in their own order: `digits`, `capitals`, `letters`, or a list
    such as `0-9,A-F`.

    Names without a class are passed over; InklingError if none is left.
    """
    if text in GROUPS:
        selected = tuple(name for name in classes if GROUPS[text](name))
    else:
        chosen = {class_index(label, classes) for label in parse_labels(text)}
        selected = tuple(name for index, name in enumerate(classes) if index in chosen)
    if not selected:
        raise InklingError(f"{text!r} names none of the classes, which are {' '.join(classes)}.")
    return selected


def to_indices(labels: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Labels [N] as int64 [N] indices into `classes`; InklingError names the first label that is
    not a class.
    """
    table = {label: class_index(label, classes) for label in set(labels)}
    for label, index in sorted(table.items()):
        if index is None:
            raise InklingError(
                f"The label {label!r} is not one of the {len(classes)} classes "
                f"({' '.join(classes)})."
            )
    return np.array([table[label] for label in labels], np.int64)
