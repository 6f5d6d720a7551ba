"""The letters i, v and x of Chars74K's hand-drawn images (EnglishHnd), by writer."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from core.datasets.labels import folder_of_label
from core.errors import InklingError
from core.ink.decode import read_picture
from core.synthesis.compose.letters import Letter
from core.synthesis.compose.parts import pen_widths
from core.synthesis.compose.pieces import crop_ink
from core.synthesis.compose.roman import LETTERS

REDUCED = 8
"""Reduction of the 1200x900 pictures on reading: letters become 15 to 60 pixels high, pens 3 to 8
wide.
"""

EVERY = 5
"""Every fifth writer is in the test split."""


def read_writers(root: Path, part: str) -> dict[str, dict[str, Letter]]:
    """The LETTERS of each writer of the split `part` ("train", "test" or "" for all), by writer
    name; numbering is the same in all splits.

    Pictures are in `root`/chars74k/lower_i/writer01.png etc., dark on light. Writers without all
    six letters are skipped.
    """
    folder = root / "chars74k"
    names = sorted(
        {
            path.stem
            for letter in LETTERS
            for path in (folder / folder_of_label(letter)).glob("*.png")
        }
    )
    paths = {
        name: {letter: folder / folder_of_label(letter) / f"{name}.png" for letter in LETTERS}
        for name in names
    }
    whole = [name for name in names if all(path.exists() for path in paths[name].values())]
    chosen = [
        name
        for index, name in enumerate(whole)
        if not part or (index % EVERY == EVERY - 1) == (part == "test")
    ]
    if not chosen:
        raise InklingError(
            f"The letters of Chars74K are not in {folder}; put EnglishHnd's there: "
            "lower_i/writer01.png, upper_x/writer55.png."
        )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        letters = list(pool.map(_read, [path for name in chosen for path in paths[name].values()]))
    return {
        name: dict(zip(LETTERS, letters[6 * row : 6 * row + 6], strict=True))
        for row, name in enumerate(chosen)
    }


def _read(path: Path) -> Letter:
    grey = read_picture(path)
    size = max(1, grey.shape[1] // REDUCED), max(1, grey.shape[0] // REDUCED)
    ink = 255 - cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if ink.max() <= 127:
        raise InklingError(f"{path} shows no ink; take it away, or put the letter there again.")
    return Letter(crop_ink(ink), float(pen_widths(np.pad(ink, 1)[None])[0]))
