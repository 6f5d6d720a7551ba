"""Export and code: many images into files, and the same on the command line and in Python."""

from pathlib import Path

import streamlit as st

from core.datasets.export import FORMATS
from core.datasets.packing import pack_export, packed_name, packed_size
from core.jobs.job import Job
from core.synthesis.glyph_file import glyph_path
from pages.shared.jobs import run_job
from pages.synthesise.source import Source
from pages.synthesise.train_with import show_train_with

DOWNLOAD_BYTES = 200 * 2**20


def show_export(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=170):
            count = int(
                st.number_input("Images", 1, 2**31 - 1, 10_000, key="count", bind="query-params")
            )
        kind = st.segmented_control(
            "Format", FORMATS, default="idx", required=True, key="format", bind="query-params"
        )
        with st.container(width=200):
            name = st.text_input("Name", "digits", max_chars=40, key="name", bind="query-params")
    if not name or not all(sign.isalnum() or sign in "-_" for sign in name):
        st.error("Write the name in letters, figures and hyphens.", icon=":material/error:")
        return
    request, path = source.request, source.settings.data / "synthetic" / name
    options = ["--count", str(count), "--format", kind, "--out", str(path)]
    arguments = ["synth", *request.arguments(), *options]
    job = Job.of(arguments, source.settings, inputs=[glyph_path(request.glyphs)])
    run_job("Make them", arguments, job, key="export", done=lambda job: _show(job, kind))
    show_train_with(request, count)
    st.caption("The same images on the command line, and in Python:")
    st.code(request.command(*options), language="bash", wrap_lines=True)
    st.code(request.code(count=min(count, 1000)), language="python", wrap_lines=True)


def _show(job: Job, kind: str) -> None:
    path = Path(job.output().strip())
    size = packed_size(path, kind)
    if not size:
        st.warning(f"They were in `{path}` and are gone; make them again.", icon=":material/error:")
        return
    st.success(f"They are in `{path}`.", icon=":material/check:")
    if size > DOWNLOAD_BYTES:
        st.caption(
            f"They are too many for a download, whose limit is {DOWNLOAD_BYTES // 2**20} MB of "
            "pixels: copy them from there, on the machine where Inkling runs."
        )
        return
    st.download_button(
        "Download",
        lambda: pack_export(path, kind),
        packed_name(path, kind),
        icon=":material/download:",
        on_click="ignore",
        help="With labels, class names and all settings",
    )
