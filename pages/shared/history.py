"""Back and Forward: each view that a visitor opens is a step of the browser's history."""

import streamlit as st

_PLACES = (
    "class",
    "data",
    "find-by",
    "from",
    "mode",
    "part",
    "picture",
    "read",
    "run",
    "search",
    "show",
    "shows",
    "trial",
    "truth",
    "view",
)
"""Query parameters that say where one is; the others say how it looks there."""

_JS = """
// Streamlit takes a step for what Python writes into the address and none for what a control does.
// Here a step is what a visitor does that leads to another place.
export default function ({ data }) {
  if (window.inklingHistory) return;
  window.inklingHistory = true;
  let acted = false;
  const when = (name, value) => addEventListener(name, () => { acted = value; }, true);
  when("pointerdown", true);
  when("keydown", true);
  when("popstate", false);
  const place = (address) => {
    const asked = new URLSearchParams(address.search);
    return JSON.stringify(data.places.map((name) => asked.getAll(name)));
  };
  const { pushState, replaceState } = history;
  const own = { push: pushState.bind(history), replace: replaceState.bind(history) };
  const step = (kind) => (state, title, address) => {
    const next = new URL(address ?? location.href, location.href);
    if (next.pathname !== location.pathname) return own[kind](state, title, address);
    const moved = acted && place(next) !== place(location);
    if (moved) acted = false;
    own[moved ? "push" : "replace"](state, title, address);
  };
  history.pushState = step("push");
  history.replaceState = step("replace");
}
"""

_component = st.components.v2.component("inkling_history", html="<span></span>", js=_JS)


def keep_history() -> None:
    """Have the browser's history follow the views; once a page."""
    with st.container(key="history"):
        _component(key="steps", data={"places": list(_PLACES)})
