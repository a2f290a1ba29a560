"""Whatever is sent to the routes that take a body: never a 5xx, never an answer that is not documented."""

from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.snapshot import SnapshotError, from_document, version_of
from tests.contract.api.conftest import Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_overrides import later
from tests.contract.api.test_plans import SMALL, TUESDAY_19
from tests.plans import small_plan

DOCUMENT = document_of(small_plan())
GOOD: dict[str, dict[str, Any]] = {
    "plans": {"document": DOCUMENT, "author": "a", "reason": "b", "expected_current": SMALL},
    "plans/rollback": {"author": "a", "reason": "b", "expected_current": SMALL},
    "plans/simulate": {"at": TUESDAY_19, "keys": "1", "from": None, "did": None, "version": None},
    "overrides": {
        "scope": "queue",
        "target": "sumy",
        "action": "closed",
        "destination": None,
        "until": later(hours=1),
        "reason": "b",
        "author": "a",
    },
}
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["+380000000000", "sumy", "line", "to-number", "9999-12-31T23:59:59-14:00", "\0", "2026-02-30"])
)
values = st.recursive(leaves, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part))


def places(part: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Gives the way to every value inside a document."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(part, dict):
        inner = list(part.items())
    elif isinstance(part, list):
        inner = list(enumerate(part))
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def put(part: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Gives a copy of a document with `value` in one place."""
    if not path:
        return value
    key, *rest = path
    inner = put(part[key], tuple(rest), value)
    if isinstance(part, dict):
        return {**part, key: inner}
    return [inner if place == key else each for place, each in enumerate(part)]


DOCUMENT_PLACES = places(DOCUMENT)[1:]


@pytest.fixture
async def prepared(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> dict[str, set[str]]:
    """A plan in force; gives the statuses that each route documents."""
    first = GOOD["plans"] | {"expected_current": None}
    assert (await anonymous.post("/api/v1/plans", json=first, headers=tokens.console)).status_code == 201
    paths = app.openapi()["paths"]
    return {route: set(paths[f"/api/v1/{route}"]["post"]["responses"]) for route in GOOD}


async def post(client: httpx.AsyncClient, tokens: Tokens, route: str, body: object) -> httpx.Response:
    return await client.post(f"/api/v1/{route}", json=body, headers=tokens.console)


def check(answer: httpx.Response, documented: set[str]) -> None:
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in documented
    assert answer.status_code < 300 or set(answer.json()) <= {"error_id", "detail", "details"}


@pytest.mark.parametrize("route", GOOD)
@quick
@given(data=st.data())
async def test_a_value_that_does_not_belong_there_is_no_failure(
    prepared: dict[str, set[str]], anonymous: httpx.AsyncClient, tokens: Tokens, route: str, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(GOOD[route])))
    body = GOOD[route] | {key: data.draw(values)}
    check(await post(anonymous, tokens, route, body), prepared[route])


@quick
@given(change=st.tuples(st.sampled_from(DOCUMENT_PLACES), values), has_its_version=st.booleans())
async def test_a_plan_with_a_value_that_does_not_belong_there_is_no_failure(
    prepared: dict[str, set[str]],
    anonymous: httpx.AsyncClient,
    tokens: Tokens,
    change: tuple[tuple[str | int, ...], object],
    has_its_version: bool,
) -> None:
    document = put(DOCUMENT, *change)
    if has_its_version:
        with suppress(SnapshotError, KeyError):
            document["version"] = version_of(from_document(document))
    body = GOOD["plans"] | {"document": document, "expected_current": "0" * 16}
    check(await post(anonymous, tokens, "plans", body), prepared["plans"])


@quick
@given(route=st.sampled_from(sorted(GOOD)), body=st.binary(max_size=40) | st.just(b"[" * 20_000))
async def test_a_body_that_is_no_document_is_refused(
    prepared: dict[str, set[str]], anonymous: httpx.AsyncClient, tokens: Tokens, route: str, body: bytes
) -> None:
    answer = await anonymous.post(f"/api/v1/{route}", content=body, headers=tokens.console)
    check(answer, prepared[route])
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        '{"author": "\\ud800", "reason": "b", "expected_current": null}',
        '{"author": "a", "author": "b", "reason": NaN, "expected_current": null}',
        '{"author": 1e400, "reason": "b", "expected_current": null}',
    ],
)
async def test_json_that_the_database_cannot_hold_is_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, text: str
) -> None:
    answer = await anonymous.post("/api/v1/plans/rollback", content=text.encode(), headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")
