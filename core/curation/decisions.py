"""Decisions on the pictures of a data set: an append-only log that makes a new version of it."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from core.datasets.uploads import upload_name
from core.errors import InklingError
from core.files import hold
from core.settings import Settings

KEEP, REMOVE, LABEL, UNDECIDED = "keep", "remove", "label", "undecided"
ACTIONS = (KEEP, REMOVE, LABEL, UNDECIDED)

UNDONE = "undone"
"""Why of a decision that takes back the one before."""

_WAIT = 10.0
"""Seconds that a decision waits for another process that writes to the same log."""


@dataclass(frozen=True)
class Decision:
    """What becomes of one picture.

    picture : its path within the folder, or its row in a data set of the catalogue. digest :
    `digest_of_picture` when it was decided. action : one of ACTIONS; `undecided` takes back what
    was decided before. label : the true one for `label`, "" for the others. why : in a few words.
    at : ISO 8601, UTC; "" until it is logged.
    """

    picture: str
    digest: str
    action: str
    label: str = ""
    why: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS or bool(self.label) != (self.action == LABEL):
            raise InklingError(
                f"A decision is one of {', '.join(ACTIONS)}; say the true label for {LABEL!r}."
            )


def log_decisions(log: Path, decisions: Iterable[Decision]) -> list[Decision]:
    """Append the decisions to the file `log`, a JSON line each, and return them with their time.

    They are on disk when this returns. Other processes may append to the same log.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    dated = [replace(decision, at=decision.at or now) for decision in decisions]
    lines = "".join(json.dumps(asdict(one), ensure_ascii=True) + "\n" for one in dated)
    log.parent.mkdir(parents=True, exist_ok=True)
    busy = f"Another process is writing to {log.name}; decide once more."
    with hold(log.with_name(f"{log.name}.lock"), busy, wait=_WAIT), open(log, "ab+") as file:
        if file.tell():  # a line that a kill cut short stays alone
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read(1) == b"\n" else f"\n{lines}"
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())
    return dated


def read_log(log: Path) -> list[Decision]:
    """All decisions in the order in which they were made; [] without a log. A line that a kill cut
    short is passed over.
    """
    try:
        lines = log.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InklingError(f"{log} cannot be read: {error.strerror or error}.") from error
    decisions = []
    for line in lines:
        try:
            decisions.append(Decision(**json.loads(line)))
        except (ValueError, TypeError, RecursionError, InklingError):
            continue
    return decisions


def decided(log: Iterable[Decision]) -> Mapping[str, Decision]:
    """The decision that holds for each picture, the last one; those taken back are left out."""
    last = {decision.picture: decision for decision in log}
    return {name: one for name, one in last.items() if one.action != UNDECIDED}


def steps_back(log: Iterable[Decision], count: int) -> list[tuple[Decision, Decision | None]]:
    """The last `count` decisions that can be taken back, oldest first, each with the one that held
    before; what was undone is passed over.
    """
    held: dict[str, Decision] = {}
    steps: list[tuple[Decision, Decision | None]] = []
    for decision in log:
        if decision.why == UNDONE:
            # not always the last of all: another tab may have decided on others since
            newest = reversed(range(len(steps)))
            at = next((n for n in newest if steps[n][0].picture == decision.picture), None)
            if at is not None:
                del steps[at]
        else:
            steps.append((decision, held.get(decision.picture)))
        held[decision.picture] = decision
    return steps[-count:] if count else []


def log_of(settings: Settings, name: str) -> Path:
    """The log of the data set that is opened by `name`: in a folder of its own, not in the data,
    called after its name and a digest of it, which two folders of one name differ in.
    """
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return settings.curation / f"{upload_name(Path(name).name)}-{digest}.jsonl"
