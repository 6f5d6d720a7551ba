"""What the commands of this room need around them."""

import pytest


@pytest.fixture
def here(settings, make_model, monkeypatch):
    """The folders of this test are those of the command line, with a recognizer `tiny` in them."""
    for name in ("data", "runs", "models"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))
    make_model()
