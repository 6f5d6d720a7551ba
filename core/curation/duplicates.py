"""Copies among pictures: the same pixels, and the same drawing resaved, rescaled, shifted, cropped
or with ink and paper exchanged.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.datasets.digest import digest_of_picture
from core.progress import Progress, ignore_progress

LIKENESS = 0.995
"""Least correlation of two pictures of one drawing. Of 250 photographs of Roman numerals and copies
made of them, 92 to 100 % lie above (JPEG quality 30, half or one and a half of the size, 64 pixels,
shifts of two pixels, grain, two grey levels); of the 8 million pairs among 4,000 digits of MNIST,
which are all different, none.
"""

SIDE = 24
"""Height and width of an outline, pixels."""

_FRAME = 4.6
"""Side of the frame in standard deviations of the ink: a straight stroke fills three quarters."""

_GRAIN = 40
"""Of 255: what differs less from the paper is no ink."""

_SMALLEST = 0.025
"""Of a picture's longer side: no character is smaller."""

_ROWS = 1024
"""Outlines that are compared with all others at once."""


@dataclass(frozen=True)
class Duplicates:
    """Groups of numbers of pictures, each ascending, by their first.

    exact : pictures with the same pixels. near : pictures of one drawing that are not all exact
    copies; exact copies among them included.
    """

    exact: tuple[tuple[int, ...], ...]
    near: tuple[tuple[int, ...], ...]


def find_duplicates(
    images: Iterable[np.ndarray],
    *,
    likeness: float = LIKENESS,
    report: Progress = ignore_progress,
) -> Duplicates:
    """Exact and near duplicates among grey pictures uint8 [H, W] of any sizes; report(pictures
    compared, in all).
    """
    digests, outlines = [], []
    for image in images:
        digests.append(digest_of_picture(image))
        outlines.append(outline_of(image))
    return duplicates_of(digests, outlines, likeness=likeness, report=report)


def duplicates_of(
    digests: Sequence[Hashable],
    outlines: Sequence[np.ndarray | None],
    *,
    likeness: float = LIKENESS,
    report: Progress = ignore_progress,
) -> Duplicates:
    """The same from what was found in each picture: a digest of its pixels, and `outline_of` it."""
    exact = same_groups(digests)
    # of exact copies one stands for all
    first = {digest: number for number, digest in reversed(list(enumerate(digests)))}
    shown = [number for number in sorted(first.values()) if outlines[number] is not None]
    copies: dict[int, tuple[int, ...]] = {group[0]: group for group in exact}
    rows = np.array([outlines[number] for number in shown], np.float32).reshape(-1, SIDE * SIDE)
    near = [
        tuple(sorted(one for row in group for one in copies.get(shown[row], (shown[row],))))
        for group in _alike(rows, likeness, report)
    ]
    return Duplicates(exact, tuple(sorted(near)))


def same_groups(digests: Sequence[Hashable]) -> tuple[tuple[int, ...], ...]:
    """The numbers of equal digests, where two or more are equal; also across folders."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, digest in enumerate(digests):
        groups[digest].append(number)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def outline_of(image: np.ndarray) -> np.ndarray | None:
    """What a grey picture uint8 [H, W] shows, wherever and however large: uint8 [SIDE * SIDE]; None
    if there is no ink.

    The ink is framed by its moments: its centre of mass, and the standard deviation of its place,
    which resaving changes less than a bounding box. What differs from the median of the border is
    ink.
    """
    ink: np.ndarray = _ink_of(image).astype(np.float32)
    moments = cv2.moments(ink)
    if not moments["m00"]:
        return None
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    spread = np.sqrt((moments["mu20"] + moments["mu02"]) / moments["m00"])
    fine = 2 * SIDE  # twice as fine and then halved: a blur that hides how sharp a copy is
    side = max(_FRAME * spread, 4.0)
    step = side / fine
    if step > 1:
        ink = cv2.GaussianBlur(ink, (0, 0), step / 2)
    corner = step / 2 - side / 2
    frame = np.array([[step, 0, x + corner], [0, step, y + corner]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    framed = cv2.GaussianBlur(cv2.warpAffine(ink, frame, (fine, fine), flags=flags), (0, 0), 0.7)
    small = cv2.resize(framed, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.round(small * (255 / max(float(small.max()), 1e-6))).astype(np.uint8).ravel()


def is_blank(image: np.ndarray) -> bool:
    """Whether nothing in a grey picture uint8 [H, W] is as large as a character; specks are not."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((_ink_of(image) > 0).astype(np.uint8))
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return bool(sides.max(initial=0) < max(2, _SMALLEST * max(image.shape)))


def _ink_of(image: np.ndarray) -> np.ndarray:
    """How much each pixel differs from the paper, uint8 [H, W]; 0 where it is grain."""
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    ink: np.ndarray = cv2.absdiff(image, np.full_like(image, int(np.median(border))))
    return np.where(ink < _GRAIN, np.uint8(0), ink)


def _alike(rows: np.ndarray, likeness: float, report: Progress) -> list[list[int]]:
    """Groups of rows float32 [N, pixels] linked by pairs that correlate with at least `likeness`;
    [N, N] is never held.
    """
    centred = rows - rows.mean(1, keepdims=True)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    leader = list(range(len(rows)))

    def lead(row: int) -> int:
        while leader[row] != row:
            leader[row] = row = leader[leader[row]]
        return row

    for start in range(0, len(rows), _ROWS):
        some = unit[start : start + _ROWS] @ unit[start:].T
        for one, other in np.argwhere(np.triu(some, 1) >= likeness).tolist():
            leader[lead(start + other)] = lead(start + one)
        report(min(start + _ROWS, len(rows)), len(rows))
    groups: dict[int, list[int]] = defaultdict(list)
    for row in range(len(rows)):
        groups[lead(row)].append(row)
    return [group for group in groups.values() if len(group) > 1]
