import io
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest

from core.datasets import tables
from core.datasets.tables import open_unlabelled, read_table
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


LABELS = (3, 1, 0, 7, 7, 9, 4)
SEPARATED = {"comma": ",", "semicolon": ";", "tab": "\t"}
WRITTEN: dict[str, Callable[[float], str]] = {
    "whole": lambda number: f"{number:.0f}",
    "floats": lambda number: f"{number:.1f}",
    "floats in quotes": lambda number: f'"{number:.1f}"',
    "exponents": lambda number: f"{number:.18e}",  # as numpy.savetxt
    "decimal commas": lambda number: f"{number:.1f}".replace(".", ","),
}
FRAMED = IMAGES.copy()
FRAMED[:, [0, -1]] = FRAMED[:, :, [0, -1]] = 0


def spread(
    rows: np.ndarray, separator: str, written: Callable[[float], str], head: Sequence[str] = ()
) -> bytes:
    lines = [separator.join(head)] * bool(head)
    lines += [separator.join(map(written, row)) for row in rows.tolist()]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("separator", "written"),
    sorted(set(product(SEPARATED, WRITTEN)) - {("comma", "decimal commas")}),
)
@pytest.mark.parametrize("named", ["label", "class", ""])
@pytest.mark.parametrize("last", [False, True])
def test_a_table_is_read_as_programs_write_it(
    separator: str, written: str, named: str, last: bool
) -> None:
    pixels = FRAMED.reshape(7, -1).astype(float)
    head = [f"pixel{number}" for number in range(1, 785)]
    columns = [*([] if last else [LABELS]), *pixels.T, *([LABELS] if last else [])]
    names = [*head, named] if last else [named, *head]
    text = spread(
        np.stack([np.array(column, float) for column in columns], axis=1),
        SEPARATED[separator],
        WRITTEN[written],
        names if named else (),
    )
    ((images, labels),) = read_table(io.BytesIO(text), "a.csv", len(text))
    np.testing.assert_array_equal(images, FRAMED)
    assert labels == [str(label) for label in LABELS]
    alone = spread(pixels, SEPARATED[separator], WRITTEN[written], head if named else ())
    for content, labelled in ((text, True), (alone, False)):
        table = open_unlabelled(io.BytesIO(content), "a.csv", len(content))
        assert (table.labelled, table.total) == (labelled, 7)
        np.testing.assert_array_equal(np.concatenate(list(table.chunks)), FRAMED)


@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("count", [1, 2, 100])
def test_labels_in_order_stay_the_first_column(paper: int, count: int) -> None:
    """Of a sorted table the first rows have one label, and that may be 0."""
    row = ",".join(["0", *[str(paper)] * 63, "0" if paper == 0 else "255"])
    text = "\n".join([row] * count).encode()
    ((images, labels),) = read_table(io.BytesIO(text), "a.csv", len(text))
    assert labels == ["0"] * count
    assert (images == paper).all()


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
