import os.path

import pytest

from core.errors import InklingError
from core.settings import Settings
from tests.sentences import is_sentence


@pytest.mark.parametrize("text", ["two", "1.5", "-1", "0", "1" * 5000, "\u0663"])
def test_a_number_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("INKLING_RUNS_AT_ONCE", text)
    with pytest.raises(InklingError) as error:
        Settings.from_environment()
    assert is_sentence(str(error.value))


def test_a_user_without_a_home_needs_only_inkling_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers run as users without an entry in /etc/passwd."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setenv("INKLING_HOME", "/data")
    assert str(Settings.from_environment().runs) == "/data/runs"
    monkeypatch.delenv("INKLING_HOME")
    with pytest.raises(InklingError, match="INKLING_HOME"):
        Settings.from_environment()


@pytest.mark.parametrize(("name", "bad"), [("INKLING_LOGS", "xml"), ("INKLING_METRICS", "2")])
def test_a_choice_that_is_none_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, bad: str
) -> None:
    monkeypatch.setenv(name, bad)
    with pytest.raises(InklingError) as error:
        Settings.from_environment()
    assert is_sentence(str(error.value))
    assert name in str(error.value)
