"""Outcomes, regions and steps as the api tells them; what a rebuild keeps when evidence is gone."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.scenarios import calls, ends, transfers
from tests.contract.api.scenarios.tables import Line, batch
from tests.contract.api.test_ledger import rebuild
from tests.contract.api.test_plans import Console
from tests.unit.routing.plans import legal_aid_plan


async def told(post: Post, get: Get, lines: list[Line]) -> dict[str, Any]:
    answer = await post(batch(lines))
    assert answer.json() == {"stored": len(lines), "repeated": 0, "quarantined": 0}
    found: dict[str, Any] = (await get(f"calls/{ends.CALL_ID}")).json()
    return found


async def ids(get: Get, **params: str | int) -> list[str]:
    answer = await get("calls", **params)
    assert answer.status_code == 200, answer.text
    return [call["call_id"] for call in answer.json()["calls"]]


async def scalars(app: FastAPI, statement: str) -> list[Any]:
    async with app.state.database.transaction() as connection:
        return list((await connection.execute(text(statement))).scalars())


async def execute(app: FastAPI, statement: str) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text(statement))


@pytest.fixture
async def published(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(legal_aid_plan()), None)).status_code == 201


@pytest.mark.usefixtures("published")
async def test_a_call_put_through_to_a_centre_has_its_region_and_is_found_by_it(post_evidence: Post, get: Get) -> None:
    call = await told(post_evidence, get, ends.CENTRE_BUSY_THEN_NEIGHBOUR)
    assert (call["outcome"], call["hung_up_by"], call["centre"], call["region"]) == (
        "transferred",
        "centre",
        "poltava",
        "UA-53",
    )
    assert [step["state"] for step in call["steps"]] == ["dial", "failed", "dial", "answered", "accepted"]
    for params in ({"region": "UA-53"}, {"centre": "poltava"}, {"outcome": "transferred"}, {"hung_up_by": "centre"}):
        assert await ids(get, **params) == [ends.CALL_ID]
    assert await ids(get, region="UA-59") == []


@pytest.mark.usefixtures("published")
async def test_the_region_said_with_the_topic_counts_and_taking_it_back_brings_back_the_centres(
    post_evidence: Post, get: Get, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    await told(post_evidence, get, ends.GONE_WHILE_CENTRE_RINGS)
    assert await ids(get, region="UA-59") == [ends.CALL_ID]
    url = f"/api/v1/calls/{ends.CALL_ID}/topics"
    for said, counts in (("UA-46", "UA-46"), (None, "UA-59")):
        answer = await anonymous.put(url, json={"topic": None, "region": said, "note": ""}, headers=tokens.console)
        assert answer.status_code == 200, answer.text
        assert await ids(get, region=counts) == [ends.CALL_ID]
    answer = await anonymous.put(url, json={"topic": None, "region": "UA-46", "note": ""}, headers=tokens.console)
    await post_evidence(batch([replace(ends.GONE_WHILE_CENTRE_RINGS[0], generation="again")]))
    assert await ids(get, region="UA-46") == [ends.CALL_ID]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"overflowed": "true"}, ["node1-1.7"]),
        ({"overflowed": "false"}, ["node1-1.6", "node1-1.3"]),
        ({"short_abandoned": "true"}, []),
        ({"short_abandoned": "true", "short_abandon_s": 10}, ["node1-1.3"]),
        ({"short_abandoned": "false", "short_abandon_s": 10}, ["node1-1.6"]),
        ({"duration_s_min": 62}, ["node1-1.7", "node1-1.6"]),
        ({"order": "duration_s"}, ["node1-1.3", "node1-1.6", "node1-1.7"]),
        ({"order": "-duration_s", "limit": 2}, ["node1-1.7", "node1-1.6"]),
    ],
)
async def test_the_list_is_filtered_by_how_calls_ended(
    post_evidence: Post, get: Get, params: dict[str, str | int], expected: list[str]
) -> None:
    await post_evidence(batch([*calls.ABANDONED_IN_MENU, *calls.ABANDONED_IN_QUEUE, *calls.OVERFLOW]))
    assert await ids(get, **params) == expected


async def test_pages_by_duration_hold_every_call_once(post_evidence: Post, get: Get) -> None:
    await post_evidence(batch([*calls.ABANDONED_IN_MENU, *calls.STATIC, *calls.OVERFLOW]))
    found, cursor = list[str](), ""
    while cursor is not None:
        page = (await get("calls", order="-duration_s", limit=1, cursor=cursor)).json()
        found += [call["call_id"] for call in page["calls"]]
        cursor = page["next_cursor"]
    assert found == ["node1-1.7", "node1-1.3", "node1-1.10"]


async def test_a_rebuild_keeps_calls_whose_evidence_retention_took_whole_or_in_part(
    post_evidence: Post, get: Get, app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    await post_evidence(batch([*calls.ANSWERED, *calls.ABANDONED_RINGING, *calls.OVERFLOW]))
    before = {row["call_id"]: row for row in (await get("calls")).json()["calls"]}
    await execute(app, "DELETE FROM evidence WHERE occurred_at < '2026-11-24T09:20:09Z'")
    assert await scalars(app, "SELECT count(*) FROM evidence WHERE linkedid = 'node1-1.4'") != [0]
    assert await rebuild(anonymous, tokens, "2026-11-01T00:00:00Z") == 1
    assert {row["call_id"]: row for row in (await get("calls")).json()["calls"]} == before


async def test_an_old_line_that_comes_again_after_retention_spoils_no_call(
    post_evidence: Post, get: Get, app: FastAPI
) -> None:
    await post_evidence(batch(calls.ANSWERED))
    before = (await get("calls")).json()
    await execute(app, "DELETE FROM evidence")
    assert (await post_evidence(batch(calls.ANSWERED[5:7]))).json()["stored"] == 2
    assert (await get("calls")).json() == before


async def test_a_rebuild_makes_the_report_of_a_detention_that_has_none(
    post_evidence: Post, get: Get, app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    await told(post_evidence, get, ends.DETENTION_RECORDED)
    assert await scalars(app, "SELECT call_id FROM detention_reports") == [ends.CALL_ID]
    await execute(app, "TRUNCATE detention_reports, calls CASCADE")
    await rebuild(anonymous, tokens, "2026-11-24T00:00:00Z")
    assert await scalars(app, "SELECT call_id FROM detention_reports") == [ends.CALL_ID]


async def test_the_report_of_a_call_that_was_merged_is_tied_to_the_survivor(post_evidence: Post, app: FastAPI) -> None:
    await execute(
        app,
        "INSERT INTO detention_reports (origin, call_id, received_at, name_lawyer_s) "
        "VALUES ('call', 'node1-2.4', '2026-11-24T11:01:00Z', 3600)",
    )
    await execute(
        app,
        "INSERT INTO call_topics (call_id, topic, region, author, plan_version) "
        "VALUES ('node1-2.4', NULL, 'UA-59', 's01', 'x')",
    )
    await post_evidence(batch(transfers.ATTENDED))
    assert await scalars(app, "SELECT call_id FROM detention_reports") == ["node1-2.1"]
    assert await scalars(app, "SELECT call_id FROM call_topics") == ["node1-2.1"]


async def test_of_two_reports_that_a_merge_brings_together_one_is_joined_to_the_other(
    post_evidence: Post, app: FastAPI
) -> None:
    await execute(
        app,
        "INSERT INTO detention_reports (origin, call_id, received_at, name_lawyer_s) VALUES "
        "('call', 'node1-2.1', '2026-11-24T11:00:03Z', 3600), ('call', 'node1-2.4', '2026-11-24T11:01:00Z', 3600)",
    )
    await post_evidence(batch(transfers.ATTENDED))
    joined = await scalars(
        app,
        "SELECT other.call_id FROM detention_reports r JOIN detention_reports other ON other.id = r.joined_to "
        "WHERE r.call_id = 'node1-2.4'",
    )
    assert joined == ["node1-2.1"]
