"""Where data, runs, models and drawings are stored; environment variables override every
default.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import InklingError

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED_MODELS = ASSETS / "models"

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Folders and limits of one process.

    data : torchvision-style data root (`MNIST/raw`, `EMNIST/raw`, …).
    runs : one folder per training run.
    models : your own recognizers; they override shipped ones of the same name.
    database : SQLAlchemy URL of the store behind *My drawings*.
    at_once : number of runs trained at the same time.
    canvas : "own", or "drawable" for that of streamlit-drawable-canvas.
    home : the user's own folder of Inkling; None where INKLING_HOME names another, which may be
        shared.
    hosts : names and addresses by which the server may be asked, as `core.api.hosts` reads them.
    """

    data: Path
    runs: Path
    models: Path
    database: str
    at_once: int = 1
    canvas: str = "own"
    home: Path | None = None
    hosts: tuple[str, ...] = LOCAL_HOSTS

    @property
    def curation(self) -> Path:
        """Logs of decisions on pictures, one for each data set: beside the runs, never inside the
        data.
        """
        return self.runs / "curation"

    @staticmethod
    def from_environment() -> "Settings":
        """Read INKLING_HOME, its overrides INKLING_DATA, INKLING_RUNS, INKLING_MODELS and
        INKLING_DATABASE, INKLING_RUNS_AT_ONCE and INKLING_CANVAS, and INKLING_HOSTS, hosts beside
        the local ones with commas between; InklingError if one makes no sense.
        """
        home = _home()

        def folder(variable: str, name: str) -> Path:
            return Path(os.environ.get(variable, home / name)).expanduser()

        return Settings(
            data=folder("INKLING_DATA", "data"),
            runs=folder("INKLING_RUNS", "runs"),
            models=folder("INKLING_MODELS", "models"),
            database=os.environ.get("INKLING_DATABASE", f"sqlite:///{home / 'drawings.db'}"),
            at_once=_number("INKLING_RUNS_AT_ONCE", 1),
            canvas=os.environ.get("INKLING_CANVAS", "own"),
            home=None if os.environ.get("INKLING_HOME") else home,
            hosts=(
                *LOCAL_HOSTS,
                *os.environ.get("INKLING_HOSTS", "").lower().replace(",", " ").split(),
            ),
        )


def _home() -> Path:
    """Where no INKLING_HOME is given, in the user's home, if the user has one: in a container there
    may be none.
    """
    try:
        return Path(os.environ.get("INKLING_HOME") or "~/.inkling").expanduser()
    except RuntimeError as error:
        raise InklingError(
            "This user has no home folder; say in INKLING_HOME where Inkling may write."
        ) from error


def _number(variable: str, usual: int) -> int:
    """A whole number from 1 in the environment."""
    text = os.environ.get(variable, "").strip() or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise InklingError(f"{variable} is {text[:40]!r}; give it a whole number from 1.")
    return int(text)


def _words(variable: str) -> tuple[str, ...]:
    """What stands in the environment between commas or spaces, in small letters."""
    return tuple(os.environ.get(variable, "").lower().replace(",", " ").split())


MAX_UPLOAD_BYTES = 10 * 2**20
"""Largest picture file accepted. Also in `.streamlit/config.toml`, which Streamlit reads itself."""

MAX_DIGITS = 15
"""Of a whole number from outside, in an address, a label or a file: int() refuses thousands."""

MAX_PIXELS = 25_000_000
"""Largest picture decoded: a phone photograph fits, a decompression bomb does not."""

MAX_STROKE_FILE_BYTES = 500 * 2**20
"""Largest file of strokes, unpacked, that is read into memory; UniPen's characters take 40 MB."""
