"""`python -m core sheet`: photographs of tables become tables."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.reading import add_only
from core.errors import InklingError
from core.settings import Settings

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

_FAR = 1e6
"""No corner and no number of rows is larger."""

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add it to the subparsers of the command line."""
    sheet = commands.add_parser(
        "sheet", help="read a photographed table of numbers, ruled or not: CSV, or JSON"
    )
    sheet.add_argument("photos", nargs="*", type=Path, metavar="PHOTO", help="picture, or folder")
    sheet.add_argument("--model", default="numbers", help="what reads the cells (%(default)s)")
    add_only(sheet)
    sheet.add_argument(
        "--corners",
        nargs=4,
        metavar="X,Y",
        help="of the table, clockwise from its top left, in pixels; with --shape",
    )
    sheet.add_argument("--shape", metavar="RxC", help="rows and columns, as 8x15; with --corners")
    sheet.add_argument(
        "--json",
        action="store_true",
        help='{"rows": [["1", "", ...], ...], "confidence": [[...], ...], ...}, a line each',
    )
    sheet.add_argument(
        "--out", type=Path, metavar="DIR", help="write PHOTO.csv and PHOTO.json here instead"
    )
    sheet.add_argument(
        "--cells",
        type=Path,
        metavar="DIR",
        help="write each cell here too, PHOTO rROW cCOLUMN.png: a folder that Curate labels",
    )
    sheet.add_argument(
        "--watch", type=Path, metavar="DIR", help="read what lands here until Ctrl-C; with --out"
    )
    sheet.set_defaults(run=_sheet)


def _sheet(options: argparse.Namespace, settings: Settings) -> None:
    from core.models.recognizer import load_recognizer

    if bool(options.photos) == bool(options.watch):
        raise InklingError("Name photographs, or a folder to watch with --watch DIR --out DIR.")
    if bool(options.corners) != bool(options.shape):
        raise InklingError("--corners and --shape belong together.")
    recognizer = load_recognizer(options.model, settings, only=options.only)
    if options.watch:
        if not options.out:
            raise InklingError("Say where the tables go: --out DIR.")
        _watch(options, recognizer)
    else:
        _read(options, recognizer)


def _read(options: argparse.Namespace, recognizer: "Recognizer") -> None:
    import numpy as np

    from core.curation.cells import write_cells
    from core.datasets.pictures import find_pictures
    from core.ink.grid.find import grid_between
    from core.progress import progress_bar
    from core.reading.sheet_files import read_file, to_csv, write_tables

    grid = None
    if options.corners:
        rows, columns = _numbers(options.shape, "x", "--shape 8x15")
        corners = [_numbers(each, ",", "--corners X,Y X,Y X,Y X,Y") for each in options.corners]
        grid = grid_between(np.array(corners), int(rows), int(columns))
    paths = find_pictures(options.photos)
    if not paths:
        raise InklingError(f"There are no pictures in {', '.join(map(str, options.photos))}.")
    names = [path.name for path in paths]
    twice = next((name for name in names if names.count(name) > 1), None)
    if (options.out or options.cells) and twice:
        raise InklingError(f"Two photographs are called {twice}; read them into different folders.")
    failed = 0
    with progress_bar(len(paths), unit="photo") as report:
        for number, path in enumerate(paths, 1):
            read = read_file(path, recognizer, grid=grid)
            failed += bool(read.problem)
            if options.cells and read.sheet:
                write_cells(read.sheet, path.stem, options.cells)
            if options.out:
                write_tables(read, options.out)
            elif read.problem and len(paths) == 1:
                raise InklingError(read.problem)
            elif options.json:
                print(json.dumps(read.to_json()))
            else:
                print(read.problem or to_csv(read.texts), end="\n" if read.problem else "")
            report(number, len(paths))
    if failed:
        raise InklingError(f"{failed} of {len(paths)} photographs could not be read.")


def _watch(options: argparse.Namespace, recognizer: "Recognizer") -> None:
    from core.curation.cells import write_cells
    from core.reading.sheet_files import watch

    print(f"watching {options.watch}; Ctrl-C ends it", file=sys.stderr)
    for read in watch(options.watch, options.out, recognizer):
        if options.cells and read.sheet:
            write_cells(read.sheet, read.path.stem, options.cells)
        print(f"{read.path.name}\t{read.problem or read.summary}", flush=True)


def _numbers(text: str, sign: str, usage: str) -> tuple[float, float]:
    try:
        one, other = (float(side) for side in text.split(sign))
    except ValueError as error:
        raise InklingError(f"{text!r} is not understood; write {usage}.") from error
    if max(abs(one), abs(other)) > _FAR:
        raise InklingError(f"{text!r} is beyond any picture; write {usage}.")
    return one, other
