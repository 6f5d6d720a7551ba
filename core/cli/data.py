"""`python -m core data`: list data sets, or get one."""

import argparse
from typing import Any

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
    download.add_argument("name")
    download.set_defaults(run=_data_download)


def _data_list(_: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import find_entries

    for entry in find_entries(settings).values():
        for split in entry.splits:
            try:
                note = entry.open(settings, split).source
            except InklingError:
                note = (
                    f"not here; python -m core data download {entry.name}"
                    if entry.download
                    else "empty"
                )
            print(f"{entry.name}:{split}\t{entry.title}\t{note}")


def _data_download(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import CATALOGUE
    from core.progress import progress_bar

    entry = CATALOGUE.get(options.name)
    if entry is None or entry.download is None:
        names = ", ".join(name for name, candidate in CATALOGUE.items() if candidate.download)
        raise InklingError(
            f"{options.name!r} is not a data set to download; choose one of: {names}."
        )
    with progress_bar(0, unit=entry.unit, scale=True) as report:
        entry.download(settings.data, report)
    print(f"{entry.name} is in {settings.data}")
