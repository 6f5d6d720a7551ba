"""Visitors of a demo on a network: who they are, and what room each has."""

import os
import re
import secrets
import shutil
from hashlib import sha256
from pathlib import Path

from core.errors import InklingError
from core.files import cannot_write
from core.settings import Settings

COOKIE, SECURE_COOKIE = "inkling", "__Host-inkling"
"""Its name, and that over https, where no other site of the domain can set it."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits."""

SEEN = "seen"
"""The file in a visitor's folder whose time says when the visitor was here last."""

_RESERVE = 2**30
"""Bytes of the disk that are never a visitor's."""


def new_secret() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(32)


def is_secret(text: object) -> bool:
    """Whether it can be one of `new_secret`."""
    return isinstance(text, str) and _SECRET.fullmatch(text) is not None


def visitor_of(*secret: str) -> str:
    """The name of a visitor's folder, 32 hexadecimal digits: whoever sees it in a log or a listing
    learns nothing of the cookie, or of the person, that it comes from.
    """
    return sha256("\0".join(("inkling", *secret)).encode()).hexdigest()[:32]


def mark_seen(settings: Settings) -> None:
    """The visitor is here: what there is of one is not yet removed."""
    if settings.own is not None and settings.own.is_dir():
        _touch(settings.own)


def check_room(settings: Settings, more: int = 0) -> None:
    """Before a visitor keeps anything, of about `more` bytes: InklingError if that is too much.

    It makes the visitor's folder: with it, all that is the visitor's is removed one day.
    """
    own, most = settings.own, settings.limits.megabytes
    if own is None:
        return
    if bytes_in(own) + more > most * 2**20:
        raise InklingError(
            f"This demo keeps {most:,} MB of each visitor, and that is too much; delete something "
            "first."
        )
    try:
        own.mkdir(parents=True, exist_ok=True)
        _touch(own)
        free = shutil.disk_usage(own).free
    except OSError as error:
        raise InklingError(cannot_write(own.parent, error)) from error
    if free - more < _RESERVE:
        raise InklingError("This demo has no room left; come back tomorrow.")


def bytes_in(folder: Path) -> int:
    """Of all files below a folder; what goes meanwhile has none."""
    total = 0
    for found, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(found, name)).st_size
            except OSError:
                continue
    return total


def _touch(own: Path) -> None:
    (own / SEEN).touch()
