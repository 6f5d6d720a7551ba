"""Logs on stderr, as lines for people or as JSON lines, each with the id of its request and without
secrets.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

JSON, TEXT, OFF = "json", "text", "off"
KINDS = (JSON, TEXT, OFF)

FIELDS = "fields"
"""In `extra` of a log call: a dictionary of what the line says besides its message."""

_ACCESS = "uvicorn.access"
"""Stays silent: it would write the queries of requests."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; "" outside of one."""

_SECRETS = (
    # who is let in, in an address
    (re.compile(r"(?<=://)[^\s@]*(?=@)"), "***"),
    # named: in the query of an address, a header, a variable or a dictionary
    (
        re.compile(
            r"""(?i)([a-z_-]*(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie)
            ["']?\s*[=:]\s*["']?(?:(?:basic|bearer)\s+)?)[^\s"'&,;})]+""",
            re.VERBOSE,
        ),
        r"\1***",
    ),
)


def hide_secrets(text: str) -> str:
    """The text with `***` for passwords and keys."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, and the fields of the call."""

    def format(self, record: logging.LogRecord) -> str:
        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        hidden = {
            key: hide_secrets(value) if isinstance(value, str) else value
            for key, value in values.items()
            if value != ""
        }
        return json.dumps(hidden)


class Lines(logging.Formatter):
    """Time, level, message, and the id of the request."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        text = hide_secrets(super().format(record))
        return f"{text} [{request_id.get()}]" if request_id.get() else text


def set_up(kind: str) -> None:
    """Send logs to stderr as one of `KINDS`: as text those of Inkling, beside the lines that its
    libraries write themselves; as JSON those of all; `off` leaves warnings and errors.
    """
    if kind == OFF:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if kind == JSON else Lines())
    house = logging.getLogger("core")
    house.setLevel(logging.DEBUG if kind == JSON else logging.INFO)
    if kind == TEXT:
        house.handlers, house.propagate = [handler], False
        return
    root = logging.getLogger()
    root.handlers = [handler]
    logging.captureWarnings(True)
    for name in list(root.manager.loggerDict):
        if name != _ACCESS:
            # whatever library writes to stderr itself, or was silenced
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [], True
