"""Folders of pictures to curate."""

from pathlib import Path

import cv2
import numpy as np

from core.ink.encode import png


def picture(seed: int, side: int = 40) -> np.ndarray:
    """A drawing that no other seed gives, dark on light, uint8 [side, side]."""
    random = np.random.default_rng(seed)
    image = np.full((side, side), 255, np.uint8)
    for _ in range(3):
        one, other = random.integers(4, side - 4, (2, 2)).tolist()
        cv2.line(image, one, other, 0, 2, cv2.LINE_AA)
    return image


def write(path: Path, image: np.ndarray) -> Path:
    """A PNG; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(image))
    return path


def numerals(folder: Path, *, of_each: int = 3) -> Path:
    """Parts train/ and val/ with class folders i, iv and x, whose pictures are all different."""
    seed = 0
    for part in ("train", "val"):
        for label in ("i", "iv", "x"):
            for number in range(of_each):
                write(folder / part / label / f"{number}.png", picture(seed))
                seed += 1
    return folder
