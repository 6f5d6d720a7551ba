import gzip
import hashlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core import torchvision_cpu  # noqa: F401  (before torchvision)
from core.datasets.download import download
from core.datasets.published import download_emnist, download_mnist, open_emnist, open_mnist
from core.errors import InklingError
from tests.idx_files import idx
from tests.sentences import is_sentence

from torchvision.datasets import EMNIST, MNIST  # isort: skip
from tests.reports import Reports

CONTENT = np.random.default_rng(0).bytes(900_001)


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


@dataclass
class Server:
    """A file server on this machine: its faults, and the ranges requested."""

    files: dict[str, bytes]
    types: dict[str, str] = field(default_factory=dict)
    address: str = ""
    cut_after: int | None = None
    knows_ranges: bool = True
    says_length: bool = True
    broken_status: bool = False
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server({"/file": CONTENT})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            if state.broken_status:
                self.wfile.write(b"what?\r\n\r\n")
                return
            data = state.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            start = (
                int(wanted.removeprefix("bytes=").rstrip("-"))
                if wanted and state.knows_ranges
                else 0
            )
            if start >= len(data) > 0 and start:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if self.path in state.types:
                self.send_header("Content-Type", state.types[self.path])
            if state.says_length:
                self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:][: state.cut_after])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.address = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield state
        listening.shutdown()
        thread.join()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/file"


def test_progress_ends_at_the_whole(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    download(
        [f"{server.address}/file"],
        tmp_path / "deep" / "file",
        md5=md5(CONTENT),
        report=lambda *pair: seen.append(pair),
    )
    assert (tmp_path / "deep" / "file").read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert len(seen) > 2


def test_a_whole_file_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert server.asked == []


def test_a_damaged_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT[:-1] + b"x")
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_cut_connection_is_resumed(server: Server, tmp_path: Path) -> None:
    server.cut_after = 300_000
    with pytest.raises(InklingError, match="resumes") as error:
        download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert is_sentence(str(error.value))
    assert not (tmp_path / "file").exists()
    selected = (tmp_path / "file.part").stat().st_size
    assert 0 < selected <= 300_000
    server.cut_after = None
    seen: list[tuple[int, int]] = []
    download(
        [f"{server.address}/file"],
        tmp_path / "file",
        md5=md5(CONTENT),
        report=lambda *pair: seen.append(pair),
    )
    assert server.asked == [None, f"bytes={selected}-"]
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert seen[0][0] > selected
    assert {total for _, total in seen} == {len(CONTENT)}


def test_the_second_mirror_goes_on_where_the_first_was_cut(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    download(
        [nobody(), f"{server.address}/absent", f"{server.address}/file"],
        tmp_path / "file",
        md5=md5(CONTENT),
    )
    assert server.asked[-1] == "bytes=1000-"
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.knows_ranges = False
    (tmp_path / "file.part").write_bytes(b"x" * 1000)
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_part_that_is_whole_already(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("part", [CONTENT + b"more", b"<html>", b"x" * len(CONTENT)])
def test_a_part_of_another_file_is_thrown_away(server: Server, tmp_path: Path, part: bytes) -> None:
    (tmp_path / "file.part").write_bytes(part)
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(part)}-", None]


PAGE = b"<!doctype html><title>Sign in</title>"


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("says_length", [True, False])
def test_a_mirror_that_answers_with_a_web_page_is_left_for_the_next(
    server: Server, tmp_path: Path, checked: bool, says_length: bool
) -> None:
    server.says_length = says_length
    server.files["/page"], server.types["/page"] = PAGE, "text/html; charset=utf-8"
    urls = [f"{server.address}/page", f"{server.address}/file"]
    download(urls, tmp_path / "file", md5=md5(CONTENT) if checked else "")
    assert (tmp_path / "file").read_bytes() == CONTENT
    with pytest.raises(InklingError, match="web page" if not checked else "another file") as error:
        download(urls[:1], tmp_path / "other", md5=md5(CONTENT) if checked else "")
    assert is_sentence(str(error.value))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("resumed", [False, True])
def test_without_a_length_the_total_is_0(server: Server, tmp_path: Path, resumed: bool) -> None:
    server.says_length = False
    if resumed:
        (tmp_path / "file.part").write_bytes(CONTENT[:5000])
    seen = Reports()
    download(
        [f"{server.address}/file"],
        tmp_path / "file",
        md5=md5(CONTENT),
        report=seen,
    )
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert set(seen.totals) == {0}


def test_a_wrong_checksum_leaves_nothing_behind(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="MD5") as error:
        download([f"{server.address}/file"], tmp_path / "file", md5="0" * 32)
    assert is_sentence(str(error.value))
    assert list(tmp_path.iterdir()) == []


def test_offline_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="check the network") as error:
        download([nobody(), nobody()], tmp_path / "file", md5=md5(CONTENT))
    assert is_sentence(str(error.value))


def test_a_server_that_speaks_no_http(server: Server, tmp_path: Path) -> None:
    server.broken_status = True
    with pytest.raises(InklingError) as error:
        download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert is_sentence(str(error.value))


def test_a_place_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InklingError) as error:
        download([f"{server.address}/file"], tmp_path / "file" / "under" / "it", md5=md5(CONTENT))
    assert is_sentence(str(error.value))


def test_mnist_is_fetched_unpacked_and_opened(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = np.arange(2 * 784).reshape(2, 28, 28) % 256, np.array([7, 3])
    packed = {}
    for stem in ("train", "t10k"):
        packed[f"/{stem}-images-idx3-ubyte.gz"] = gzip.compress(idx(images))
        packed[f"/{stem}-labels-idx1-ubyte.gz"] = gzip.compress(idx(labels))
    server.files = packed
    monkeypatch.setattr(MNIST, "mirrors", [nobody()[:-4], f"{server.address}/"])
    monkeypatch.setattr(
        MNIST, "resources", [(name[1:], md5(data)) for name, data in packed.items()]
    )
    download_mnist(tmp_path)
    for split in ("train", "test"):
        data = open_mnist(tmp_path, split)
        np.testing.assert_array_equal(data.images, images)
        assert data.labels.tolist() == [7, 3]
    asked = len(server.asked)
    half = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    half.write_bytes(half.read_bytes()[:1000])  # as a program that was killed leaves it
    download_mnist(tmp_path)
    assert len(server.asked) == asked
    np.testing.assert_array_equal(open_mnist(tmp_path, "train").images, images)


def emnist_zip(**more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        image = np.zeros((1, 28, 28), np.uint8)
        image[0, 3, 20] = 200  # on disk: column, row
        archive.writestr("gzip/emnist-digits-test-images-idx3-ubyte.gz", gzip.compress(idx(image)))
        archive.writestr(
            "gzip/emnist-digits-test-labels-idx1-ubyte.gz", gzip.compress(idx(np.array([4])))
        )
        archive.writestr(
            "gzip/emnist-digits-mapping.txt", "".join(f"{n} {48 + n}\n" for n in range(10))
        )
        for name, data in more.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_emnist_is_fetched_unpacked_and_opened(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = emnist_zip(
        **{
            "../../emnist-escape.txt": b"x",
            "/tmp/../emnist-root.txt": b"x",
            "gzip/other.txt": b"x",
            "gzip/emnist-d/": b"",
        }
    )
    server.files = {"/gzip.zip": archive}
    monkeypatch.setattr(EMNIST, "url", f"{server.address}/gzip.zip")
    monkeypatch.setattr(EMNIST, "md5", md5(archive))
    root = tmp_path / "a" / "b"
    download_emnist(root)
    data = open_emnist(root, "digits", "test")
    assert data.images[0, 20, 3] == 200
    assert data.labels.tolist() == [4]
    outside = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and path.parent != root / "EMNIST" / "raw"
    ]
    assert outside == [root / "EMNIST" / "gzip.zip"]
    assert not (root / "EMNIST" / "raw" / "other.txt").exists()
    assert not list((root / "EMNIST" / "raw").glob("*.gz"))


def test_an_archive_that_cannot_be_unpacked_gets_a_sentence(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files = {
        "/gzip.zip": emnist_zip(**{"gzip/emnist-mnist-test-images-idx3-ubyte.gz": b"not gzip"})
    }
    monkeypatch.setattr(EMNIST, "url", f"{server.address}/gzip.zip")
    monkeypatch.setattr(EMNIST, "md5", md5(server.files["/gzip.zip"]))
    with pytest.raises(InklingError) as error:
        download_emnist(tmp_path)
    assert is_sentence(str(error.value))
