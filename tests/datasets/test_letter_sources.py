"""Sources of letters: what each has, by whom, and what is said where it is not."""

import numpy as np
import pytest

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.datasets.letter_sources import SIGNS, SOURCES, open_letters
from core.datasets.stroke_files import write_strokes
from core.datasets.strokes import COLLECTIONS
from core.errors import InklingError
from core.ink.handwritten import Handwritten, is_held_out
from core.ink.strokes import draw_strokes
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.letters import StrokeLetters, WriterLetters
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.roman import NUMERALS
from tests.datasets.test_composed import sources
from tests.sentences import is_sentence
from tests.synthesis.test_compositions import LINES

__all__ = ["sources"]  # a fixture


def collection(settings, name="unipen", signs="ivxIVX", writers=12):
    """Characters of straight lines by so many writers, of whom some are held out."""
    everyone = Handwritten.of(
        (
            sign,
            f"abc/{number}",
            [np.array(stroke) for stroke in LINES.get(sign.lower(), LINES["x"])],
        )
        for number in range(writers)
        for sign in signs
    )
    path = settings.data / "strokes" / COLLECTIONS[name].file
    path.parent.mkdir(parents=True)
    write_strokes(path, everyone)
    return [f"abc/{number}" for number in range(writers)]


def test_glyphs_are_always_there_and_write_everything(settings):
    letters = open_letters("natural", settings)
    assert set(letters.signs) == set(SIGNS)
    assert set(open_letters("classic", settings).signs) == set("0123456789")
    assert SOURCES["natural"].is_here(settings)
    texts = ("mmmcmxcix", "cdxliv")
    made = Compositions(letters=letters, texts=texts)
    assert made.draw(0, 4)[1] == [*texts, *texts]


def test_print_is_always_there_and_each_face_writes_a_text_alone(settings):
    letters = open_letters("print", settings)
    assert SOURCES["print"].is_here(settings)
    assert set(letters.signs) == set(SIGNS)
    assert isinstance(letters, WriterLetters)
    faces = [
        {sign: letter.ink.tobytes() for sign, letter in own.items()} for own in letters.writers
    ]
    assert len({face["4"] for face in faces}) == len(faces)
    generator = np.random.default_rng(0)
    for _ in range(20):
        pieces = letters.write("4736", generator)
        found = {piece.label: piece.ink.tobytes() for piece in pieces}
        assert any(found.items() <= face.items() for face in faces)
        assert all(piece.height == pytest.approx(1, abs=0.1) for piece in pieces)
        assert all(piece.bottom == 1 for piece in pieces)


def test_small_glyphs_are_lower_than_capitals_and_the_line_is_theirs(settings):
    letters = open_letters("natural", settings)
    for number in range(5):
        generator = np.random.default_rng(number)
        small, large = (letters.write(text, generator) for text in ("vx", "VX"))
        assert max(piece.height for piece in small) < min(piece.height for piece in large)
        assert all(piece.bottom == pytest.approx(1, abs=0.15) for piece in small + large)


@pytest.mark.parametrize("name", ["emnist", "chars74k", "mnist"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_printed_data_sets_are_composed(sources, name, part):
    letters = open_letters(f"{name}:{part}", sources)
    assert set(letters.signs) == set("0123456789" if name == "mnist" else "ivxIVX")
    texts = ("20", "31") if name == "mnist" else NUMERALS
    made = Compositions(letters=letters, texts=texts, recipe=PRESETS["canonical"])
    images, _ = made.draw(0, 20)
    assert (images.max((1, 2)) == 255).all()


@pytest.mark.parametrize(("name", "signs"), [("unipen", "ivxIVX"), ("pendigits", "0234")])
def test_writers_of_strokes_are_of_one_part(settings, name, signs):
    names = collection(settings, name, signs)
    for part, held in (("train", False), ("test", True)):
        letters = open_letters(f"{name}:{part}", settings)
        assert set(letters.signs) == set(signs)
        assert isinstance(letters, StrokeLetters)
        assert set(letters.written.writers) == {name for name in names if is_held_out(name) == held}


def test_waves_and_single_strokes_of_unipen_are_left_out(settings):
    """Cut out of joined writing."""
    collection(settings)
    path = settings.data / "strokes" / COLLECTIONS["unipen"].file
    pieces = [
        ("i", [(0, 0.9), (0.5, 1), (1, 0.9)]),
        ("x", [(0, 0), (0.1, 1)]),
        ("c", [(0, 0.9), (1, 1)]),
    ]
    write_strokes(path, Handwritten.of((sign, "a/b", [np.array(s)]) for sign, s in pieces))
    letters = open_letters("unipen", settings)
    assert letters.signs == "c"


def test_my_drawings(settings):
    for sign in "ivx":
        strokes = [np.array(stroke) * 100 + 20 for stroke in LINES[sign]]
        picture = 255 - draw_strokes(strokes, width=8, size=(150, 150))
        points = [stroke.tolist() for stroke in strokes]
        drawings.save(settings, Drawing(picture, points, sign, sign, 1.0, "none"))
    letters = open_letters("my-drawings", settings)
    assert "".join(sorted(letters.signs)) == "ivx"
    recipe = PRESETS["competition-black"]
    with pytest.raises(InklingError) as caught:
        Compositions(letters=letters, recipe=recipe, called="My drawings")
    assert "My drawings has no 'I'" in str(caught.value)


@pytest.mark.parametrize("name", ["nothing", "natural:dev", *list(SOURCES)[3:]])
def test_what_is_not_there_is_a_sentence(settings, name):
    with pytest.raises(InklingError) as caught:
        open_letters(name, settings)
    assert is_sentence(str(caught.value))
    assert name not in SOURCES or not SOURCES[name].is_here(settings)
