"""What Streamlit leaves to the browser: Back and Forward between views, and roles for readers of
screens.
"""

import streamlit as st

_PLACES = (
    "class",
    "data",
    "example",
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
function keepHistory(places) {
  if (window.inklingHistory) return;
  window.inklingHistory = true;
  let acted = false;
  const when = (name, value) => addEventListener(name, () => { acted = value; }, true);
  when("pointerdown", true);
  when("keydown", true);
  when("popstate", false);
  const place = (address) => {
    const asked = new URLSearchParams(address.search);
    return JSON.stringify(places.map((name) => asked.getAll(name)));
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

// The items of its sidebar lie beside headings in one list, which no list may hold.
function nameRoles() {
  const items = '[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li';
  for (const item of document.querySelectorAll(items)) item.setAttribute("role", "presentation");
}

export default function ({ data }) {
  keepHistory(data.places);
  nameRoles();
  const timer = setInterval(nameRoles, 500); // they come later, and change
  return () => clearInterval(timer);
}
"""

_component = st.components.v2.component("inkling_browser", html="<span></span>", js=_JS)


def mind_browser() -> None:
    """Have the browser's history follow the views, and mend roles; once a page."""
    with st.container(key="browser"):
        # a tuple: of a list Streamlit asks pandas, which it then imports, whether it is a table
        _component(key="steps", data={"places": _PLACES})
