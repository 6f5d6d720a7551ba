"""Explore: what the data look like, before any training."""

import streamlit as st

from core.errors import InklingError
from pages.explore.images import show_images
from pages.explore.maps import show_maps
from pages.explore.overlay import show_overlay
from pages.explore.projection import show_projection
from pages.explore.properties import show_properties
from pages.explore.scaling import show_scaling
from pages.explore.source import pick_source
from pages.shared.missing import Missing, say_missing
from pages.shared.text import plain
from pages.shared.visitor import settings_here

VIEWS = {
    "Class maps": show_maps,
    "Images": show_images,
    "Draw over it": show_overlay,
    "Map of images": show_projection,
    "Properties": show_properties,
    "Scaling": show_scaling,
}


def page() -> None:
    settings = settings_here()
    st.title("Explore")
    st.caption(
        "What the data look like: how many, how different, and what tells one class from the "
        "others."
    )
    with st.sidebar:
        slot = st.container()
    view = st.segmented_control(
        "Show",
        list(VIEWS),
        default="Class maps",
        required=True,
        key="show",
        bind="query-params",
    )
    try:
        with slot:
            source = pick_source(settings)
        if isinstance(source, Missing):
            say_missing(source.entry, settings, source.problem)
        else:
            VIEWS[view](source)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")


page()
