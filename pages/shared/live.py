"""The value of a slider while its thumb is held: Streamlit sends it only once it is let go."""

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

import streamlit as st

Values = Mapping[str, Any]
"""Key of a slider -> its number, or the two of a range."""

_JS = """
// as Streamlit makes a class of a key
const classOf = (key) => `.st-key-${key.replace(/[^a-zA-Z0-9_-]/g, "-")}`;
const loops = new WeakMap(); // this is called again whenever `data` changes

// Watches the thumb that is held, frame by frame. One value is under way at a time: the next is
// sent when the server has answered, and is then what the thumb stands at.
class Loop {
  constructor() {
    this.sent = 0;
    this.waiting = 0; // since when, milliseconds; 0 while nothing is under way
    this.listeners = {
      pointerdown: (event) => this.hold(event),
      pointerup: () => { this.held = false; },
      pointercancel: () => { this.held = false; },
    };
  }

  listen() { // again and again changes nothing
    for (const [name, done] of Object.entries(this.listeners)) addEventListener(name, done, true);
  }

  stop() {
    for (const [name, done] of Object.entries(this.listeners)) {
      removeEventListener(name, done, true);
    }
  }

  update({ keys, answered }, send) {
    this.listen();
    this.keys = keys.split("\\n");
    this.send = send;
    if (answered === this.sent) this.waiting = 0;
  }

  hold(event) {
    const slider = event.target.closest?.("[data-testid=stSlider]");
    const key = slider && this.keys.find((key) => slider.closest(classOf(key)));
    if (!key) return;
    this.key = key;
    this.inputs = [...slider.querySelectorAll("input[type=range]")];
    this.start = this.values();
    this.last = String(this.start);
    this.held = true;
    this.waiting = 0;
    requestAnimationFrame(() => this.look());
  }

  values() {
    return this.inputs.map((input) => Number(input.value));
  }

  // Of a thumb that is let go the slider itself sends the value, unless that is where it stood.
  look() {
    const values = this.values(), back = String(values) === String(this.start);
    const free = !this.waiting || performance.now() - this.waiting > 3000;
    const news = String(values) !== this.last && (this.held || back);
    if (news && free) {
      this.last = String(values);
      this.waiting = performance.now();
      this.sent += 1;
      this.send("moved", { key: this.key, was: this.start, now: values, number: this.sent });
    }
    if (this.held || (news && !free)) requestAnimationFrame(() => this.look());
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  if (!loops.has(parentElement)) loops.set(parentElement, new Loop());
  const loop = loops.get(parentElement);
  loop.update(data, setTriggerValue);
  return () => loop.stop();
}
"""

_component = st.components.v2.component("inkling_live", html="<span></span>", js=_JS)


def live(values: Values) -> Values:
    """The values of sliders by key, with the one whose thumb is held now where it stands.

    The region that calls this is a fragment of its own, and reruns for each value that is sent.
    """

    def moved() -> None:
        st.session_state["thumb"] = st.session_state["live"].get("moved")

    thumb = st.session_state.pop("thumb", None) or {}
    with st.container(key="live-sliders"):
        # a text: of a list Streamlit asks pandas, which it then imports, whether it is a table
        data = {"keys": "\n".join(values), "answered": thumb.get("number", 0)}
        _component(key="live", data=data, on_moved_change=moved)
    return applied(values, thumb)


def applied(values: Values, moved: Mapping[str, object]) -> Values:
    """`values` with what a browser sent of a thumb, which may be anything or of another time: what
    was let go since then counts, not what was sent before.
    """
    key, was, now = (moved.get(name) for name in ("key", "was", "now"))
    if not isinstance(key, str) or key not in values:
        return values
    value = values[key]
    before = value if isinstance(value, tuple) else (value,)
    if not (_same(before, was) and isinstance(now, list) and len(now) == len(before)):
        return values
    try:
        at = tuple(float(item) for item in now)
    except (TypeError, ValueError):
        return values
    return {**values, key: (at[0], at[1]) if len(at) == 2 else at[0]}


def _same(values: Sequence[float], sent: object) -> bool:
    return (
        isinstance(sent, list)
        and len(sent) == len(values)
        and all(
            isinstance(other, int | float) and isclose(value, other, abs_tol=1e-6)
            for value, other in zip(values, sent, strict=True)
        )
    )
