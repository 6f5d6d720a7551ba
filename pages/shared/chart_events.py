"""What a Plotly chart reports that Streamlit's own chart does not: a click on a heatmap."""

from collections.abc import Callable

import streamlit as st

ATTACH = """
// The chart is mounted after this, and anew when its figure changes.
const attach = (key, listeners) => {
  let chart = null;
  const leave = () => {  // a chart that is gone has no listeners left
    for (const [name, done] of Object.entries(listeners)) chart?.removeListener?.(name, done);
  };
  const look = () => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
    if (!plot?.on || plot === chart) return;
    leave();
    chart = plot;
    for (const [name, done] of Object.entries(listeners)) chart.on(name, done);
    plot.dataset.listened = "";
  };
  const timer = setInterval(look, 200);
  return () => { clearInterval(timer); leave(); };
};
"""
"""JavaScript: `attach(key, {event: listener})` listens to the chart in the container with that key;
returns what stops it.
"""

_PRESS = (
    ATTACH
    + """
export default function ({ data, setTriggerValue }) {
  return attach(data.chart, {
    plotly_click: (event) => {
      const point = event.points[0];
      const next = document.querySelector(`.st-key-${data.next}`);
      next?.scrollIntoView({ behavior: "smooth", block: "nearest" });
      setTriggerValue("pressed", { x: String(point.x), y: String(point.y) });
    },
  });
}
"""
)


def on_press(chart: str, do: Callable[[str, str], None], *, then_show: str = "") -> None:
    """Call `do(x, y)` with the names of the clicked point or heatmap cell, before the script runs
    again.

    chart : key of the chart, or of a container around it. then_show : key of a container that is
    scrolled into sight.
    """
    key = f"press-{chart}"

    def pressed() -> None:
        point = st.session_state[key].get("pressed")
        if point:
            do(point["x"], point["y"])

    component = st.components.v2.component("inkling_press", html="<span></span>", js=_PRESS)
    component(data={"chart": chart, "next": then_show}, key=key, on_pressed_change=pressed)
