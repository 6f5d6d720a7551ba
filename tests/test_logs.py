import json
import logging
from collections.abc import Iterator

import pytest

from core.logs import FIELDS, JSON, OFF, TEXT, hide_secrets, request_id, set_up


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(), logging.getLogger("core"), logging.getLogger("library")]
    before = [(one.handlers[:], one.propagate, one.level) for one in loggers]
    yield
    logging.captureWarnings(False)
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def test_json_lines_of_all_loggers(capsys: pytest.CaptureFixture[str]) -> None:
    library = logging.getLogger("library")
    library.addHandler(logging.StreamHandler())
    library.propagate = False
    set_up(JSON)
    token = request_id.set("an-id")
    library.warning("one\ntwo")
    request_id.reset(token)
    try:
        raise ValueError("postgresql://me:hunter2@host/db cannot be reached")
    except ValueError:
        logging.getLogger("core.x").exception(
            "it failed", extra={FIELDS: {"job": "j", "path": "/key=1&api_key=hunter2"}}
        )
    written = capsys.readouterr().err
    first, second = map(json.loads, written.splitlines())
    assert (first["message"], first["request"], first["level"]) == ("one\ntwo", "an-id", "warning")
    assert second["job"] == "j"
    assert "request" not in second
    assert "ValueError" in second["traceback"]
    assert "hunter2" not in written


def test_text_is_of_inkling_alone(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(TEXT)
    logging.getLogger("core.x").info("hello")
    logging.getLogger("core.x").debug("a detail")
    logging.getLogger("other").info("nothing of ours")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("INFO hello")


def test_off_leaves_warnings(caplog: pytest.LogCaptureFixture) -> None:
    set_up(OFF)
    logging.getLogger("core.x").info("hello")
    logging.getLogger("core.x").warning("look")
    assert caplog.messages == ["look"]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg://me:hunter2@db.example/inkling",
        "postgresql://db/inkling?user=me&password=hunter2&sslmode=require",
        "GET /x?api_key=hunter2",
        "Authorization: Bearer hunter2",
        "{'authorization': 'Basic hunter2'}",
        "INKLING_API_KEY=hunter2",
        "X-API-Key: hunter2",
        '{"password": "hunter2"}',
        "Cookie: hunter2",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    hidden = hide_secrets(f"before {text} after")
    assert "hunter2" not in hidden
    assert "***" in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_the_rest_is_left_as_it_is() -> None:
    text = "GET /api/predict 200 3.2 ms; http://127.0.0.1:8501/draw?model=digits, a token here"
    assert hide_secrets(text) == text
