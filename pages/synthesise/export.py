"""Export and code: many images into files, and the same on the command line and in Python."""

from pathlib import Path

import streamlit as st

from core.datasets.export import FORMATS
from core.datasets.packing import pack_export, packed_name, packed_size
from core.jobs.job import Job
from core.synthesis.glyph_file import glyph_path
from pages.shared.exported import name_of_export, show_exported
from pages.shared.jobs import run_job
from pages.shared.visitor import shown
from pages.synthesise.source import Source
from pages.synthesise.train_with import show_train_with


def show_export(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=170):
            count = int(
                st.number_input("Images", 1, 2**31 - 1, 10_000, key="count", bind="query-params")
            )
        kind = st.segmented_control(
            "Format", FORMATS, default="idx", required=True, key="format", bind="query-params"
        )
        name = name_of_export("digits")
    if name is None:
        return
    request, path = source.request, source.settings.own_data / "synthetic" / name
    options = ["--count", str(count), "--format", kind, "--out", str(path)]
    arguments = ["synth", *request.arguments(), *options]
    job = Job.of(arguments, source.settings, inputs=[glyph_path(request.glyphs)])
    run_job("Make them", arguments, job, key="export", done=lambda job: _show(job, kind))
    show_train_with(request, count)
    st.caption("The same images on the command line, and in Python:")
    st.code(shown(request.command(*options)), language="bash", wrap_lines=True)
    st.code(shown(request.code(count=min(count, 1000))), language="python", wrap_lines=True)


def _show(job: Job, kind: str) -> None:
    path = Path(job.output().strip())
    show_exported(
        path, packed_size(path, kind), lambda: pack_export(path, kind), packed_name(path, kind)
    )
