"""Evaluate: from the confusion matrix to the pictures behind a cell, and to marks on them."""

import streamlit as st

from core.errors import InklingError
from pages.evaluate.classes import show_classes
from pages.evaluate.compare import show_compare
from pages.evaluate.confidence import show_confidence
from pages.evaluate.label_issues import show_issues
from pages.evaluate.matrix import show_matrix
from pages.evaluate.properties import show_by_property
from pages.evaluate.report import show_report
from pages.evaluate.source import Source, Unread, pick_source, read_them
from pages.evaluate.unlabelled import show_unlabelled
from pages.shared.missing import Missing, say_missing
from pages.shared.models import pick_model
from pages.shared.text import plain
from pages.shared.visitor import settings_here

VIEWS = {
    "Matrix": show_matrix,
    "Classes": show_classes,
    "Confidence": show_confidence,
    "Properties": show_by_property,
    "Label issues": show_issues,
    "Compare": show_compare,
    "Report": show_report,
}
UNLABELLED = "Unlabelled"


def page() -> None:
    settings = settings_here()
    st.title("Evaluate")
    st.caption(
        "Which characters are confused with which, in which pictures, and what to do about them."
    )
    with st.sidebar:
        slot = st.container()
    view = st.segmented_control(
        "Show",
        [*VIEWS, UNLABELLED],
        default="Matrix",
        required=True,
        key="show",
        bind="query-params",
    )
    try:
        with slot:
            source = pick_model(settings) if view == UNLABELLED else pick_source(settings)
        if isinstance(source, Missing):
            say_missing(source.entry, settings, source.problem)
        elif isinstance(source, Unread):
            read_them(source, settings)
        elif isinstance(source, Source):
            VIEWS[view](source)
        elif source is not None:
            show_unlabelled(source, settings)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")


page()
