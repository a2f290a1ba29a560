import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.conftest import Tokens
from tests.contract.api.plan_documents import document_of
from tests.plans import small_plan

REPORT: dict[str, Any] = {
    "boot_id": "b1",
    "ami": "up",
    "journal": {"lag_bytes": 0, "last_ack_at": None, "problem": None},
    "plan_version": "0123456789abcdef",
    "sessions": 3,
    "at": "2026-11-24T09:00:01Z",
}


async def put(client: httpx.AsyncClient, tokens: Tokens, report: dict[str, Any], node: str = "node1") -> httpx.Response:
    return await client.put(f"/api/v1/nodes/{node}/live", json=report, headers=tokens.node)


async def reasons(client: httpx.AsyncClient) -> tuple[int, list[str]]:
    answer = await client.get("/readyz")
    assert answer.json()["ready"] is (answer.status_code == 200)
    return answer.status_code, answer.json()["reasons"]


async def test_the_api_is_alive_without_a_token(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_a_line_without_a_node_is_not_ready(anonymous: httpx.AsyncClient) -> None:
    assert await reasons(anonymous) == (503, ["no node has reported"])


async def test_a_node_that_works_makes_the_line_ready(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await put(anonymous, tokens, REPORT)).status_code == 204
    assert await reasons(anonymous) == (200, [])


async def test_the_last_report_counts(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    await put(anonymous, tokens, REPORT | {"ami": "down"})
    assert (await reasons(anonymous))[0] == 503
    await put(anonymous, tokens, REPORT)
    assert (await reasons(anonymous))[0] == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ami": "down"}, "node node1 has no connection to Asterisk (AMI)"),
        ({"ami": "refused"}, "node node1 is refused by Asterisk (AMI): wrong user or secret"),
        (
            {"journal": {"lag_bytes": 9, "last_ack_at": None, "problem": "disk full"}},
            "node node1 cannot deliver evidence: disk full",
        ),
    ],
)
async def test_what_does_not_work_is_told_in_words(
    anonymous: httpx.AsyncClient, tokens: Tokens, changes: dict[str, Any], expected: str
) -> None:
    await put(anonymous, tokens, REPORT | changes)
    assert await reasons(anonymous) == (503, [expected])


async def warnings(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    told: list[str] = answer.json()["warnings"]
    return told


async def test_a_node_that_refused_a_plan_works_and_is_warned_of(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    await put(anonymous, tokens, REPORT | {"plan_problem": "queue sumy did not come up"})
    assert await warnings(anonymous) == ["node node1 does not take the published plan: queue sumy did not come up"]


async def test_a_node_with_another_plan_than_the_published_one_is_warned_of(
    anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    body = {"document": document_of(small_plan()), "author": "a", "reason": "b", "expected_current": None}
    version = (await anonymous.post("/api/v1/plans", json=body, headers=tokens.console)).json()["version"]
    await put(anonymous, tokens, REPORT)
    assert await warnings(anonymous) == [f"node node1 has plan 0123456789abcdef in force, {version} is published"]
    await put(anonymous, tokens, REPORT | {"plan_version": version})
    assert await warnings(anonymous) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"unstaffed_queues": ["chernivtsi"]},
            "node node1: nobody can answer in queue chernivtsi; its callers wait",
        ),
        (
            {"operator_notices": [{"operator": "s01", "kind": "missed-rings", "since_at": "2026-11-24T09:00:01Z"}]},
            "node node1: operator s01 missed too many rings in a row and was put on a pause; *84 ends it",
        ),
        (
            {"operator_notices": [{"operator": "c01", "kind": "rings-unanswered", "since_at": "2026-11-24T09:00:01Z"}]},
            "node node1: operator c01 misses one ring after the other, and nobody else can answer",
        ),
        (
            {"operator_notices": [{"operator": "s01", "kind": "stuck", "since_at": "2026-11-24T09:00:01Z"}]},
            "node node1: operator s01 gets no calls: its phone seems in use, but there is no call; restart it",
        ),
    ],
)
async def test_operators_who_do_not_answer_are_warned_of_and_the_line_is_ready(
    anonymous: httpx.AsyncClient, tokens: Tokens, changes: dict[str, Any], expected: str
) -> None:
    assert (await put(anonymous, tokens, REPORT | changes)).status_code == 204
    assert await reasons(anonymous) == (200, [])
    assert await warnings(anonymous) == [expected]


async def test_an_old_report_warns_of_nobody(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    await put(anonymous, tokens, REPORT | {"unstaffed_queues": ["chernivtsi"]})
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE nodes SET received_at = now() - interval '1 minute'"))
    answer = await anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (503, [])


async def test_a_trunk_that_does_not_answer_is_warned_of(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    trunk = {"trunk": "kyiv", "is_answering": False, "status": "no answer", "checked_at": "2026-11-24T02:00:00Z"}
    works = trunk | {"trunk": "lviv", "is_answering": True, "status": "200 OK"}
    await put(anonymous, tokens, REPORT | {"trunks": [trunk, works]})
    assert await warnings(anonymous) == ["node node1: trunk kyiv did not answer at 2026-11-24 02:00 UTC (no answer)"]


async def test_a_long_problem_does_not_cost_the_report(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await put(anonymous, tokens, REPORT | {"plan_problem": "x\0" * 5_000})).status_code == 204
    assert len((await warnings(anonymous))[0]) < 1_100


async def test_nodes_are_listed_with_their_last_report(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await put(anonymous, tokens, REPORT | {"overrides_revision": "5d41402abc4b2a76"})
    await put(anonymous, tokens, REPORT, "node2")
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE nodes SET received_at = now() - interval '3 days' WHERE node = 'node2'"))
    answer = await anonymous.get("/api/v1/nodes", headers=tokens.console)
    first, second = answer.json()["nodes"]
    assert (first["node"], first["is_fresh"]) == ("node1", True)
    untold: dict[str, object] = {
        "ami_gaps": None,
        "plan_problem": None,
        "queues": None,
        "operators": None,
        "operator_notices": [],
        "detention_waiting": None,
        "numbers": [],
        "trunks": [],
        "unstaffed_queues": None,
    }
    assert first["report"] == REPORT | {"overrides_revision": "5d41402abc4b2a76"} | untold
    assert (second["node"], second["is_fresh"], round(second["age_s"])) == ("node2", False, 259_200)


async def test_draining_is_not_a_failure(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    await put(anonymous, tokens, REPORT | {"ami": "draining"})
    assert await reasons(anonymous) == (200, [])


async def test_a_node_that_fell_silent_is_named(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    await put(anonymous, tokens, REPORT)
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE nodes SET received_at = now() - interval '31.4 s'"))
    assert await reasons(anonymous) == (503, ["node node1 has not reported for 31 s"])


async def test_without_a_database_the_api_lives_and_says_what_is_missing(secrets_file: Path, tokens: Tokens) -> None:
    url = "postgresql+asyncpg://postgres@/hotline?host=/nowhere"
    app = create_app(ApiSettings.model_validate({"database_url": url, "secrets_file": secrets_file}))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        assert (await client.get("/healthz")).status_code == 200
        status, (reason,) = await reasons(client)
        assert status == 503
        assert reason.startswith("the database does not answer")
        answer = await client.get("/api/v1/calls", headers=tokens.console)
        assert (answer.status_code, answer.json()["error_id"]) == (503, "database_unavailable")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 10_000,
        b"{}",
        b'{"ami":"sideways"}',
        b"\xff",
    ],
)
async def test_a_report_that_does_not_fit_is_refused(anonymous: httpx.AsyncClient, tokens: Tokens, body: bytes) -> None:
    answer = await anonymous.put("/api/v1/nodes/node1/live", content=body, headers=tokens.node)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_a_report_of_two_megabytes_is_refused(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    answer = await put(anonymous, tokens, REPORT | {"more": "x" * (2 << 20)})
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")


@pytest.mark.parametrize("node", ["Bad", "a%00b", "x" * 40])
async def test_a_name_that_is_no_nodes_is_refused(anonymous: httpx.AsyncClient, tokens: Tokens, node: str) -> None:
    assert (await put(anonymous, tokens, REPORT, node)).status_code == 422


async def test_a_report_needs_the_nodes_token(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    nobody = await anonymous.put("/api/v1/nodes/node1/live", content=b"not json")
    console = await anonymous.put("/api/v1/nodes/node1/live", content=b"not json", headers=tokens.console)
    assert (nobody.status_code, console.status_code) == (401, 403)


async def test_the_openapi_document_names_every_error_of_a_route(anonymous: httpx.AsyncClient) -> None:
    document = (await anonymous.get("/openapi.json")).json()
    for path in ("/api/v1/calls", "/api/v1/calls/{call_id}", "/api/v1/nodes/{node}/stream"):
        assert {"200", "401", "403", "422", "503"} <= set(document["paths"][path]["get"]["responses"])


async def test_the_openapi_document_refers_to_nothing_that_is_not_there(anonymous: httpx.AsyncClient) -> None:
    document = (await anonymous.get("/openapi.json")).json()
    references = set(re.findall(r'"\$ref":"#/([^"]+)"', json.dumps(document, separators=(",", ":"))))
    assert references
    for reference in references:
        part = document
        for key in reference.split("/"):
            part = part[key]


async def test_every_body_has_an_example(anonymous: httpx.AsyncClient) -> None:
    document = (await anonymous.get("/openapi.json")).json()
    bodies = [
        route["requestBody"] for path in document["paths"].values() for route in path.values() if "requestBody" in route
    ]
    assert bodies
    assert all(content["schema"]["examples"] for body in bodies for content in body["content"].values())


async def test_an_unknown_path_has_the_same_shape_of_error(anonymous: httpx.AsyncClient) -> None:
    missing, wrong = await anonymous.get("/api/v1/none"), await anonymous.post("/healthz")
    assert (missing.status_code, missing.json()["error_id"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["error_id"]) == (405, "method_not_allowed")


async def test_a_queue_of_last_resort_without_an_operator_is_warned_of(
    anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    await put(anonymous, tokens, REPORT | {"unstaffed_queues": ["chernivtsi"]})
    assert await warnings(anonymous) == ["node node1: nobody can answer in queue chernivtsi; its callers wait"]
    await put(anonymous, tokens, REPORT | {"unstaffed_queues": []})
    assert await warnings(anonymous) == []
