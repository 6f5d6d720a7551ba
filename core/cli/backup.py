"""`python -m core backup` and `restore`: everything that a person has made, in one zip."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.settings import Settings

if TYPE_CHECKING:
    from core.backup.archive import Contents

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    backup = commands.add_parser(
        "backup",
        help="drawings, marks, uploads, glyph sets, cells, models, runs and decisions in one zip",
    )
    backup.add_argument("path", type=Path, metavar="FILE.zip", help="an older backup is replaced")
    backup.add_argument(
        "--without-runs", action="store_true", help="neither runs of training nor searches"
    )
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="bring back what a backup holds")
    restore.add_argument("path", type=Path, metavar="FILE.zip", help="that `backup` has written")
    restore.add_argument(
        "--replace",
        action="store_true",
        help="what is there and differs is replaced; otherwise nothing is changed then",
    )
    restore.set_defaults(run=_restore)


def _backup(options: argparse.Namespace, settings: Settings) -> None:
    from core.backup.save import back_up
    from core.progress import progress_bar

    with progress_bar(0, unit="B", scale=True) as report:
        contents = back_up(settings, options.path, runs=not options.without_runs, report=report)
    print(f"{options.path} holds {_listed(contents)}")


def _restore(options: argparse.Namespace, settings: Settings) -> None:
    from core.backup.restore import restore
    from core.progress import progress_bar

    with progress_bar(0, unit="B", scale=True) as report:
        contents = restore(settings, options.path, replace=options.replace, report=report)
    print(f"{options.path} is restored: {_listed(contents)}")


def _listed(contents: "Contents") -> str:
    rows = [f"{count:,} {table}" for table, count in contents.rows.items()]
    files = len(contents.files) - len(rows)
    return f"{', '.join([*rows, f'{files:,} files'])}; {contents.size / 1e6:,.1f} MB unpacked"
