"""Printed characters: the faces that come with OpenCV and Pillow, in several weights."""

from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.synthesis.compose.letters import Letter, WriterLetters
from core.synthesis.compose.parts import pen_widths
from core.synthesis.compose.pieces import crop_ink

_SIZE, _PAPER = 64, (110, 110)
"""Of the type, and of the picture that a character fits in, pixels."""

_FACES = {"sans": (250, 350, 450, 550, 700), "italic": (300, 500), "uni": (400,)}
"""Faces of OpenCV and their weights, 400 regular."""

_BOLDER = (0, 1, 2, 3)
"""Pixels by which Pillow's face, which has one weight, is printed bolder."""


@cache
def printed_letters(signs: str) -> WriterLetters:
    """Each face in each weight is a writer of its own."""
    faces = [
        {sign: _letter(_of_opencv(sign, face, weight)) for sign in signs}
        for face, weights in _FACES.items()
        for weight in weights
    ]
    faces += [{sign: _letter(_of_pillow(sign, bolder)) for sign in signs} for bolder in _BOLDER]
    return WriterLetters(faces)


def _letter(picture: np.ndarray) -> Letter:
    """Ink 255 on 0, uint8 [H, W], cut out."""
    return Letter(crop_ink(picture), float(pen_widths(picture[None])[0]))


def _of_opencv(sign: str, face: str, weight: int) -> np.ndarray:
    picture = np.zeros(_PAPER, np.uint8)
    cv2.putText(picture, sign, (20, 85), (255,), cv2.FontFace(face), _SIZE, weight)
    return picture


def _of_pillow(sign: str, bolder: int) -> np.ndarray:
    picture = Image.new("L", _PAPER[::-1])
    ImageDraw.Draw(picture).text(
        (20, 15), sign, 255, font=ImageFont.load_default(_SIZE), stroke_width=bolder
    )
    return np.asarray(picture)
