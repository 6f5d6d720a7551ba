"""Filmstrips: an image at each value is what that value alone makes."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InklingError
from core.synthesis.effects.table import EFFECTS
from core.synthesis.filmstrip import BRUSH, TRACKS, filmstrip, short_name, track_name
from core.synthesis.glyphs import HAND_LIMITS
from core.synthesis.request import Request
from tests.sentences import is_sentence

REQUEST = Request(digits="3,7", seed=5, hand=("jitter=1", "slant=0.1"), effects="blur=1")


def test_every_setting_of_the_hand_and_every_effect_has_one():
    own = {name for name in TRACKS if not name.startswith("effect-")}
    assert own == {*HAND_LIMITS, BRUSH} - {"thinnest", "thickest"}
    assert {name for name in TRACKS if name.startswith("effect-")} == {
        f"effect-{name}" for name in EFFECTS
    }


@pytest.mark.parametrize("name", TRACKS)
def test_its_ends_are_those_of_the_setting_and_each_image_is_a_request_s(name):
    images, values = filmstrip(REQUEST, name, 1, count=4)
    track = TRACKS[name]
    assert (values[0], values[-1]) == (track.low, track.high)
    assert values == sorted(set(values))
    assert images.dtype == np.uint8
    assert len(images) == len(values)
    for image, value in zip(images, values, strict=True):
        alone = track.at(REQUEST, value).handwriting().draw(0, 2)[0][1]
        np.testing.assert_array_equal(image, alone)


def test_nothing_but_the_setting_changes():
    assert TRACKS["jitter"].at(REQUEST, 2) == replace(REQUEST, hand=("slant=0.1", "jitter=2"))
    assert TRACKS["jitter"].at(REQUEST, 1 / 3).hand[-1] == f"jitter={1 / 3}"
    assert TRACKS[BRUSH].at(REQUEST, 3).hand == (*REQUEST.hand, "thinnest=3", "thickest=3")
    assert TRACKS["effect-noise"].at(REQUEST, 20).effects == "blur=1,noise=20"
    assert TRACKS["effect-blur"].at(REQUEST, 2).effects == "blur=2"
    images, values = filmstrip(Request(), "zoom", 0, count=60)
    assert values == [float(value) for value in range(1, 21)]
    assert len(images) == 20


def test_an_effect_goes_by_its_own_name_unless_the_hand_has_it():
    assert [track_name(name) for name in TRACKS] == list(TRACKS)
    assert [track_name(short_name(name)) for name in TRACKS] == list(TRACKS)
    assert {short_name(name) for name in TRACKS} >= set(EFFECTS)
    for name in EFFECTS:
        assert track_name(name) == (name if name in HAND_LIMITS else f"effect-{name}")
    with pytest.raises(InklingError) as caught:
        track_name("wobble")
    assert is_sentence(str(caught.value))
