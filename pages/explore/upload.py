"""Uploads: files become a data set of the catalogue, or a message says why not."""

import streamlit as st

from core.datasets.catalogue import Entry, find_entries
from core.datasets.unpack import MAX_SET_BYTES
from core.datasets.uploads import find_uploads, keep_upload, upload_name
from core.errors import InklingError
from core.settings import Settings
from pages.shared.text import plain


def own_data(settings: Settings) -> None:
    """Before the picker of data is drawn, as a new upload is selected at once."""
    most = settings.limits.megabytes if settings.own else MAX_SET_BYTES
    with st.expander("Data of your own", icon=":material/upload_file:"):
        st.caption(
            "A zip of class folders, an .npz, two IDX files, or a CSV with a column of labels; .gz "
            "too. They stay on this machine."
        )
        files = st.file_uploader(
            "Files",
            accept_multiple_files=True,
            max_upload_size=min(MAX_SET_BYTES // 10**6, most),
            label_visibility="collapsed",
            key="own-files",
        )
        name = st.text_input("Name", max_chars=40, placeholder="that of the file", key="own-name")
        if st.button("Add the data set", icon=":material/save:", disabled=not files):
            _keep(list(files), name, settings)
        own = {name: entry for name, entry in find_entries(settings).items() if entry.delete}
        if own:
            looked_at = str(st.session_state.get("data", ""))
            gone = st.selectbox(
                "Kept so far",
                own,
                list(own).index(looked_at) if looked_at in own else 0,
                format_func=lambda name: own[name].title,
                key=f"own-gone-{looked_at}",
            )
            if st.button("Delete it", icon=":material/delete:"):
                _confirm_deletion(own[gone], settings)


def _keep(
    files: list[st.runtime.uploaded_file_manager.UploadedFile], name: str, settings: Settings
) -> None:
    if upload_name(name or files[0].name.partition(".")[0]) in find_uploads(settings):
        st.error(
            "There is a set of that name already; give another name, or delete it first.",
            icon=":material/error:",
        )
        return
    bar = st.empty()

    def report_progress(done: int, total: int = 0, note: str = "") -> None:
        bar.progress(done / total if total else 0.0, text=f"{done:,} images so far")

    try:
        dataset = keep_upload(
            [(file.name, file) for file in files], name, settings, report=report_progress
        )
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    finally:
        bar.empty()
    st.session_state["data"] = dataset.name
    st.toast(
        f"{plain(dataset.title)} is kept: {len(dataset):,} images of {len(dataset.classes)} "
        f"classes.",
        icon=":material/check:",
    )


@st.dialog("Delete this data set?")
def _confirm_deletion(entry: Entry, settings: Settings) -> None:
    st.write(
        f"{plain(entry.title)} will be gone for good from this machine; your own files stay where "
        f"they "
        "are."
    )
    if entry.delete and st.button("Delete", type="primary"):
        try:
            entry.delete(settings)
        except InklingError as error:
            st.error(plain(error), icon=":material/error:")
            return
        if st.session_state.get("data") == entry.name:
            del st.session_state["data"]
        st.rerun()
