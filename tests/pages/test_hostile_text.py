"""Names, classes and sentences that come from data are shown as they are: never as Markdown, in
which a picture would be fetched from elsewhere.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.datasets import drawings
from core.datasets.dataset import Dataset
from core.datasets.drawings import Drawing
from core.datasets.uploads import keep_dataset
from core.evaluation.predictions import predict_all
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from pages.shared.text import code, plain
from tests.pages.conftest import SEVEN, screen

PICTURE = "![b](x)"
"""A picture in Markdown; the rest of a real one is the address."""

CLASSES = (PICTURE, "two", "three")
_PLAIN = ("Html", "Code", "Text", "IFrame", "PlotlyChart", "BidiComponent")
_MARKDOWN = ("label", "help", "body", "text", "caption", "content", "default")


def markdown(message: Any) -> Iterator[str]:
    """The texts of an element that Streamlit shows as Markdown."""
    if message.DESCRIPTOR.name in _PLAIN:
        return
    for field, value in message.ListFields():
        for one in value if isinstance(value, list) or hasattr(value, "append") else [value]:
            if hasattr(one, "DESCRIPTOR"):
                yield from markdown(one)
            elif isinstance(one, str) and field.name in _MARKDOWN:
                yield one
            elif field.name == "columns" and isinstance(one, str):  # names of these are no Markdown
                yield from (
                    column["help"] for column in json.loads(one).values() if "help" in column
                )


@pytest.fixture
def hostile(home, make_model: Callable[..., Card], on_canvas, settings: Settings) -> Dataset:
    """A data set, two recognizers of its classes and their answers, and a drawing, all with a
    picture in their names.
    """
    random = np.random.default_rng(0)
    names = [f"{PICTURE}1", f"{PICTURE}2"]
    for name in names:
        make_model(name, CLASSES, title=PICTURE, data=PICTURE, temperature=1 + len(name))
    images = (255 * (random.random((30, 28, 28)) > 0.8)).astype(np.uint8)
    labels = np.arange(30, dtype=np.int64) % 3
    given = Dataset("x", PICTURE, images, labels, CLASSES, "mnist", f"from {PICTURE}")
    dataset = keep_dataset(given, PICTURE, settings)
    for name in names:
        predict_all(load_recognizer(name, settings), dataset, settings)
    drawings.save(settings, Drawing(images[0], [SEVEN], PICTURE, PICTURE, 0.5, names[0]))
    on_canvas(SEVEN)
    return dataset


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("draw/page.py", {"view": "Why"}),
        ("draw/page.py", {"mode": "Line"}),
        ("evaluate/page.py", {"show": "Matrix", "truth": PICTURE, "read": PICTURE, "picture": "0"}),
        ("evaluate/page.py", {"show": "Classes"}),
        ("evaluate/page.py", {"show": "Compare"}),
        ("evaluate/page.py", {"show": "Report"}),
        ("explore/page.py", {}),
        ("explore/page.py", {"show": "Images"}),
        ("explore/page.py", {"show": "Map of images"}),
        ("explore/page.py", {"show": "Properties"}),
        ("train/page.py", {"search": PICTURE, "show": "Search"}),
        ("robustness/page.py", {"glyphs": PICTURE, "digits": PICTURE}),
        ("curate/page.py", {}),
        ("my_drawings/page.py", {}),
        ("synthesise/page.py", {"digits": PICTURE, "glyphs": PICTURE}),
    ],
)
def test_what_comes_from_data_is_never_markdown(hostile: Dataset, page, query) -> None:
    app = screen(page, data=hostile.name, model=f"{PICTURE}1", **query)
    assert not app.exception
    elements = [*_walk(app.main), *_walk(app.sidebar)]
    texts = [text for each in elements if each.proto for text in markdown(each.proto)]
    assert len(texts) > 5
    assert [text for text in texts if PICTURE in re.sub("`[^`]*`", "", text)] == []


def _walk(node):
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _walk(child)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (PICTURE, r"!\[b\](x)"),
        ("a_b", "a_b"),
        ("_a_", r"\_a\_"),
        ("**7** `x` $1$ <b> ~~", r"\*\*7\*\* \`x\` \$1\$ \<b\> \~\~"),
        (":red[x] http://x 3:4", r"\:red\[x\] http\://x 3:4"),
        ("# a\n\n- b", r"\# a - b"),
        ("1. a", r"1\. a"),
        ("R&D &amp;", r"R&D \&amp;"),
    ],
)
def test_marks_of_markdown_are_escaped(text, shown) -> None:
    """By the backslash escapes of CommonMark 0.31, section 2.4."""
    assert plain(text) == shown


def test_code_ends_where_it_should() -> None:
    assert code("a`![b](x)`") == "`a'![b](x)'`"
