"""One pointer draws: what two fingers do on a canvas is no stroke."""

import streamlit as st

_JS = """
// The canvas follows the first finger of a pinch, and has its stroke only when all are lifted:
// it is taken back then, with the canvas's own Undo. Fingers beside the canvas do not count.
export default function () {
  let pinched = null;
  const canvasOf = (event) => {
    const [target] = event.composedPath();
    return target?.classList?.contains("upper-canvas") ? target : null;
  };
  const start = (event) => {
    if (event.targetTouches.length > 1) pinched = canvasOf(event) ?? pinched;
  };
  const move = (event) => {
    if (pinched) event.stopImmediatePropagation();
  };
  const end = (event) => {
    if (!pinched || event.touches.length) return;
    const root = pinched.getRootNode();
    pinched = null;
    if (root.querySelector("[aria-label=Edit][aria-pressed=true]")) return;
    // after the canvas has heard of it
    setTimeout(() => root.querySelector("[aria-label=Undo]")?.click());
  };
  const cancel = (event) => {  // the canvas hears nothing of it, and makes no stroke
    if (!event.touches.length) pinched = null;
  };
  const listeners = { touchstart: start, touchmove: move, touchend: end, touchcancel: cancel };
  const options = { capture: true, passive: true };
  for (const [name, done] of Object.entries(listeners)) addEventListener(name, done, options);
  return () => {
    for (const [name, done] of Object.entries(listeners)) removeEventListener(name, done, options);
  };
}
"""


def one_pointer() -> None:
    """Have all canvases of the page take back what several fingers draw."""
    component = st.components.v2.component("inkling_fingers", html="<span></span>", js=_JS)
    component(key="fingers")
