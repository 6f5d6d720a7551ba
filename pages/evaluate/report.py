"""A report to share: its contents, a preview, and the file; and the recognizer itself."""

import streamlit as st

from core.evaluation.report import TYPICAL_PAIRS, WORST, report
from pages.evaluate.source import Source
from pages.shared.cache import cached
from pages.shared.take_away import offer_export
from pages.shared.text import plain


def show_report(source: Source) -> None:
    """The file is only made on demand; the preview makes it too."""
    st.write(
        "One HTML file for people who have neither the recognizer nor the data: it opens anywhere, "
        "prints well and fetches nothing."
    )
    st.markdown("\n".join(f"- {part}" for part in _parts(source)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the report",
            lambda: _made(source),
            f"{source.card.name}-on-{source.name.replace(':', '-')}.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
            type="primary",
            key="report-file",
        )
        offer_export(source.card, source.settings)
        looking = st.toggle("Look at it here", key="look", bind="query-params")
    if looking:
        st.iframe(_cached(source), height=900, alt="The report")
    st.caption(plain(source.caveat))


def _parts(source: Source) -> list[str]:
    pictures = [
        f"Up to {WORST} pictures misread worst, and some of each of the {TYPICAL_PAIRS} pairs "
        "confused most"
    ]
    return [
        "Accuracy, top-k, calibration error and temperature, with n and 95 % intervals",
        "The confusion matrix, and the pairs confused most",
        "Precision, recall, F1 and support of each class",
        "Reliability diagram, and what a threshold on the probability buys",
        *(pictures if source.dataset is not None else []),
        "Which weights, which data, and their caveats",
    ] + ([] if source.dataset is not None else ["No pictures: they are not on this machine"])


def _made(source: Source) -> str:
    return report(
        source.predictions, source.dataset, source.rows, card=source.card, caveat=source.caveat
    )


def _cached(source: Source) -> str:
    key = (source.predictions.about, source.state, source.caveat, source.dataset is None)

    def made() -> str:
        with st.spinner("The report is made"):
            return _made(source)

    return cached("report", key, made)
