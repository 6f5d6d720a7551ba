"""A recognizer to take away: a zip of its network as ONNX, its card, and a program that reads."""

import streamlit as st

from core.models.cards import Card
from core.models.registry import architecture
from core.settings import Settings
from pages.shared.models import recognizer


def offer_export(card: Card, settings: Settings) -> None:
    """A download, made when it is asked for; nothing for what ONNX cannot hold."""
    if not architecture(card.architecture).onnx:
        return

    def made() -> bytes:
        from core.models.onnx_export import take_away  # torch: only when it is asked for

        return take_away(recognizer(card.name, settings))

    st.download_button(
        "Take it away",
        made,
        f"{card.name}.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"take-away-{card.name}",
        help="A zip of the network as ONNX, its card, and read.py, which reads pictures with it in "
        "any Python with onnxruntime and opencv-python",
    )
