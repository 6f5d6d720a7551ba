"""Photographs of each kind that went wrong, drawn here; the ink that was laid on is the truth."""

import cv2
import numpy as np
import pytest

from core.ink.crop import turn_and_crop
from core.ink.paper import find_ink, look
from core.ink.shadow import find_shadows, without_shadow
from tests.handwriting import FIVE, FOUR, SEVEN, THREE, Strokes, canvas, likeness

SIDE = 480
GLYPHS = {"3": THREE, "4": FOUR, "5": FIVE, "7": SEVEN}
every_glyph = pytest.mark.parametrize("glyph", GLYPHS.values(), ids=GLYPHS)


def sheet(glyph: Strokes | None, *, ink: float = 0.2, side: int = SIDE) -> np.ndarray:
    """Reflectance 0-1 of paper with a character of a pen that is 3 % of the side wide."""
    if glyph is None:
        return np.full((side, side), 0.95)
    drawn = canvas(
        glyph, size=side, left=0.36 * side, top=0.28 * side, height=0.4 * side, pen=0.03 * side
    )
    return 0.95 - (0.95 - ink) * (1 - drawn / 255)


def shot(picture: np.ndarray, random: np.random.Generator, noise: float = 3) -> np.ndarray:
    """Grey uint8 of reflectance under even light with a camera's grain, as a JPEG keeps it."""
    grey = np.clip(picture * 240 + random.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", grey)[1], cv2.IMREAD_GRAYSCALE)


def crop(ink: np.ndarray) -> np.ndarray:
    x, y, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    return cv2.resize(ink[y : y + height, x : x + width], (64, 64), interpolation=cv2.INTER_AREA)


def shows(grey: np.ndarray, glyph: Strokes) -> float:
    """Likeness of the ink that is found to the character's, whatever its place and size."""
    ink = find_ink(grey)
    assert ink is not None
    return likeness(crop(ink), crop((255 * (1 - sheet(glyph))).astype(np.uint8)))


def on_desk(paper: np.ndarray, desk: float, sides: str, random: np.random.Generator) -> np.ndarray:
    """The sheet on a grainy desk that is seen at some sides: left, top, right, bottom."""
    top, bottom, left, right = (40 * (name in sides) for name in ("top", "bottom", "left", "right"))
    wide = np.pad(paper, ((top, bottom), (left, right)), constant_values=-1)
    grain = desk * (1 + 0.05 * random.standard_normal(wide.shape))
    return np.where(wide < 0, grain, wide)


def shadow(size: int, soft: float, dark: float = 0.5) -> np.ndarray:
    """Light [size, size] of a lamp, a shadow's edge across it, `soft` pixels wide."""
    rows, columns = np.indices((size, size))
    return 1 - dark * (0.5 + 0.5 * np.tanh((columns + 0.4 * rows - 0.75 * size) / soft))


@every_glyph
@pytest.mark.parametrize("desk", [0.2, 0.65])
@pytest.mark.parametrize("sides", ["left", "top", "left bottom", "left top right bottom"])
def test_the_desk_is_cut_away(
    glyph: Strokes, desk: float, sides: str, random: np.random.Generator
) -> None:
    grey = shot(on_desk(sheet(glyph), desk, sides, random), random)
    assert shows(grey, glyph) > 0.9
    found = look(grey)
    assert found.cut
    assert np.median(found.page) > 180


def test_perspective_is_mended_where_four_corners_show(random: np.random.Generator) -> None:
    corners = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float32)
    seen = np.array([(90, 60), (420, 95), (395, 430), (55, 385)], np.float32)
    onto = cv2.getPerspectiveTransform(corners, seen)
    picture = cv2.warpPerspective(
        sheet(FIVE), onto, (SIDE, SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=0.2
    )
    assert shows(shot(picture, random), FIVE) > 0.93


@every_glyph
@pytest.mark.parametrize("lines", ["ruled", "squared", "margin"])
@pytest.mark.parametrize("dark", [0.2, 0.7])
def test_rules_are_taken_off_and_strokes_stay_whole(
    glyph: Strokes, lines: str, dark: float, random: np.random.Generator
) -> None:
    paper = sheet(glyph)
    for level in range(25, SIDE, 48):
        cv2.line(paper, (0, level), (SIDE, level + 6), dark, 2)
        if lines == "squared":
            cv2.line(paper, (level, 0), (level - 6, SIDE), dark, 2)
    if lines == "margin":
        cv2.line(paper, (90, 0), (92, SIDE), dark, 3)
    grey = shot(np.minimum(paper, sheet(glyph)), random)
    # where rules as dark as the ink lie along a stroke, the two are one
    assert shows(grey, glyph) > (0.75 if (lines, dark) == ("squared", 0.2) else 0.9)
    assert look(grey).printed


def test_a_rule_that_a_stroke_lies_along_is_taken_off(random: np.random.Generator) -> None:
    paper = sheet(SEVEN)
    top = int(np.flatnonzero((paper < 0.5).any(1))[0]) + 6  # along the seven's bar
    for level in range(top % 60, SIDE, 60):
        cv2.line(paper, (0, level), (SIDE, level), 0.4, 2)
    assert shows(shot(np.minimum(paper, sheet(SEVEN)), random), SEVEN) > 0.9


@every_glyph
@pytest.mark.parametrize("over", [0, 60])
@pytest.mark.parametrize("clean", [True, False])
def test_frames_and_cells_are_taken_off(
    glyph: Strokes, over: int, clean: bool, random: np.random.Generator
) -> None:
    paper = sheet(glyph)
    for at in (110, 360):
        cv2.line(paper, (at, 110 - over), (at, 360 + over), 0.1, 2)
        cv2.line(paper, (110 - over, at), (360 + over, at), 0.1, 2)
    if clean and over:
        pytest.skip("without a border that is no frame")
    grey = (paper * 255 / 0.95).astype(np.uint8) if clean else shot(paper, random)
    assert shows(grey, glyph) > 0.93


@every_glyph
@pytest.mark.parametrize("soft", [1.5, 12])
def test_a_shadow_across_pencil_is_no_ink(
    glyph: Strokes, soft: float, random: np.random.Generator
) -> None:
    assert shows(shot(sheet(glyph, ink=0.5) * shadow(SIDE, soft), random), glyph) > 0.88


@pytest.mark.parametrize("glyph", [*GLYPHS.values(), None], ids=[*GLYPHS, "nothing"])
@pytest.mark.parametrize("soft", [2.0, 12.0])
def test_a_sheet_half_in_shadow_on_a_light_desk(
    glyph: Strokes | None, soft: float, random: np.random.Generator
) -> None:
    # the lit desk is as bright as the sheet in the shadow
    scene = on_desk(sheet(glyph, ink=0.3), 0.55, "left top right bottom", random)
    grey = shot(scene * shadow(len(scene), soft, dark=0.45), random)
    if glyph is None:
        assert find_ink(grey) is None
    else:
        assert shows(grey, glyph) > 0.9


@every_glyph
def test_a_shadow_across_a_corner_of_a_sheet(glyph: Strokes, random: np.random.Generator) -> None:
    # where the edge leaves the sheet near the picture's corner, its end is not seen
    scene = on_desk(sheet(glyph), 0.5, "left top right bottom", random)
    rows, columns = np.indices(scene.shape)
    shade = 1 - 0.25 * (1 + np.tanh((rows - 0.8 * columns - 0.08 * len(scene)) / 3.0))
    assert shows(shot(scene * shade, random), glyph) > 0.9


def test_the_ends_of_rules_at_the_border_are_no_character() -> None:
    paper = np.full((SIDE, SIDE), 205, np.uint8)
    for at in range(0, SIDE, 60):
        cv2.line(paper, (at, 0), (at + 4, SIDE), 80, 2)
        cv2.line(paper, (0, at), (SIDE, at + 4), 80, 2)
    assert find_ink(paper) is None


@pytest.mark.parametrize("soft", [2.0, 12.0])
def test_a_shadow_over_a_sheet_and_a_desk_is_taken_off(
    soft: float, random: np.random.Generator
) -> None:
    scene = on_desk(sheet(FIVE), 0.5, "left top right bottom", random)
    lit = shot(scene, random).astype(float)
    grey = shot(scene * shadow(len(scene), soft, dark=0.5), random)
    (found,) = (each for each in find_shadows(grey) if each.certain)
    assert abs(found.depth) == pytest.approx(np.log(2), abs=0.1)
    assert np.abs(cv2.blur(without_shadow(grey, found) - lit, (9, 9))).mean() < 8


def test_the_edges_of_a_sheet_and_of_strokes_are_no_shadow(random: np.random.Generator) -> None:
    for sides in ("left", "top right", "left top right bottom"):
        for desk in (0.2, 0.65):
            grey = shot(on_desk(sheet(SEVEN), desk, sides, random), random)
            assert not any(each.certain for each in find_shadows(grey))
    stroke = 255 * np.ones((200, 200), np.uint8)
    cv2.line(stroke, (-20, 60), (220, 160), 0, 30)
    assert not find_shadows(stroke)
    assert not find_shadows(np.zeros((5, 4), np.uint8))


@pytest.mark.parametrize("light", ["even", "gradient", "shadow"])
@pytest.mark.parametrize("lines", ["none", "ruled", "squared", "frame"])
@pytest.mark.parametrize("desk", ["", "left"])
def test_an_empty_sheet_is_blank(
    light: str, lines: str, desk: str, random: np.random.Generator
) -> None:
    paper = sheet(None)
    for level in range(25, SIDE, 48) if lines in ("ruled", "squared") else ():
        cv2.line(paper, (0, level), (SIDE, level), 0.6, 2)
        if lines == "squared":
            cv2.line(paper, (level, 0), (level, SIDE), 0.6, 2)
    if lines == "frame":
        cv2.rectangle(paper, (120, 100), (360, 380), 0.2, 2)
    lamps = {
        "even": np.ones((SIDE, SIDE)),
        "gradient": np.tile(np.linspace(0.5, 1, SIDE), (SIDE, 1)),
        "shadow": shadow(SIDE, 4),
    }
    paper = on_desk(paper * lamps[light], 0.2, desk, random)
    assert find_ink(shot(paper, random)) is None


def test_a_canvas_is_left_as_it_is() -> None:
    found = look(canvas(FIVE))
    assert (found.cut, found.uneven, found.printed) == (False, False, False)


@every_glyph
def test_broad_white_strokes_with_grain_are_ink(
    glyph: Strokes, random: np.random.Generator
) -> None:
    board = np.clip((255 - canvas(glyph, pen=30)) * 0.7 + 30, 0, 255)
    ink = find_ink(np.clip(board + random.normal(0, 5, board.shape), 0, 255).astype(np.uint8))
    assert ink is not None
    assert likeness(ink, 255 - canvas(glyph, pen=30)) > 0.9


@pytest.mark.parametrize("quarters", range(-4, 5))
def test_four_quarters_are_a_whole_turn(quarters: int, random: np.random.Generator) -> None:
    grey = random.integers(0, 256, (20, 31), np.uint8)
    turned = turn_and_crop(grey, quarters=quarters)
    np.testing.assert_array_equal(turn_and_crop(turned, quarters=-quarters), grey)
    if quarters == 1:  # clockwise: the left column becomes the top row, from its end
        np.testing.assert_array_equal(turned[0], grey[::-1, 0])


@pytest.mark.parametrize("down", [(0, 100), (50, 100), (100, 100), (0, 0)])
def test_a_crop_is_the_part_of_the_turned_picture(down: tuple[int, int]) -> None:
    grey = np.arange(200, dtype=np.uint8).reshape(20, 10)
    part = turn_and_crop(grey, quarters=0, across=(20, 60), down=down)
    assert part.shape == (max(1, 20 * (down[1] - down[0]) // 100), 4)
    assert part[0, 0] == grey[min(20 * down[0] // 100, 19), 2]


def wedge(paper: np.ndarray) -> np.ndarray:
    """The sheet, with a narrow corner of dark desk at its left."""
    corner = np.array([[0, 0], [30, 0], [0, 250]])
    return cv2.fillPoly(paper.copy(), [corner], 0.2)


@every_glyph
@pytest.mark.parametrize("clean", [True, False])
def test_a_corner_of_desk_is_no_ink(
    glyph: Strokes, clean: bool, random: np.random.Generator
) -> None:
    paper = wedge(sheet(glyph))
    grey = (paper * 255 / 0.95).astype(np.uint8) if clean else shot(paper, random)
    assert shows(grey, glyph) > 0.93


def test_a_corner_of_desk_on_an_empty_sheet_is_blank(random: np.random.Generator) -> None:
    assert find_ink(shot(wedge(sheet(None)), random)) is None


@pytest.mark.parametrize("count", [5, 8])
def test_rules_of_a_sheet_whose_edges_do_not_show_are_no_ink(
    count: int, random: np.random.Generator
) -> None:
    """They end where nothing is seen to end; a line down the margin crosses them all."""
    paper = sheet(None)
    for row in range(count):
        level = 90 + 36 * row
        cv2.line(paper, (70, level), (420, level + 20), 0.5, 2)
    cv2.line(paper, (130, 70), (122, 110 + 36 * count), 0.5, 2)
    assert find_ink(shot(paper, random)) is None
