"""A table of handwritten numbers on paper, and photographs of it: examples with a known truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.layout import Pieces
from core.synthesis.compose.pieces import extent, superimpose

RULES = ("lines", "dots", "none")
"""How cells are parted."""

_CELL = 84, 72
"""Width and height of a cell on the page, pixels."""

_PAGE = 70
"""Pixels of paper about the table."""

_HEIGHT = 0.52
"""Of a cell: the height of a digit, which a wide number has less of."""

_FOCAL = 1.3
"""Of the longer side of the page: the distance that the camera looks from."""


@dataclass(frozen=True)
class Photograph:
    """image : uint8 [H, W], dark ink on light paper. corners : of the table in it, float32 [4, 2],
    clockwise from its top left.
    """

    image: np.ndarray
    corners: np.ndarray


@dataclass(frozen=True)
class Light:
    """What a camera does to a page.

    tilt : degrees at most, about both axes of the page. turn : degrees at most, in its plane.
    shadow : share of the light that is lost under one, at most. noise : sigma, grey levels. quality
    : of the JPEG, 0-100.
    """

    tilt: float = 25.0
    turn: float = 8.0
    shadow: float = 0.5
    noise: float = 4.0
    quality: int = 75


def draw_table(
    written: Compositions, numbers: Sequence[Sequence[int | None]], *, rules: str = "lines"
) -> Photograph:
    """A page with a table: each cell holds a composition, by its number, or nothing."""
    rows, columns = len(numbers), len(numbers[0])
    size = columns * _CELL[0] + 2 * _PAGE, rows * _CELL[1] + 2 * _PAGE
    ink = np.zeros(size[::-1], np.uint8)
    for row, line in enumerate(numbers):
        for column, number in enumerate(line):
            if number is not None:
                top, left = _PAGE + row * _CELL[1], _PAGE + column * _CELL[0]
                cell = ink[top : top + _CELL[1], left : left + _CELL[0]]
                _write(written.pieces(number), cell, np.random.default_rng((written.seed, number)))
    _rule(ink, rows, columns, rules)
    page = 255 - (ink * 0.9).astype(np.uint8)
    right, bottom = size[0] - _PAGE, size[1] - _PAGE
    corners = np.array([(_PAGE, _PAGE), (right, _PAGE), (right, bottom), (_PAGE, bottom)])
    return Photograph(page, corners.astype(np.float32))


def take_photograph(
    page: Photograph, generator: np.random.Generator, light: Light | None = None
) -> Photograph:
    """The page on a desk, seen from the side, under uneven light."""
    light = light or Light()
    high, wide = page.image.shape
    onto, size = _seen(high, wide, generator, light)
    desk = generator.uniform(40, 120) + 6 * generator.standard_normal((size[1], size[0]))
    cover = cv2.warpPerspective(np.full((high, wide), 255, np.uint8), onto, size)
    sheet = cv2.warpPerspective(page.image, onto, size, flags=cv2.INTER_AREA)
    share = cover.astype(np.float32) / 255
    scene: np.ndarray = share * sheet + (1 - share) * cv2.GaussianBlur(desk, (0, 0), 2)
    scene *= _lit(size, generator, light)
    scene = cv2.GaussianBlur(scene, (0, 0), 0.7)
    scene = scene + light.noise * generator.standard_normal(scene.shape)
    _, coded = cv2.imencode(
        ".jpg", np.clip(scene, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, light.quality]
    )
    corners = cv2.perspectiveTransform(page.corners[None], onto)[0]
    return Photograph(np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)), corners)


def _write(pieces: Pieces, cell: np.ndarray, generator: np.random.Generator) -> None:
    """In a cell uint8 [h, w], near its middle."""
    high, wide = cell.shape
    _, _, width, height = extent(pieces)
    per_unit = min(_HEIGHT * high * generator.uniform(0.85, 1.15), 0.8 * wide / width)
    x, y = (
        int(generator.uniform(-1, 1) * max(0.0, min(0.12 * side, (side - span * per_unit) / 2 - 4)))
        for side, span in ((wide, width), (high, height))
    )
    room = np.zeros_like(cell)
    superimpose(pieces, per_unit, room)
    np.maximum(cell, np.roll(room, (y, x), (0, 1)), out=cell)


def _rule(ink: np.ndarray, rows: int, columns: int, rules: str) -> None:
    """Lines between the cells, on the page uint8 [H, W]."""
    if rules == "none":
        return
    lines = np.zeros_like(ink)
    for row in range(rows + 1):
        y = _PAGE + row * _CELL[1]
        cv2.line(lines, (_PAGE, y), (_PAGE + columns * _CELL[0], y), 170, 2)
    for column in range(columns + 1):
        x = _PAGE + column * _CELL[0]
        cv2.line(lines, (x, _PAGE), (x, _PAGE + rows * _CELL[1]), 170, 2)
    if rules == "dots":
        down, right = np.indices(ink.shape)
        lines[(right // 4 + down // 4) % 2 == 0] = 0
    np.maximum(ink, lines, out=ink)


def _seen(
    high: int, wide: int, generator: np.random.Generator, light: Light
) -> tuple[np.ndarray, tuple[int, int]]:
    """The homography [3, 3] of a pinhole camera (Hartley and Zisserman 2004, section 8.1) that is
    turned about the three axes, and the size of its picture.
    """
    angles = np.radians(generator.uniform(-1, 1, 3) * (light.tilt, light.tilt, light.turn))
    turned, _ = cv2.Rodrigues(np.array([angles[0], 0, 0]))
    for axis in (1, 2):
        turned = cv2.Rodrigues(np.eye(3)[axis] * angles[axis])[0] @ turned
    focal = _FOCAL * max(high, wide)
    middle = np.array([[1, 0, -wide / 2], [0, 1, -high / 2], [0, 0, 1]])
    camera = np.diag([focal, focal, 1.0])
    away = np.column_stack([turned[:, :2], [0, 0, focal]])
    onto = camera @ away @ middle
    border = np.array([[(0, 0), (wide, 0), (wide, high), (0, high)]], np.float32)
    seen = cv2.perspectiveTransform(border, onto)[0]
    edge = 0.04 * max(high, wide)
    low = seen.min(0) - edge
    size = np.ceil(seen.max(0) + edge - low).astype(int).tolist()
    moved = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]])
    return moved @ onto, (size[0], size[1])


def _lit(size: tuple[int, int], generator: np.random.Generator, light: Light) -> np.ndarray:
    """The light on each pixel, 0-1, float [H, W]: a slope, and the shadow of something with a
    straight edge.
    """
    wide, high = size
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    angle = generator.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * x / wide + np.sin(angle) * y / high) * generator.uniform(0, 0.25)
    lit = 1 - np.abs(slope)
    angle = generator.uniform(0, 2 * np.pi)
    edge = np.cos(angle) * (x - generator.uniform(0.2, 0.8) * wide)
    edge += np.sin(angle) * (y - generator.uniform(0.2, 0.8) * high)
    soft = np.clip(edge / generator.uniform(4, 60) + 0.5, 0, 1)
    shaded: np.ndarray = lit * (1 - generator.uniform(0, light.shadow) * soft)
    return shaded
