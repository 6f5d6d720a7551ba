"""Screens without a browser: Streamlit's AppTest, with the canvas's value set by the test."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.datasets.composed import NATURAL

PAGES = Path(__file__).resolve().parents[2] / "pages"
SEVEN: list[list[float]] = [[60.0, 80.0], [230, 75], [210, 120], [165, 190], [120, 260]]


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Each AppTest looks for components in every package installed: half of the time of a test."""
    name = "scan_component_manifests"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, name, cache(getattr(manifest_scanner, name)))
        yield


@pytest.fixture(autouse=True)
def _small_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sets that are always there are made in a moment; in the browser tests they are whole."""
    for name, made in NATURAL.items():
        counts = {part: count // 5 for part, count in made.counts.items()}
        monkeypatch.setitem(NATURAL, name, replace(made, counts=counts))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of this test alone, with the shipped models."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    return tmp_path


@pytest.fixture
def on_canvas(monkeypatch) -> Callable[..., None]:
    """Call it with strokes, lists of [x, y]: the canvas holds them from then on."""
    held: dict[str, Any] = {}

    def put(*strokes: list[list[float]], **others: object) -> None:
        held["drawing"] = {"strokes": list(strokes), **others}

    monkeypatch.setattr("pages.shared.canvas._component", lambda **_: held)
    return put


def screen(page: str, **query: str | list[str]) -> AppTest:
    """Run the whole dashboard with one page open."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if page != "home/page.py":
        # `switch_page` identifies a page by its file name, until the dashboard has run
        app._page_hash = calc_hash(page.partition("/")[0])
    return app.run()


def words(app: AppTest) -> str:
    """Everything the screen says in HTML, captions and messages, with plain spaces."""
    said = " ".join(str(element.proto) for element in app.main)
    return said.replace("\N{NO-BREAK SPACE}", " ")
