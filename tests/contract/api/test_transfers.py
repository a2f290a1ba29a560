import random
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.evidence.months import LOCK
from api.ledger.gaps import gaps_of
from api.projection.families import families_of
from tests.contract.api.conftest import Get, Post
from tests.contract.api.scenarios import transfers
from tests.contract.api.scenarios.tables import Line, batch

CALL_ID = "node1-2.1"
SCENARIOS = {
    "blind": transfers.BLIND,
    "attended": transfers.ATTENDED,
    "picked up": transfers.PICKED_UP,
    "conference": transfers.CONFERENCE,
}


async def told(post: Post, get: Get, lines: list[Line]) -> dict[str, Any]:
    answer = await post(batch(lines))
    assert answer.json()["quarantined"] == 0
    found: dict[str, Any] = (await get(f"calls/{CALL_ID}")).json()
    return found


def visits(call: dict[str, Any]) -> list[tuple[object, ...]]:
    return [(row["queue"], row["operator"], row["talk_s"], row["ending"]) for row in call["queue_visits"]]


def legs(call: dict[str, Any]) -> list[tuple[object, ...]]:
    return [(row["role"], row["operator"]) for row in call["legs"]]


async def test_a_blind_transfer_is_one_call_through_two_queues(post_evidence: Post, get: Get) -> None:
    call = await told(post_evidence, get, transfers.BLIND)
    assert visits(call) == [
        ("chernivtsi", "c01", 60, "transferred"),
        ("sumy", "s01", 120, "completed_by_caller"),
    ]
    assert legs(call) == [("caller", None), ("operator", "c01"), ("operator", "s01")]
    assert (call["outcome"], call["operator"], call["hung_up_by"]) == ("answered", "s01", "caller")
    assert (call["wait_s"], call["talk_s"], call["ended_at"]) == (11, 180, "2026-11-24T11:03:14.040000Z")


async def test_an_attended_transfer_is_one_call_under_the_linkedid_that_survived(
    post_evidence: Post, get: Get, app: FastAPI
) -> None:
    call = await told(post_evidence, get, transfers.ATTENDED)
    assert visits(call) == [
        ("chernivtsi", "c01", 72, "transferred"),
        ("sumy", "s01", 134, "completed_by_caller"),
    ]
    assert (call["outcome"], call["operator"], call["ended_at"]) == ("answered", "s01", "2026-11-24T11:03:20.040000Z")
    assert len(call["timeline"]) == len(transfers.ATTENDED)
    async with app.state.database.snapshot() as connection:
        aliases = list(await connection.execute(text("SELECT alias, call_id FROM call_aliases")))
    assert aliases == [("node1-2.4", CALL_ID)]
    assert [row["call_id"] for row in (await get("calls")).json()["calls"]] == [CALL_ID]


async def test_a_call_is_found_by_the_linkedid_that_was_merged_into_it(post_evidence: Post, get: Get) -> None:
    call = await told(post_evidence, get, transfers.ATTENDED)
    assert (await get("calls/node1-2.4")).json() == call


async def test_who_took_the_call_from_a_colleagues_phone_is_its_operator(post_evidence: Post, get: Get) -> None:
    call = await told(post_evidence, get, transfers.PICKED_UP)
    assert visits(call) == [("chernivtsi", "c02", 120, "completed_by_operator")]
    assert (call["operator"], call["hung_up_by"]) == ("c02", "operator")


async def test_a_conference_is_one_call_with_every_leg(post_evidence: Post, get: Get) -> None:
    call = await told(post_evidence, get, transfers.CONFERENCE)
    assert visits(call) == [("chernivtsi", "c01", 172, "completed_by_caller")]
    assert legs(call) == [("caller", None), ("operator", "c01"), ("operator", "s01")]


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", range(4))
async def test_the_order_in_which_evidence_comes_changes_nothing(
    post_evidence: Post, get: Get, app: FastAPI, name: str, seed: int
) -> None:
    lines = SCENARIOS[name]
    expected = await told(post_evidence, get, lines)
    async with app.state.database.transaction() as connection:
        await connection.execute(LOCK)  # a month made beside a TRUNCATE can end in a deadlock
        await connection.execute(text("TRUNCATE evidence, calls CASCADE"))
    shuffled = random.Random(seed).sample(lines, len(lines))
    for start in range(0, len(shuffled), 5):
        await post_evidence(batch(shuffled[start : start + 5]))
    assert (await get(f"calls/{CALL_ID}")).json() == expected
    assert len((await get("calls")).json()["calls"]) == 1


@pytest.mark.parametrize("name", ["blind", "attended", "conference"])
def test_a_call_that_changed_hands_lacks_nothing(name: str) -> None:
    (family,) = families_of(line.event() for line in SCENARIOS[name])
    assert gaps_of(family, answered=True) == ()
