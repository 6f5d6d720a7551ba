"""Screens without a browser: Streamlit's AppTest, with the canvas's value set by the test."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

PAGES = Path(__file__).resolve().parents[2] / "pages"
SEVEN = [["M", 60, 80], ["L", 230, 75], ["Q", 200, 130, 120, 260]]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of this test alone, with the shipped models."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    return tmp_path


@pytest.fixture
def on_canvas(monkeypatch) -> Callable[..., None]:
    """Call it with paths (lists of Fabric.js commands): the canvas holds them from then on."""
    held: dict[str, Any] = {"objects": []}

    def put(*paths: list[list[Any]]) -> None:
        held["objects"] = [path_object(path) for path in paths]

    # The real module can only be imported by a running server.
    monkeypatch.setitem(
        sys.modules,
        "streamlit_drawable_canvas",
        SimpleNamespace(st_canvas=lambda **_: SimpleNamespace(json_data=held)),
    )
    return put


def path_object(path: list[list[Any]]) -> dict[str, Any]:
    xs, ys = [command[-2] for command in path], [command[-1] for command in path]
    return {
        "type": "Path",
        "path": path,
        "left": (min(xs) + max(xs)) / 2,
        "top": (min(ys) + max(ys)) / 2,
        "scaleX": 1,
        "scaleY": 1,
        "angle": 0,
    }


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
