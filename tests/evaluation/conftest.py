"""Fixtures for the evaluation commands."""

import pytest


@pytest.fixture
def here(settings, make_model, monkeypatch):
    """The command line uses this test's folders, with a recognizer `tiny` in them."""
    for name in ("data", "runs", "models"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))
    make_model()
