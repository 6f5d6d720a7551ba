"""No request that the OpenAPI page allows, or does not, has an answer that it does not tell."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.api.app import build_api
from core.models.cards import Card
from core.settings import Settings
from tests.api.fuzzing import fuzz


@pytest.mark.parametrize("key", ["", "sesame"])
def test_every_answer_is_documented(
    settings: Settings, make_model: Callable[..., Card], key: str
) -> None:
    make_model("tiny")
    api = build_api(replace(settings, api_key=key, requests_per_minute=(key and 5) or 0))
    answers = fuzz(api, examples=3 if key else 6, number=0, models=["tiny"])
    statuses = {kind.rsplit(" ", 1)[1] for kind in answers}
    assert {"200", "401", "429"} <= statuses if key else {"200"} <= statuses
