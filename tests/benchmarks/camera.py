"""Photographs of handwriting that a program takes: pen strokes on paper, on a desk, under a light,
before a camera.

What varies is a table of factors. A generator with the same seed takes the same photographs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.strokes import draw_strokes

FACTORS = {
    "paper": ("plain", "ruled", "squared", "margin", "frame", "cell"),
    "light": ("even", "gradient", "shadow"),
    "desk": ("none", "dark", "light", "strip"),
    "angle": ("straight", "turned", "perspective"),
    "pen": ("black", "blue", "pencil"),
    "camera": ("clean", "noisy JPEG", "12 MP"),
}
"""Each factor's values; the first ones make the base, a clean scan of black ink."""

SIDE = 600
"""Pixels of a picture's shorter side, unless the camera has 12 megapixels."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Scene:
    """One value of each factor."""

    paper: str = "plain"
    light: str = "even"
    desk: str = "none"
    angle: str = "straight"
    pen: str = "black"
    camera: str = "clean"


def photograph(
    characters: Sequence[Sequence[np.ndarray]], scene: Scene, generator: np.random.Generator
) -> bytes:
    """A PNG or JPEG file of characters side by side on one sheet; of an empty sheet if there are
    none.

    characters : for each its strokes, float [P, 2], from 0 and the longer side 1, y down.
    """
    width, height = (SIDE, SIDE) if len(characters) < 2 else (2 * SIDE, SIDE)
    spare = SIDE // 2  # the sheet goes on outside of the picture
    sheet_size = height + 2 * spare, width + 2 * spare
    edges = _edges(scene, width, height, spare, generator)
    room = _room(edges, width, height, spare)
    places = _places(characters, room, generator)
    sheet = np.full((*sheet_size, 3), generator.uniform(225, 252), np.float32)
    sheet += generator.uniform(-6, 4, 3).astype(np.float32)
    _print(sheet, scene, places, room, generator)
    _write(sheet, characters, places, scene, generator)

    cover = np.zeros(sheet_size, np.float32)
    left, top, right, bottom = (round(edge) for edge in edges)
    cover[top:bottom, left:right] = 1
    onto = _geometry(scene, width, height, generator) @ _moved(-spare, -spare)
    warped = cv2.warpPerspective(sheet, onto, (width, height), flags=cv2.INTER_AREA)
    seen = cv2.warpPerspective(cover, onto, (width, height))[..., None]
    desk = _desk(scene, width, height, generator)
    picture = (warped * seen + desk * (1 - seen)) * _light(scene, width, height, generator)
    return _take(picture, scene, generator)


def _edges(
    scene: Scene, width: int, height: int, spare: int, generator: np.random.Generator
) -> Box:
    """The sheet's edges in its own pixels; outside of the picture where no desk is seen."""
    left, top, right, bottom = 0.0, 0.0, width + 2.0 * spare, height + 2.0 * spare
    if scene.desk in ("dark", "light"):
        return spare, spare, spare + width, spare + height
    if scene.desk == "strip":
        for side in generator.choice(4, generator.integers(1, 3), replace=False):
            share = spare + generator.uniform(0.03, 0.15) * min(width, height)
            left = share if side == 0 else left
            top = share if side == 1 else top
            right = width + 2 * spare - share if side == 2 else right
            bottom = height + 2 * spare - share if side == 3 else bottom
    return left, top, right, bottom


def _room(edges: Box, width: int, height: int, spare: int) -> Box:
    """Where there is paper in the picture, less a margin."""
    margin = 0.1 * min(width, height)
    left, top = max(edges[0], spare), max(edges[1], spare)
    right, bottom = min(edges[2], spare + width), min(edges[3], spare + height)
    return left + margin, top + margin, right - margin, bottom - margin


def _places(
    characters: Sequence[Sequence[np.ndarray]], room: Box, generator: np.random.Generator
) -> list[Box]:
    """A box for each character, from left to right."""
    count = len(characters)
    if not count:
        return []
    sizes = np.array([np.concatenate(strokes).max(0) for strokes in characters])
    space = np.array([room[2] - room[0], room[3] - room[1]])
    if count == 1:
        side = generator.uniform(0.42, 0.75) * space.min()
        widths, gap = sizes[:, 0] * side, 0.0
    else:
        side = generator.uniform(0.35, 0.55) * space[1]
        # a number's digits are equally high
        sizes = sizes / np.maximum(sizes[:, 1:], 0.4)
        side *= min(1.0, 0.85 * space[0] / ((sizes[:, 0].sum() + 0.3 * (count - 1)) * side))
        widths, gap = sizes[:, 0] * side, generator.uniform(0.2, 0.35) * side
    long = widths.sum() + gap * (count - 1)
    left = room[0] + generator.random() * max(space[0] - long, 0)
    top = room[1] + generator.random() * max(space[1] - side * sizes[:, 1].max(), 0)
    places = []
    for size, wide in zip(sizes, widths, strict=True):
        places.append((left, top, left + wide, top + size[1] * side))
        left += wide + gap
    return places


def _print(
    sheet: np.ndarray,
    scene: Scene,
    places: Sequence[Box],
    room: Box,
    generator: np.random.Generator,
) -> None:
    """Rules, squares, a margin line, a frame or a table's cell, drawn on the sheet."""
    height, width = sheet.shape[:2]
    thin = generator.uniform(1.2, 3.0)
    rule = np.array([150, 180, 215]) if generator.random() < 0.6 else np.array([70, 85, 140])
    step = generator.uniform(55, 110) if scene.paper != "squared" else generator.uniform(32, 75)
    phase = generator.random() * step
    levels = np.arange(phase, height, step)
    if scene.paper in ("ruled", "squared", "margin"):
        for level in levels:
            _line(sheet, (0, level), (width, level), thin, rule)
    if scene.paper == "squared":
        for level in np.arange(generator.random() * step, width, step):
            _line(sheet, (level, 0), (level, height), thin, rule)
    if scene.paper == "margin":
        ends = [room[0], *[place[0] for place in places]]
        at = generator.uniform(room[0] - 10, max(min(ends[1:], default=room[2]) - 15, room[0]))
        _line(sheet, (at, 0), (at, height), thin * 1.2, np.array([205, 70, 80]))
    if scene.paper in ("frame", "cell"):
        dark = np.full(3, generator.uniform(20, 90))
        box = _around(places, room, generator)
        _box(sheet, box, thin * 1.3, dark, generator, cells=scene.paper == "cell")


def _around(places: Sequence[Box], room: Box, generator: np.random.Generator) -> Box:
    if not places:
        places = [(room[0] + 60, room[1] + 60, room[2] - 60, room[3] - 60)]
    boxes = np.array(places)
    left, top = map(float, boxes[:, :2].min(0))
    right, bottom = map(float, boxes[:, 2:].max(0))
    gap = generator.uniform(0.08, 0.3, 4) * (bottom - top) + 8
    return left - gap[0], top - gap[1], right + gap[2], bottom + gap[3]


def _box(
    sheet: np.ndarray,
    box: Box,
    thin: float,
    colour: np.ndarray,
    generator: np.random.Generator,
    *,
    cells: bool,
) -> None:
    """A frame; or its lines go on into the cells beside it, by an eighth of a cell to two."""
    left, top, right, bottom = box
    over = generator.uniform(0.12, 2, 4) * (bottom - top) if cells else np.zeros(4)
    for x in (left, right):
        _line(sheet, (x, top - over[1]), (x, bottom + over[3]), thin, colour)
    for y in (top, bottom):
        _line(sheet, (left - over[0], y), (right + over[2], y), thin, colour)


def _line(
    sheet: np.ndarray,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    colour: np.ndarray,
) -> None:
    _stain(sheet, draw_strokes([np.array([start, end])], width=width, size=sheet.shape[:2]), colour)


def _stain(sheet: np.ndarray, ink: np.ndarray, colour: np.ndarray) -> None:
    """Lay ink uint8 [H, W] of a colour over the sheet, in place."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    share = ink[window][..., None].astype(np.float32) / 255
    sheet[window] += share * (colour.astype(np.float32) - sheet[window])


def _write(
    sheet: np.ndarray,
    characters: Sequence[Sequence[np.ndarray]],
    places: Sequence[Box],
    scene: Scene,
    generator: np.random.Generator,
) -> None:
    """The characters, each in its place; pencil is pale and grainy."""
    if not characters:
        return
    tall = max(place[3] - place[1] for place in places)
    broad = max(place[2] - place[0] for place in places)
    pen = generator.uniform(0.03, 0.06) * max(tall, broad if len(places) == 1 else 0)
    strokes = []
    for parts, (left, top, right, bottom) in zip(characters, places, strict=True):
        extent = np.maximum(np.concatenate(parts).max(0), 1e-6)
        scale = max(right - left, bottom - top) / max(extent)
        strokes += [part * scale + (left, top) for part in parts]
    ink = draw_strokes(strokes, width=pen, size=sheet.shape[:2])
    colour = {
        "black": np.full(3, generator.uniform(15, 50)),
        "blue": np.array([45, 65, 150]) + generator.uniform(-15, 15, 3),
        "pencil": np.full(3, generator.uniform(95, 135)),
    }[scene.pen]
    if scene.pen == "pencil":
        grain = cv2.GaussianBlur(generator.random(ink.shape, np.float32), (0, 0), 1)
        ink = (ink * np.clip(0.9 + 1.2 * (grain - 0.5), 0.4, 1)).astype(np.uint8)
    _stain(sheet, ink, colour)


def _geometry(scene: Scene, width: int, height: int, generator: np.random.Generator) -> np.ndarray:
    """Homography [3, 3] of the sheet's part that the picture shows straight, onto the picture."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    middle = corners.mean(0)
    moved: np.ndarray = corners.copy()
    if scene.desk in ("dark", "light"):
        moved = middle + (moved - middle) * generator.uniform(0.62, 0.84)
        moved += generator.uniform(-0.04, 0.04, 2) * height
    if scene.angle == "turned":
        turn = np.deg2rad(8) * generator.choice([-1, 1])
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        moved = (moved - middle) @ matrix + middle
    elif scene.angle == "perspective":
        moved = moved + generator.uniform(-0.07, 0.07, (4, 2)) * height
    onto: np.ndarray = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return onto


def _moved(x: float, y: float) -> np.ndarray:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _desk(scene: Scene, width: int, height: int, generator: np.random.Generator) -> np.ndarray:
    """RGB float32 [H, W, 3] of wood: speckles, and streaks along the board."""
    light = scene.desk == "light" or (scene.desk == "strip" and generator.random() < 0.4)
    tone = generator.uniform(140, 195) if light else generator.uniform(35, 90)
    colour = tone * np.array([1.0, generator.uniform(0.7, 1), generator.uniform(0.5, 1)])
    grain = generator.normal(0, 1, (height, width)).astype(np.float32)
    along = (0, 0), 12, 1.2
    streaks = cv2.GaussianBlur(grain, along[0], sigmaX=along[1], sigmaY=along[2])
    specks = cv2.GaussianBlur(grain[::-1], (0, 0), 1.0)
    texture = 1 + generator.uniform(0, 0.5) * streaks + generator.uniform(0.02, 0.2) * specks
    desk: np.ndarray = (colour * texture[..., None]).astype(np.float32)
    return desk


def _light(scene: Scene, width: int, height: int, generator: np.random.Generator) -> np.ndarray:
    """Float32 [H, W, 1]: the lamp's share at each pixel."""
    rows, columns = np.indices((height, width), np.float32) / height
    if scene.light == "even":
        return np.full((height, width, 1), generator.uniform(0.85, 1), np.float32)
    turn = generator.uniform(0, 2 * np.pi)
    across = (columns - width / height / 2) * np.cos(turn) + (rows - 0.5) * np.sin(turn)
    slope = generator.uniform(0.15, 0.45) * across / np.abs(across).max()
    light = generator.uniform(0.75, 0.9) * (1 + slope)
    if scene.light == "shadow":
        turn = generator.uniform(0, 2 * np.pi)
        across = (columns - width / height / 2) * np.cos(turn) + (rows - 0.5) * np.sin(turn)
        soft = generator.uniform(0.002, 0.025)
        shaded = 0.5 + 0.5 * np.tanh((across - generator.uniform(-0.3, 0.3)) / soft)
        light = light * (1 - generator.uniform(0.3, 0.6) * shaded)
    return np.minimum(light, 1.05)[..., None].astype(np.float32)


def _take(picture: np.ndarray, scene: Scene, generator: np.random.Generator) -> bytes:
    """Noise, blur and the file of the camera."""
    if scene.camera == "12 MP":
        scale = np.sqrt(12e6 / (picture.shape[0] * picture.shape[1]))
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    sigma = {"clean": 0.0, "noisy JPEG": generator.uniform(2, 8), "12 MP": 5.0}[scene.camera]
    if sigma:
        if scene.camera == "noisy JPEG":
            picture = cv2.GaussianBlur(picture, (0, 0), generator.uniform(0.5, 1.3))
        noise = generator.standard_normal(picture.shape[:2], np.float32)[..., None]
        picture = picture + np.float32(sigma) * noise
    bgr = np.clip(picture, 0, 255).astype(np.uint8)[..., ::-1]
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(generator.integers(55, 92))]
    clean = scene.camera == "clean"
    return cv2.imencode(".png" if clean else ".jpg", bgr, [] if clean else quality)[1].tobytes()
