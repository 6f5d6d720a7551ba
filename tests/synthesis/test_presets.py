"""Presets: settings to start from that any set can be written with."""

import numpy as np
import pytest

from core.synthesis.effects.table import EFFECTS, parse_effects
from core.synthesis.glyph_file import SETS
from core.synthesis.glyphs import HAND_LIMITS
from core.synthesis.presets import PRESETS
from core.synthesis.request import Request


@pytest.mark.parametrize("glyphs", SETS)
@pytest.mark.parametrize("name", PRESETS)
def test_each_changes_how_and_not_what_is_written(name, glyphs):
    start = Request(glyphs, "3,7", 5, hand=("jitter=4",), effects="blur=1")
    request = PRESETS[name].of(start)
    assert (request.glyphs, request.digits, request.seed) == (glyphs, "3,7", 5)
    images, labels = request.handwriting().draw(0, 20)
    assert labels == ["3", "7"] * 10
    assert images.max((1, 2)).min() > 100  # ink in each
    usual = Request(glyphs, "3,7", 5).handwriting().draw(0, 20)[0]
    assert np.array_equal(images, usual) == (name == next(iter(PRESETS)))


@pytest.mark.parametrize("name", PRESETS)
def test_its_values_are_among_those_of_the_sliders(name):
    preset = PRESETS[name]
    for key, value in preset.hand.items():
        low, high = HAND_LIMITS[key]
        assert low <= value <= high
    for effect, amount in parse_effects(preset.effects):
        steps = amount / EFFECTS[effect].amount.step
        assert steps == pytest.approx(round(steps))


def test_a_pen_is_not_thinner_than_it_is_thick():
    for preset in PRESETS.values():
        assert ("thinnest" in preset.hand) == ("thickest" in preset.hand)
