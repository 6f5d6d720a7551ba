"""Settings as text: the command line, the address and the code all request the same images."""

import os
import shlex
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InklingError
from core.synthesis.glyph_file import dump_glyphs, load_glyphs
from core.synthesis.request import Request
from tests.sentences import is_sentence

REQUESTS = [
    Request(),
    Request(
        "classic",
        "1,4",
        7,
        20,
        ("jitter=2.5", "slant=-0.2"),
        ("4/open=0.5", "1/stem/flag=0.1"),
        ("4/open/A=-1.5,2",),
        "rotation=10,noise=20",
    ),
    Request(hand=("slant=-0.5",), moves=("7/form 1/1=-2,-1",)),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_arguments_and_code_ask_for_the_same(request_):
    images, labels = request_.handwriting().draw(0, 30)
    words = shlex.split(request_.command("--count", "30", "--out", "x"))
    assert words[:4] == ["python", "-m", "core", "synth"]
    assert Request.parse(words[4:-4]) == request_
    names: dict[str, object] = {}
    exec(request_.code(count=30), names)
    np.testing.assert_array_equal(names["images"], images)
    assert names["labels"] == labels


def test_nothing_is_said_of_what_is_as_usual():
    assert Request().arguments() == []


@pytest.mark.parametrize(
    "words", [["--glyphs"], ["--count", "3"], ["--seed", "x"], ["x"], ["--help"]]
)
def test_other_words_are_no_request(words):
    with pytest.raises(ValueError):  # noqa: PT011
        Request.parse(words)


@pytest.mark.parametrize(
    "request_",
    [
        Request("curly"),
        Request(digits=""),
        Request(seed=-1),
        Request(effects="x"),
        Request(moves=("x",)),
        Request(odds=("x",)),
    ],
)
def test_what_cannot_be_written_is_a_sentence(request_):
    with pytest.raises(InklingError) as caught:
        request_.handwriting()
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize("changes", [{}, {"odds": ("4/open=0.5",)}, {"moves": ("4/open/A=1,2",)}])
def test_the_same_set_is_kept_whatever_else_changes(changes):
    """Its table is compiled once, and not for each of the images of a filmstrip."""
    one, other = Request("classic", **changes), Request("classic", seed=4, digits="4", **changes)
    assert one.handwriting().glyphs is other.handwriting().glyphs


def test_a_set_of_your_own_is_read_again_when_its_file_changes(tmp_path):
    path = tmp_path / "mine.json"
    for factor in (1.0, 2.0):
        glyphs = load_glyphs("classic")
        path.write_text(dump_glyphs(replace(glyphs, hand=replace(glyphs.hand, jitter=factor))))
        os.utime(path, ns=(0, 10**9 * int(factor)))
        assert Request(str(path)).handwriting().glyphs.hand.jitter == factor
