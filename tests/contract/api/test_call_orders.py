"""Filters and orders of the list beyond the first ones."""

import base64
import json

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Get, Post
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

ORDERS = {
    "started_at": ["node1-1.1", "node1-1.3", "node1-1.4", "node1-1.6", "node1-1.7", "node1-1.9", "node1-1.10"],
    "wait_s": ["node1-1.10", "node1-1.3", "node1-1.7", "node1-1.1", "node1-1.9", "node1-1.4", "node1-1.6"],
    "talk_s": ["node1-1.10", "node1-1.3", "node1-1.4", "node1-1.6", "node1-1.9", "node1-1.1", "node1-1.7"],
}
BOTH_WAYS = [*ORDERS.items(), *((f"-{order}", ids[::-1]) for order, ids in ORDERS.items())]


@pytest.fixture(autouse=True)
async def seven_calls(post_evidence: Post) -> None:
    lines = [*calls.ANSWERED, *calls.ABANDONED_IN_MENU, *calls.ABANDONED_RINGING, *calls.ABANDONED_IN_QUEUE]
    answer = await post_evidence(batch([*lines, *calls.OVERFLOW, *calls.BY_SCRIPT, *calls.STATIC]))
    assert answer.status_code == 200


async def pages(get: Get, limit: int, **params: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        answer = await get("calls", limit=limit, cursor=cursor, **params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [call["call_id"] for call in page["calls"]]
        if page["next_cursor"] is None:
            return found
        cursor = page["next_cursor"]


@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize(("order", "expected"), BOTH_WAYS)
async def test_pages_hold_every_call_once_in_any_order(get: Get, limit: int, order: str, expected: list[str]) -> None:
    assert await pages(get, limit, order=order) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"office": "sumy"}, {"node1-1.1"}),
        ({"language": "en"}, {"node1-1.3"}),
        ({"wait_s_min": "10"}, {"node1-1.4", "node1-1.6", "node1-1.9"}),
        ({"wait_s_min": "7", "wait_s_max": "10"}, {"node1-1.1", "node1-1.9"}),
        ({"talk_s_min": "61"}, {"node1-1.7"}),
        ({"talk_s_max": "60"}, {"node1-1.1"}),
        ({"duration_s_min": "72", "duration_s_max": "72"}, {"node1-1.1"}),
        ({"duration_s_max": "9"}, {"node1-1.3"}),
        ({"detention": "true"}, set()),
    ],
)
async def test_filters_narrow_the_list(get: Get, params: dict[str, str], expected: set[str]) -> None:
    assert set(await pages(get, 50, **params)) == expected


async def test_every_call_is_of_a_detention_or_not(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET service = 'detention' WHERE call_id = 'node1-1.4'"))
    assert await pages(get, 50, detention="true") == ["node1-1.4"]
    assert len(await pages(get, 50, detention="false")) == 6


async def test_the_detention_service_is_that_of_any_version_of_the_plan(get: Get, app: FastAPI) -> None:
    document = json.dumps({"line": {"detention_service": "arrests"}})
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET service = 'arrests' WHERE call_id = 'node1-1.4'"))
        assert await pages(get, 50, detention="true") == []
        columns = "plan_versions (version, document, first_author)"
        insert = f"INSERT INTO {columns} VALUES ('v', CAST(:plan AS jsonb), 'x')"
        await connection.execute(text(insert), {"plan": document})
    assert await pages(get, 50, detention="true") == ["node1-1.4"]


def cursor(*fields: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text_of_cursor",
    [
        "garbage",
        cursor("wait_s", 3),
        cursor("talk_s", 3, "x"),
        cursor("-wait_s", 3, "x"),
        cursor("wait_s", -2, "x"),
        cursor("wait_s", 2**40, "x"),
        cursor("wait_s", "3", "x"),
        cursor("wait_s", 3, "x\0"),
        cursor("2026-11-24T09:00:00+00:00", "x"),
        base64.urlsafe_b64encode(b"[" * 200).decode(),
    ],
)
async def test_a_cursor_of_another_hand_or_order_is_refused(get: Get, text_of_cursor: str) -> None:
    answer = await get("calls", cursor=text_of_cursor, order="wait_s")
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    "params",
    [{"order": "number"}, {"pseudonym": "abc"}, {"wait_s_min": -1}, {"talk_s_max": 10**9}, {"detention": "perhaps"}],
)
async def test_a_parameter_that_does_not_fit_is_refused(get: Get, params: dict[str, str | int]) -> None:
    for path in ("calls", "calls/export"):
        answer = await get(path, **params)
        assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")
