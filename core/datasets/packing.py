"""Exports packed into one file, to be downloaded; what is packed can be uploaded again."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.datasets.idx import idx_bytes, note_path, read_pair
from core.errors import InklingError
from core.files import read_json

_ENDS = {"idx": "-images-idx3-ubyte", "png": "", "npz": ".npz"}
"""By format, how the path that `export` returns ends."""


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def pack_folder(folder: Path) -> bytes:
    """A zip of all files below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return zipped((file.relative_to(folder).as_posix(), file.read_bytes()) for file in files)


def pack_idx(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    others: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip of `images-idx3-ubyte`, `labels-idx1-ubyte`, `mapping.txt` (label, class name), and
    other files.
    """
    mapping = "".join(f"{index} {name}\n" for index, name in enumerate(classes))
    files = {
        "images-idx3-ubyte": idx_bytes(images),
        "labels-idx1-ubyte": idx_bytes(labels),
        "mapping.txt": mapping.encode(),
    }
    return zipped({**files, **(others or {})}.items())


def packed_name(made: Path, kind: str) -> str:
    """The file name of `pack_export`."""
    return made.name if kind == "npz" else f"{_stem(made, kind).name}-{kind}.zip"


def packed_size(made: Path, kind: str) -> int:
    """Bytes of an export's pixels, which packed take less; 0 if it is not there any more."""
    facts = read_json(note_path(_stem(made, kind)))
    count, size = facts.get("count"), facts.get("size")
    return count * size**2 if made.exists() and isinstance(count, int) and size else 0


def pack_export(made: Path, kind: str) -> bytes:
    """All that `export` wrote: the .npz, or a zip of images, labels and class names (IDX) or of
    class folders (PNG) with `facts.json`, every setting.

    made, kind : the path that `export` returned, and the format. InklingError if the files are
    gone.
    """
    stem = _stem(made, kind)
    try:
        if kind == "npz":
            return made.read_bytes()
        note = note_path(stem).read_bytes()
        if kind == "idx":
            images, labels = read_pair(stem)
            facts = read_json(note_path(stem))
            return pack_idx(images, labels, facts["classes"], {"facts.json": note})
        pictures = sorted(path for path in made.rglob("*.png"))
        files = ((path.relative_to(made).as_posix(), path.read_bytes()) for path in pictures)
        return zipped([*files, ("facts.json", note)])
    except (OSError, KeyError) as error:
        raise InklingError(f"{made} is not whole any more; make the images again.") from error


def _stem(made: Path, kind: str) -> Path:
    """The path that was given to `export`."""
    return made.with_name(made.name.removesuffix(_ENDS[kind]))
