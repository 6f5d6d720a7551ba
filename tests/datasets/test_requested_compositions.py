"""Compositions by name, on the command line and in the layout of the competition."""

import json
from urllib.parse import parse_qsl

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.main import main
from core.datasets.arrays import open_npz
from core.datasets.catalogue import find_entry, is_here, open_dataset
from core.datasets.competition_layout import competition_bytes, write_competition
from core.datasets.letter_sources import open_compositions
from core.datasets.packing import pack_folder
from core.datasets.requested_compositions import PREFIX, RequestedCompositions
from core.errors import InklingError
from core.jobs.engine import Engine
from core.settings import Settings
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.request import ComposeRequest
from core.synthesis.compose.roman import NUMERALS
from core.synthesis.compose.steps import STEPS
from core.training.mixture import format_mixture, parse_mixture
from tests.reports import Reports
from tests.sentences import is_sentence, sentence_of

BOXED = ComposeRequest(
    texts="iv,xl", preset="competition-black", set=("box=1", "gap=-0.05"), size=32, seed=7
)

requests = st.builds(
    ComposeRequest,
    kind=st.just("roman"),
    letters=st.sampled_from(["natural", "unipen:test", "my-drawings"]),
    texts=st.sampled_from(["", "i-x", "1-20, xl"]),
    preset=st.sampled_from(list(PRESETS)),
    set=st.lists(st.sampled_from(["gap=0.25", "box=1", "grey=64"]), max_size=2).map(tuple),
    form=st.sampled_from(["", "sheet", "number"]),
    capitals=st.none() | st.floats(0, 1),
    size=st.none() | st.integers(8, 64),
    channels=st.sampled_from([None, 1, 3]),
    seed=st.integers(0, 2**31 - 1),
)


@given(requests)
def test_a_name_is_the_request_and_may_be_mixed_with_others(request):
    name = RequestedCompositions(request, 30).name
    assert RequestedCompositions.parse(name) == RequestedCompositions(request, 30)
    assert dict(parse_qsl(name.removeprefix(PREFIX)))["count"] == "30"
    mixed = parse_mixture(f"{name}+mnist")
    assert format_mixture(mixed) == f"{name}+mnist"
    assert ComposeRequest.parse(request.pairs) == request


def test_its_images_are_what_the_request_makes(settings: Settings) -> None:
    asked = RequestedCompositions(BOXED, 24)
    with pytest.raises(InklingError) as caught:
        open_dataset(asked.name, settings)
    assert is_sentence(str(caught.value))
    entry = find_entry(asked.name, settings)
    assert entry is not None
    assert not is_here(entry, settings)
    report = Reports()
    entry.obtain(settings.data, report)
    assert report[-1] == 28
    train, test = (open_dataset(f"{asked.name}:{part}", settings) for part in ("train", "test"))
    images, labels = open_compositions(BOXED, settings).draw(0, 24)
    np.testing.assert_array_equal(train.images, images)
    assert [train.classes[label] for label in train.labels] == labels
    assert train.classes == entry.classes == ("iv", "xl")
    assert len(test) == 4
    assert not np.array_equal(test.images, images[:4])  # of other hands
    assert "by nobody" in train.source


@pytest.mark.parametrize(
    "name",
    [
        "composed?",
        "composed?kind=greek",
        "composed?kind=roman&letters=nothing",
        "composed?kind=roman&letters=natural&preset=best",
        "composed?kind=roman&letters=natural&set=gap",
        "composed?kind=roman&letters=natural&count=0",
        "composed?kind=roman&letters=natural&texts=iiii",
        "composed?kind=roman&kind=numbers",
        "composed?seed=x",
        "composed?jitter=1",
    ],
)
def test_a_wrong_name_is_a_sentence(settings: Settings, name: str) -> None:
    with pytest.raises(InklingError) as caught:
        open_dataset(name, settings)
    assert is_sentence(str(caught.value))


def test_the_layout_of_the_competition(tmp_path, settings):
    request = ComposeRequest(preset="competition-grey", channels=3)
    made = open_compositions(request, settings)
    path = write_competition(made, 120, tmp_path / "set", engine=Engine(2))
    files = sorted(path.glob("*/*/*.png"))
    assert {file.parts[-2] for file in files} == set(NUMERALS)
    assert len(files) == 120
    assert len(list(path.glob("val/*/*.png"))) == 20  # two rounds of twelve
    for file in files[::17]:
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        number = int(file.stem)
        assert made.label(number) == file.parts[-2]
        np.testing.assert_array_equal(picture, np.dstack([255 - made.picture(number)] * 3))
    facts = json.loads((path / "facts.json").read_text())
    assert set(facts["steps"]) == set(STEPS)
    assert competition_bytes(path) == sum(file.stat().st_size for file in files)
    assert len(pack_folder(path)) > competition_bytes(path) / 2
    # again, over the last; but never over what is somebody's own
    write_competition(made, 10, path)
    assert len(list(path.glob("*/*/*.png"))) == 10
    (path / "facts.json").unlink()
    with pytest.raises(InklingError) as caught:
        write_competition(made, 10, path)
    assert is_sentence(str(caught.value))
    assert len(list(path.glob("*/*/*.png"))) == 10


def test_the_command_line_makes_the_same(tmp_path, capsys, monkeypatch, settings):
    monkeypatch.setenv("INKLING_DATA", str(settings.data))
    images, labels = open_compositions(BOXED, settings).draw(0, 8)
    options = ["--count", "8", "--format", "npz", "--out", str(tmp_path / "few")]
    assert main(["compose", *BOXED.arguments(), *options]) == 0
    made = open_npz(tmp_path / "few.npz", None)
    np.testing.assert_array_equal(made.images, images)
    assert [made.classes[label] for label in made.labels] == labels
    capsys.readouterr()


@pytest.mark.parametrize(
    "options",
    [
        ["--letters", "unipen"],
        ["--letters", "natural", "--data", "chars74k"],
        ["--preset", "best"],
        ["--set", "gap=7"],
        ["--texts", "x-i"],
        ["--format", "competition"],
        ["--letters", "natural", "--format", "competition", "--form", "mnist"],
    ],
)
def test_what_the_command_line_cannot_make_is_a_sentence(
    tmp_path, capsys, monkeypatch, settings, options
):
    monkeypatch.setenv("INKLING_DATA", str(settings.data))
    out = ["--count", "2", "--out", str(tmp_path / "none")]
    assert main(["compose", "roman", *options, *out]) == 1
    assert is_sentence(sentence_of(capsys.readouterr().err))


def test_code_says_what_was_set():
    code = BOXED.code(count=9)
    assert "preset='competition-black'" in code
    scope: dict[str, object] = {}
    exec(code.replace("made.draw(0, 9)", "made.draw(0, 2)"), scope)
    assert scope["labels"] == ["iv", "xl"]
