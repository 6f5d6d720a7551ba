import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from core.errors import InklingError
from core.models.tensors import load_tensors, save_tensors
from tests.sentences import is_sentence

TENSORS = {
    "a.weight": torch.arange(12, dtype=torch.float32).reshape(3, 4),
    "b": torch.tensor([7]),
    "c": torch.zeros(2, 0),
}


def test_the_file_is_what_another_reader_reads(tmp_path: Path) -> None:
    save_tensors(tmp_path / "x.safetensors", TENSORS)
    theirs = load_file(tmp_path / "x.safetensors")
    assert theirs.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        np.testing.assert_array_equal(theirs[name], tensor.numpy())


def test_a_file_of_another_writer_is_read(tmp_path: Path) -> None:
    save_file({"x": np.arange(5.0)}, tmp_path / "x.safetensors")
    tensors, metadata = load_tensors(tmp_path / "x.safetensors")
    assert tensors["x"].tolist() == [0, 1, 2, 3, 4]
    assert metadata == {}


def test_metadata_and_views_come_back(tmp_path: Path) -> None:
    turned = TENSORS["a.weight"].T.requires_grad_()
    save_tensors(tmp_path / "x", {"turned": turned}, {"epoch": 3, "name": "é"})
    tensors, metadata = load_tensors(tmp_path / "x")
    assert torch.equal(tensors["turned"], turned)
    assert metadata == {"epoch": 3, "name": "é"}
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_tensors(tmp_path / "x", TENSORS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_tensors(tmp_path / "x", {"b": torch.tensor([8])})
    assert load_tensors(tmp_path / "x")[0]["b"].item() == 7


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


def safetensors(header: object, data: bytes = b"", *, claim: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if claim is None else claim) + text + data


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    for number, data in enumerate([pickle.dumps(Trap(tmp_path / "sprung")), b""]):
        path = tmp_path / f"{number}.safetensors"
        path.write_bytes(data) if data else torch.save({"x": Trap(tmp_path / "sprung")}, path)
        with pytest.raises(InklingError) as error:
            load_tensors(path)
        assert is_sentence(str(error.value))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        safetensors({}, claim=2**63),
        safetensors({}, claim=10**9),
        safetensors({}, claim=200_000_000),
        safetensors(b"{not json"),
        safetensors({"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, bytes(8)),
        safetensors({"x": {"dtype": "F32", "shape": [400], "data_offsets": [0, 16]}}, bytes(16)),
        safetensors(
            {"x": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 16]}}, bytes(16)
        ),
        safetensors({"x": {"dtype": "F99", "shape": [4], "data_offsets": [0, 16]}}, bytes(16)),
        safetensors({"__metadata__": {"json": "{"}}),
    ],
    ids=[
        "empty",
        "short",
        "2**63",
        "1 GB",
        "200 MB",
        "no JSON",
        "cut",
        "too few bytes",
        "overflow",
        "type",
        "metadata",
    ],
)
def test_what_is_no_safetensors_gets_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(InklingError) as error:
        load_tensors(tmp_path / "x.safetensors")
    assert is_sentence(str(error.value))


def test_what_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InklingError) as error:
        load_tensors(tmp_path / "absent.safetensors")
    assert is_sentence(str(error.value))
    save_tensors(tmp_path / "x", TENSORS)
    monkeypatch.setattr("core.models.tensors.MAX_BYTES", 10)
    with pytest.raises(InklingError, match="2 GB"):
        load_tensors(tmp_path / "x")
