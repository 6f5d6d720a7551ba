"""Images straight to disk: read back by others, the same after a stop, refused if there is too
little space.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.datasets.catalogue import open_dataset
from core.datasets.export import Export, export
from core.errors import InklingError
from core.jobs.engine import HERE
from core.synthesis.writer import Writer
from tests.sentences import is_sentence

COUNT, SIZE, CLASSES = 2500, 9, ("a", "B", "7")


def images(start, stop):
    """Image n is filled by its own generator."""
    return np.stack(
        [
            np.random.default_rng(number).integers(0, 256, (SIZE, SIZE), np.uint8)
            for number in range(start, stop)
        ]
    )


def labels(start, stop):
    return [CLASSES[number % 3] for number in range(start, stop)]


@dataclass(frozen=True)
class Noise(Writer):
    """Stops at image `stop_at`, yielding 400 at a time."""

    stop_at: int = 10**9
    size: int = SIZE
    classes: tuple[str, ...] = CLASSES

    def facts(self):
        return {"size": self.size}

    def draw(self, start, count):
        return images(start, start + count), labels(start, start + count)

    def chunks(self, count, *, start=0, engine=HERE):
        for first in range(start, count, 400):
            if first >= self.stop_at:
                raise KeyboardInterrupt
            yield self.draw(first, min(400, count - first))


def job(facts=("x", 1), count=COUNT, **settings):
    return Export(Noise(**settings), count, facts=dict([facts]))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_idx_by_its_specification(tmp_path, settings):
    path = export(job(), tmp_path / "set", "idx")
    pixels, numbers = path.read_bytes(), (tmp_path / "set-labels-idx1-ubyte").read_bytes()
    assert struct.unpack(">HBBIII", pixels[:16]) == (0, 8, 3, COUNT, SIZE, SIZE)
    assert struct.unpack(">HBBI", numbers[:8]) == (0, 8, 1, COUNT)
    assert pixels[16:] == images(0, COUNT).tobytes()
    assert list(numbers[8:11]) == [0, 1, 2]
    assert json.loads((tmp_path / "set.json").read_text())["classes"] == list(CLASSES)
    assert len(open_dataset(str(path), settings)) == COUNT


def test_npz_by_numpy(tmp_path):
    path = export(job(), tmp_path / "set.npz", "npz")
    assert path.name == "set.npz"
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["images"], images(0, COUNT))
        assert arrays["labels"].tolist() == labels(0, COUNT)


def test_png_by_opencv(tmp_path):
    folder = export(job(count=30), tmp_path / "set", "png")
    for number, label in enumerate(labels(0, 30)):
        path = folder / {"a": "lower_a", "B": "upper_b", "7": "7"}[label] / f"{number:02d}.png"
        np.testing.assert_array_equal(
            cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), images(number, number + 1)[0]
        )


@pytest.mark.parametrize("kind", ["idx", "png", "npz"])
@pytest.mark.parametrize("torn", [0, 5])
def test_a_stopped_export_ends_with_the_same_bytes(tmp_path, kind, torn):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    export(job(), whole / "set", kind)
    with pytest.raises(KeyboardInterrupt):
        export(job(stop_at=1200), stopped / "set", kind)
    assert not any(name.endswith(("ubyte", ".npz", "set.json")) for name in files(stopped))
    if torn:  # a kill in the middle of a write
        last = max(
            (path for path in stopped.rglob("*") if path.is_file() and path.suffix != ".json"),
            key=lambda path: path.stat().st_mtime_ns,
        )
        last.write_bytes(last.read_bytes()[:-torn])
    seen: list[int] = []
    export(job(), stopped / "set", kind, lambda done, *_: seen.append(done))
    assert files(whole) == files(stopped)
    assert seen[-1] == COUNT
    if kind == "idx":
        assert seen[0] > 1200  # it resumed rather than starting again


def test_other_settings_start_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        export(job(stop_at=1200, facts=("seed", 1)), tmp_path / "set", "idx")
    seen: list[int] = []
    export(job(facts=("seed", 2)), tmp_path / "set", "idx", lambda done, *_: seen.append(done))
    assert seen[0] == 400


def test_a_folder_of_pictures_holds_one_export(tmp_path):
    """Stopped and started with another seed, or with fewer images: nothing of the first is left."""
    folder, whole = tmp_path / "set", tmp_path / "whole" / "set"
    with pytest.raises(KeyboardInterrupt):
        export(job(stop_at=1200, facts=("seed", 1)), folder, "png")
    export(job(count=30, facts=("seed", 2)), folder, "png")
    export(job(count=10, facts=("seed", 2)), folder, "png")
    export(job(count=10, facts=("seed", 2)), whole, "png")
    assert files(folder) == files(whole)


@pytest.mark.parametrize("stray", ["notes.txt", "7/001.jpg", "7/mine.png"])
@pytest.mark.parametrize("after", [True, False])
def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path, stray, after):
    folder = tmp_path / "set"
    if after:
        export(job(count=10), folder, "png")
    (folder / stray).parent.mkdir(parents=True, exist_ok=True)
    (folder / stray).write_text("mine")
    before = files(tmp_path)
    with pytest.raises(InklingError) as caught:
        export(job(count=20), folder, "png")
    assert is_sentence(str(caught.value))
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: export(job(count=0), folder / "set", "idx"),
        lambda folder: export(job(count=10**9, size=2000), folder / "set", "idx"),
        lambda folder: export(job(count=2**31 - 1, size=100), folder / "set", "png"),
        lambda folder: export(
            job(count=10, classes=tuple(map(str, range(257)))), folder / "set", "idx"
        ),
        lambda folder: export(job(), folder / "set", "gif"),
        lambda folder: export(job(), folder / "file" / "set", "idx"),
    ],
)
def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path, make):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InklingError) as caught:
        make(tmp_path)
    assert is_sentence(str(caught.value))
    assert list(files(tmp_path)) == ["file"]


@pytest.mark.parametrize("kind", ["idx", "png"])
def test_shards_are_together_what_one_export_makes(tmp_path, kind):
    whole = export(job(), tmp_path / "whole", kind)
    parts = [(0, 900), (900, 1), (901, COUNT - 901)]
    shards = [
        export(Export(Noise(), count, first=first), tmp_path / f"from-{first}", kind)
        for first, count in parts
    ]
    if kind == "idx":
        assert b"".join(path.read_bytes()[16:] for path in shards) == whole.read_bytes()[16:]
    else:
        # names have as many digits as their shard's last number needs
        made = {
            (path.parent.name, int(path.stem)): path.read_bytes()
            for shard in shards
            for path in shard.rglob("*.png")
        }
        assert made == {
            (path.parent.name, int(path.stem)): path.read_bytes() for path in whole.rglob("*.png")
        }
    with pytest.raises(InklingError) as error:
        export(Export(Noise(), 5, first=-1), tmp_path / "none", kind)
    assert is_sentence(str(error.value))
