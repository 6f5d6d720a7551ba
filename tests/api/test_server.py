import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from core.api.server import answer_at_once, tidy
from core.files import whole_folder, write_whole
from core.settings import Settings


def test_what_a_listening_socket_accepts_answers_at_once() -> None:
    """Of a socket as Streamlit makes it, which names no protocol: asyncio then leaves Nagle's
    algorithm on.
    """
    with socket.socket() as listening:
        assert listening.proto == 0
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answer_at_once()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_what_a_killed_process_left_is_removed_at_the_next_start(
    settings: Settings, tmp_path: Path
) -> None:
    """What is being written stays, and what is whole however old it is."""
    old, new = (settings.data / "uploads" / f".{name}.0a.part" for name in ("old", "new"))
    for part in (old, new):
        (part / "deep").mkdir(parents=True)
        (part / "deep" / "images").write_bytes(bytes(10))
    whole = settings.data / "uploads" / "set" / "a.part"
    write_whole(settings.runs.parent / "runs.json", "{}")
    with whole_folder(whole.parent) as folder:
        (folder / whole.name).write_text("")
    settings.runs.mkdir()
    (settings.runs / ".settings.json.0a.part").write_text("{")
    day = time.time() - 86400
    for path in (*old.rglob("*"), old, new, settings.runs / ".settings.json.0a.part", whole):
        os.utime(path, (day, day))  # but not what is in `new`
    tmp_path.chmod(0o755)
    tidy(replace(settings, home=tmp_path))
    assert not old.exists()
    assert (new / "deep" / "images").exists()
    assert whole.exists()
    assert list(settings.runs.iterdir()) == []
    assert tmp_path.stat().st_mode & 0o777 == 0o700


WRITER = """
import sys, time
from pathlib import Path
from core.files import open_whole, whole_folder

with whole_folder(Path(sys.argv[1], "set")) as part, open_whole(Path(sys.argv[1], "card")) as file:
    (part / "image").touch()
    print("begun", flush=True)
    time.sleep(600)
"""


def test_of_a_process_that_was_killed_nothing_is_left_at_once(settings: Settings) -> None:
    """But what another still writes is its own."""
    writers = []
    for name in ("killed", "alive"):
        folder = settings.data / name
        folder.mkdir(parents=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout.readline() == "begun\n"
        writers.append(writer)
    try:
        tidy(settings)
        assert [len(list(settings.data.glob(f"{name}/.*"))) for name in ("killed", "alive")] == [
            2,
            2,
        ]
        writers[0].kill()
        writers[0].wait()
        tidy(settings)
        assert [len(list(settings.data.glob(f"{name}/.*"))) for name in ("killed", "alive")] == [
            0,
            2,
        ]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
