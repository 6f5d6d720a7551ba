"""Separate ink from paper: polarity, uneven light, contrast, specks."""

import cv2
import numpy as np

MAX_SIDE = 1024
"""Pictures are reduced to this first; more pixels cost time without adding detail."""

FAINTEST_INK = 40
"""Of 255: minimum contrast of ink to paper; below it a picture counts as blank."""


def find_ink(grey: np.ndarray) -> np.ndarray | None:
    """Ink map uint8 [h, w] (ink 255 on paper 0, soft edges) of a grey uint8 picture [H, W]; None
    without ink.

    Polarity (dark on light or light on dark) is determined by the border, which is mostly paper.
    Uneven light is divided out: paper is the closing of the picture, ink is what is darker. Works
    for photos of pencil and for clean canvases.
    """
    if min(grey.shape) < 3:
        return None
    shrink = MAX_SIDE / max(grey.shape)
    if shrink < 1:
        size = max(3, round(grey.shape[1] * shrink)), max(3, round(grey.shape[0] * shrink))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if not dark_on_light(grey):
        grey = 255 - grey
    darkness = 255 * (1 - grey / np.maximum(_paper(grey), 1))
    darkness = np.clip(darkness, 0, 255).astype(np.uint8)
    if (
        cv2.blur(darkness, (3, 3), borderType=cv2.BORDER_REPLICATE).max() < FAINTEST_INK / 2
        or darkness.max() < FAINTEST_INK
    ):
        return None
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = darkness > threshold
    if dark.all() or not dark.any():
        return None
    paper, ink = np.median(darkness[~dark]), np.median(darkness[dark])
    if ink - paper < FAINTEST_INK:
        return None
    soft = np.clip((darkness - paper) * (255 / (ink - paper)), 0, 255).astype(np.uint8)
    return _without_specks(soft)


def dark_on_light(grey: np.ndarray) -> bool:
    """Whether the border, which is mostly paper, is nearer to the lightest than to the darkest
    pixel of [H, W].

    A lighting gradient is removed first. If undecided, as for pure grain, paper is light.
    """
    level = grey - _ramp(grey)
    paper = np.median(level[_border(grey.shape)])
    return bool(level.max() - paper <= 1.25 * (paper - level.min()))


def pen_width(mask: np.ndarray) -> float:
    """Width in pixels of the strokes of a boolean mask [H, W]: twice the median of the distance
    transform's ridge.

    The distance is to the nearest paper; outside the picture is paper. 0 without ink.
    """
    distance = distance_inside(np.pad(mask, 1))
    ridge = (distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    return float(2 * np.median(distance[ridge]) - 0.5) if ridge.any() else 0.0


def distance_inside(mask: np.ndarray) -> np.ndarray:
    """Distance of each pixel of a boolean mask [H, W] to the nearest pixel outside it, float32,
    within 2 %.

    OpenCV 5.0's exact transform gives different results when two threads call it; the 5x5 mask
    (Borgefors 1986) does not.
    """
    return cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)


def _paper(grey: np.ndarray) -> np.ndarray:
    """The light on the paper, float32 [H, W]: a closing at low resolution, wider than any stroke,
    then smoothed.

    A closing mistakes the dark end of a gradient for ink, so the lighting gradient is divided out
    before and restored after.
    """
    scale = 64 / max(grey.shape)
    small = cv2.resize(
        grey,
        (max(2, round(grey.shape[1] * scale)), max(2, round(grey.shape[0] * scale))),
        interpolation=cv2.INTER_AREA,
    )
    ramp = np.maximum(_ramp(small), 8)
    light = cv2.morphologyEx(
        small / ramp, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (23, 23))
    )
    smooth = cv2.GaussianBlur(light, (0, 0), 3, borderType=cv2.BORDER_REPLICATE) * ramp
    return cv2.resize(smooth, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _ramp(grey: np.ndarray) -> np.ndarray:
    """The plane fitted to the border's grey values, float32 [H, W]; a second fit leaves out
    outliers, which are ink.
    """
    border = _border(grey.shape)
    if np.ptp(grey[border]) == 0:  # shortcut for a clean canvas: a third of a drawing's time
        return np.full(grey.shape, grey[0, 0], np.float32)
    rows, columns = np.indices(grey.shape, np.float32) / max(grey.shape)
    terms = np.stack(
        [np.ones(int(border.sum()), np.float32), rows[border], columns[border]], axis=1
    )
    values = grey[border].astype(np.float32)
    keep = np.full(len(values), True)
    for _ in range(2):
        plane = np.linalg.lstsq(terms[keep], values[keep], rcond=None)[0]
        off = np.abs(values - terms @ plane)
        keep = off <= 3 * np.median(off) + 1
    ramp: np.ndarray = (plane[0] + plane[1] * rows + plane[2] * columns).astype(np.float32)
    return ramp


def _border(shape: tuple[int, ...]) -> np.ndarray:
    """Boolean [H, W]: the outermost 4 % of the shorter side."""
    border = np.ones(shape, bool)
    edge = max(1, round(0.04 * min(shape)))
    border[edge:-edge, edge:-edge] = False
    return border


def _without_specks(ink: np.ndarray) -> np.ndarray | None:
    """Drop components far smaller than a dot of the pen: dust, paper grain, JPEG noise."""
    mask = ink > 127
    count, components, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    if count <= 2:
        return ink if count == 2 else None
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = components == 1 + int(areas.argmax())
    keep = np.concatenate([[True], areas >= 0.15 * pen_width(largest) ** 2])
    return np.where(keep[components], ink, 0).astype(np.uint8)
