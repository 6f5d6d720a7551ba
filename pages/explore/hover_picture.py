"""The picture of the point under the pointer: a companion of a Plotly scatter, whose own hover box
cannot show one.
"""

import math

import numpy as np
import streamlit as st

from core.ink.encode import contact_sheet, data_uri
from pages.shared.chart_events import ATTACH

_JS = (
    ATTACH
    + """
export default function ({ parentElement, data }) {
  const box = parentElement.querySelector(".peek");
  box.style.backgroundImage = `url(${data.atlas})`;
  box.style.backgroundSize = `${data.columns * data.side}px auto`;
  box.style.width = data.side + "px";
  box.style.height = data.height + "px";
  const show = (event) => {
    const details = event.points[0].customdata, at = event.event;
    if (!details || !at) return;
    const place = details[0];
    box.style.backgroundPosition = `-${(place % data.columns) * data.side}px -${Math.floor(place / data.columns) * data.height}px`;
    box.style.left = Math.min(at.clientX + 18, innerWidth - data.side - 8) + "px";
    box.style.top = Math.max(8, at.clientY - data.height - 18) + "px";
    box.dataset.place = place;
    box.style.display = "block";
  };
  return attach(data.chart, { plotly_hover: show, plotly_unhover: () => { box.style.display = "none"; } });
}
"""
)
_HTML = '<div class="peek" data-testid="peek"></div>'
_CSS = """
.peek { display: none; position: fixed; z-index: 1000; pointer-events: none; image-rendering: pixelated; border-radius: 4px;
  border: 1px solid var(--st-border-color); background-color: #fff; }
"""


def peek(images: np.ndarray, *, chart: str, side: int = 112) -> None:
    """Show the one of `images` uint8 [K, H, W] whose place is the first of a point's customdata,
    beside the pointer.

    chart : key of the chart, or of a container around it. side : width on the screen, pixels.
    """
    component = st.components.v2.component("inkling_peek", html=_HTML, css=_CSS, js=_JS)
    columns = math.isqrt(len(images) - 1) + 1
    height = round(side * images.shape[1] / images.shape[2])
    data = {
        "atlas": data_uri(contact_sheet(images, columns=columns)),
        "columns": columns,
        "side": side,
        "height": height,
        "chart": chart,
    }
    component(data=data, key=f"peek-{chart}")
