"""Images on a page: ink as dark strokes on white paper, unblurred, with captions."""

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

import cv2
import numpy as np
import streamlit as st

from core.ink.encode import data_uri, negative

_SIDE = 264
"""Pixels of a picture in a gallery at most: sharp screens show two for each of CSS's."""

_FEW_PIXELS = 64


class Line(NamedTuple):
    """A line of a caption; one that reports a mistake is in the accent colour."""

    text: str
    wrong: bool = False


def img(image: np.ndarray, *, alt: str, side: int = 640) -> str:
    """An <img> of ink uint8 [H, W], 255 on paper 0, drawn dark on white, or of colours [H, W, 3]
    (BGR) as they are.

    Small images show their single pixels; images larger than `side` are reduced here.
    """
    picture = negative(image) if image.ndim == 2 else image
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        size = max(1, round(scale * width)), max(1, round(scale * height))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    css = "ink-picture ink-pixels" if max(picture.shape[:2]) <= _FEW_PIXELS else "ink-picture"
    return f'<img class="{css}" src="{data_uri(picture)}" alt="{escape(alt)}">'


def gallery(
    images: Sequence[np.ndarray] | np.ndarray,
    captions: Sequence[str | Sequence[Line]] | None = None,
    *,
    alts: Sequence[str] | None = None,
    variants: Sequence[str] = (),
    layout: Literal["grid", "tight", "strip"] = "grid",
    columns: int = 10,
    stacked: bool = False,
    typical_of: str = "",
    name: str = "",
    numbers: Sequence[int] = (),
) -> None:
    """Draw N images with captions.

    images : N of ink uint8 [H, W], 255 on paper 0, or of [V, H, W] where an item is shown in V
    variants, side by side or `stacked`; they may differ in size. captions : below each; none if
    omitted. alts : alternative text of each, usually the caption. variants : names of the V
    variants. layout : "grid" of `columns` (fewer on a phone), "tight" with hardly any gaps, or a
    "strip" of a fixed width each. typical_of : a class, shown on the left. name : for tests to find
    it. numbers : of each; with them each is a button that `pages.shared.picture` listens to.
    """
    shown = captions if captions is not None else [""] * len(images)
    said = alts if alts is not None else [_text(caption) for caption in shown]
    pictures = [
        _pictures(image, alt, variants, stacked) for image, alt in zip(images, said, strict=True)
    ]
    if numbers:
        pictures = [
            f'<button type="button" data-picture="{number}">{picture}</button>'
            for picture, number in zip(pictures, numbers, strict=True)
        ]
    items = "".join(
        f"<figure>{picture}{_figcaption(caption)}</figure>"
        for picture, caption in zip(pictures, shown, strict=True)
    )
    css = {"grid": "gallery", "tight": "gallery tight", "strip": "ink-strip"}[layout]
    test_id = f' data-testid="{escape(name)}"' if name else ""
    html = f'<div class="{css}"{test_id} style="--columns: {columns}">{items}</div>'
    if typical_of:
        what = escape(typical_of)
        html = f'<div class="typical" title="typical {what}"><b>{what}</b>{html}</div>'
    st.html(html)


def _pictures(image: np.ndarray, alt: str, variants: Sequence[str], stacked: bool) -> str:
    if not variants:
        return img(image, alt=alt, side=_SIDE)
    pictures = "".join(
        img(picture, alt=", ".join(filter(None, (alt, variant))), side=_SIDE)
        for picture, variant in zip(image, variants, strict=True)
    )
    return f'<div class="{"stack" if stacked else "pair"}">{pictures}</div>'


def _figcaption(caption: str | Sequence[Line]) -> str:
    if not caption:
        return ""
    lines = [Line(caption)] if isinstance(caption, str) else caption
    marked = "\n".join(
        f'<span class="wrong">{escape(line.text)}</span>' if line.wrong else escape(line.text)
        for line in lines
    )
    return f"<figcaption>{marked}</figcaption>"


def _text(caption: str | Sequence[Line]) -> str:
    return caption if isinstance(caption, str) else "\n".join(line.text for line in caption)
