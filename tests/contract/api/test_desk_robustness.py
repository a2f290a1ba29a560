"""Whatever is sent to the desk's routes: never a 5xx, never an answer that is not documented."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.api.conftest import Post, Tokens
from tests.contract.api.desk_calls import DETENTION_ASKED, DETENTION_CALL
from tests.contract.api.plan_documents import document_of
from tests.contract.api.scenarios.tables import batch
from tests.contract.api.test_plans import Console
from tests.contract.api.test_robustness import values
from tests.unit.routing.plans import legal_aid_plan

FILLED = {"person_name": "Зразок", "detained_at": "2026-11-24T12:00+02:00", "kind": "arrest", "is_minor": True}
GOOD: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/calls/{call_id}/topics"): {"topic": "alimony", "region": "UA-59", "note": "так"},
    ("POST", "/detention-reports"): {"values": FILLED, "call_id": None, "received_at": "2026-11-24T12:00:00+02:00"},
    ("PATCH", "/detention-reports/{report_id}"): {"values": FILLED, "expected_revision": 1},
    ("PUT", "/detention-reports/{report_id}/lawyer"): {
        "name": "Адвокат",
        "named_at": "2026-11-24T12:00:00+02:00",
        "arrived_at": None,
        "expected_revision": 1,
    },
    ("PUT", "/detention-reports/{report_id}/join"): {"into": 1},
}
READS = {
    "/reports/topics": ("from", "to", "queue", "office", "service", "region"),
    "/detention-reports": ("from", "to", "state", "call_id", "limit", "cursor"),
    "/detention-reports/statistics": ("from", "to"),
    "/detention-reports/export": ("from", "to"),
    "/operators": ("office", "queue"),
    "/centres": ("iso", "key", "valid"),
    "/recordings": ("call_id",),
}
texts = st.text(max_size=20) | st.sampled_from(["2026-11-24T12:00:00Z", "9999-12-31T23:59:59-14:00", "\0", "0", "-1"])
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens, post_evidence: Post) -> Console:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(legal_aid_plan()), None)).status_code == 201
    assert (await post_evidence(batch(DETENTION_ASKED))).status_code == 200
    return console


def check(app: FastAPI, answer: httpx.Response, method: str, route: str) -> None:
    documented = app.openapi()["paths"][f"/api/v1{route}"][method.lower()]["responses"]
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in documented
    assert answer.status_code < 300 or set(answer.json()) <= {"error_id", "detail", "details"}


@pytest.mark.parametrize(("method", "route"), GOOD)
@quick
@given(data=st.data())
async def test_a_value_that_does_not_belong_there_is_no_failure(
    console: Console, app: FastAPI, method: str, route: str, data: st.DataObject
) -> None:
    good = GOOD[method, route]
    key = data.draw(st.sampled_from(sorted(good)))
    inner = good[key]
    value = data.draw(values)
    if isinstance(inner, dict) and data.draw(st.booleans()):
        value = inner | {data.draw(st.sampled_from(sorted(inner))): value}
    report_id = data.draw(st.integers(-1, 3) | st.just(2**70))
    path = route.format(call_id=DETENTION_CALL, report_id=report_id)
    answer = await console.client.request(method, f"/api/v1{path}", json=good | {key: value}, headers=console.headers)
    check(app, answer, method, route)


@pytest.mark.parametrize("route", READS)
@quick
@given(data=st.data())
async def test_a_parameter_that_does_not_belong_there_is_no_failure(
    console: Console, app: FastAPI, route: str, data: st.DataObject
) -> None:
    names = st.sampled_from([*READS[route], "unknown"])
    params = data.draw(st.dictionaries(names, texts, max_size=4))
    answer = await console.client.get(f"/api/v1{route}", params=params, headers=console.headers)
    check(app, answer, "GET", route)
