"""Data sets missing on this machine: why, and a button that fetches them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.datasets.catalogue import Entry
from core.datasets.dataset import Dataset
from core.datasets.remote import Published, bring
from core.datasets.unpack import MAX_SET_BYTES
from core.errors import InklingError
from core.jobs.job import Job
from core.jobs.public import NO_DATA
from core.settings import Settings
from pages.shared.jobs import run_job
from pages.shared.text import megabytes, plain

_MIRROR = "An address with the same files, asked first; what it sends is checked."
_PROXY = "Where this network lets nothing else out; HTTPS_PROXY is taken if it is set."


@dataclass(frozen=True)
class Missing:
    """A data set that is not on this machine; `problem` says why."""

    entry: Entry
    problem: str


def opened(entry: Entry, read: Callable[[], Dataset]) -> Dataset | Missing:
    """The entry's data as `read()` returns them, or why they are missing."""
    try:
        dataset = read()
    except InklingError as error:
        return Missing(entry, str(error))
    if not len(dataset):
        return Missing(
            entry, "Nothing is in it yet; draw something and keep it, or choose other data."
        )
    return dataset


def say_missing(entry: Entry, settings: Settings, sentence: str) -> None:
    """The empty state: what is missing, and a button that fetches or makes it with progress and
    Cancel, or a link to where it is drawn. At most once a page.
    """
    if settings.own and not entry.drawn:  # a visitor can do nothing about it
        st.info(f"{plain(entry.title)}: not in this demo. {NO_DATA}", icon=":material/info:")
        return
    st.info(plain(sentence), icon=":material/download:" if entry.obtainable else ":material/info:")
    if entry.drawn:
        st.page_link("draw/page.py", label="Draw", icon=":material/draw:")
    arguments = ["data", "download", entry.name]
    job = Job.of(arguments, settings)
    if entry.make:
        run_job("Make them", arguments, job, key="fetch", done=lambda _: None)
    if entry.published:
        size = f" ({megabytes(entry.published.bytes)})" if entry.published.bytes else ""
        state, ways = st.session_state, (("--mirror", "mirror"), ("--proxy", "proxy"))
        for option, key in ways:
            arguments += [option, state[key]] if state.get(key) else []
        run_job(f"Download{size}", arguments, job, key="fetch", done=lambda _: None)
        _other_ways(entry.published, arguments, job, settings)


def _other_ways(
    published: Published, arguments: Sequence[str], job: Job, settings: Settings
) -> None:
    """For those whom the addresses do not answer."""
    with st.expander("A mirror, a proxy, or files you have", icon=":material/alt_route:"):
        st.text_input("Mirror", placeholder="https://…", key="mirror", help=_MIRROR)
        st.text_input("Proxy", placeholder="http://host:port", key="proxy", help=_PROXY)
        names = ", ".join(file.name for file in published.files)
        files = st.file_uploader(
            f"Files you have: {names}",
            accept_multiple_files=True,
            max_upload_size=MAX_SET_BYTES // 10**6,
            key="published-files",
            help=f"As they were published. Larger ones go into the folder {settings.data}: "
            + ", ".join(file.path for file in published.files),
        )
        if st.button("Take these", icon=":material/check:", disabled=not files):
            try:
                bring(published, settings.data, [(file.name, file) for file in files])
            except InklingError as error:
                st.error(plain(error), icon=":material/error:")
                return
            job.start(arguments)  # fetches what is missing
            st.rerun()
