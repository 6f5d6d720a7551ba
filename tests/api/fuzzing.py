"""Requests that schemathesis makes up from the OpenAPI page, and what is wrong with the answers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
"""Bodies are left to FastAPI, which makes the page and the answers of one model: of the pairs in
them schemathesis 4.32 makes a schema that it then refuses itself.
"""


def fuzz(api: FastAPI, *, examples: int, number: int, models: Iterable[str]) -> Counter[str]:
    """How many answers of each kind ("POST /predict 200") there were to `examples` requests of each
    operation, half of them naming one of `models`; AssertionError with what is wrong with them: a
    server error, or a status or a type that the page does not tell.

    number : of the random seed.
    """
    answers: Counter[str] = Counter()
    schema = schemathesis.openapi.from_asgi("/openapi.json", api)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        _fuzz(found.ok(), answers, examples=examples, number=number, models=sorted(models))
    return answers


def _fuzz(
    operation: Any, answers: Counter[str], *, examples: int, number: int, models: Sequence[str]
) -> None:
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, model=st.none() | st.sampled_from(models))
    def ask(case: Any, model: str | None) -> None:
        if model is not None and isinstance(case.body, dict):
            case.body["model"] = model
        answer = case.call()
        answers[f"{operation.label} {answer.status_code}"] += 1
        case.validate_response(answer, checks=CHECKS)

    ask()
