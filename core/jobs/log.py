"""Tells the log which jobs start and end, whoever started them: a screen, the queue, or a server
before this one.
"""

import logging
import time
from contextlib import suppress
from pathlib import Path

from core.files import modified_ns, read_json
from core.jobs.job import Job, find_jobs
from core.logs import FIELDS
from core.settings import Settings

_EVERY = 2.0
"""Seconds."""

_log = logging.getLogger(__name__)
_Seen = dict[Path, tuple[int, str]]
"""The state of each job at the time that its file was written, in nanoseconds."""


def watch_jobs(settings: Settings) -> None:
    """Forever."""
    seen: _Seen | None = None
    while True:
        with suppress(OSError):  # a folder that is being removed
            seen = look(settings, seen)
        time.sleep(_EVERY)


def look(settings: Settings, before: _Seen | None) -> _Seen:
    """What is seen now. Logged is what is new since `before`; at first, the jobs that go on."""
    now: _Seen = {}
    for job in find_jobs(settings):
        written, earlier = modified_ns(job.folder / "state.json"), (before or {}).get(job.folder)
        same = earlier is not None and earlier[0] == written
        if same and earlier and earlier[1] != "running":
            now[job.folder] = earlier
            continue
        state = job.state()
        now[job.folder] = written, state
        if before is None:
            if state == "running":
                _tell(job, "goes on")
            continue
        if not same:
            _tell(job, "started")
        if state != "running":
            _tell(job, state)
    return now


def _tell(job: Job, word: str) -> None:
    about = read_json(job.folder / "state.json")
    name = job.folder.parent.name if job.folder.name == "job" else job.folder.name
    fields = {"job": name, "command": about.get("command", ""), "state": word}
    if word not in ("started", "goes on"):
        fields["seconds"] = round(time.time() - about.get("started", time.time()), 1)
    _log.info("job %s (%s): %s", name, fields["command"], word, extra={FIELDS: fields})
