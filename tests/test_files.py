"""Atomic writes of files and folders, and locks, by threads, processes, and processes that are
killed midway.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from core.errors import InklingError
from core.files import (
    HeldError,
    hold,
    modified_ns,
    new_folder,
    open_whole,
    read_json,
    remove_folder,
    whole_folder,
    write_json,
    write_whole,
)
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[1]
SIZE = 20_000
FILES = 5
ENDLESS = 10**9


def is_whole(content: bytes) -> bool:
    """Whether it is one writer's content: SIZE times the same letter."""
    return len(content) == SIZE and content == content[:1] * SIZE


def parts(folder: Path) -> list[Path]:
    return list(folder.glob(".*.part"))


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.001)


def changed(path: Path, since: int) -> bool:
    return modified_ns(path) != since


@contextmanager
def python(code: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs `code`; it is killed when the block ends."""
    process = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


WRITE = f"""
import sys
from pathlib import Path
from core.files import write_whole

path, letters, count = Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
for number in range(count):
    write_whole(path, letters[number % len(letters):][:1] * {SIZE})
"""

FILL = f"""
import sys
from pathlib import Path
from core.files import whole_folder

path, letters, count = Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
for number in range(count):
    letter = letters[number % len(letters):][:1]
    with whole_folder(path) as part:
        for name in range({FILES}):
            (part / str(name)).write_bytes(letter * {SIZE})
"""


def test_threads_that_write_one_file_never_damage_it(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"z" * SIZE)
    writing = threading.Event()
    writing.set()

    def write(letter: bytes) -> None:
        for _ in range(500):
            write_whole(path, letter * SIZE)

    def read() -> int:
        count = 0
        while writing.is_set():
            assert is_whole(path.read_bytes())
            count += 1
        return count

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read)
        try:
            list(pool.map(write, (b"a", b"b", b"c", b"d")))
        finally:
            writing.clear()
        assert reader.result() > 10
    assert is_whole(path.read_bytes())
    assert os.listdir(tmp_path) == ["file"]


def test_processes_that_write_one_file_never_damage_it(tmp_path):
    path = tmp_path / "file"
    with python(WRITE, path, "a", 2000) as one, python(WRITE, path, "b", 2000) as other:
        wait_for(path.exists)
        while one.poll() is None or other.poll() is None:
            assert is_whole(path.read_bytes())
        assert (one.returncode, other.returncode) == (0, 0)
    assert is_whole(path.read_bytes())
    assert os.listdir(tmp_path) == ["file"]


def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path):
    path, moments = tmp_path / "file", random.Random(1)
    for _ in range(20):
        before = modified_ns(path)
        with python(WRITE, path, "ab", ENDLESS):
            wait_for(partial(changed, path, before))
            time.sleep(moments.random() * 0.02)
        assert is_whole(path.read_bytes())


def test_a_kill_leaves_the_old_folder_or_the_new_one(tmp_path):
    path, moments = tmp_path / "folder", random.Random(1)
    for _ in range(20):
        before = modified_ns(path)
        with python(FILL, path, "ab", ENDLESS):
            wait_for(partial(changed, path, before))
            time.sleep(moments.random() * 0.02)
        content = b"".join((path / str(number)).read_bytes()[:SIZE] for number in range(FILES))
        assert len(content) == FILES * SIZE
        assert content == content[:1] * len(content)
        assert len(list(path.iterdir())) == FILES


def test_a_folder_that_is_replaced_is_always_there(tmp_path):
    path = tmp_path / "folder"
    with python(FILL, path, "ab", 500) as writer:
        wait_for(path.exists)
        while writer.poll() is None:
            assert all(path.exists() for _ in range(1000))
        assert writer.returncode == 0


def test_a_folder_is_replaced_where_the_system_cannot_swap(tmp_path, monkeypatch):
    monkeypatch.setattr("core.files._swap", lambda one, other: False)
    path = tmp_path / "folder"
    for letter in "ab":
        with whole_folder(path) as part:
            (part / letter).touch()
    assert os.listdir(path) == ["b"]
    assert os.listdir(tmp_path) == ["folder"]
    rename = os.rename

    def fail(source, target):
        if Path(target) == path and (Path(source) / "c").exists():
            raise PermissionError
        rename(source, target)

    monkeypatch.setattr("os.rename", fail)
    with pytest.raises(PermissionError), whole_folder(path) as part:
        (part / "c").touch()
    assert os.listdir(path) == ["b"]
    assert os.listdir(tmp_path) == ["folder"]


class StoppedError(Exception):
    pass


def write_half_a_file(path: Path) -> None:
    with open_whole(path) as file:
        file.write(b"half")
        raise StoppedError


def fill_half_a_folder(path: Path) -> None:
    with whole_folder(path) as part:
        (part / "half").touch()
        raise StoppedError


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    file, folder = tmp_path / "file", tmp_path / "folder"
    write_whole(file, "old")
    with whole_folder(folder) as part:
        (part / "old").touch()
    for path in (file, tmp_path / "no file"):
        with pytest.raises(StoppedError):
            write_half_a_file(path)
    for path in (folder, tmp_path / "no folder"):
        with pytest.raises(StoppedError):
            fill_half_a_folder(path)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    assert file.read_text() == "old"
    assert os.listdir(folder) == ["old"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_kill_left_behind_goes_after_a_day(tmp_path, kind):
    path = tmp_path / "it"
    write: dict[str, Callable[[], object]] = {
        "file": lambda: write_whole(path, "x"),
        "folder": lambda: whole_folder(path).__enter__(),
    }
    with python(WRITE if kind == "file" else FILL, path, "ab", ENDLESS) as process:
        wait_for(lambda: parts(tmp_path))
        process.send_signal(signal.SIGSTOP)
        while not parts(tmp_path):  # it was stopped between two of them
            process.send_signal(signal.SIGCONT)
            time.sleep(0.001)
            process.send_signal(signal.SIGSTOP)
    abandoned = set(parts(tmp_path))
    other = tmp_path / ".another.part"
    other.touch()
    os.utime(other, (0, 0))
    write[kind]()
    assert abandoned <= set(parts(tmp_path))
    for part in abandoned:
        os.utime(part, (time.time() - 25 * 3600,) * 2)
    write[kind]()
    assert not abandoned & set(parts(tmp_path))
    assert other.exists()


def test_names_with_wildcards_and_of_any_length_are_names(tmp_path):
    write_whole(tmp_path / "[a]*", "1")
    names = ("x" * 255, "é" * 127, "\N{MEMO}" * 63)  # 255 bytes at most, as UTF-8
    for name in names:
        write_whole(tmp_path / name, "2")
    assert (tmp_path / "[a]*").read_text() == "1"
    assert sorted(os.listdir(tmp_path)) == sorted(["[a]*", *names])


def test_a_removed_folder_is_gone_at_once(tmp_path, monkeypatch):
    with whole_folder(tmp_path / "folder") as part:
        (part / "file").touch()
    remove, left = shutil.rmtree, []

    def watch(path, *rest, **more):
        left.append(os.listdir(tmp_path))
        remove(path, *rest, **more)

    monkeypatch.setattr("shutil.rmtree", watch)
    remove_folder(tmp_path / "folder")
    assert left
    assert "folder" not in left[0]
    assert not os.listdir(tmp_path)
    with pytest.raises(OSError, match="folder"):
        remove_folder(tmp_path / "folder")


def test_bytes_that_must_outlive_a_power_cut_are_on_the_disk_before_the_name(tmp_path, monkeypatch):
    events: list[str] = []

    def noted(name, call):
        def noting(*values):
            events.append(name)
            return call(*values)

        return noting

    sync, replace = os.fsync, os.replace
    monkeypatch.setattr("os.fsync", noted("sync", sync))
    monkeypatch.setattr("os.replace", noted("name", replace))
    write_whole(tmp_path / "file", "x", sync=True)
    assert events == ["sync", "name"]


def test_one_thread_holds_it_at_a_time(tmp_path):
    inside, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal inside, most
        with hold(tmp_path / "new" / "lock", "It is held.", wait=60):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.005)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    assert most == 1


def test_a_second_thread_is_told_who_holds_it(tmp_path):
    def second() -> None:
        with hold(tmp_path / "lock", "It is held elsewhere."):
            pass

    with ThreadPoolExecutor(1) as pool:
        with (
            hold(tmp_path / "lock", "It is held."),
            pytest.raises(HeldError, match=r"^It is held elsewhere\.$") as problem,
        ):
            pool.submit(second).result()
        assert isinstance(problem.value, InklingError)
        assert is_sentence(str(problem.value))
        pool.submit(second).result()


HOLD = """
import sys, time
from pathlib import Path
from core.files import hold

with hold(Path(sys.argv[1]), "It is held.", wait=60):
    Path(sys.argv[2]).touch()
    time.sleep(600)
"""


def test_a_process_holds_it_until_it_is_killed(tmp_path):
    lock, mark = tmp_path / "lock", tmp_path / "held"
    with python(HOLD, lock, mark):
        wait_for(mark.exists)
        with pytest.raises(HeldError), hold(lock, "It is held."):
            pass
        mark.unlink()
        with python(HOLD, lock, mark) as second:
            time.sleep(0.2)
            assert not mark.exists()
            assert second.poll() is None
            # ends here: a killed waiter leaves the lock free
        with pytest.raises(HeldError), hold(lock, "It is held."):
            pass
    with hold(lock, "It is held.", wait=60):
        assert not mark.exists()


def test_it_is_let_go_when_the_block_raises(tmp_path):
    for _ in range(2):
        with pytest.raises(StoppedError), hold(tmp_path / "lock", "It is held."):
            raise StoppedError


def test_json_comes_back_as_it_went(tmp_path):
    path = tmp_path / "values.json"
    values = {"name": "Ünï", "list": [1, 2.5, None], "deep": {"a": True}}
    write_json(path, values)
    assert read_json(path) == values
    assert path.read_text(encoding="utf-8").endswith("}\n")


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[1]", b"3", b"\xff\xfe{}", b"[" * 100_000], ids=repr
)
def test_what_is_no_json_object_is_an_empty_one(tmp_path, content):
    path = tmp_path / "values.json"
    if content is not None:
        path.write_bytes(content)
    assert read_json(path) == {}


def test_when_a_file_was_last_written(tmp_path):
    path = tmp_path / "file"
    assert modified_ns(path) == 0
    path.touch()
    os.utime(path, ns=(1, 123_456_789))
    assert modified_ns(path) == 123_456_789


def test_a_folder_whose_name_is_taken_gets_another(tmp_path, monkeypatch):
    names = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("core.files.secrets.token_hex", lambda _: next(names))
    folders = [new_folder(tmp_path / "runs", "now") for _ in range(2)]
    assert [folder.name for folder in folders] == ["now-aaaa", "now-bbbb"]
    assert all(folder.is_dir() for folder in folders)
