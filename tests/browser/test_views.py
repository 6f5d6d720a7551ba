"""Every view of every screen on a machine with no data and no network: none broken, none bare, none
wider than the screen, and axe-core has nothing serious to say.
"""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
VIEWS = {
    "": [""],
    "demo": [""],
    "draw": ["mode=Character", "mode=Line", "mode=Picture"],
    "sheet": ["", "example=true"],
    "synthesise": [
        f"show={view}" for view in ("Grid", "Filmstrip", "One glyph", "Compare", "How real?")
    ]
    + ["show=Export and code"],
    "compose": ["show=Grid", "show=Step by step", "show=Export and code"],
    "explore": [
        f"show={view}"
        for view in ("Class maps", "Images", "Draw over it", "Map of images", "Properties")
    ]
    + ["show=Scaling"],
    "curate": [f"show={view}" for view in ("Label", "Rows", "Suspects", "Balance", "Export")],
    "my_drawings": ["", "view=Your hand"],
    "train": [f"show={view}" for view in ("New run", "Runs", "Search", "Originals")],
    "evaluate": [
        f"show={view}"
        for view in ("Matrix", "Classes", "Confidence", "Properties", "Label issues", "Compare")
    ]
    + ["show=Report", "show=Unlabelled"],
    "robustness": ["show=Sweep", "show=Hard examples"],
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DEVICES: dict[str, Any] = {
    "phone-dark": PHONE | {"color_scheme": "dark"},
    "phone-light": PHONE | {"color_scheme": "light"},
    "desk-dark": {"color_scheme": "dark"},
    "desk-light": {"color_scheme": "light"},
}
_WIDER = """() => [...document.querySelectorAll("[data-testid=stMain] *")].filter((element) => {
  const { right, width } = element.getBoundingClientRect();
  const scrolls = "[data-testid=stDataFrame], .js-plotly-plot, pre, .table-scroll";
  return width && right > innerWidth + 1 && !element.closest(scrolls);
}).map((element) => element.outerHTML.slice(0, 200))"""
_NOT_BARE = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  // what a chunk of script still has to draw, the style sheet too, has a placeholder
  if (main.querySelector("[data-testid=stSkeleton]")) return false;
  return main.innerText.length > 150 || main.querySelector("img, canvas, .main-svg");
}"""
_ROLES_NAMED = """() =>
  !document.querySelector("[data-testid=stSidebarNavItems] li:not([role])")"""
SERIOUS = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => `${id}: ${nodes[0].failureSummary} ${nodes[0].html.slice(0, 200)}`)"""


@pytest.mark.parametrize(
    "device",
    [
        pytest.param(name, marks=() if name == "phone-dark" else pytest.mark.slow)
        for name in DEVICES
    ],
)
@pytest.mark.parametrize("screen", VIEWS, ids=lambda screen: screen or "home")
def test_every_view_opens(open_page, screen, device):
    page = open_page(f"{screen}?{VIEWS[screen][0]}", **DEVICES[device])
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    base = page.url.partition("?")[0]
    for number, view in enumerate(VIEWS[screen]):
        if number:
            page.goto(f"{base}?{view}")
        page.get_by_test_id("stMain").locator("h1").wait_for()
        settle(page)
        page.wait_for_function(_ROLES_NAMED)
        assert page.get_by_test_id("stException").count() == 0, view
        page.wait_for_function(_NOT_BARE)
        assert page.evaluate(_WIDER) == [], view
        page.evaluate(AXE)
        assert page.evaluate(SERIOUS) == [], view
    assert not problems
