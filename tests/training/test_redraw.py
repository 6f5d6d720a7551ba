"""Redrawing: every scan with the pen of its form."""

import numpy as np
import pytest

from core.ink.forms import FORMS
from core.ink.paper import pen_width
from core.training.redraw import redraw


def test_redrawing_brings_every_scan_to_the_pen_of_the_form(drawn_digits):
    form = FORMS["mnist"]
    rng = np.random.default_rng(0)
    scans = np.stack([np.roll(image, rng.integers(-1, 2), 0) for image in drawn_digits.images[:30]])
    drawn = redraw(scans, form, seed=0)
    assert drawn.shape == scans.shape
    widths = [pen_width(np.kron(image, np.ones((8, 8))) > 127) / 8 for image in drawn]
    assert np.median(widths) == pytest.approx(form.pen, abs=0.6)
