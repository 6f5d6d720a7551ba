"""Export and code: many pictures into files, and the same on the command line and in Python."""

from pathlib import Path

import streamlit as st

from core.datasets import competition_layout
from core.datasets.export import FORMATS
from core.datasets.packing import pack_export, pack_folder, packed_name, packed_size
from core.datasets.requested_compositions import MOST, RequestedCompositions
from core.jobs.job import Job
from core.synthesis.compose.request import ComposeRequest
from pages.compose.source import Source
from pages.shared.exported import name_of_export, show_exported
from pages.shared.jobs import run_job
from pages.shared.train_link import train_link
from pages.shared.visitor import shown

_FORMATS = (competition_layout.NAME, *FORMATS)


def show_export(source: Source) -> None:
    """Settings of the export, the job, and what would make the same."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=170):
            count = int(
                st.number_input("Pictures", 1, 2**31 - 1, 2_000, key="count", bind="query-params")
            )
        kind = st.segmented_control(
            "Format",
            _FORMATS,
            default=_FORMATS[0],
            required=True,
            key="format",
            bind="query-params",
        )
        name = name_of_export(source.request.kind)
    if name is None:
        return
    request, path = source.request, source.settings.own_data / "composed" / "exports" / name
    options = ["--count", str(count), "--format", kind, "--out", str(path)]
    arguments = ["compose", *request.arguments(), *options]
    job = Job.of(arguments, source.settings)
    run_job("Make them", arguments, job, key="export", done=lambda job: _show(job, kind))
    _show_train_with(request, count)
    if kind == competition_layout.NAME:
        st.caption(
            "Folders train and val, one picture in five, and in each a folder for every numeral; "
            "dark ink on white, each in the size of its sheet."
        )
    st.caption("The same pictures on the command line, and in Python:")
    st.code(shown(request.command(*options)), language="bash", wrap_lines=True)
    st.code(shown(request.code(count=min(count, 1000))), language="python", wrap_lines=True)


def _show_train_with(request: ComposeRequest, count: int) -> None:
    """A link to Train, with so many pictures of the request as its data."""
    data = RequestedCompositions(request, min(count, MOST)).name
    train_link(data, "A network learns from such pictures, by a recipe that changes nothing.")


def _show(job: Job, kind: str) -> None:
    path = Path(job.output().strip())
    if kind == competition_layout.NAME:
        size = competition_layout.competition_bytes(path)
        show_exported(path, size, lambda: pack_folder(path), f"{path.name}.zip")
        return
    show_exported(
        path, packed_size(path, kind), lambda: pack_export(path, kind), packed_name(path, kind)
    )
