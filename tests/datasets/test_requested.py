"""Data sets whose names say how they are drawn."""

from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.catalogue import find_entry, is_here, open_dataset
from core.datasets.requested import COUNT, MOST, PREFIX, Requested
from core.errors import InklingError
from core.settings import Settings
from core.synthesis.glyph_file import dump_glyphs, load_glyphs
from core.synthesis.glyphs import HAND_SETTINGS
from core.synthesis.request import Request
from core.training.mixture import format_mixture, parse_mixture
from tests.reports import Reports
from tests.sentences import is_sentence

REQUEST = Request(
    "classic",
    "1,4",
    7,
    hand=("jitter=2.5", "slant=-0.2"),
    odds=("4/open=0.5", "1/stem/flag=0.1"),
    moves=("4/open/A=-1.5,2",),
    effects="rotation=10,noise=20",
)


def test_its_images_are_what_the_request_draws(settings: Settings) -> None:
    asked = Requested(REQUEST, 30)
    with pytest.raises(InklingError) as caught:
        open_dataset(asked.name, settings)
    assert is_sentence(str(caught.value))
    entry = find_entry(asked.name, settings)
    assert entry is not None
    assert entry.obtainable
    assert not is_here(entry, settings)
    report = Reports()
    entry.obtain(settings.data, report)
    assert report[-1] == 35
    assert is_here(entry, settings)
    train, test = (open_dataset(f"{asked.name}:{part}", settings) for part in ("train", "test"))
    images, labels = REQUEST.handwriting().draw(0, 35)
    np.testing.assert_array_equal(np.concatenate([train.images, test.images]), images)
    assert (len(train), len(test)) == (30, 5)
    assert [train.classes[label] for label in train.labels] == labels[:30]
    assert [test.classes[label] for label in test.labels] == labels[30:]
    assert (entry.classes, entry.form) == (train.classes, train.form)
    assert train.form == "mnist"
    assert "nobody wrote" in train.source


def test_a_name_is_the_words_of_the_request() -> None:
    name = Requested(REQUEST, 30).name
    assert parse_qsl(name.removeprefix(PREFIX)) == [
        ("glyphs", "classic"),
        ("digits", "1,4"),
        ("seed", "7"),
        ("hand", "jitter=2.5"),
        ("hand", "slant=-0.2"),
        ("odds", "4/open=0.5"),
        ("odds", "1/stem/flag=0.1"),
        ("moves", "4/open/A=-1.5,2"),
        ("effects", "rotation=10,noise=20"),
        ("count", "30"),
    ]
    assert Requested.parse(name) == Requested(REQUEST, 30)
    assert Requested.parse(f"{PREFIX}glyphs=classic&jitter=2") == Requested(
        Request("classic", hand=("jitter=2",)), COUNT
    )


@given(
    st.sampled_from(sorted(HAND_SETTINGS)),
    st.booleans(),
    st.integers(0, 2**63 - 1),
    st.lists(st.sampled_from("0123456789AZaz"), min_size=1, unique=True),
    st.integers(1, MOST),
)
def test_a_name_is_read_back_as_the_same_and_can_be_part_of_a_mixture(
    key: str, high: bool, seed: int, digits: list[str], count: int
) -> None:
    setting = HAND_SETTINGS[key]
    hand = [f"{key}={setting.high if high else setting.low:g}"]
    if key == "thinnest":
        hand.append("thickest=10")
    if key == "thickest":
        hand.append("thinnest=0.5")
    asked = Requested(Request("natural", ",".join(digits), seed, hand=tuple(hand)), count)
    assert Requested.parse(asked.name) == asked
    parts = [(0.5, asked.name), (1.0, "my-drawings")]
    assert parse_mixture(format_mixture(parts)) == parts
    assert ":" not in asked.name


def test_a_glyph_set_that_has_changed_is_another_one(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a + b.json"
    path.write_text(dump_glyphs(load_glyphs("classic")))
    asked = Requested(Request(str(path)), 10)
    asked.make(settings.data)
    name = asked.name
    assert len(open_dataset(name, settings)) == 10
    assert "+" not in name
    path.write_text(dump_glyphs(load_glyphs("natural")))
    with pytest.raises(InklingError):
        open_dataset(name, settings)


@pytest.mark.parametrize(
    "words",
    [
        "x",
        "wobble=1",
        "glyphs=curly",
        "seed=x",
        "seed=-1",
        "seed=1&seed=2",
        "jitter=1&jitter=2",
        "count=0",
        "count=2000001",
        "count=many",
        "hand=wobble=1",
        "hand=jitter=11",
        "effects=wobble=1",
        "effects=blur=9",
        "effects=blur:1",
        "odds=x",
        "moves=x",
        "digits=",
        "digits=ß",
        "size=4",
        "gly=classic",
        "help=",
        "glyphs=classic&",
        "&",
    ],
)
def test_what_does_not_describe_handwriting_is_a_sentence(settings: Settings, words: str) -> None:
    with pytest.raises(InklingError) as caught:
        open_dataset(f"{PREFIX}{words}", settings)
    assert is_sentence(str(caught.value))


def test_every_character_that_a_flip_makes_is_a_class() -> None:
    asked = Requested(Request("natural", "b,p", effects="flip-left-right=0.5"))
    assert asked.classes == ("b", "p", "d", "q")
    assert Requested(Request("natural", "3,7")).classes == tuple("0123456789")


def test_at_another_size_it_is_in_no_form() -> None:
    assert Requested(Request(size=20)).form == ""
