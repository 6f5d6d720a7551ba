"""A download holds all of an export: uploaded again, it is the same set."""

import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.datasets.export import FORMATS, Export, export
from core.datasets.packing import pack_export, packed_name, packed_size
from core.errors import InklingError
from core.settings import Settings
from tests.datasets.test_export import CLASSES, SIZE, Noise, images, labels
from tests.datasets.upload_files import keep
from tests.sentences import is_sentence

COUNT = 60


@pytest.fixture(params=FORMATS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    kind = str(request.param)
    return export(Export(Noise(), COUNT), tmp_path / "my-idx-set", kind), kind


def test_the_download_is_the_set(made: tuple[Path, str], settings: Settings) -> None:
    path, kind = made
    data = pack_export(path, kind)
    assert (
        packed_name(path, kind)
        == {
            "idx": "my-idx-set-idx.zip",
            "png": "my-idx-set-png.zip",
            "npz": "my-idx-set.npz",
        }[kind]
    )
    assert packed_size(path, kind) == COUNT * SIZE**2
    uploaded = keep([(packed_name(path, kind), data)], settings)
    assert sorted(uploaded.classes) == sorted(CLASSES)
    names = [uploaded.classes[label] for label in uploaded.labels]
    if kind != "png":  # a zip of pictures is framed, in the order of its folders
        assert names == labels(0, COUNT)
        assert "ink and paper changed places" in uploaded.source  # most of this border is bright
        np.testing.assert_array_equal(255 - uploaded.images, images(0, COUNT))
        return
    assert sorted(names) == sorted(labels(0, COUNT))
    folders = {"upper_b": "B", "lower_a": "a", "7": "7"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert json.loads(archive.read("facts.json"))["count"] == COUNT
        for member in (name for name in archive.namelist() if name.endswith(".png")):
            folder, _, name = member.partition("/")
            number = int(name.removesuffix(".png"))
            assert folders[folder] == labels(number, number + 1)[0]
            picture = cv2.imdecode(np.frombuffer(archive.read(member), np.uint8), 0)
            np.testing.assert_array_equal(picture, images(number, number + 1)[0])


def test_what_is_gone_is_a_sentence(made: tuple[Path, str], tmp_path: Path) -> None:
    path, kind = made
    for file in tmp_path.glob("my-idx-set*"):
        if file.is_file():
            file.unlink()
    assert packed_size(path, kind) == 0
    with pytest.raises(InklingError, match="make the images again") as error:
        pack_export(path, kind)
    assert is_sentence(str(error.value))
