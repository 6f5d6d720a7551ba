"""A demo on a network: whose is what, how much of it, and for how long."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.curation.collection import open_collection
from core.datasets import drawings
from core.datasets.catalogue import find_entries, open_dataset
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.jobs.visitors import forget, forget_unused
from core.settings import Limits, Settings
from core.synthesis.glyph_file import FOLDER, find_glyphs, has_glyphs, keep_glyphs
from core.visitors import SEEN, check_room, is_secret, mark_seen, new_secret, visitor_of
from tests.datasets.upload_files import IMAGES, LABELS, keep, npz
from tests.sentences import is_sentence

GLYPHS = (FOLDER / "classic.json").read_text(encoding="utf-8")


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, visitors=tmp_path / "visitors", models=tmp_path / "none")


@pytest.fixture
def two(demo: Settings) -> tuple[Settings, Settings]:
    return demo.for_visitor(visitor_of("a")), demo.for_visitor(visitor_of("b"))


def test_what_a_visitor_makes_no_other_has(two: tuple[Settings, Settings], demo: Settings) -> None:
    one, other = two
    keep([("x.npz", npz(images=IMAGES, labels=LABELS))], one, "zebra")
    keep_glyphs(GLYPHS, "zebra", one)
    assert "upload-zebra" in find_entries(one)
    assert "zebra" in find_glyphs(one)
    for settings in (other, demo):
        assert "upload-zebra" not in find_entries(settings)
        assert "zebra" not in find_glyphs(settings)
        assert not has_glyphs("zebra", settings)
        with pytest.raises(InklingError):
            open_dataset("upload-zebra", settings)
    assert not demo.data.exists()


def test_paths_of_others_and_of_the_machine_are_not_opened(
    two: tuple[Settings, Settings], tmp_path: Path
) -> None:
    one, other = two
    keep([("x.npz", npz(images=IMAGES, labels=LABELS))], one, "zebra")
    keep_glyphs(GLYPHS, "zebra", one)
    path = find_glyphs(one)["zebra"]
    assert one.own
    elsewhere = tmp_path / "pictures" / "7"
    elsewhere.mkdir(parents=True)
    inside = f"{other.own}/../{one.visitor}/data/uploads/zebra"
    names = [str(one.own_data / "uploads" / "zebra"), str(elsewhere.parent), inside, "~", ".", "/"]
    names += [f"synthetic?glyphs={path}&seed=0&count=5", "synthetic?glyphs=/etc/passwd&seed=0"]
    for name in names:
        with pytest.raises(InklingError) as refused:
            open_dataset(name, other)
        assert is_sentence(str(refused.value))
        with pytest.raises(InklingError):
            open_collection(name, other)
    own = one.own / "pictures"
    own.mkdir()
    (own / "x.png").touch()
    assert len(open_collection(str(own), one)) == 1


def test_a_visitor_is_a_digest(demo: Settings) -> None:
    secret = new_secret()
    assert is_secret(secret)
    assert not is_secret(secret[:-1])
    assert secret not in visitor_of("cookie", secret)
    assert visitor_of("cookie", secret) != visitor_of("user", secret)
    for wrong in ("", "..", "A" * 32, "a" * 31, "../" + "a" * 29):
        with pytest.raises(InklingError):
            demo.for_visitor(wrong)


def test_a_visitor_has_so_much_room(two: tuple[Settings, Settings]) -> None:
    one, other = (replace(settings, limits=Limits(megabytes=1)) for settings in two)
    keep([("x.npz", npz(images=IMAGES, labels=LABELS))], one, "small")
    assert one.own
    (one.own_data / "large").write_bytes(bytes(2**20))
    for take in (
        lambda: keep_glyphs(GLYPHS, "more", one),
        lambda: keep([("x.npz", npz(images=IMAGES, labels=LABELS))], one, "more"),
    ):
        with pytest.raises(InklingError, match="1 MB") as full:
            take()
        assert is_sentence(str(full.value))
    assert list(find_entries(one)) == list(find_entries(replace(one)))
    assert "upload-more" not in find_entries(one)
    keep_glyphs(GLYPHS, "more", other)
    check_room(replace(one, visitor="", visitors=None), 2**60)  # Inkling's user is not counted


def test_who_comes_no_more_is_forgotten(two: tuple[Settings, Settings], demo: Settings) -> None:
    one, other = two
    for settings in (*two, demo):
        drawings.save(settings, Drawing(IMAGES[0], [], "7", "", 0.0, "", id=1))
    for settings in two:
        keep_glyphs(GLYPHS, "mine", settings)
    long_ago = time.time() - 25 * 3600
    for settings in two:
        assert settings.own
        os.utime(settings.own / SEEN, (long_ago, long_ago))
    mark_seen(other)
    forget_unused(demo)
    assert one.own
    assert other.own
    assert not one.own.exists()
    assert other.own.exists()
    assert [drawings.count(settings) for settings in (one, other, demo)] == [0, 1, 1]
    forget(other)
    forget(demo)  # nobody: nothing
    assert not other.own.exists()
    assert [drawings.count(settings) for settings in (other, demo)] == [0, 1]


def test_only_the_environment_makes_it_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATA", "RUNS", "MODELS", "DATABASE", "PUBLIC", "VISITOR"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    monkeypatch.setenv("INKLING_MODELS", str(tmp_path / "mine"))
    usual = Settings.from_environment()
    assert (usual.visitors, usual.own, usual.own_data) == (None, None, usual.data)
    assert usual.models == tmp_path / "mine"
    monkeypatch.setenv("INKLING_PUBLIC", "1")
    assert Settings.from_environment().visitors == tmp_path / "visitors"
    assert not Settings.from_environment().models.exists()
    monkeypatch.setenv("INKLING_VISITOR", visitor_of("a"))
    assert Settings.from_environment().runs == tmp_path / "visitors" / visitor_of("a") / "runs"
    monkeypatch.setenv("INKLING_PUBLIC", "perhaps")
    with pytest.raises(InklingError) as wrong:
        Settings.from_environment()
    assert is_sentence(str(wrong.value))
