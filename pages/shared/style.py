"""The styles that Streamlit's theme cannot express: paper, ink, and pictures that are never
blurred.
"""

import colorsys
from collections.abc import Callable
from typing import Literal

import streamlit as st

from pages.shared.text import plain

_ACCENT = {"light": "#a63a1a", "dark": "#f08a5d"}  # primaryColor of .streamlit/config.toml

_ON_ACCENT = {"light": "#ffffff", "dark": "#171613"}
"""Text on the accent."""

INKS = ("#c0522f", "#4d7f9e", "#8f8350", "#7a6a9c", "#5d8f6b", "#a06a86")
"""Colours of the lines of a chart, told apart on both papers."""

PAPER_AND_INK = {"light": ("#ffffff", "#1d1b18"), "dark": ("#0f0e0c", "#f2ede2")}

AGAINST_AND_FOR = {
    "light": ("#2f6286", "#faf8f3", "#a63a1a"),
    "dark": ("#6fb1d8", "#171613", "#f08a5d"),
}
"""Ends and middle of a diverging scale: blue against, the page's own colour at 0, the accent
for.
"""

RATES = {
    name: st.column_config.NumberColumn(format="percent")
    for name in ("accuracy", "95 % from", "to")
}
"""Columns of a table of rates."""

_CSS = """<style>
h1 { font-size: 2.1rem !important; padding-bottom: 0 !important; }
.block-container { max-width: 1120px; padding: 3.2rem 3rem; }
[data-testid=stLayoutWrapper]:has(> .st-key-browser),
[data-testid=stLayoutWrapper]:has(> .st-key-answered) { display: none; }
[data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; }
[data-testid="stCaptionContainer"] { opacity: 0.8; }
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primary"] *,
[data-testid="stDownloadButton"] [kind="primary"] *, [data-tag] * { color: var(--on-accent); }
[data-testid="stBaseButton-primary"] kbd { opacity: 1; }
code, code .token { color: inherit !important; }
@media (pointer: coarse) { [data-testid="stPageLink-NavLink"] { min-height: 44px; } }
.ink-pixels { image-rendering: pixelated; }
.ink-picture { display: block; width: 100%; border-radius: 4px; background: #fff; }
.ink-strip { display: flex; gap: 0.9rem; flex-wrap: wrap; }
.ink-strip figure { margin: 0; width: 132px; }
.st-key-closer .ink-strip figure { width: min(132px, calc(50% - 0.45rem)); }
.ink-strip img, .gallery img { aspect-ratio: 1; object-fit: contain; }
.ink-strip figcaption {
  font-size: 0.8rem; opacity: 0.72; margin-top: 0.3rem; line-height: 1.25; white-space: pre-line;
}
.reading {
  display: grid; grid-template-columns: auto 1fr; gap: 0 1.4rem; min-height: 13rem;
  align-items: center; align-content: start;
}
.reading.bars-only { grid-template-columns: 1fr; min-height: 0; }
.reading .answer {
  font-size: min(var(--answer, 8rem), 13rem / var(--signs, 1)); line-height: 1;
  font-weight: 600; min-width: 6rem; text-align: center;
}
.reading .unsure { opacity: 0.45; }
.reading .sentence { grid-column: 1 / 3; margin-top: 0.8rem; }
.reading .bar {
  display: grid; grid-template-columns: minmax(1.6rem, auto) 1fr 3.6rem; gap: 0.6rem;
  align-items: center; height: 1.9rem;
}
.reading .track { background: rgba(128, 120, 105, 0.18); height: 0.8rem; border-radius: 2px; }
.reading .fill { background: currentColor; height: 100%; border-radius: 2px; opacity: 0.75; }
.reading .first .fill { background: var(--accent); opacity: 1; }
.reading .share { font-variant-numeric: tabular-nums; text-align: right; }
.line { position: relative; }
.line .box { position: absolute; border: 2px solid var(--accent); border-radius: 3px; }
.line .box span {
  position: absolute; bottom: 100%; left: -2px; padding: 0 0.3rem; font-weight: 600;
  line-height: 1.25; white-space: nowrap; border-radius: 3px 3px 0 0;
  background: var(--accent); color: var(--on-accent);
}
.line .selected { background: color-mix(in srgb, var(--accent) 18%, transparent); }
.line-text {
  font-size: 3rem; font-weight: 600; letter-spacing: 0.12em; line-height: 1.3;
  margin-bottom: 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
}
.gallery { display: grid; grid-template-columns: repeat(var(--columns, 10), 1fr); gap: 0.7rem; }
.gallery.tight { gap: 0.25rem; }
.gallery .pair { display: flex; gap: 2px; }
.gallery .stack { display: grid; gap: 0.25rem; }
.gallery .stack :first-child { margin-bottom: 0.25rem; }
.gallery .wrong { color: var(--accent); font-weight: 600; }
.gallery figure { margin: 0; }
.gallery figcaption {
  font-size: 0.8rem; line-height: 1.25; white-space: pre-line;
  color: color-mix(in srgb, currentColor 80%, transparent);
}
.gallery button, .ink-strip button {
  display: block; width: 100%; padding: 0; border: 0; border-radius: 4px; background: none;
  cursor: zoom-in;
}
.gallery button:focus-visible, .ink-strip button:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
.typical { display: flex; gap: 0.8rem; align-items: center; }
.typical b { min-width: 1.2rem; text-align: right; }
.typical .gallery { flex: 1; }
.pair-large { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; }
.st-key-tiles img { aspect-ratio: 1; object-fit: contain; background: #fff; }
.st-key-drawing img { max-height: 45vh; object-fit: contain; background: #fff; }
.st-key-pairs-instead { display: none; }
[class*=st-key-icon-] button { min-width: 2.75rem; min-height: 2.75rem; }
[class*=st-key-icon-] button [data-testid=stMarkdownContainer] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
.block-container:has(.st-key-workbench), .block-container:has(.st-key-sheet) { max-width: 1400px; }
.st-key-controls { gap: 0.5rem; }
.st-key-controls [data-testid=stButtonGroup] button { padding: 0 0.6rem; }
.st-key-controls [data-testid=stExpanderDetails] { padding: 0.6rem 0.8rem; }
.st-key-controls [data-testid=stExpanderDetails] [data-testid=stVerticalBlock] { gap: 0.5rem; }
[data-testid=stLayoutWrapper]:has(> .st-key-controls) {
  flex: 0 0 20rem; position: sticky; top: 3.75rem; align-self: flex-start;
  max-height: calc(100vh - 4.5rem); overflow-y: auto; overscroll-behavior: contain;
}
[data-testid=stLayoutWrapper]:has(> .st-key-result),
[data-testid=stLayoutWrapper]:has(> .st-key-result-stays) { flex: 1 1 20rem; min-width: 0; }
[data-testid=stLayoutWrapper]:has(> [class*=st-key-listen-]),
[data-testid=stLayoutWrapper]:has(> .st-key-live-sliders) { display: none; }
@media (hover: none) {
  .modebar { display: none !important; }
  .st-key-controls [data-testid=stButtonGroup] button { min-height: 2.75rem; }
}
@media (max-width: 640px) {
  .st-key-many-classes { display: none; }
  .st-key-pairs-instead { display: flex; gap: 0.3rem; }
  .block-container { padding: 3.2rem 1rem; }
  .reading .answer { --answer: 5rem; min-width: 4rem; }
  .reading { min-height: 12rem; }
  .gallery { grid-template-columns: repeat(min(var(--columns, 10), 5), 1fr); }
  .ink-strip figure { width: calc(50% - 0.5rem); }
}
[data-testid=stLayoutWrapper]:has(> .st-key-workbench) { container: workbench / inline-size; }
[data-testid=stLayoutWrapper]:has(> .st-key-result),
[data-testid=stLayoutWrapper]:has(> .st-key-result-stays) { container: result / inline-size; }
[data-testid=stLayoutWrapper]:has(> .st-key-editor) { flex: 1 1 20rem; }
[data-testid=stLayoutWrapper]:has(> .st-key-edited) { flex: 1 1 13rem; }
@container result (max-width: 500px) {
  .gallery { grid-template-columns: repeat(min(var(--columns, 10), 5), 1fr); }
}
@container workbench (max-width: 640px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-controls) {
    flex: 1 1 100%; position: static; max-height: none;
  }
  [data-testid=stLayoutWrapper]:has(> .st-key-result),
  [data-testid=stLayoutWrapper]:has(> .st-key-result-stays) { flex: 1 1 100%; order: -1; }
  [data-testid=stLayoutWrapper]:has(> .st-key-result-stays) {
    position: sticky; top: 3rem; z-index: 10; max-height: 48vh; overflow-y: auto;
    background: var(--page);
    border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  }
}
</style>"""


def icon_button(
    title: str,
    icon: str,
    *,
    key: str,
    on_click: Callable[[], None],
    disabled: bool = False,
) -> None:
    """A button whose icon alone is seen; its title is read out, and shown where one hovers."""
    st.button(
        plain(title),
        icon=icon,
        type="tertiary",
        key=f"icon-{key}",
        help=plain(title),
        disabled=disabled,
        on_click=on_click,
    )


def theme() -> Literal["light", "dark"]:
    """The theme in the visitor's browser."""
    return "dark" if st.context.theme.type == "dark" else "light"


def logo(name: str = "") -> str:
    """The icon's letter as an SVG, with a name behind it."""
    _, ink = PAPER_AND_INK[theme()]
    width = 132 if name else 32
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="32">
      <circle cx="17" cy="5" r="3.5" fill="{_ACCENT[theme()]}"/>
      <path d="M12 13 C15 11 19 12 17 18 C15 24 13 28 21 26" fill="none" stroke="{ink}"
        stroke-width="4.5" stroke-linecap="round"/>
      <text x="32" y="25" font-family="sans-serif" font-weight="600" font-size="24"
        fill="{ink}">{name}</text></svg>"""


def on_phone() -> bool:
    """Whether the browser reports a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def hues(count: int) -> list[str]:
    """`count` colours that are as distinct as possible; taken from INKS where those suffice."""
    if count <= len(INKS):
        return list(INKS[:count])
    darkest = 0.36 if theme() == "light" else 0.54
    colors = [
        colorsys.hls_to_rgb(number / count, darkest + 0.2 * (number % 2), 0.5)
        for number in range(count)
    ]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in color) for color in colors]


def style() -> None:
    """Send the style sheet once per run."""
    accent, on_accent = _ACCENT[theme()], _ON_ACCENT[theme()]
    page = AGAINST_AND_FOR[theme()][1]
    variables = f":root {{ --accent: {accent}; --on-accent: {on_accent}; --page: {page}; }}"
    st.html(_CSS.replace("<style>", f"<style>{variables}", 1))
