"""Export: what was decided, as a new folder with a manifest, or as a data set for Train."""

import json
from pathlib import Path

import streamlit as st

from core.curation.collection import FolderCollection
from core.curation.curated import Curated
from core.curation.manifest import MANIFEST
from core.datasets.packing import pack_folder
from core.datasets.uploads import MAX_NAME, upload_name
from core.jobs.job import Job
from core.settings import Settings
from core.synthesis.compose.edits import FLIPS, STROKES
from core.synthesis.compose.roman import NUMERALS
from pages.curate.budget import show_budget
from pages.curate.source import Source
from pages.shared.exported import name_of_export, show_exported
from pages.shared.jobs import run_job
from pages.shared.text import code

_EDITS = {FLIPS: "Mirror images", STROKES: "vii as viii, viii as vii"}


def show_export(source: Source) -> None:
    """Both ways are jobs: they go on when the page is closed."""
    now = source.curated()
    show_budget(now)
    if now.gone:
        names = ", ".join(code(name) for name in now.gone[:3])
        more = f" and {len(now.gone) - 3:,} more" * (len(now.gone) > 3)
        st.warning(
            f"Pictures that were decided on and are no longer there: {names}{more}. The manifest "
            "lists them.",
            icon=":material/sync_problem:",
        )
    if not now.used:
        st.caption("There is nothing to export: no picture that is kept has a label yet.")
        return
    folder, train = st.columns(2, gap="large")
    with folder:
        _folder(source, now)
    with train:
        _train(source, now)
    if source.settings.own:  # of paths and files here a visitor has nothing
        return
    st.caption(
        f"The log of your decisions: {code(source.log)}. A line for each, the last one on a "
        f"picture "
        "holds. The command line takes it too: `curate … --log … --out …`."
    )


def _folder(source: Source, now: Curated) -> None:
    st.markdown("#### A folder")
    st.caption(
        f"Parts and class folders as in the source, picture files byte by byte, and {MANIFEST}: "
        "what was done to which file, and why."
    )
    out = _named_folder(source) if source.settings.own else _new_folder(source)
    if not out:
        return
    kinds: list[str] = []
    if set(now.classes) & set(NUMERALS):
        kinds = st.pills(
            "Add to them",
            list(_EDITS),
            selection_mode="multi",
            format_func=_EDITS.__getitem__,
            key="edits",
            bind="query-params",
            help="Edits know what a picture shows afterwards: a mirrored iv is a vi. Pictures to "
            "test on are not edited.",
        )
    arguments = ["curate", source.collection.name, f"--out={out}", "--json"]
    arguments += [f"--edits={','.join(kinds)}"] if kinds else []
    run_job(
        f"Write {now.used:,} pictures",
        arguments,
        _job(source, arguments),
        key="export-folder",
        done=lambda job: _show_folder(job, source.settings),
    )


def _new_folder(source: Source) -> str:
    """The path of one; "", with a message, for none."""
    out = st.text_input("New folder", _usual_folder(source), key=f"out-{source.log.stem}").strip()
    if not out:
        st.caption("Say where it is to lie.")
    return out


def _named_folder(source: Source) -> str:
    """For a visitor of a demo: one by its name, to be downloaded."""
    name = name_of_export(f"{upload_name(Path(source.collection.name).name)}-curated")
    return str(source.settings.own_data / "curated" / name) if name else ""


def _train(source: Source, now: Curated) -> None:
    st.markdown(f"#### A data set{'' if source.settings.own else ' for Train'}")
    st.caption(
        "Kept on this machine under a name; a part to test on becomes a set of its own, for "
        "Evaluate. Picture files are brought to the form that networks are trained on, which takes "
        "a minute for some thousands."
    )
    usual = f"{upload_name(Path(source.collection.name).name)[: MAX_NAME - 8]} curated"
    name = st.text_input("Name", usual, max_chars=MAX_NAME, key=f"keep-{source.log.stem}").strip()
    if not name:
        st.caption("Give it a name.")
        return
    arguments = ["curate", source.collection.name, f"--keep={name}", "--json"]
    run_job(
        f"Keep {now.used:,} pictures",
        arguments,
        _job(source, arguments),
        key="export-train",
        done=lambda job: _show_kept(job, source.settings),
    )


def _job(source: Source, arguments: list[str]) -> Job:
    return Job.of(arguments, source.settings, inputs=[source.collection.state, source.log])


def _usual_folder(source: Source) -> str:
    collection = source.collection
    if isinstance(collection, FolderCollection):
        return f"{collection.folder}-curated"
    try:
        home = Path.home()
    except RuntimeError:  # a user without one
        home = source.log.parent
    return str(home / f"{upload_name(collection.name)}-curated")


def _show_folder(job: Job, settings: Settings) -> None:
    made = json.loads(job.output())
    done = ", ".join(f"{count:,} {action}" for action, count in made["actions"].items())
    st.success(f"{made['written']:,} pictures are written.", icon=":material/check:")
    if settings.own:
        path = Path(made["path"])
        show_exported(path, int(path.is_dir()), lambda: pack_folder(path), f"{path.name}.zip")
    else:
        st.code(made["path"], language=None)
    st.caption(f"In the manifest: {done}.")
    manifest = Path(made["path"]) / MANIFEST
    if manifest.exists():
        st.download_button(
            "Manifest",
            manifest.read_bytes,
            MANIFEST,
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )


def _show_kept(job: Job, settings: Settings) -> None:
    made = json.loads(job.output())
    sets = ", ".join(f"{code(key)} with {count:,} pictures" for key, count in made.items())
    st.success(f"Kept: {sets}.", icon=":material/check:")
    if settings.own:
        return
    first = next(iter(made), "")
    st.page_link(
        "train/page.py",
        label="Train on it",
        icon=":material/model_training:",
        query_params={"data": first, "show": "New run"},
    )
