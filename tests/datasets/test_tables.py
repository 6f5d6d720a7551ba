import io
from collections.abc import Sequence

import numpy as np
import pytest

from core.datasets import tables
from core.datasets.tables import open_unlabelled
from core.errors import InklingError
from tests.sentences import is_sentence

IMAGES = np.random.default_rng(5).integers(0, 256, (7, 28, 28), np.uint8)
HEADER = ",".join(f"pixel{number}" for number in range(784))


def table(
    images: np.ndarray = IMAGES,
    *,
    header: str = "",
    labels: Sequence[object] | None = None,
    end: str = "\n",
) -> bytes:
    rows = [",".join(map(str, image.ravel().tolist())) for image in images]
    if labels is not None:
        rows = [f"{label},{row}" for label, row in zip(labels, rows, strict=True)]
    return (end.join([header] * bool(header) + rows) + end).encode()


KINDS = {
    "header": (table(header=HEADER), 7, False),
    "no header": (table(), 7, False),
    "no end of the last line": (table()[:-1], 7, False),
    "other line ends": (table(header=HEADER, end="\r\n"), 7, False),
    "byte order mark": (b"\xef\xbb\xbf" + table(header=HEADER), 7, False),
    "header in quotes": (
        table(header=",".join(f'"{name}"' for name in HEADER.split(","))),
        7,
        False,
    ),
    "blank lines": (b"\n" + table() + b"\n\n", 10, False),
    "labels": (table(labels=range(7)), 7, True),
    "labels and header": (table(header="label," + HEADER, labels=range(7)), 7, True),
    "names and header": (
        table(header="id," + HEADER, labels=["a b", "x", "y", "z", "", "7", "8"]),
        7,
        True,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [2, 100])
def test_every_kind_of_unlabelled_table_is_its_pixels(
    kind: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_CHUNK_PIXELS", rows * 784)
    text, total, labelled = KINDS[kind]
    result = open_unlabelled(io.BytesIO(text), "test.csv", len(text))
    assert (result.side, result.total, result.labelled) == (28, total, labelled)
    chunks = list(result.chunks)
    assert max(map(len, chunks)) == min(rows, 7)
    np.testing.assert_array_equal(np.concatenate(chunks), IMAGES)


def changed(row: int, old: str, new: str) -> bytes:
    lines = table().decode().split("\n")
    lines[row - 1] = lines[row - 1].replace(old, new, 1)
    return "\n".join(lines).encode()


REFUSED = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "is empty"),
    "header only": (HEADER.encode(), "a header and no rows"),
    "words": (b"Dear reader, this is\nno table at all, is it\n", "make no square picture"),
    "not square": (b"1,2,3\n", "3 columns, which make no square picture"),
    "a pixel": (b"1\n2\n", "make no square picture"),
    "pictures of 3x3": (b"1,2,3,4,5,6,7,8,9\n", "make no square picture"),
    "too large a number": (changed(3, ",", "999,"), "Row 3 of test.csv has a pixel"),
    "fractions": (changed(5, ",", ".5,"), "Row 5 of test.csv has a pixel"),
    "short row": (changed(4, ",", ""), "Row 4 of test.csv has 783 pixels and the first has 784"),
    "cut": (table()[:-300], "Row 7 of test.csv has"),
    "no text": (bytes(range(256)) * 40, "test.csv"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_wrong_is_one_sentence(kind: str) -> None:
    text, sentence = REFUSED[kind]
    with pytest.raises(InklingError, match=sentence) as error:
        list(open_unlabelled(io.BytesIO(text), "test.csv", len(text)).chunks)
    assert is_sentence(str(error.value))


def test_no_more_is_read_than_is_allowed() -> None:
    text = table()
    with pytest.raises(InklingError, match="unpacks to too much") as error:
        open_unlabelled(io.BytesIO(text), "test.csv", len(text) - 1)
    assert is_sentence(str(error.value))
