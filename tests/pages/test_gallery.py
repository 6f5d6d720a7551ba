"""Galleries: ink is drawn dark on white as it is, captions are escaped text."""

import base64
import re
from html import escape

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.gallery import Line, gallery, img

HOSTILE = "\"><script>alert('1')</script> & more"


@pytest.fixture
def drawn(monkeypatch):
    """The HTML of the gallery drawn last."""
    sent = []
    monkeypatch.setattr("streamlit.html", sent.append)
    return lambda: sent[-1]


def pictures(html: str) -> list[np.ndarray]:
    packed = [base64.b64decode(text) for text in re.findall(r"base64,([\w+/=]+)", html)]
    return [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) for data in packed]


def test_ink_is_dark_on_white_pixel_by_pixel(drawn):
    images = np.random.default_rng(0).integers(0, 256, (3, 9, 7), dtype=np.uint8)
    gallery(images, ["a", "b", "c"])
    np.testing.assert_array_equal(np.stack(pictures(drawn())), np.invert(images))


def test_colours_are_shown_as_they_are():
    picture = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pictures(img(picture, alt=""))[0], picture)


@given(height=st.integers(1, 700), width=st.integers(1, 700))
def test_no_picture_is_larger_than_asked(height, width):
    (picture,) = pictures(img(np.zeros((height, width), np.uint8), alt="", side=100))
    assert max(picture.shape) == min(100, max(height, width))
    if max(height, width) <= 100:
        assert picture.shape == (height, width)


def test_text_from_data_stays_text(drawn):
    gallery(
        np.zeros((2, 4, 4), np.uint8),
        [HOSTILE, [Line("fine"), Line(HOSTILE, wrong=True)]],
        typical_of=HOSTILE,
    )
    html = drawn()
    assert "<script" not in html
    assert html.count(escape(HOSTILE)) == 6  # twice as typical, once as each alt and each caption
    assert f'fine\n<span class="wrong">{escape(HOSTILE)}</span>' in html


def test_variants_of_an_item_stand_together_in_their_order(drawn):
    images = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3, 1, 1) * np.ones((4, 4), np.uint8)
    gallery(images, alts=["7", "1"], variants=["plain", "bold", "faint"], name="sets")
    html = drawn()
    assert [255 - int(picture[0, 0]) for picture in pictures(html)] == list(range(6))
    assert html.count("<figure>") == 2
    assert re.findall(r'alt="([^"]*)"', html)[:3] == ["7, plain", "7, bold", "7, faint"]
    assert 'data-testid="sets"' in html
