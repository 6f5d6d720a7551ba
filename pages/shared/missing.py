"""Data sets missing on this machine: why, and a button that fetches them."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.datasets.catalogue import Entry
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.jobs.job import Job
from core.settings import Settings
from pages.shared.jobs import run_job


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
    """The empty state: what is missing, and a button that fetches it with progress and Cancel, or a
    link to where it is drawn. At most once a page.
    """
    st.info(sentence, icon=":material/download:" if entry.download else ":material/info:")
    if entry.drawn:
        st.page_link("draw/page.py", label="Draw", icon=":material/draw:")
    if entry.download:
        arguments = ["data", "download", entry.name]
        label = "Make them" if entry.made else "Download"
        run_job(label, arguments, Job.of(arguments, settings), key="fetch", done=lambda _: None)
