"""The tour: six steps over the real screens, each a card that says what to do and see there.

It is on wherever the address has `?tour=1` to `?tour=6`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from core.jobs.public import NO_TRAINING
from pages.shared.visitor import settings_here

PARAMETER = "tour"


@dataclass(frozen=True)
class Step:
    """page : the screen's file. targets : CSS selector of all that the sentence speaks of.
    settings : what the screen's controls are set to when the step is reached, by their keys.
    in_demo : what it says instead in a demo, if that is another.
    """

    page: str
    targets: str
    sentence: str
    settings: Mapping[str, object] = field(default_factory=dict)
    in_demo: str = ""


STEPS = (
    Step(
        "draw/page.py",
        ".st-key-canvas-character, .st-key-beside .reading",
        "Draw a 7 here, or let one be drawn for you. It is read while you draw.",
        {"mode": "Character"},
    ),
    Step(
        "draw/page.py",
        ".st-key-closer",
        "Why this answer? Orange ink speaks for it, blue against it. Pick another class and see "
        "what it lacks.",
        {"mode": "Character", "view": "Why"},
    ),
    Step(
        "synthesise/page.py",
        "[data-testid=grid]",
        "Nobody wrote these digits: they are drawn anew from a few points each. Move Jitter radius "
        "and see how far the points may stray.",
        {"jitter": 3.0},
    ),
    Step(
        "explore/page.py",
        ".st-key-figure-mean-maps",
        "The mean of every 3: the darker, the more of them have ink there. Pick another class or "
        "another map above.",
        {"map": "Mean", "class": "3"},
    ),
    Step(
        "evaluate/page.py",
        ".st-key-figure-confusion-matrix",
        "Which class is taken for which. The framed cell is 9 read as 4; press any other, and its "
        "pictures open beside it.",
        {"truth": "9", "read": "4"},
    ),
    Step(
        "train/page.py",
        "[data-testid=stMain] [data-testid=stButtonGroup], .st-key-figure-learns",
        "Pick data and a model below and start a run: you watch it learn, and what it learned then "
        "reads on every screen. That was the tour.",
        in_demo=f"{NO_TRAINING} Here is what came of it. That was the tour.",
    ),
)

_CSS = """
[data-testid=stLayoutWrapper]:has(> .st-key-tour) {
  position: fixed; z-index: 1000; bottom: 1rem; left: 50%; transform: translateX(-50%);
  width: min(34rem, calc(100vw - 1.5rem)) !important;
}
.st-key-tour {
  padding: 0.8rem 1rem; gap: 0.5rem; border-radius: 8px; background: var(--page);
  border: 2px solid var(--accent); box-shadow: 0 4px 24px rgba(0, 0, 0, 0.25);
}
.st-key-tour button, .st-key-tour a { min-height: 44px; padding: 0 1rem; border-radius: 4px; }
.st-key-tour a {
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); background: transparent;
}
.st-key-tour a * { font-weight: 400 !important; } /* a link to this very screen is bold */
.st-key-tour-next a { background: var(--accent) !important; }
.st-key-tour-next a * { color: var(--on-accent) !important; }
.block-container { padding-bottom: 16rem; }
@media (max-width: 640px) {
  .st-key-tour { padding: 0.6rem 0.8rem; }
  .st-key-tour p { font-size: 0.9rem; }
}
[data-tour-target] {
  outline: 2px solid var(--accent); outline-offset: 6px; border-radius: 2px;
}
"""

_JS = """
// Marks what the step speaks of, and brings it out from under the card until the visitor acts.
const TOP = 60; // pixels of Streamlit's header

export default function ({ data, parentElement }) {
  parentElement.leave?.(); // it is called again when the step changes
  let acted = false;
  const act = () => { acted = true; };
  const unmark = (keep = []) => {
    for (const marked of document.querySelectorAll("[data-tour-target]")) {
      if (!keep.includes(marked)) delete marked.dataset.tourTarget;
    }
  };
  const look = () => {
    const targets = [...document.querySelectorAll(data.targets)];
    unmark(targets);
    const card = document.querySelector(".st-key-tour");
    if (!targets.length || !card) return;
    for (const target of targets) target.dataset.tourTarget = "";
    const boxes = targets.map((target) => target.getBoundingClientRect());
    const top = Math.min(...boxes.map((box) => box.top)) - 10;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + 10;
    const covered = bottom - card.getBoundingClientRect().top;
    if (acted || (top >= TOP && covered <= 0)) return;
    const down = top < TOP ? top - TOP : Math.min(covered, top - TOP);
    document.querySelector("[data-testid=stMain]").scrollBy(0, down);
  };
  const timer = setInterval(look, 300); // the page is painted bit by bit
  const acts = ["wheel", "pointerdown", "keydown"];
  for (const name of acts) addEventListener(name, act, true);
  parentElement.leave = () => {
    clearInterval(timer);
    for (const name of acts) removeEventListener(name, act, true);
    unmark();
  };
  return parentElement.leave;
}
"""
_component = st.components.v2.component("inkling_tour", html="<span></span>", js=_JS)


def link_to_tour() -> None:
    """A link to its first step."""
    _link(1, "Take the tour, two minutes", ":material/tour:")


def show_tour() -> None:
    """The card of the step in the address, before the screen is drawn; nothing without one."""
    asked = st.query_params.get(PARAMETER, "")
    if asked not in map(str, range(1, len(STEPS) + 1)):
        st.session_state.pop("tour-at", None)
        return
    number = int(asked)
    step = STEPS[number - 1]
    if st.session_state.get("tour-at") != number:
        # by the address alone, what a control of the last screen was bound to would be left out
        st.session_state.update(step.settings, **{"tour-at": number})
    st.html(f"<style>{_CSS}</style>")
    with st.container(key="tour", gap="small"):
        sentence = step.in_demo if step.in_demo and settings_here().own else step.sentence
        st.markdown(f"**Step {number} of {len(STEPS)}.** {sentence}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if number > 1:
                _link(number - 1, "Back", ":material/arrow_back:")
            if number < len(STEPS):
                with st.container(key="tour-next", width="content"):
                    _link(number + 1, "Next", ":material/arrow_forward:")
            st.button("End the tour", type="tertiary", on_click=_end)
        _component(key="tour-target", data={"targets": step.targets})


def _link(number: int, label: str, icon: str) -> None:
    step = STEPS[number - 1]
    query = {key: str(value) for key, value in step.settings.items()} | {PARAMETER: str(number)}
    st.page_link(step.page, label=label, icon=icon, query_params=query)


def _end() -> None:
    st.query_params.pop(PARAMETER, None)
