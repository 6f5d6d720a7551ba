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
  const box = parentElement.querySelector(".hover-picture");
  box.style.backgroundImage = `url(${data.atlas})`;
  box.style.backgroundSize = `${data.columns * data.side}px auto`;
  box.style.width = data.side + "px";
  box.style.height = data.height + "px";
  const show = (event) => {
    const details = event.points[0].customdata, at = event.event;
    if (!details || !at) return;
    const index = details[0];
    const x = (index % data.columns) * data.side;
    const y = Math.floor(index / data.columns) * data.height;
    box.style.backgroundPosition = `-${x}px -${y}px`;
    box.style.left = Math.min(at.clientX + 18, innerWidth - data.side - 8) + "px";
    box.style.top = Math.max(8, at.clientY - data.height - 18) + "px";
    box.dataset.index = index;
    box.style.display = "block";
  };
  const hide = () => { box.style.display = "none"; };
  return attach(data.chart, { plotly_hover: show, plotly_unhover: hide });
}
"""
)
_HTML = '<div class="hover-picture" data-testid="hover-picture"></div>'
_CSS = """
.hover-picture {
  display: none; position: fixed; z-index: 1000; pointer-events: none;
  border: 1px solid var(--st-border-color); border-radius: 4px;
  background-color: #fff; image-rendering: pixelated;
}
"""


def hover_picture(images: np.ndarray, *, chart: str, side: int = 112) -> None:
    """Show beside the pointer the one of `images` uint8 [K, H, W] whose index is the first of a
    point's customdata.

    chart : key of the chart, or of a container around it. side : width on the screen, pixels.
    """
    component = st.components.v2.component("inkling_hover_picture", html=_HTML, css=_CSS, js=_JS)
    columns = math.isqrt(len(images) - 1) + 1
    height = round(side * images.shape[1] / images.shape[2])
    data = {
        "atlas": data_uri(contact_sheet(images, columns=columns)),
        "columns": columns,
        "side": side,
        "height": height,
        "chart": chart,
    }
    component(data=data, key=f"hover-{chart}")
