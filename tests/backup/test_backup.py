"""What a backup holds comes back, elsewhere and in another database; what is damaged, hostile or in
the way is refused before anything has changed.
"""

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from core.backup import rows as rows_module
from core.backup.archive import LIST
from core.backup.places import opened, places
from core.backup.restore import restore
from core.backup.save import back_up
from core.datasets import drawings
from core.datasets.marks import marks_of
from core.errors import InklingError
from core.files import whole_folder
from core.settings import Settings
from tests import postgres
from tests.backup.made import DATASET, files, fill, home, rows
from tests.sentences import is_sentence


@pytest.fixture
def one(tmp_path: Path, random: np.random.Generator) -> Settings:
    """A home in which much was made."""
    settings = home(tmp_path / "one")
    fill(settings, random)
    return settings


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    """An empty home."""
    return home(tmp_path / "other")


def refused(settings: Settings, path: Path, *, replace: bool = False) -> str:
    """The sentence; nothing has changed."""
    before = files(settings), rows(settings)
    with pytest.raises(InklingError) as error:
        restore(settings, path, replace=replace)
    assert is_sentence(str(error.value)), error.value
    assert (files(settings), rows(settings)) == before
    return str(error.value)


def with_file(path: Path, name: str, content: bytes, *, listed: bool = True) -> Path:
    """A copy of a backup with another file, or another content of one; listed: its list says so."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    values = json.loads(members.pop(LIST))
    members[name] = content
    if listed:
        values["files"][name] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    result = path.with_name("changed.zip")
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members, LIST: json.dumps(values).encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return result


def test_everything_comes_back(one: Settings, other: Settings, tmp_path: Path):
    made = back_up(one, tmp_path / "b.zip")
    assert len(made.files) == len(files(one)) + 2
    assert dict(made.rows) == {"drawings": 4, "marks": 2}
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*"))
    assert restore(other, tmp_path / "b.zip") == made
    assert (files(other), rows(other)) == (files(one), rows(one))
    assert marks_of(other, DATASET) == marks_of(one, DATASET)
    restore(other, tmp_path / "b.zip")  # again, where all of it is there


def test_without_runs_decisions_are_still_in_it(one: Settings, other: Settings, tmp_path: Path):
    back_up(one, tmp_path / "b.zip", runs=False)
    restore(other, tmp_path / "b.zip")
    expected = {
        name: data
        for name, data in files(one).items()
        if not name.startswith("runs/2") and not name.startswith("runs/searches")
    }
    assert "runs/curation/mnist-1.jsonl" in expected
    assert files(other) == expected


def test_nothing_made_is_a_backup_too(other: Settings, tmp_path: Path):
    assert dict(back_up(other, tmp_path / "b.zip").files) == {}
    restore(other, tmp_path / "b.zip")
    assert not (tmp_path / "other").exists()


def test_a_backup_has_what_is_the_visitors_own(one: Settings, other: Settings, tmp_path: Path):
    visitor = replace(one, visitor="a" * 32)
    drawings.save_all(visitor, [replace(drawings.load(one)[0], label="x")])
    made = back_up(one, tmp_path / "b.zip")
    assert made.rows["drawings"] == 4
    restore(visitor, tmp_path / "b.zip", replace=True)
    assert drawings.count(visitor) == drawings.count(one) == 4
    assert "x" not in drawings.labels(one).values()


def test_what_differs_is_replaced_only_if_asked(one: Settings, other: Settings, tmp_path: Path):
    back_up(one, tmp_path / "b.zip")
    restore(other, tmp_path / "b.zip")
    last = drawings.load(other)[0]
    for change in (
        lambda: drawings.save(other, replace(last, label="9")),
        lambda: (other.models / "own.json").write_bytes(b"x" * 60),
        lambda: (other.data / "uploads" / "mine" / "extra").write_bytes(b""),
        lambda: (other.data / "uploads" / "mine" / "images-idx3-ubyte").unlink(),
    ):
        change()
        assert "--replace" in refused(other, tmp_path / "b.zip")
        restore(other, tmp_path / "b.zip", replace=True)
        assert (files(other), rows(other)) == (files(one), rows(one))
    drawings.delete(other, [last.id])
    own = drawings.save(other, replace(last, id=0, label="own"))
    (other.data / "glyphs" / "own.json").write_bytes(b"{}")
    restore(other, tmp_path / "b.zip")  # what is the person's own besides stays
    assert set(drawings.labels(other)) == {own, *drawings.labels(one)}
    assert files(other).keys() - files(one).keys() == {"data/glyphs/own.json"}


def test_a_restore_that_was_killed_is_restored_again(
    one: Settings, other: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """At each step of the writing, that of the rows too."""
    made = back_up(one, tmp_path / "b.zip")
    batches, killed = rows_module._batches, 0

    for at in range(len(made.files), 2 * len(made.files) + 5, 2):
        left = [at]

        def step(*_: object, left: list[int] = left, **__: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)

        def stepped(*arguments: Any, step: Callable[..., None] = step) -> Iterator[Any]:
            for batch in batches(*arguments):
                yield batch
                step()

        child = os.fork()
        if child == 0:
            monkeypatch.setattr(rows_module, "_batches", stepped)
            try:
                restore(other, tmp_path / "b.zip", report=step)
            finally:
                os._exit(0)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert files(other).items() <= files(one).items()
        assert rows(other) in ([], rows(one))
        restore(other, tmp_path / "b.zip")
        assert (files(other), rows(other)) == (files(one), rows(one))
        shutil.rmtree(tmp_path / "other")
    assert killed > len(made.files) / 2


@pytest.mark.parametrize("at", np.linspace(0, 1, 12).tolist())
def test_a_damaged_backup_changes_nothing(
    one: Settings, other: Settings, tmp_path: Path, at: float
):
    path = tmp_path / "b.zip"
    back_up(one, path)
    data = bytearray(path.read_bytes())
    data[round(at * (len(data) - 1))] ^= 0xFF
    path.write_bytes(data)
    try:
        restore(other, path)
    except InklingError:
        refused(other, path)
        assert (files(other), rows(other)) == ({}, [])
    else:  # a byte that means nothing, such as of a time
        assert files(other) == files(one)
    path.write_bytes(data[: len(data) // 2])
    refused(other, path, replace=True)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "uploads/../../evil/set.json",
        "uploads/../x",
        "uploads/mine/../../../evil",
        "/etc/evil",
        "uploads//etc/evil",
        "uploads/mine/.hidden",
        "uploads/loose",
        "glyphs/deep/one.json",
        "glyphs/one.txt",
        "models/..",
        "models/sub/own.json",
        "runs/curation/settings.json",
        "runs/searches/settings.json",
        "runs/C:\\evil/settings.json",
        "runs/a\\..\\..\\b/settings.json",
        f"runs/{'a' * 300}/settings.json",
        "elsewhere/one.json",
        "rows/other.jsonl",
        "evil",
    ],
)
def test_no_path_leads_elsewhere(one: Settings, other: Settings, tmp_path: Path, name: str):
    back_up(one, tmp_path / "b.zip")
    refused(other, with_file(tmp_path / "b.zip", name, b"evil"), replace=True)
    assert not list(tmp_path.rglob("*evil*"))


def test_rows_that_are_none(one: Settings, other: Settings, tmp_path: Path):
    back_up(one, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        good = json.loads(archive.read("rows/drawings.jsonl").splitlines()[0])
    for wrong in (
        {"id": "1"},
        {"id": 2**70},
        {"id": True},
        {"label": "x" * 17},
        {"label": "\ud800"},
        {"picture": "?"},
        {"created": "yesterday"},
        {"confidence": None},
    ):
        line = json.dumps({**good, **wrong}).encode()
        path = with_file(tmp_path / "b.zip", "rows/drawings.jsonl", line)
        refused(other, path)
        refused(other, path, replace=True)
    for line in (b"[" * 100_000, b"{}", b'"text"', b"\xff"):
        refused(other, with_file(tmp_path / "b.zip", "rows/drawings.jsonl", line))


def test_what_is_no_backup(one: Settings, other: Settings, tmp_path: Path):
    path = tmp_path / "b.zip"
    for content in (b"", b"PK\5\6" + bytes(18), b"text" * 100):
        path.write_bytes(content)
        refused(other, path)
        with pytest.raises(InklingError, match="no backup"):
            back_up(one, path)
        assert path.read_bytes() == content
    path.unlink()
    back_up(one, path)
    back_up(one, path)  # an older one is replaced
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(newer, "w") as copy:
        copy.writestr(LIST, archive.read(LIST).replace(b'"format": 1', b'"format": 2'))
    assert "newer Inkling" in refused(other, newer)
    refused(other, with_file(path, "models/own.json", b"", listed=False))


def test_drawings_are_saved_and_sets_replaced_meanwhile(one: Settings, tmp_path: Path):
    """Every backup is of one moment: of an uploaded set, both files are of the same version."""
    stop, drawn = Event(), drawings.load(one)[0]

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            drawings.save(one, replace(drawn, id=0))
            with whole_folder(one.data / "uploads" / "mine") as part:
                for name in ("images-idx3-ubyte", "set.json"):
                    (part / name).write_bytes(f"{number % 10}".encode() * 200_000)

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(8):
            path = tmp_path / f"{number}.zip"
            made = back_up(one, path)
            with zipfile.ZipFile(path) as archive:
                lines = archive.read("rows/drawings.jsonl").splitlines()
                assert len(lines) == made.rows["drawings"]
                images, facts = (
                    archive.read(f"uploads/mine/{name}")
                    for name in ("images-idx3-ubyte", "set.json")
                )
            assert number == 0 or images == facts
    finally:
        stop.set()
        writer.join()


def test_a_log_that_grows_is_taken_up_to_a_moment(one: Settings):
    (log,) = places(one)["curation"].things()
    with opened([log]) as found:
        with log.open("ab") as file:
            file.write(b"more")
        ((_, size),) = found.values()
    assert size == 70


def test_progress_goes_up_to_the_end(one: Settings, other: Settings, tmp_path: Path):
    for call in (back_up, restore):
        steps: list[tuple[int, int]] = []
        call(
            one if call is back_up else other,
            tmp_path / "b.zip",
            report=lambda done, total=0, note="", steps=steps: steps.append((done, total)),
        )
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_from_sqlite_to_postgres_and_back(one: Settings, tmp_path: Path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if postgres.program("initdb") is None:
        pytest.skip("Postgres is not installed")
    back_up(one, tmp_path / "b.zip")
    with postgres.running() as url:
        server = home(tmp_path / "server", database=url)
        restore(server, tmp_path / "b.zip")
        restore(server, tmp_path / "b.zip")
        assert rows(server) == rows(one)
        back_up(server, tmp_path / "c.zip")
    third = home(tmp_path / "third")
    restore(third, tmp_path / "c.zip")
    assert (files(third), rows(third)) == (files(one), rows(one))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(one: Settings, tmp_path: Path):
    (tmp_path / "closed").mkdir(mode=0o555)
    with pytest.raises(OSError, match="denied"):
        back_up(one, tmp_path / "closed" / "b.zip")
