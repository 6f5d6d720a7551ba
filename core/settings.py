"""Where data, runs, models and drawings are stored; environment variables override every
default.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InklingError
from core.logs import KINDS, TEXT

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED_MODELS = ASSETS / "models"


@dataclass(frozen=True)
class Settings:
    """Folders and limits of one process.

    data : torchvision-style data root (`MNIST/raw`, `EMNIST/raw`, …).
    runs : one folder per training run.
    models : your own recognizers; they override shipped ones of the same name.
    database : SQLAlchemy URL of the store behind *My drawings*.
    at_once : number of runs trained at the same time.
    scheduler : address of a Dask scheduler that commands which can be spread use; "" for none.
    canvas : "own", or "drawable" for that of streamlit-drawable-canvas.
    metrics : whether figures are shown to whoever asks.
    logs : json, text or off. log_clients : whether they name the addresses of clients.
    home : the user's own folder of Inkling; None where INKLING_HOME names another, which may be
        shared.
    visitor : whose drawings and marks are read and written; "" for Inkling's user.
    api_key : what REST asks for; "" for nothing. requests_per_minute : that one key or address may
        make of REST; 0 for any number.
    """

    data: Path
    runs: Path
    models: Path
    database: str
    at_once: int = 1
    scheduler: str = ""
    canvas: str = "own"
    metrics: bool = False
    logs: str = TEXT
    log_clients: bool = False
    home: Path | None = None
    visitor: str = ""
    api_key: str = field(default="", repr=False)
    requests_per_minute: int = 0

    @property
    def curation(self) -> Path:
        """Logs of decisions on pictures, one for each data set: beside the runs, never inside the
        data.
        """
        return self.runs / "curation"

    @staticmethod
    def from_environment() -> "Settings":
        """Read INKLING_HOME, its overrides INKLING_DATA, INKLING_RUNS, INKLING_MODELS and
        INKLING_DATABASE, INKLING_RUNS_AT_ONCE, INKLING_SCHEDULER, INKLING_CANVAS, INKLING_METRICS,
        INKLING_LOGS, INKLING_LOG_CLIENTS, INKLING_API_KEY and INKLING_REQUESTS_PER_MINUTE;
        InklingError if one makes no sense.
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
            scheduler=os.environ.get("INKLING_SCHEDULER", ""),
            canvas=os.environ.get("INKLING_CANVAS", "own"),
            metrics=_is_on("INKLING_METRICS"),
            logs=_logs(),
            log_clients=_is_on("INKLING_LOG_CLIENTS"),
            home=None if os.environ.get("INKLING_HOME") else home,
            api_key=os.environ.get("INKLING_API_KEY", ""),
            requests_per_minute=_number("INKLING_REQUESTS_PER_MINUTE", 0),
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


def _is_on(variable: str) -> bool:
    """Whether the environment says yes."""
    text = os.environ.get(variable, "").strip().lower()
    if text not in ("", "0", "1", "false", "true", "no", "yes"):
        raise InklingError(f"{variable} is {text[:40]!r}; give it 1 or 0.")
    return text in ("1", "true", "yes")


def _logs() -> str:
    kind = os.environ.get("INKLING_LOGS", "").strip() or TEXT
    if kind not in KINDS:
        raise InklingError(f"INKLING_LOGS is {kind[:40]!r}; give it one of: {', '.join(KINDS)}.")
    return kind


def _number(variable: str, usual: int) -> int:
    """A whole number from 1 in the environment; the usual one if there is none."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise InklingError(f"{variable} is {text[:40]!r}; give it a whole number from 1.")
    return int(text)


MAX_UPLOAD_BYTES = 10 * 2**20
"""Largest picture file accepted. Also in `.streamlit/config.toml`, which Streamlit reads itself."""

MAX_DIGITS = 15
"""Of a whole number from outside, in an address, a label or a file: int() refuses thousands."""

MAX_PIXELS = 25_000_000
"""Largest picture decoded: a phone photograph fits, a decompression bomb does not."""

MAX_STROKE_FILE_BYTES = 500 * 2**20
"""Largest file of strokes, unpacked, that is read into memory; UniPen's characters take 40 MB."""
