"""Fixtures that several test files share: temporary folders, real data if it lies beside the
repository, a tiny model.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy as np
import psutil
import pytest
import torch
from filelock import FileLock

from core.files import whole_folder
from core.intervals import Measured
from core.jobs.job import give_way
from core.models.cards import Card, save_card
from core.models.registry import architecture
from core.models.tensors import save_tensors
from core.settings import Settings

# a busy machine is not a failure; half the usual examples, for seeds differ between runs anyway
hypothesis.settings.register_profile("inkling", deadline=None, max_examples=50)
hypothesis.settings.load_profile("inkling")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DIGITS = tuple("0123456789")
BALANCED = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")


def pytest_configure() -> None:
    """No test has the processor before the jobs that another one waits for."""
    give_way(psutil.Process())


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Number of parallel tests: one more than cores, for tests of screens and jobs wait much of
    their time; one, in this process, if files are named.
    """
    if any(Path(argument.partition("::")[0]).is_file() for argument in config.args):
        return 0
    return min(4, len(os.sched_getaffinity(0)) + 1)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Folders of this test alone, none of which exists yet."""
    return Settings(
        data=tmp_path / "data",
        runs=tmp_path / "runs",
        models=tmp_path / "models",
        database=f"sqlite:///{tmp_path / 'store' / 'drawings.db'}",
    )


@pytest.fixture(scope="session")
def real_data(shared_folder: Path) -> Path:
    """A torchvision data root with MNIST, EMNIST, pen strokes and photographs; tests are skipped if
    there is none.
    """
    given = os.environ.get("INKLING_DATA")
    if (
        given
        and (Path(given) / "MNIST" / "raw" / "train-images-idx3-ubyte").exists()
        and (Path(given) / "strokes").exists()
    ):
        return Path(given)
    if not (SHARED_DATA / "unpack.py").exists():
        pytest.skip("the real data is not beside the repository (../shared/data)")
    root = shared_folder / "real data"
    with FileLock(shared_folder / "real data.lock"):
        if not root.exists():
            with whole_folder(root) as part:
                subprocess.run(
                    [sys.executable, str(SHARED_DATA / "unpack.py"), str(part)],
                    check=True,
                    capture_output=True,
                )
    return root


@pytest.fixture
def no_shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder instead of the shipped models."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr("core.models.cards.SHIPPED_MODELS", folder)
    return folder


@pytest.fixture(scope="session")
def tiny_weights() -> Callable[[int], dict[str, torch.Tensor]]:
    """Random weights of a small architecture: the same for the same number of classes."""

    def weights(classes: int) -> dict[str, torch.Tensor]:
        with torch.random.fork_rng():
            torch.manual_seed(classes)
            return architecture("resnet8-tiny").build(classes).state_dict()

    return weights


def tiny_card(name: str = "tiny", classes: tuple[str, ...] = DIGITS, **changes: object) -> Card:
    """A card that fits `tiny_weights`."""
    values = {
        "name": name,
        "title": "Tiny",
        "architecture": "resnet8-tiny",
        "classes": classes,
        "form": "mnist",
        "parameters": 1000,
        "temperature": 1.5,
        "data": "nothing, random weights",
        "recipe": {},
        "seed": 0,
        "epoch": 1,
        "minutes": 0.1,
        "hardware": "none",
        "validation": Measured(0.5, 10, (0.24, 0.76), "nothing"),
    }
    return Card(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def make_model(
    settings: Settings,
    no_shipped_models: Path,
    tiny_weights: Callable[[int], dict[str, torch.Tensor]],
) -> Callable[..., Card]:
    """Write a recognizer with random weights among the user's models; arguments as those of
    `tiny_card`.
    """

    def make(name: str = "tiny", classes: tuple[str, ...] = DIGITS, **changes: object) -> Card:
        card = tiny_card(name, classes, **changes)
        settings.models.mkdir(exist_ok=True)
        save_tensors(settings.models / f"{name}.safetensors", tiny_weights(len(classes)))
        save_card(settings.models, card)
        return card

    return make


@pytest.fixture
def random() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(20240229)
