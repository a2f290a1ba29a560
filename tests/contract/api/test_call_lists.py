import base64
import json

import httpx
import pytest

from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

NEWEST_FIRST = ["node1-1.10", "node1-1.9", "node1-1.7", "node1-1.6", "node1-1.4", "node1-1.3", "node1-1.1"]


@pytest.fixture(autouse=True)
async def seven_calls(post_evidence: Post) -> None:
    lines = [*calls.ANSWERED, *calls.ABANDONED_IN_MENU, *calls.ABANDONED_RINGING, *calls.ABANDONED_IN_QUEUE]
    answer = await post_evidence(batch([*lines, *calls.OVERFLOW, *calls.BY_SCRIPT, *calls.STATIC]))
    assert answer.status_code == 200


async def ids(get: Get, **params: str | int) -> list[str]:
    answer = await get("calls", **params)
    assert answer.status_code == 200, answer.text
    return [call["call_id"] for call in answer.json()["calls"]]


async def test_calls_are_listed_newest_first(get: Get) -> None:
    assert await ids(get) == NEWEST_FIRST
    assert await ids(get, cursor="") == NEWEST_FIRST


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_hold_every_call_once(get: Get, limit: int) -> None:
    found: list[str] = []
    params: dict[str, str | int] = {"limit": limit}
    while True:
        page = (await get("calls", **params)).json()
        found += [call["call_id"] for call in page["calls"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert found == NEWEST_FIRST


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"queue": "sumy"}, ["node1-1.1"]),
        ({"operator": "c01"}, ["node1-1.7"]),
        ({"service": "consultation"}, ["node1-1.7", "node1-1.1"]),
        ({"outcome": "abandoned_in_menu"}, ["node1-1.3"]),
        ({"did": "+380443631041"}, []),
        ({"from": "2026-11-24T12:10:00+02:00"}, ["node1-1.10", "node1-1.9"]),
        ({"to": "2026-11-24T09:10:00.1Z"}, ["node1-1.1"]),
        ({"from": "2026-11-24T09:10:00.1Z", "to": "2026-11-24T09:30:00Z"}, ["node1-1.4", "node1-1.3"]),
    ],
)
async def test_filters_narrow_the_list(get: Get, params: dict[str, str], expected: list[str]) -> None:
    assert await ids(get, **params) == expected


def cursor(*fields: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "!!!",
        "ї",
        cursor("2026-11-24T09:00:00+00:00"),
        cursor("yesterday", "x"),
        cursor("9999-12-31T23:59:59-14:00", "x"),
        cursor(5, 6),
        cursor("2026-11-24T09:00:00+00:00", "x\0"),
        base64.urlsafe_b64encode(b"[" * 200).decode(),
    ],
)
async def test_a_cursor_of_another_hand_is_refused(get: Get, text: str) -> None:
    answer = await get("calls", cursor=text)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 10**9},
        {"limit": 0},
        {"limit": -1},
        {"from": "9999-12-31T23:59:59-14:00"},
        {"from": "0001-01-01T00:00:00+14:00"},
        {"to": "2026-11-24T09:00:00"},
        {"queue": "a\0b"},
        {"queue": "x" * 1_000},
        {"outcome": "lost"},
        {"cursor": "x" * 5_000},
        {"unknown": "1"},
    ],
)
async def test_a_parameter_that_does_not_fit_is_refused(get: Get, params: dict[str, str | int]) -> None:
    answer = await get("calls", **params)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


@pytest.mark.parametrize(("path", "status"), [("calls/none", 404), ("calls/a%00b", 422), ("calls/" + "x" * 500, 422)])
async def test_a_call_that_is_not_there_is_told_so(get: Get, path: str, status: int) -> None:
    answer = await get(path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error_id", "detail"}


@pytest.mark.parametrize("path", ["calls", "calls/node1-1.1"])
async def test_the_log_needs_the_consoles_token(anonymous: httpx.AsyncClient, tokens: Tokens, path: str) -> None:
    assert (await anonymous.get(f"/api/v1/{path}")).status_code == 401
    assert (await anonymous.get(f"/api/v1/{path}", headers=tokens.node)).status_code == 403
    assert (await anonymous.get(f"/api/v1/{path}", headers=tokens.console)).status_code == 200
