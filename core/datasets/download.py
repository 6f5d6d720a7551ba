"""Downloads that show progress, resume where they stopped, and are checked before they are used."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

from core.errors import InklingError
from core.files import hold
from core.progress import Progress, ignore_progress

_CHUNK = 2**18


def download(
    urls: list[str], target: Path, *, md5: str = "", report: Progress = ignore_progress
) -> None:
    """Download to `target` from the first of `urls` that sends the file, resuming an earlier
    `.part` file. md5 : "" if none is published; what reads the file must check it then.

    Raises InklingError if no address sends it (a part file with another checksum is deleted) or
    `target` cannot be written.
    """
    try:
        if target.exists() and md5 in ("", _md5(target)):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InklingError(
            f"{target} cannot be written ({error.strerror}); choose another folder with "
            "INKLING_DATA."
        ) from error
    busy = f"{target.name} is being downloaded already; wait until that has ended."
    with hold(target.with_name(f".{target.name}.lock"), busy):
        _download(urls, target, md5, report)


def _download(urls: list[str], target: Path, md5: str, report: Progress) -> None:
    part, reasons = target.with_name(target.name + ".part"), []
    for url in urls:
        have = -1
        while have < _size(part):  # a connection that was cut is resumed while anything comes
            have = _size(part)
            try:
                _fetch_whole(url, part, md5, report)
                os.replace(part, target)
                return
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                text = str(getattr(reason, "strerror", None) or reason).strip()
        reasons.append(f"{url}: {text}")
    raise InklingError(
        f"{target.name} could not be downloaded ({'; '.join(reasons)}); check the network, or name "
        "a mirror or a proxy, and try again: it resumes."
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fetch_whole(url: str, part: Path, md5: str, report: Progress) -> None:
    """Fetch into `part`; OSError, without a part file, if that is another file than `md5` says."""
    resumed = part.exists()
    _fetch(url, part, report, page_is_error=not md5)
    if md5 and _md5(part) != md5:
        part.unlink()
        if not resumed:
            raise OSError(f"it sent another file, or a damaged one (its MD5 is not {md5})")
        # what was there may have been the beginning of another file
        _fetch_whole(url, part, md5, report)


def _fetch(url: str, part: Path, report: Progress, *, page_is_error: bool) -> None:
    have = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        # nothing is left to fetch: the part file is complete, or the checksum will fail
        if error.code == 416:
            return
        raise
    with response:
        if page_is_error and response.headers.get_content_type() == "text/html":
            raise OSError("it answered with a web page")
        resumed = response.status == 206
        have = have if resumed else 0
        length = int(response.headers.get("Content-Length") or 0)
        total = have + length if length else 0
        with open(part, "ab" if resumed else "wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                report(have, total)
    if total and have < total:
        raise OSError(f"the connection ended after {have} of {total} bytes")


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
