"""Handwriting as data sets: drawn when asked for, kept, split by writer."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from core.datasets import remote, strokes
from core.datasets.catalogue import CATALOGUE, open_dataset
from core.datasets.stroke_files import read_strokes
from core.datasets.strokes import DrawnImages, Kept, open_strokes
from core.errors import InklingError
from core.ink.forms import FORMS, canonical_strokes
from core.ink.handwritten import is_held_out
from core.settings import Settings
from core.synthesis import drawing
from core.synthesis.drawing import draw_inputs
from core.synthesis.effects.table import STROKE_EFFECTS, parse_effects
from tests.datasets.test_stroke_files import INK, SEGMENTS, UJI, unipen_archive

MNIST, EMNIST = FORMS["mnist"], FORMS["emnist"]


@pytest.fixture
def file(settings: Settings) -> Path:
    """Bars of 20 writers, each a 1 and a 7, under the name of a collection."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(20):
        lean = generator.normal(0, 0.1)
        one = [[[lean, 0], [0, 1]]]
        seven = [[[0, 0], [0.6, 0], [0.2 + lean, 1]]]
        rows += [
            {"label": label, "writer": f"w/{number}", "strokes": drawn}
            for label, drawn in (("1", one), ("7", seven), ("x", one + seven))
        ]
    path = settings.data / "strokes" / "unipen.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    return path


def test_writers_are_for_training_or_for_validation(settings: Settings, file: Path) -> None:
    train, held = (open_dataset(f"unipen:{split}", settings) for split in strokes.SPLITS)
    assert len(train) + len(held) == 60
    assert train.classes == held.classes == ("1", "7", "x")
    assert train.written is not None
    assert held.written is not None
    assert all(is_held_out(writer) for writer in held.written.writers)
    assert not any(is_held_out(writer) for writer in train.written.writers)
    assert "CC BY 4.0" in train.source
    assert f"{len(train)} characters" in train.source
    assert CATALOGUE["unipen"].may_be_trained_on("train")
    assert not CATALOGUE["unipen"].may_be_trained_on("validation")
    with pytest.raises(InklingError, match="validation"):
        open_dataset("unipen:test", settings)


def test_only_some_characters(settings: Settings, file: Path) -> None:
    digits = open_dataset("unipen-digits", settings)
    assert digits.classes == ("1", "7")
    everything = open_dataset("unipen", settings)
    np.testing.assert_array_equal(digits.images[:], everything.images[everything.labels < 2])


def test_a_file_is_a_data_set_by_its_path(settings: Settings, file: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.json.gz"
    path.write_bytes(file.read_bytes())
    for split in strokes.SPLITS:
        by_path = open_dataset(f"{path}:{split}", settings, form=EMNIST)
        by_name = open_dataset(f"unipen:{split}", settings, form=EMNIST)
        np.testing.assert_array_equal(by_path.images[:], by_name.images[:])
    assert len(open_dataset(str(path), settings)) == len(open_dataset("unipen:train", settings))


@pytest.mark.parametrize("form", [MNIST, EMNIST])
def test_pictures_are_those_of_the_draw_screen(settings: Settings, file: Path, form) -> None:
    data = open_dataset("unipen", settings, form=form)
    assert data.written is not None
    for number in (0, 5, 11):
        drawn = data.written.piece(number)
        longer = np.ptp(np.concatenate(drawn), axis=0).max()
        # a pen of 20 pixels where a character has 175
        stages = canonical_strokes(drawn, form, width=20 / 175 * longer)
        assert stages is not None
        difference = data.images[number].astype(int) - stages.model_input
        assert np.abs(difference).max() <= 2


def test_images_are_taken_as_from_an_array(settings: Settings, file: Path) -> None:
    data = open_dataset("unipen", settings)
    images, array = data.images, np.asarray(data.images)
    assert isinstance(images, DrawnImages)
    assert (images.shape, images.dtype, images.ndim, images.size, len(images)) == (
        array.shape,
        array.dtype,
        array.ndim,
        array.size,
        len(array),
    )
    for rows in (3, -1, slice(2, 9), slice(None, None, 7), np.array([5, 5, 0]), array[:, 0, 0] > 0):
        np.testing.assert_array_equal(images[rows], array[rows])
    np.testing.assert_array_equal(np.stack(list(images)), array)


def test_pictures_are_drawn_once(settings: Settings, file: Path, monkeypatch) -> None:
    first = open_dataset("unipen", settings).images[4:9]
    drawn: list[int] = []
    draw = draw_inputs

    def counted(pieces, form, **options):
        drawn.append(len(pieces))
        return draw(pieces, form, **options)

    monkeypatch.setattr(strokes, "draw_inputs", counted)
    images = open_dataset("unipen", settings).images
    np.testing.assert_array_equal(images[4:9], first)
    assert not drawn
    assert len(images[np.array([8, 9, 9, 10])]) == 4
    assert drawn == [2]


def test_where_nothing_can_be_kept_pictures_are_drawn_each_time(
    settings: Settings, file: Path, monkeypatch
) -> None:
    before = open_dataset("unipen", settings).images[:5]
    monkeypatch.setattr(Kept, "open", staticmethod(lambda *_: None))
    np.testing.assert_array_equal(open_dataset("unipen", settings).images[:5], before)
    monkeypatch.undo()
    (file.parent / "blocked").write_text("a file where a folder should be")
    assert Kept.open(file.parent / "blocked" / "in", "k", (2, 28, 28)) is None


def test_a_changed_file_is_drawn_anew(settings: Settings, file: Path) -> None:
    before = open_dataset("unipen", settings).images[:]
    rows = json.loads(gzip.decompress(file.read_bytes()))
    for row in rows:
        row["strokes"] = [[[y, x] for x, y in stroke] for stroke in row["strokes"]]
    file.write_bytes(gzip.compress(json.dumps(rows).encode()))
    assert (open_dataset("unipen", settings).images[:] != before).any()


def test_what_is_not_here_says_how_to_get_it(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InklingError) as error:
        open_dataset("pendigits", settings)
    assert error.value.command == "data download pendigits"
    path = tmp_path / "one.json"
    path.write_text('[{"label": "1", "writer": "w/2", "strokes": [[[1, 2]]]}]')
    parts = [split for split in strokes.SPLITS if (split == "validation") != is_held_out("w/2")]
    with pytest.raises(InklingError, match="no characters by writers"):
        open_strokes(path, parts[0], MNIST, name="one", title="One")


def test_a_collection_is_fetched_and_kept_in_our_layout(settings: Settings, monkeypatch) -> None:
    addresses = []

    def fetch(urls, target, *, report, md5="") -> None:
        addresses.extend(urls)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(UJI, encoding="utf-8")

    monkeypatch.setattr(remote, "download", fetch)
    CATALOGUE["uji"].obtain(settings.data)
    assert addresses == [strokes.COLLECTIONS["uji"].address]
    assert sorted(path.name for path in (settings.data / "strokes").iterdir()) == ["uji.json.gz"]
    data = [
        open_dataset(f"uji:{split}", settings)
        for split in strokes.SPLITS
        if (split == "validation") == is_held_out("uji/trn_UJI_W01")
    ]
    # the letter that is not ASCII is not used
    assert [(len(part), part.classes) for part in data] == [(1, ("a",))]
    CATALOGUE["uji"].obtain(settings.data)
    assert len(addresses) == 1


def test_an_original_that_is_another_file_is_fetched_again(settings: Settings, monkeypatch) -> None:
    texts = ["<html>Sign in</html>", UJI]

    def fetch(urls, target, *, report, md5="") -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():  # as `download` takes it
            target.write_text(texts.pop(0), encoding="utf-8")

    monkeypatch.setattr(remote, "download", fetch)
    with pytest.raises(InklingError):
        CATALOGUE["uji"].obtain(settings.data)
    CATALOGUE["uji"].obtain(settings.data)
    assert len(read_strokes(settings.data / "strokes" / strokes.COLLECTIONS["uji"].file))


def test_lines_are_kept_beside_the_characters(settings: Settings, monkeypatch) -> None:
    members = {
        "CDROM/data/1a/aga/one.dat": SEGMENTS,
        "CDROM/data/7/aga/words.dat": SEGMENTS,
        "CDROM/include/aga/data/one.dat": INK,
    }

    def fetch(urls, target, *, report, md5="") -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        unipen_archive(target, members)

    monkeypatch.setattr(remote, "download", fetch)
    CATALOGUE["unipen"].obtain(settings.data)
    characters, lines = (
        read_strokes(settings.data / "strokes" / name)
        for name in (strokes.COLLECTIONS["unipen"].file, strokes.LINES)
    )
    assert characters.labels.tolist() == ["7", "Q", "e"]
    assert lines.labels.tolist() == ["CAT", "49"]


def test_many_are_drawn_in_processes_as_few_are_in_threads(monkeypatch) -> None:
    pieces = [("7", [np.array([[0, 0], [width, 1], [0.2, 3]])]) for width in np.linspace(1, 2, 150)]
    effects = parse_effects("jitter=0.02,shear=9", STROKE_EFFECTS)
    few = draw_inputs(pieces, EMNIST, effects=effects, seed=3)
    monkeypatch.setattr(drawing, "_MANY", 100)
    many = draw_inputs(pieces, EMNIST, effects=effects, seed=3)
    assert np.array_equal(few, many)
    assert len(np.unique(few, axis=0)) > 100
