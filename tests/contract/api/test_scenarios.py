from typing import Any

import pytest

from routing.languages import Language
from routing.reasons import ReasonCode, because, describe
from tests.contract.api.conftest import Get, Post
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, batch


async def journey(post: Post, get: Get, lines: list[Line], call_id: str) -> dict[str, Any]:
    answer = await post(batch(lines))
    assert answer.json() == {"stored": len(lines), "repeated": 0, "quarantined": 0}
    found = await get(f"calls/{call_id}")
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


async def test_an_answered_call_is_told_whole(post_evidence: Post, get: Get) -> None:
    told = await journey(post_evidence, get, calls.ANSWERED, "node1-1.1")
    expected = {
        "did": "+380800213103",
        "trunk": "selftest",
        "started_at": "2026-11-24T09:00:00.100000Z",
        "answered_at": "2026-11-24T09:00:12Z",
        "ended_at": "2026-11-24T09:01:12.510000Z",
        "language": "uk",
        "keys": "7,1",
        "service": "consultation",
        "queue": "sumy",
        "office": "sumy",
        "operator": "s01",
        "plan_version": calls.PLAN,
        "wait_s": 7,
        "talk_s": 60,
        "outcome": "answered",
        "hung_up_by": "caller",
        "hangup_cause": {"code": 16, "name": "normal clearing"},
    }
    assert {key: told[key] for key in expected} == expected
    assert told["caller"]["presentation"] == "allowed_not_screened"
    assert len(told["caller"]["pseudonym"]) == 64


async def test_the_journey_has_menus_decisions_visits_legs_and_timeline(post_evidence: Post, get: Get) -> None:
    told = await journey(post_evidence, get, calls.ANSWERED, "node1-1.1")
    assert [(step["outcome"], step["key"]) for step in told["menu_steps"]] == [("no_match", "7"), ("match", "1")]
    (decision,) = told["decisions"]
    assert (decision["rung"], decision["queue"], decision["is_open"]) == ("service", "sumy", True)
    (reason,) = decision["reasons"]
    assert reason == {"code": "round-the-clock", "details": {"of": "operator"}} | {
        language: describe(because(ReasonCode.ROUND_THE_CLOCK, of="operator"), Language(language))
        for language in ("uk", "en")
    }
    (visit,) = told["queue_visits"]
    assert (visit["wait_s"], visit["ring_s"], visit["talk_s"]) == (7, 5, 60)
    assert (visit["operator"], visit["ending"]) == ("s01", "completed_by_caller")
    assert [(leg["role"], leg["operator"]) for leg in told["legs"]] == [("caller", None), ("operator", "s01")]
    assert len(told["timeline"]) == len(calls.ANSWERED)
    assert told["timeline"][0]["event"] == "CHAN_START"


@pytest.mark.parametrize(
    ("lines", "call_id", "expected"),
    [
        (
            calls.ABANDONED_IN_MENU,
            "node1-1.3",
            {"outcome": "abandoned_in_menu", "keys": "9", "language": "en", "queue": None, "hung_up_by": "caller"},
        ),
        (
            calls.ABANDONED_RINGING,
            "node1-1.4",
            {"outcome": "abandoned_ringing", "keys": "t", "wait_s": 12, "talk_s": None, "operator": None},
        ),
        (
            calls.ABANDONED_IN_QUEUE,
            "node1-1.6",
            {"outcome": "abandoned_in_queue", "wait_s": 60, "hung_up_by": "caller", "queue": "chernivtsi"},
        ),
        (
            calls.OVERFLOW,
            "node1-1.7",
            {"outcome": "answered", "queue": "chernivtsi", "operator": "c01", "wait_s": 3, "hung_up_by": "operator"},
        ),
        (calls.BY_SCRIPT, "node1-1.9", {"outcome": "abandoned_in_queue", "service": "operator", "wait_s": 10}),
        (
            calls.STATIC,
            "node1-1.10",
            {"outcome": "in_progress", "ended_at": None, "queue": "chernivtsi", "hung_up_by": "unknown"},
        ),
    ],
    ids=["menu", "ringing", "queue", "overflow", "script", "static"],
)
async def test_each_ending_has_its_word(
    post_evidence: Post, get: Get, lines: list[Line], call_id: str, expected: dict[str, object]
) -> None:
    told = await journey(post_evidence, get, lines, call_id)
    assert {key: told[key] for key in expected} == expected


async def test_an_overflow_shows_both_queues_in_order(post_evidence: Post, get: Get) -> None:
    told = await journey(post_evidence, get, calls.OVERFLOW, "node1-1.7")
    endings = [(visit["queue"], visit["ending"]) for visit in told["queue_visits"]]
    assert endings == [("sumy", "refused_empty"), ("chernivtsi", "completed_by_operator")]


async def test_the_rung_that_decided_is_told(post_evidence: Post, get: Get) -> None:
    script = await journey(post_evidence, get, calls.BY_SCRIPT, "node1-1.9")
    static = await journey(post_evidence, get, calls.STATIC, "node1-1.10")
    assert [row["rung"] for row in script["decisions"]] == ["script"]
    assert [row["rung"] for row in static["decisions"]] == ["static"]
    ladder = [row["details"]["why"] for row in static["timeline"] if row["event"] == "HOTLINE_LADDER"]
    assert ladder == ["FAILURE", "TIMEOUT"]


async def test_an_operators_code_is_no_call_of_the_line(post_evidence: Post, get: Get) -> None:
    answer = await post_evidence(batch(calls.OPERATOR_LOGS_IN))
    assert answer.json()["stored"] == len(calls.OPERATOR_LOGS_IN)
    assert (await get("calls")).json() == {"calls": [], "next_cursor": None}


async def test_a_hidden_number_leaves_no_pseudonym(post_evidence: Post, get: Get) -> None:
    told = await journey(post_evidence, get, calls.ABANDONED_IN_MENU, "node1-1.3")
    assert told["caller"] == {"pseudonym": None, "masked": None, "presentation": "prohib_passed_screen"}
