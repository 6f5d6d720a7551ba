import gzip
import hashlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core.datasets.download import download
from core.datasets.published import EMNIST, MNIST, open_emnist, open_mnist
from core.datasets.remote import Published, RemoteFile, bring, fetch
from core.errors import InklingError
from tests.idx_files import idx
from tests.reports import Reports
from tests.sentences import is_sentence

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


def test_a_cut_connection_is_resumed_while_anything_comes(server: Server, tmp_path: Path) -> None:
    server.cut_after = 300_000
    download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.asked[0] is None
    assert len(server.asked) > 3
    assert None not in server.asked[1:]


def test_what_was_cut_is_resumed_the_next_time(server: Server, tmp_path: Path) -> None:
    server.cut_after, server.knows_ranges = 300_000, False
    with pytest.raises(InklingError, match="resumes") as error:
        download([f"{server.address}/file"], tmp_path / "file", md5=md5(CONTENT))
    assert is_sentence(str(error.value))
    assert not (tmp_path / "file").exists()
    selected = (tmp_path / "file.part").stat().st_size
    assert 0 < selected <= 300_000
    server.cut_after, server.knows_ranges = None, True
    server.asked.clear()
    seen: list[tuple[int, int]] = []
    download(
        [f"{server.address}/file"],
        tmp_path / "file",
        md5=md5(CONTENT),
        report=lambda *pair: seen.append(pair),
    )
    assert server.asked == [f"bytes={selected}-"]
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


def packed_mnist(images: np.ndarray, labels: np.ndarray) -> dict[str, bytes]:
    """Published files by name."""
    return {
        f"{stem}-{kind}-ubyte.gz": gzip.compress(idx(values), mtime=number)
        for number, stem in enumerate(("train", "t10k"))
        for kind, values in (("images-idx3", images), ("labels-idx1", labels))
    }


def at(published: Published, files: dict[str, bytes], address: str) -> Published:
    """The same set with other files, to be had from another address."""
    changed = [
        replace(
            file,
            addresses=(nobody(), f"{address}/{file.name}"),
            md5=md5(files[file.name]),
            bytes=len(files[file.name]),
        )
        for file in published.files
    ]
    return replace(published, files=tuple(changed))


IMAGES, LABELS = np.arange(2 * 784).reshape(2, 28, 28) % 256, np.array([7, 3])


def test_the_addresses_and_checksums_are_torchvisions() -> None:
    from core import torchvision_cpu  # noqa: F401  (before torchvision)
    from torchvision import datasets  # isort: skip

    assert [(file.name, file.md5) for file in MNIST.files] == datasets.MNIST.resources
    for file in MNIST.files:
        assert set(file.addresses) <= {mirror + file.name for mirror in datasets.MNIST.mirrors} | {
            f"http://yann.lecun.com/exdb/mnist/{file.name}"
        }
    (archive,) = EMNIST.files
    assert (archive.addresses, archive.md5) == ((datasets.EMNIST.url,), datasets.EMNIST.md5)


def test_mnist_is_fetched_unpacked_and_opened(server: Server, tmp_path: Path) -> None:
    packed = packed_mnist(IMAGES, LABELS)
    server.files = {f"/{name}": data for name, data in packed.items()}
    mnist, seen = at(MNIST, packed, server.address), Reports()
    fetch(mnist, tmp_path, seen)
    assert set(seen.totals) == {mnist.bytes}
    assert seen[-1] == mnist.bytes
    for split in ("train", "test"):
        data = open_mnist(tmp_path, split)
        np.testing.assert_array_equal(data.images, IMAGES)
        assert data.labels.tolist() == [7, 3]
    asked = len(server.asked)
    half = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    half.write_bytes(half.read_bytes()[:1000])  # as a program that was killed leaves it
    fetch(mnist, tmp_path)
    assert len(server.asked) == asked
    np.testing.assert_array_equal(open_mnist(tmp_path, "train").images, IMAGES)


def test_a_mirror_is_asked_first(server: Server, tmp_path: Path) -> None:
    packed = packed_mnist(IMAGES, LABELS)
    server.files = {f"/deep/{name}": data for name, data in packed.items()}
    mnist = at(MNIST, packed, nobody())
    fetch(mnist, tmp_path, mirror=f"{server.address}/deep/")
    assert len(open_mnist(tmp_path, "test")) == 2
    for mirror in ("file:///etc", "ftp://here", "here"):
        with pytest.raises(InklingError, match="https://") as error:
            fetch(mnist, tmp_path, mirror=mirror)
        assert is_sentence(str(error.value))


def test_files_that_one_has_are_taken_by_their_content(server: Server, tmp_path: Path) -> None:
    packed = packed_mnist(IMAGES, LABELS)
    mnist = at(MNIST, packed, server.address)
    given = [(f"renamed-{n}.gz", io.BytesIO(data)) for n, data in enumerate(packed.values())]
    bring(mnist, tmp_path, given)
    fetch(mnist, tmp_path)
    assert server.asked == []
    assert len(open_mnist(tmp_path, "train")) == 2
    with pytest.raises(InklingError, match="is not, or is no longer") as error:
        bring(mnist, tmp_path, [("other.gz", io.BytesIO(b"another"))])
    assert is_sentence(str(error.value))
    unchecked = Published((RemoteFile("deep/a.txt", ()),), lambda _: None)
    bring(unchecked, tmp_path, [("a.txt", io.BytesIO(b"a"))])
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"a"


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


def test_emnist_is_fetched_unpacked_and_opened(server: Server, tmp_path: Path) -> None:
    archive = emnist_zip(
        **{
            "../../emnist-escape.txt": b"x",
            "/tmp/../emnist-root.txt": b"x",
            "gzip/other.txt": b"x",
            "gzip/emnist-d/": b"",
        }
    )
    server.files = {"/gzip.zip": archive}
    root = tmp_path / "a" / "b"
    fetch(at(EMNIST, {"gzip.zip": archive}, server.address), root)
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


def test_an_archive_that_cannot_be_unpacked_gets_a_sentence(server: Server, tmp_path: Path) -> None:
    archive = emnist_zip(**{"gzip/emnist-mnist-test-images-idx3-ubyte.gz": b"not gzip"})
    server.files = {"/gzip.zip": archive}
    with pytest.raises(InklingError) as error:
        fetch(at(EMNIST, {"gzip.zip": archive}, server.address), tmp_path)
    assert is_sentence(str(error.value))
