"""`python -m core data`: list data sets, or get one."""

import argparse
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import InklingError
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add it to the subparsers of the command line."""
    data = commands.add_parser("data", help="list or download data sets").add_subparsers(
        required=True, metavar="ACTION"
    )
    listing = data.add_parser("list", help="names, and whether each is on this machine")
    listing.set_defaults(run=_data_list)
    download = data.add_parser(
        "download",
        help="fetch a data set (resumes, checks the published MD5), or make a synthetic one",
    )
    download.add_argument(
        "name",
        help="as `data list` shows it, or 'synthetic?…' with the options of synth: "
        "'synthetic?glyphs=classic&hand=jitter=2&effects=blur=1&count=10000'",
    )
    download.add_argument(
        "--mirror", default="", metavar="URL", help="an address with the same files, tried first"
    )
    download.add_argument(
        "--proxy", default="", metavar="URL", help="of the network, if HTTPS_PROXY does not say it"
    )
    download.add_argument(
        "--file",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="a published file that you have already, as it was published; may be given repeatedly",
    )
    download.set_defaults(run=_data_download)


def _data_list(_: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import find_entries

    for entry in find_entries(settings).values():
        for split in entry.splits:
            try:
                if entry.is_here is not None and entry.is_here(settings):
                    note = "on this machine"
                else:
                    note = entry.open(settings, split).source
            except InklingError:
                note = (
                    f"not here; python -m core data download {entry.name}"
                    if entry.obtainable
                    else "empty"
                )
            print(f"{entry.name}:{split}\t{entry.title}\t{note}")


def _data_download(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import CATALOGUE, find_entry
    from core.datasets.remote import bring
    from core.progress import progress_bar

    entry = find_entry(options.name, settings)
    if entry is None or not entry.obtainable:
        names = ", ".join(name for name, candidate in CATALOGUE.items() if candidate.obtainable)
        raise InklingError(
            f"{options.name!r} is not a data set to download; choose one of: {names}."
        )
    if options.proxy:
        os.environ["http_proxy"] = os.environ["https_proxy"] = options.proxy
    with ExitStack() as files:
        given = [(path.name, files.enter_context(_open(path))) for path in options.file]
        if entry.published:
            bring(entry.published, settings.data, given)
    with progress_bar(0, unit=entry.unit, scale=True) as report:
        entry.obtain(settings.data, report, mirror=options.mirror)
    print(f"{entry.name} is in {settings.data}")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InklingError(f"{path} cannot be read ({error.strerror}).") from error
