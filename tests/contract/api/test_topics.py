from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch
from tests.contract.api.test_plans import Console
from tests.unit.routing.plans import legal_aid_plan

ANSWERED = "node1-1.1"
DAY = {"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"}


class TopicDesk(Console):
    """The desk as an operator uses it."""

    async def put(self, call_id: str, **body: Any) -> httpx.Response:
        return await self.client.put(f"/api/v1/calls/{call_id}/topics", json=body, headers=self.headers)

    async def classified(self, call_id: str, **body: Any) -> dict[str, Any]:
        answer = await self.put(call_id, **body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
async def desk(anonymous: httpx.AsyncClient, tokens: Tokens, post_evidence: Post) -> TopicDesk:
    desk = TopicDesk(anonymous, tokens.console)
    assert (await desk.publish(document_of(legal_aid_plan()), None)).status_code == 201
    lines = [*calls.ANSWERED, *calls.OVERFLOW, *calls.ABANDONED_IN_MENU]
    assert (await post_evidence(batch(lines))).status_code == 200
    return desk


async def test_the_last_word_counts_and_those_before_it_are_kept(desk: TopicDesk, get: Get) -> None:
    await desk.classified(ANSWERED, topic="family", region=None, note="перше враження")
    told = await desk.classified(ANSWERED, topic="alimony", region="UA-59")
    assert (told["current"]["topic"], told["current"]["region"], told["current"]["author"]) == (
        "alimony",
        "UA-59",
        "console",
    )
    history = (await get(f"calls/{ANSWERED}/topics")).json()["history"]
    assert [(each["topic"], each["note"]) for each in history] == [("alimony", ""), ("family", "перше враження")]


async def test_a_topic_outlives_the_calls_being_written_anew(desk: TopicDesk, get: Get, post_evidence: Post) -> None:
    await desk.classified(ANSWERED, topic="alimony")
    late = [line for line in calls.ANSWERED if "LINKEDID_END" in line.text]
    assert late
    await post_evidence(batch(calls.ANSWERED))
    assert (await get(f"calls/{ANSWERED}/topics")).json()["current"]["topic"] == "alimony"


async def test_notes_are_sealed_in_the_database(desk: TopicDesk, app: FastAPI) -> None:
    await desk.classified(ANSWERED, topic="alimony", note="Зразок Зразкович")
    async with app.state.database.transaction() as connection:
        rows = (await connection.execute(text("SELECT t::text FROM call_topics t"))).all()
        audited = (await connection.execute(text("SELECT a::text FROM audit_log a"))).all()
    assert rows
    assert "call node1-1.1 topics" in str(audited)
    assert "Зразок" not in str(rows) + str(audited)


@pytest.mark.parametrize(
    ("call_id", "body", "status", "error_id"),
    [
        (ANSWERED, {"topic": "astrology"}, 422, "unknown_topic"),
        (ANSWERED, {"topic": "alimony", "region": "UA-99"}, 422, "unknown_region"),
        (ANSWERED, {"topic": "alimony", "note": "a\0b"}, 422, "invalid_request"),
        (ANSWERED, {}, 422, "invalid_request"),
        ("none", {"topic": "alimony"}, 404, "not_found"),
    ],
)
async def test_what_does_not_fit_is_refused(
    desk: TopicDesk, call_id: str, body: dict[str, Any], status: int, error_id: str
) -> None:
    answer = await desk.put(call_id, **body)
    assert (answer.status_code, answer.json()["error_id"]) == (status, error_id)


async def test_the_tree_is_the_plans(desk: TopicDesk, get: Get) -> None:
    tree = (await get("topics")).json()["topics"]
    assert [each["topic"] for each in tree] == list(legal_aid_plan().topics)
    assert {"topic": "alimony", "uk": "Аліменти", "en": "Child support", "parent": "family"} in tree


async def test_shares_count_answered_calls_with_what_lies_below_a_topic(desk: TopicDesk, get: Get) -> None:
    await desk.classified(ANSWERED, topic="alimony")
    await desk.classified("node1-1.7", topic="family")
    await desk.classified("node1-1.3", topic="other")
    shares = (await get("reports/topics", **DAY)).json()
    assert (shares["answered"], shares["classified"], shares["unclassified"]) == (2, 2, 0)
    by_topic = {each["topic"]: each for each in shares["topics"]}
    assert (by_topic["family"]["own_calls"], by_topic["family"]["calls"], by_topic["family"]["share_pct"]) == (
        1,
        2,
        100,
    )
    assert (by_topic["alimony"]["calls"], by_topic["alimony"]["share_pct"]) == (1, 50)
    assert by_topic["other"]["calls"] == 0
    assert "share_pct = 100" in shares["formula"]


async def test_a_topic_taken_back_does_not_count_and_filters_narrow(desk: TopicDesk, get: Get) -> None:
    await desk.classified(ANSWERED, topic="alimony", region="UA-59")
    assert (await get("reports/topics", **DAY, region="UA-59")).json()["classified"] == 1
    assert (await get("reports/topics", **DAY, region="UA-18")).json()["answered"] == 0
    assert (await get("reports/topics", **DAY, queue="chernivtsi")).json()["classified"] == 0
    await desk.classified(ANSWERED, topic=None)
    shares = (await get("reports/topics", **DAY)).json()
    assert (shares["classified"], shares["topics"][0]["share_pct"]) == (0, None)


async def test_topics_need_a_token_that_may(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    for path in (f"calls/{ANSWERED}/topics", "reports/topics"):
        assert (await anonymous.get(f"/api/v1/{path}")).status_code == 401
        assert (await anonymous.get(f"/api/v1/{path}", headers=tokens.node)).status_code == 403
    put = await anonymous.put(f"/api/v1/calls/{ANSWERED}/topics", json={"topic": None}, headers=tokens.node)
    assert put.status_code == 403


async def test_centres_are_the_plans_and_say_that_they_are_samples(desk: TopicDesk, get: Get) -> None:
    centres = (await get("centres")).json()["centres"]
    assert len(centres) == len(legal_aid_plan().centres)
    assert {each["is_sample"] for each in centres} == {True}
    (sumy,) = (await get("centres", key="54")).json()["centres"]
    assert (sumy["iso"], sumy["is_valid"]) == ("UA-59", True)
    assert (await get("centres", valid="false")).json()["centres"] == []
