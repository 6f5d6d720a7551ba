"""The UCI digits that come with scikit-learn: a data set that is on every machine."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.settings import Settings
from core.synthesis.handwriting import DIGITS


def open_uci(_: Settings, split: str) -> Dataset:
    """The 1,797 digits (Alpaydin and Kaynak, 1998), 8x8; every fifth is in the test split."""
    table = _table()
    rows = (np.arange(len(table)) % 5 == 0) == (split == "test")
    images = (table[rows, :-1].reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    return Dataset(
        name=f"uci-digits:{split}",
        title=f"UCI digits {split}",
        images=images,
        labels=table[rows, -1].astype(np.int64),
        classes=DIGITS,
        form="",
        source=(
            f"UCI digits in scikit-learn, {len(images):,} images of 8x8; our split, every fifth "
            "is test"
        ),
    )


def _table() -> np.ndarray:
    """float [1797, 65]: pixels 0 to 16, and the label.

    `load_digits` reads the same file, but to import it takes seconds, in which somebody waits for
    the first screen.
    """
    package = find_spec("sklearn")
    if package and package.origin:
        path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
        if path.exists():
            return np.loadtxt(path, delimiter=",")
    from sklearn.datasets import load_digits

    digits = load_digits()
    return np.column_stack([digits.data, digits.target])
