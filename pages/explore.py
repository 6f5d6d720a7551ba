"""Explore: what the data look like, before anything is learnt from them."""

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from pages.widgets.canvas import leave_canvas
from pages.widgets.data import Missing, say_missing
from pages.widgets.explore.images import show_images
from pages.widgets.explore.maps import show_maps
from pages.widgets.explore.overlay import show_overlay
from pages.widgets.explore.projection import show_projection
from pages.widgets.explore.scaling import show_scaling
from pages.widgets.explore.shape import show_properties
from pages.widgets.explore.source import pick_source

VIEWS = {
    "Class maps": show_maps,
    "Images": show_images,
    "Draw over it": show_overlay,
    "Map of images": show_projection,
    "Properties": show_properties,
    "Scaling": show_scaling,
}


def page() -> None:
    settings = Settings.from_environment()
    st.title("Explore")
    st.caption("What the data look like: how many, how different, and what tells one class from the others.")
    with st.sidebar:
        place = st.container()
    view = st.segmented_control(
        "Show", list(VIEWS), default="Class maps", required=True, key="show", bind="query-params", on_change=leave_canvas
    )  # fmt: skip
    try:
        with place:
            source = pick_source(settings)
        if isinstance(source, Missing):
            say_missing(source.entry, settings, source.problem)
        else:
            VIEWS[view](source)
    except InklingError as error:
        st.error(str(error), icon=":material/error:")


page()
