"""Where data, runs, models and drawings are stored; environment variables override every
default.
"""

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import InklingError
from core.logs import KINDS, TEXT

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED_MODELS = ASSETS / "models"

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")

VISITOR = "INKLING_VISITOR"
"""Of the environment of a visitor's job: whose it is."""


@dataclass(frozen=True)
class Limits:
    """What a visitor of a demo may take.

    megabytes : of files. drawings : kept in *My drawings*. jobs : running at a time, of all
    visitors; each has one. minutes : of one job. hours : without a visit, after which all that a
    visitor made is removed.
    """

    megabytes: int = 200
    drawings: int = 500
    jobs: int = 2
    minutes: int = 5
    hours: int = 24

    @staticmethod
    def from_environment() -> "Limits":
        """INKLING_VISITOR_MEGABYTES, …_DRAWINGS, …_JOBS, …_MINUTES and …_HOURS."""
        usual = vars(Limits())
        return Limits(**{name: _number(f"{VISITOR}_{name.upper()}", usual[name]) for name in usual})


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
    visitors : the visitors' folders, if this is a demo on a network, with INKLING_PUBLIC; None for
        an Inkling of one's own. limits : what each may take.
    visitor : whose all of this is, the name of a folder in `visitors`; "" for Inkling's user.
    hosts : names and addresses by which the server may be asked, as `core.api.hosts` reads them.
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
    visitors: Path | None = None
    limits: Limits = Limits()
    visitor: str = ""
    hosts: tuple[str, ...] = LOCAL_HOSTS
    api_key: str = field(default="", repr=False)
    requests_per_minute: int = 0

    @property
    def own(self) -> Path | None:
        """The folder of a visitor, in which all files are that the visitor has made."""
        return self.visitors / self.visitor if self.visitors and self.visitor else None

    @property
    def own_data(self) -> Path:
        """What was brought or made: uploads, glyph sets, exports. A visitor's is never beside the
        published data.
        """
        return self.own / "data" if self.own else self.data

    def for_visitor(self, visitor: str) -> "Settings":
        """Those of one visitor of a demo: what is published is shared and only read, what the
        visitor makes is apart.
        """
        if self.visitors is None or not _VISITOR.fullmatch(visitor):
            raise InklingError("There is no such visitor; reload the page.")
        return replace(self, visitor=visitor, runs=self.visitors / visitor / "runs")

    def may_open(self, path: Path) -> bool:
        """Whether a path that somebody typed is opened: a visitor's only within the own folder."""
        return self.own is None or path.expanduser().resolve().is_relative_to(self.own.resolve())

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
        INKLING_LOGS, INKLING_LOG_CLIENTS, INKLING_PUBLIC and the limits of visitors, INKLING_HOSTS,
        hosts beside the local ones with commas between, INKLING_API_KEY and
        INKLING_REQUESTS_PER_MINUTE; InklingError if one makes no sense.
        """
        home = _home()
        visitors = home / "visitors" if _is_on("INKLING_PUBLIC") else None

        def folder(variable: str, name: str) -> Path:
            return Path(os.environ.get(variable, home / name)).expanduser()

        settings = Settings(
            data=folder("INKLING_DATA", "data"),
            runs=folder("INKLING_RUNS", "runs"),
            # visitors have the shipped ones alone
            models=visitors / "models" if visitors else folder("INKLING_MODELS", "models"),
            database=os.environ.get("INKLING_DATABASE", f"sqlite:///{home / 'drawings.db'}"),
            at_once=_number("INKLING_RUNS_AT_ONCE", 1),
            scheduler=os.environ.get("INKLING_SCHEDULER", ""),
            canvas=os.environ.get("INKLING_CANVAS", "own"),
            metrics=_is_on("INKLING_METRICS"),
            logs=_logs(),
            log_clients=_is_on("INKLING_LOG_CLIENTS"),
            home=None if os.environ.get("INKLING_HOME") else home,
            visitors=visitors,
            limits=Limits.from_environment(),
            hosts=(
                *LOCAL_HOSTS,
                *os.environ.get("INKLING_HOSTS", "").lower().replace(",", " ").split(),
            ),
            api_key=os.environ.get("INKLING_API_KEY", ""),
            requests_per_minute=_number("INKLING_REQUESTS_PER_MINUTE", 0),
        )
        visitor = os.environ.get(VISITOR, "")
        return settings.for_visitor(visitor) if visitor else settings


_VISITOR = re.compile(r"[0-9a-f]{32}")


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
