"""Separate ink from paper, stage by stage: shadow, page, light, printed lines, ink."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.light import even_light
from core.ink.page import Page, find_page
from core.ink.rules import without_rules
from core.ink.shadow import find_shadows, without_shadow

MAX_SIDE = 1024
"""Pictures are reduced to this first; more pixels cost time without adding detail."""

MIN_SIDE = 128
"""Smaller pictures are enlarged to this: a stroke needs pixels to both sides."""

_TINY = 64
"""Pixels of the longer side: a smaller picture has no room for a desk or for printed lines."""

_SMALLEST = 0.025
"""Of a photograph's longer side: no character is smaller."""

_ALONG = 0.35
"""Of the longer side of what lies at the border: a strip of desk has more of it on the border."""

_NEAR = 0.015
"""Of the shorter side: what is as near to the border lies at it."""

_BROAD = 3.0
"""Widths of the pen: no stroke is broader."""

_COARSE = 64
"""Pixels of the longer side, enough to tell a sheet of paper from a drawing."""

_SHEET = 0.45
"""Of a picture's shorter side: no sheet that someone photographs is narrower."""

FAINTEST_INK = 40
"""Of 255: minimum contrast of ink to paper; below it a picture counts as blank."""


@dataclass(frozen=True)
class Found:
    """What is found in a picture on the way to its ink, each uint8 [h, w].

    page : grey, dark ink on light; the sheet alone, upright. darkness : 255 for black on evenly lit
    paper 0. bare : the same without printed lines. ink : 255 on 0, soft edges; None without ink.
    onto : homography [3, 3] of points (x, y, 1) of all these onto the picture as given. cut :
    whether a desk was cut away. uneven : whether light was evened.
    """

    page: np.ndarray
    darkness: np.ndarray
    bare: np.ndarray
    ink: np.ndarray | None
    onto: np.ndarray
    cut: bool = False
    uneven: bool = False

    @property
    def printed(self) -> bool:
        """Whether printed lines were taken off."""
        return self.bare is not self.darkness


def find_ink(grey: np.ndarray) -> np.ndarray | None:
    """Ink map uint8 [h, w] (ink 255 on paper 0, soft edges) of a grey uint8 picture [H, W]; None
    without ink.
    """
    return look(grey).ink


def look(grey: np.ndarray) -> Found:
    """The stages from a grey uint8 picture [H, W], dark on light or light on dark, to its ink: the
    page without a shadow, even light, printed lines taken off, ink.

    A canvas, evenly bright but for its drawing, is all page under even light: for it the first
    stages have nothing to do.
    """
    if min(grey.shape) < 3:
        none = np.zeros_like(grey)
        return Found(grey, none, none, None, np.eye(3))
    tiny, given = max(grey.shape) < _TINY, grey.shape
    grey = _resized(grey)
    onto = np.diag([given[1] / grey.shape[1], given[0] / grey.shape[0], 1.0])
    paper, clear = _canvas(grey)
    inside, cut = np.ones(grey.shape, bool), False
    if paper is not None:
        dark = int(grey.max()) - paper <= paper - int(grey.min())
        page, paper = (grey, paper) if dark else (255 - grey, 255 - paper)
        levels = 255 * (1 - np.arange(256) / max(paper, 1))
        darkness = cv2.LUT(page, np.clip(levels, 0, 255).astype(np.uint8))
    elif tiny:
        page = grey if _paper_is_light(grey) else 255 - grey
        darkness = even_light(page)
    else:
        sheet = _sheet(grey)
        page, inside, cut, onto = sheet.grey, sheet.inside, sheet.cut, onto @ sheet.onto
        darkness = even_light(page)
        darkness[~inside] = 0
    printed = not tiny and (not clear or _may_be_framed(darkness))
    bare = without_rules(darkness, inside) if printed else darkness
    ink = _ink(bare)
    if ink is not None and paper is None and not tiny:
        ink = _without_scraps(ink, inside)
    elif ink is not None and not clear and not tiny:
        ink = _without_strips(ink)
    photographed = paper is None or bare is not darkness
    if ink is not None and photographed and not tiny and not _is_large_enough(ink):
        ink = None
    return Found(page, darkness, bare, ink, onto, cut=cut, uneven=paper is None)


def _sheet(grey: np.ndarray) -> Page:
    """The page of a photograph under one light. Where it is not certain that what was taken off was
    a shadow, four corners prove it.
    """
    shadows = find_shadows(grey)
    certain = next((shadow for shadow in shadows if shadow.certain), None)
    found = find_page(grey if certain is None else without_shadow(grey, certain))
    if found.straightened:
        return found
    others = (shadow for shadow in shadows if shadow is not certain)
    supposed = (find_page(without_shadow(grey, shadow)) for shadow in others)
    return next((page for page in supposed if page.straightened), found)


def _resized(grey: np.ndarray) -> np.ndarray:
    longer = max(grey.shape)
    if longer > MAX_SIDE:
        scale = MAX_SIDE / longer
        size = max(3, round(grey.shape[1] * scale)), max(3, round(grey.shape[0] * scale))
        return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if longer < MIN_SIDE:
        scale = -(-MIN_SIDE // longer)
        return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return grey


def _canvas(grey: np.ndarray) -> tuple[int | None, bool]:
    """The value of the paper of a canvas: most of a picture has it, and most of its border; None if
    there is none. And whether all of the border has it, so that no line runs over it.

    Strokes are never as broad as a sheet of paper that lies on something of one colour.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    value = int(np.median(border))
    share = np.count_nonzero(border == value) / len(border)
    if share < 0.8 or np.count_nonzero(grey == value) < 0.5 * grey.size:
        return None, False
    if _is_sheet(grey != value):
        return None, False
    return value, share == 1


def _is_sheet(mask: np.ndarray) -> bool:
    """Whether the largest part of a boolean mask [H, W] is broad, four-cornered and nearly full."""
    height, width = (max(1, _COARSE * side // max(mask.shape)) for side in mask.shape)
    small = cv2.resize(mask.astype(np.uint8), (width, height))
    contours, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return False
    largest = max(contours, key=cv2.contourArea)
    whole = cv2.drawContours(np.zeros_like(small), [largest], -1, 1, cv2.FILLED)
    sides = cv2.minAreaRect(largest)[1]
    hull = cv2.contourArea(cv2.convexHull(largest))
    return bool(
        min(sides) >= _SHEET * min(height, width)
        and hull > 0.9 * sides[0] * sides[1]
        and cv2.contourArea(largest) > 0.92 * hull
        and np.count_nonzero(small[whole > 0]) > 0.88 * np.count_nonzero(whole)
    )


def _paper_is_light(grey: np.ndarray) -> bool:
    """Whether the border, which is mostly paper, is nearer to the lightest than to the darkest
    pixel.
    """
    border = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    return bool(int(grey.max()) - border <= 1.25 * (border - int(grey.min())))


def _may_be_framed(darkness: np.ndarray) -> bool:
    """Whether the outline of all ink is as full as a frame's and its inside as empty: a cheap no
    for drawings.
    """
    mask = (darkness > 127).astype(np.uint8)
    points = cv2.findNonZero(mask)
    if points is None:
        return False
    hull = cv2.convexHull(points)
    _, (width, height), _ = cv2.minAreaRect(hull)
    area = max(width * height, 1.0)
    return bool(
        min(width, height) > 0.2 * max(width, height)
        and cv2.contourArea(hull) > 0.9 * area
        and len(points) < 0.3 * area
    )


def _ink(darkness: np.ndarray) -> np.ndarray | None:
    """Ink 255 on paper 0 of the darkness of evenly lit paper; None if nothing is dark enough."""
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
    if ink - paper < FAINTEST_INK:  # of little ink on much grain the grain is parted first
        threshold, _ = cv2.threshold(darkness[dark], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        dark = darkness > threshold
        if not dark.any():
            return None
        ink = np.median(darkness[dark])
    if ink - paper < FAINTEST_INK:
        return None
    soft = np.clip((darkness - paper) * (255 / (ink - paper)), 0, 255).astype(np.uint8)
    return _without_specks(soft)


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


def _without_scraps(ink: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Drop what the border of the page `inside` cuts off of something else: what is small beside
    the ink that lies free, and what lies along the border, as a strip of desk does and a stroke
    does not.
    """
    mask = (ink > 127).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    left, top, wide, high, area = stats.T
    near = _NEAR * min(ink.shape)
    bound = (left <= near) | (top <= near)
    bound |= (left + wide >= ink.shape[1] - near) | (top + high >= ink.shape[0] - near)
    bound[0] = False
    deeper = cv2.erode(
        inside.astype(np.uint8), np.ones((9, 9)), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    contact = np.bincount(parts[inside & (deeper == 0)], minlength=count) / 4  # a band of four
    free = max((int(area[number]) for number in range(1, count) if not bound[number]), default=0)
    along = contact > _ALONG * np.maximum(wide, high)
    along[0] = False
    scraps = bound & ((area < 0.1 * free) | along) | along & (area < 0.5 * free)
    if scraps.any():
        ink = np.where(scraps[parts], 0, ink).astype(np.uint8)
    return ink


def _is_large_enough(ink: np.ndarray) -> bool:
    """Whether some part of the ink is as large as a character."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((ink > 127).astype(np.uint8))
    sizes = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return int(sizes.max(initial=0)) >= _SMALLEST * max(ink.shape)


def _without_strips(ink: np.ndarray) -> np.ndarray:
    """Drop what lies at the border of a clean picture and is far broader than the pen: a strip of
    something else than paper.
    """
    mask = ink > 127
    distance = distance_inside(mask)
    _, parts = cv2.connectedComponents(mask.astype(np.uint8))
    for number in np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])):
        own, others = parts == number, mask & (parts != number)
        if number and others.any() and 2 * distance[own].max() > _BROAD * pen_width(others):
            ink = np.where(own, 0, ink).astype(np.uint8)
    return ink
