"""The photographs: by upload, camera or paste, or an example; the session has them until others
come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import streamlit as st

from core.ink.decode import PICTURE_SUFFIXES
from core.ink.encode import png
from core.models.cards import Card
from core.reading.sheet_example import draw_example
from core.settings import MAX_UPLOAD_BYTES, Settings
from pages.shared.cache import cached
from pages.shared.paste import pasted

PHOTOS = "sheet-photos"
MOST = 200
"""Photographs at once."""

_TURN, _EXAMPLE, _PASTED = "sheet-turn", "example", "sheet-pasted"


@dataclass(frozen=True)
class Photo:
    """A picture file."""

    name: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """Tells it from others, whatever its name."""
        return sha256(self.data).hexdigest()[:16]


def photos(card: Card, settings: Settings) -> list[Photo]:
    """What was given last; the example if the address asks for it; [] before anything is."""
    if st.query_params.get(_EXAMPLE):
        return [cached("sheet-example", card.classes, lambda: _example(card, settings))]
    given: list[Photo] = st.session_state.get(PHOTOS, [])
    return given


def pick_photos() -> None:
    """The ways to bring them."""
    way = st.segmented_control(
        "From", list(_WAYS), default="Upload", required=True, key="from", bind="query-params"
    )
    _WAYS[way]()


def try_example() -> None:
    """Show the example from the next run on."""
    st.query_params[_EXAMPLE] = "true"


def close() -> None:
    """Nothing is given from the next run on."""
    _take([])
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1  # a new key empties the uploader


def _example(card: Card, settings: Settings) -> Photo:
    """What suits a recognizer."""
    return Photo("Example.png", png(draw_example(card.classes, settings).photograph))


def _take(given: list[Photo]) -> None:
    st.session_state[PHOTOS] = given
    st.query_params.pop(_EXAMPLE, None)


def _upload() -> None:
    key = f"sheet-files-{st.session_state.get(_TURN, 0)}"

    def taken() -> None:
        _take([Photo(file.name, file.getvalue()) for file in st.session_state[key][:MOST]])

    st.file_uploader(
        "Photographs",
        type=[suffix[1:] for suffix in PICTURE_SUFFIXES],
        accept_multiple_files=True,
        # more than is read: what the browser itself refuses leaves the last file's answer standing
        max_upload_size=4 * MAX_UPLOAD_BYTES // 2**20,
        label_visibility="collapsed",
        key=key,
        on_change=taken,
    )


def _camera() -> None:
    key = "sheet-camera"

    def taken() -> None:
        file = st.session_state[key]
        _take([Photo("Photograph.jpg", file.getvalue())] if file else [])

    st.camera_input("Photograph a table", label_visibility="collapsed", key=key, on_change=taken)


def _paste() -> None:
    pasted(_PASTED, heard=lambda: _take([Photo("Pasted.png", st.session_state[_PASTED])]))


_WAYS: dict[str, Callable[[], None]] = {"Upload": _upload, "Camera": _camera, "Paste": _paste}
