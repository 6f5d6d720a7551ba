"""Find the sheet of paper in a picture: the desk is cut away, and perspective is mended where all
four corners show.
"""

from dataclasses import dataclass

import cv2
import numpy as np

_SIDE = 256
"""The page is looked for in the picture reduced to this."""

_MEDIAN = 27
"""Pixels of that: a median over such a square takes thinner strokes out."""

_WIDE = 65
"""The same for the broadest strokes."""

_EDGE = 7
"""Least step between neighbouring pixels at the edge of a sheet or of a shadow, in 255ths of the
square root of brightness, whose noise is even.
"""

_BOLD = 20
"""Of 255: what stands out less from a region is no writing."""

_FAINT = 0.35
"""Of the boldest writing: a region with less is none of the page's."""

_SMALLEST = 0.008
"""Share of the picture: smaller regions between edges are no desk and no page."""


@dataclass(frozen=True)
class Page:
    """The sheet and nothing else.

    grey : uint8 [h, w], dark ink on light; what is no page is filled with the page's own light.
    inside : bool [h, w], where the page is, less a narrow margin. cut : whether there was a desk
    to cut away. onto : homography [3, 3] of points (x, y, 1) of the page onto the picture.
    """

    grey: np.ndarray
    inside: np.ndarray
    cut: bool
    onto: np.ndarray

    @property
    def straightened(self) -> bool:
        """Whether all of its four corners were seen."""
        return self.cut and bool(self.inside.all())


def find_page(grey: np.ndarray) -> Page:
    """The page of a grey picture uint8 [H, W]; all of the picture if no desk is seen.

    Sharp edges part the picture, its ink taken out by a median, into regions. The page is the
    region with writing on it; a desk is a region at the picture's border without any that leaves
    the page convex, as sheets of paper are. A shadow parts the page as well, but where its parts
    hold writing they stay together. What is written says, too, whether ink is dark.
    """
    scale = _SIDE / max(grey.shape)
    size = max(3, round(grey.shape[1] * scale)), max(3, round(grey.shape[0] * scale))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    flat = cv2.medianBlur(small, _MEDIAN)
    regions = _regions(flat)
    written = {int(name): _writing(regions == name, small) for name in np.unique(regions)}
    page = _convex_page(regions, written, flat)
    dark = _dark_ink(regions, written, page, small)
    light = grey if dark else 255 - grey
    if page.all():
        return Page(light, np.ones(grey.shape, bool), cut=False, onto=np.eye(3))
    corners = _corners(page)
    if corners is None:
        return _cut_out(light, page)
    return _straightened(light, corners / scale)


def _regions(flat: np.ndarray) -> np.ndarray:
    """The number of the region of each pixel, int [h, w], from 1: each pixel belongs to the nearest
    area without sharp edges.
    """
    level = np.round(16 * np.sqrt(flat)).clip(0, 255).astype(np.uint8)
    step = cv2.morphologyEx(level, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    _, regions, stats, _ = cv2.connectedComponentsWithStats(
        (step < _EDGE).astype(np.uint8), connectivity=4
    )
    large = stats[:, cv2.CC_STAT_AREA] >= _SMALLEST * flat.size
    large[0] = False
    if not large.any():
        return np.ones_like(regions)
    away = (~large[regions]).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    region_of = np.zeros(nearest.max() + 1, np.int32)
    region_of[nearest[away == 0]] = regions[away == 0]
    return region_of[nearest]


def _convex_page(
    regions: np.ndarray, written: dict[int, tuple[float, float]], flat: np.ndarray
) -> np.ndarray:
    """Boolean [h, w]: the picture without the regions that are desk."""
    page = np.ones(regions.shape, bool)
    if len(written) == 1:
        return page
    sheet = max(written, key=lambda name: (max(written[name]), flat[regions == name].mean()))
    for name in written:
        region = regions == name
        if (
            name != sheet
            and max(written[name]) <= _FAINT * max(written[sheet])
            and _at_border(region)
        ):
            page &= ~region
    # what the sheet is parted from by a desk is no page either
    _, parts = cv2.connectedComponents(page.astype(np.uint8), connectivity=4)
    page = parts == np.bincount(parts[(regions == sheet) & page]).argmax()
    hull = np.zeros(page.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(page.astype(np.uint8))), 1)
    return hull > 0 if page.sum() >= 0.94 * hull.sum() else np.ones_like(page)


def _writing(region: np.ndarray, small: np.ndarray, median: int = _MEDIAN) -> tuple[float, float]:
    """How far the boldest pixels in a region are darker, and lighter, than their surroundings, less
    what grain does; 0-255 of the light there, for ink in a shadow is as dark as ink in the sun.

    Near the edge of the region nothing is said: there the median has rounded corners.
    """
    reach = 2 * (_MEDIAN * 3 // 8) + 1
    inner = cv2.erode(
        region.astype(np.uint8), np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    if np.count_nonzero(inner) < 40:
        return 0.0, 0.0
    alone = np.where(inner > 0, small, _spread(small, inner))
    around = cv2.medianBlur(alone, median)[inner > 0].astype(np.float32)
    off = (around - alone[inner > 0]) * (200 / max(float(np.median(around)), 50))
    # of the calmest part, for a squared sheet is half lines
    grain = 5 * 3.14 * float(np.percentile(np.abs(off), 25)) + 10
    order = np.partition(off, (19, len(off) - 20))
    dark, light = float(order[-20:].mean()) - grain, -float(order[:20].mean()) - grain
    return (dark if dark >= _BOLD else 0.0), (light if light >= _BOLD else 0.0)


def _dark_ink(
    regions: np.ndarray,
    written: dict[int, tuple[float, float]],
    page: np.ndarray,
    small: np.ndarray,
) -> bool:
    """Whether ink is darker than the page; if undecided, as on an empty one, it is.

    Broad strokes need a wide median, for within a narrow one they are the paper; the broadest are
    regions of their own, away from the picture's border.
    """
    own = [
        name
        for name in written
        if page[regions == name].mean() > 0.5 and _may_be_paper(regions == name)
    ]
    wide = [_writing(regions == name, small, _WIDE) for name in own]
    dark, light = (
        max((written[name][sign] for name in own), default=0.0)
        + max((each[sign] for each in wide), default=0.0)
        for sign in (0, 1)
    )
    if max(dark, light):
        return light <= 1.25 * dark
    ink = np.isin(regions, [name for name in written if not _at_border(regions == name)]) & page
    if not 0 < ink.sum() < 0.3 * page.sum():
        return True
    return bool(np.median(small[ink]) <= np.median(small[page & ~ink]))


def _may_be_paper(region: np.ndarray) -> bool:
    """Whether a region is convex or goes on beyond the picture; else it is a broad stroke."""
    hull = cv2.convexHull(cv2.findNonZero(region.astype(np.uint8)))
    return _at_border(region) or bool(np.count_nonzero(region) > 0.9 * cv2.contourArea(hull))


def _at_border(region: np.ndarray) -> bool:
    return bool(region[0].any() or region[-1].any() or region[:, 0].any() or region[:, -1].any())


def _corners(page: np.ndarray) -> np.ndarray | None:
    """Four corners float32 [4, 2] clockwise from the top left, if the page has four and all are
    seen.
    """
    height, width = page.shape
    contour = max(
        cv2.findContours(page.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0],
        key=cv2.contourArea,
    )
    corners = cv2.approxPolyDP(contour, 0.03 * cv2.arcLength(contour, True), True)[:, 0]
    if len(corners) != 4:
        return None
    low, high = corners.min(0), corners.max(0)
    if min(low) < 2 or high[0] > width - 3 or high[1] > height - 3:
        return None
    order = np.roll(np.argsort(np.arctan2(*(corners - corners.mean(0)).T[::-1])), 0)
    corners = corners[order]  # clockwise, for y points down
    first = int((corners / (width, height)).sum(1).argmin())
    corners = np.roll(corners, -first, axis=0).astype(np.float32)
    for reach in (8, 4):
        corners = _sharpened(corners, contour[:, 0], reach)
    if abs(cv2.contourArea(corners) / page.sum() - 1) > 0.06:
        return None
    return corners + 0.5


def _sharpened(corners: np.ndarray, contour: np.ndarray, reach: float) -> np.ndarray:
    """Corners [4, 2] where the lines through the contour's points along each side meet, for the
    median has rounded them off.
    """
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1.0)
        offset = contour - start
        place = offset @ along / max(float(np.linalg.norm(end - start)), 1.0)
        away = np.abs(offset @ (-along[1], along[0]))
        side = contour[(place > 0.12) & (place < 0.88) & (away < reach)].astype(np.float32)
        if len(side) < 5:
            return corners
        x, y, left, top = cv2.fitLine(side, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append(np.cross((left, top, 1), (left + x, top + y, 1)))
    meet = [np.cross(lines[number - 1], lines[number]) for number in range(4)]
    return np.array([point[:2] / point[2] for point in meet], np.float32)


def _straightened(grey: np.ndarray, corners: np.ndarray) -> Page:
    """The quadrilateral of the page as an upright rectangle, its sides as long as they are on
    average in the picture.
    """
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = round((sides[0] + sides[2]) / 2), round((sides[1] + sides[3]) / 2)
    edge = round(0.015 * min(width, height))
    # the sheet's own edge is left out
    upright = np.array(
        [
            (-edge, -edge),
            (width + edge, -edge),
            (width + edge, height + edge),
            (-edge, height + edge),
        ],
        np.float32,
    )
    onto = cv2.getPerspectiveTransform(corners.astype(np.float32), upright)
    sheet = cv2.warpPerspective(
        grey, onto, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return Page(sheet, np.ones(sheet.shape, bool), cut=True, onto=np.linalg.inv(onto))


def _cut_out(grey: np.ndarray, page: np.ndarray) -> Page:
    """The part of the picture that holds the page; beside the page lies more of its own light."""
    height, width = grey.shape
    inside = cv2.resize(page.astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    # not at the picture's border, where the page goes on
    edge = 2 * round(0.012 * max(grey.shape)) + 1
    inside = cv2.erode(inside, np.ones((edge, edge), np.uint8), borderType=cv2.BORDER_REPLICATE)
    x, y, w, h = cv2.boundingRect(inside)
    if min(w, h) < 3:
        return Page(grey, np.ones(grey.shape, bool), cut=False, onto=np.eye(3))
    inside, sheet = inside[y : y + h, x : x + w], grey[y : y + h, x : x + w]
    filled = np.where(inside > 0, sheet, _spread(sheet, inside))
    moved = np.array([(1, 0, x), (0, 1, y), (0, 0, 1)], np.float64)
    return Page(filled, inside > 0, cut=True, onto=moved)


def _spread(sheet: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The light of what is inside, uint8 [h, w], spread over what is not."""
    sigma = 0.06 * max(sheet.shape)
    step = max(1, round(sigma / 2))
    shape = max(1, sheet.shape[1] // step), max(1, sheet.shape[0] // step)
    weight = inside.astype(np.float32) + 1e-6
    share = cv2.resize(weight, shape, interpolation=cv2.INTER_AREA)
    light = cv2.resize(sheet * weight, shape, interpolation=cv2.INTER_AREA)
    share, light = (cv2.GaussianBlur(values, (0, 0), 2) + 1e-9 for values in (share, light))
    return cv2.resize(light / share, sheet.shape[::-1]).clip(0, 255).astype(np.uint8)
