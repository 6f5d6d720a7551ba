"""`python -m core label-issues`, `suspects` and `curate`: labels that are probably wrong, pictures
that deserve a look, and a data set as decisions say that it is.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.cli.evaluation import answers, opened
from core.errors import InklingError
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.

_COLLECTION = (
    "a folder of class folders, also with parts like train/ and val/, or of pictures that have no "
    "labels yet, or NAME, NAME:PART"
)


def add_commands(commands: Any) -> None:
    """Add it to the subparsers of the command line."""
    issues = commands.add_parser(
        "label-issues", help="labels that are probably wrong, by confident learning, worst first"
    )
    issues.add_argument(
        "--data", required=True, help="NAME:train, NAME:test, an .npz, or a folder of class folders"
    )
    issues.add_argument(
        "--folds", type=int, default=5, help="of the cross-validation, 2 or more; default 5"
    )
    issues.add_argument(
        "--model",
        help=(
            "a recognizer that was trained on other images: its answers instead of a "
            "cross-validation"
        ),
    )
    issues.add_argument("--seed", type=int, default=0, help="of the cross-validation; default 0")
    issues.add_argument(
        "--form",
        default="mnist",
        help=(
            "canonical form of the pictures in a folder: mnist, emnist or number; default mnist, "
            "or the model's"
        ),
    )
    issues.add_argument(
        "--limit", type=int, metavar="N", help="images to list; default: as many as are found"
    )
    issues.add_argument(
        "--out", type=Path, metavar="F.csv", help="write the list there, as a table"
    )
    issues.add_argument(
        "--json",
        action="store_true",
        help="with the estimated label noise, a share of all labels, and its caveat",
    )
    issues.set_defaults(run=_label_issues)
    _add_suspects(commands)
    _add_curate(commands)


def _add_suspects(commands: Any) -> None:
    suspects = commands.add_parser(
        "suspects", help="copies, blank and unreadable pictures, outliers, labels that may be wrong"
    )
    suspects.add_argument("data", metavar="DATA", help=_COLLECTION)
    suspects.add_argument(
        "--kinds",
        help=(
            "some of exact,near,blank,unreadable,outliers,labels; default all but labels, for "
            "which networks are trained for minutes"
        ),
    )
    suspects.add_argument(
        "--folds", type=int, default=5, help="of the networks for labels, 2 or more; default 5"
    )
    suspects.add_argument("--seed", type=int, default=0, help="of these networks; default 0")
    suspects.add_argument("--json", action="store_true", help="as one object, with digests")
    suspects.set_defaults(run=_suspects)


def _add_curate(commands: Any) -> None:
    curate = commands.add_parser(
        "curate", help="write a data set as the decisions in a log say that it is, with a manifest"
    )
    curate.add_argument("data", metavar="DATA", help=_COLLECTION)
    curate.add_argument(
        "--log", type=Path, metavar="L.jsonl", help="decisions; default those of the Curate screen"
    )
    curate.add_argument(
        "--out", type=Path, metavar="DIR", help="a new folder: PART/CLASS/FILE, and manifest.csv"
    )
    curate.add_argument(
        "--keep", metavar="NAME", help="keep it among the data sets to train on, as upload-NAME"
    )
    curate.add_argument(
        "--edits",
        metavar="KINDS",
        default="",
        help="with --out, of Roman numerals: some of flips (mirror images that are numerals) and "
        "strokes (vii as viii and viii as vii), joined by commas; their pictures are added to all "
        "parts but those to test on",
    )
    curate.add_argument("--json", action="store_true", help="what was done, as one object")
    curate.set_defaults(run=_curate)


def _label_issues(options: argparse.Namespace, settings: Settings) -> None:
    from core.curation.issues import find_issues, list_issues
    from core.curation.label_issues import check_unseen, cross_validated
    from core.datasets.catalogue import open_dataset
    from core.ink.forms import form_named
    from core.progress import progress_bar

    if options.limit is not None and options.limit < 0:
        raise InklingError(f"--limit is 0 or more, not {options.limit}.")
    if options.model:
        recognizer, dataset = opened(options, settings)
        check_unseen(recognizer.card, dataset)
        predictions = answers(recognizer, dataset, settings)
        labels, probabilities, classes = (
            predictions.truth,
            predictions.probabilities,
            predictions.classes,
        )
    else:
        dataset = open_dataset(options.data, settings, form=form_named(options.form))
        with progress_bar(1, unit="image") as report:
            labels, probabilities = (
                dataset.labels,
                cross_validated(dataset, folds=options.folds, seed=options.seed, report=report),
            )
        classes = dataset.classes
    issues = find_issues(labels, probabilities)
    listed = list_issues(
        issues, labels, probabilities, classes, data=dataset.source, limit=options.limit
    )
    if options.out:
        listed.write(options.out)
    if options.json:
        print(json.dumps(listed.to_json(), ensure_ascii=False))
        return
    for row in () if options.out else listed.rows:
        values = vars(row).values()
        print(
            *(f"{value:.4f}" if isinstance(value, float) else value for value in values), sep="\t"
        )
    print(
        f"{listed.found:,} found, label noise {listed.noise:.2%} of n = {listed.n:,}: "
        f"{listed.caveat}",
        file=sys.stderr,
    )


def _suspects(options: argparse.Namespace, settings: Settings) -> None:
    from core.curation.collection import open_collection
    from core.curation.suspects import KINDS, LABELS, Suspects, find_suspects
    from core.progress import progress_bar

    kinds = options.kinds.split(",") if options.kinds else KINDS[:-1]
    for kind in kinds:
        if kind not in KINDS:
            raise InklingError(f"{kind!r} is no kind; choose some of {', '.join(KINDS)}.")
    collection = open_collection(options.data, settings)
    found = Suspects(collection.name, len(collection))
    if set(kinds) - {LABELS}:
        with progress_bar(2 * len(collection), unit="step") as report:
            found = find_suspects(collection, kinds, report)
    if LABELS in kinds:
        from core.curation.mislabelled import find_mislabelled  # torch is loaded

        with progress_bar(1, unit="image") as report:
            doubted = find_mislabelled(
                collection, folds=options.folds, seed=options.seed, report=report
            )
        found = replace(found, lists={**found.lists, **doubted.lists})
    if options.json:
        print(json.dumps(found.to_json()))
        return
    for kind, suspects in found.lists.items():
        for one in suspects:
            picture, why = (json.dumps(text) for text in (one.picture, one.why))  # in one line
            print(kind, one.group, picture, one.becomes, why, sep="\t")
    counts = ", ".join(f"{len(suspects):,} {kind}" for kind, suspects in found.lists.items())
    print(f"{counts}, of n = {found.n:,}", file=sys.stderr)


def _curate(options: argparse.Namespace, settings: Settings) -> None:
    from core.curation.collection import open_collection
    from core.curation.curated import curated
    from core.curation.decisions import decided, log_of, read_log
    from core.curation.export import export, keep
    from core.progress import progress_bar
    from core.synthesis.compose.edits import KINDS

    if (options.out is None) == (options.keep is None):
        raise InklingError("Say --out DIR or --keep NAME: where the new data set is to lie.")
    kinds = [kind for kind in options.edits.split(",") if kind]
    if unknown := set(kinds) - set(KINDS):
        raise InklingError(f"{unknown.pop()!r} is no kind of edits; choose {' or '.join(KINDS)}.")
    if kinds and options.out is None:
        raise InklingError("Edits are written with --out DIR.")
    collection = open_collection(options.data, settings)
    log = options.log or log_of(settings, collection.name)
    if options.log and not options.log.exists():
        raise InklingError(f"There is no log {options.log}; give one that the Curate screen wrote.")
    now = curated(collection, decided(read_log(log)))
    with progress_bar(len(collection), unit="picture") as report:
        if options.keep is not None:
            kept = keep(now, options.keep, settings, report)
            made: dict[str, object] = {one.name: len(one) for one in kept}
        else:
            made = asdict(export(now, options.out, report, edited=kinds))
    if options.json:
        print(json.dumps(made))
        return
    for name, value in made.items():
        print(name, value, sep="\t")
