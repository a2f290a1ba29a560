"""How far the page of one call looks for evidence: no further than the call can have lasted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.months import Month, hold_months, make_partitions
from api.evidence.records import LATEST
from api.projection.repository import LONGEST_CHANNEL, find_families
from tests.contract.api.conftest import Get, Post
from tests.contract.api.scenarios import calls, transfers
from tests.contract.api.scenarios.tables import Line, batch, moment


async def limits(app: FastAPI, call_ids: list[str], since: datetime | None = None) -> set[datetime]:
    """Gives until when evidence is asked for, by every question about evidence on our own connection."""
    asked: set[datetime] = set()

    def note(_connection: object, _cursor: object, statement: str, values: tuple[object, ...], *_rest: object) -> None:
        if "FROM evidence" in statement:
            asked.add(max(value for value in values if isinstance(value, datetime)))

    async with app.state.database.snapshot() as connection:
        await hold_months(connection)
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        assert await find_families(connection, call_ids, since)
    return asked


async def ended_at(app: FastAPI, call_id: str) -> datetime:
    async with app.state.database.snapshot() as connection:
        found = await connection.execute(text("SELECT ended_at FROM calls WHERE call_id = :id"), {"id": call_id})
        moment: datetime = found.scalar_one()
        return moment


@pytest.mark.parametrize(("lines", "call_id"), [(calls.ANSWERED, "node1-1.1"), (transfers.ATTENDED, "node1-2.1")])
async def test_of_a_call_that_is_over_no_later_month_is_asked(
    post_evidence: Post, app: FastAPI, lines: list[Line], call_id: str
) -> None:
    await post_evidence(batch(lines))
    assert await limits(app, [call_id]) == {await ended_at(app, call_id) + LONGEST_CHANNEL}


async def test_of_a_call_that_goes_on_everything_is_asked(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch([line for line in calls.ANSWERED if line.event().occurred_at < moment("09:00:01")]))
    assert await limits(app, ["node1-1.1"]) == {LATEST}


async def test_of_a_call_with_new_evidence_everything_is_asked(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch(calls.ANSWERED))
    assert await limits(app, ["node1-1.1"], datetime(2026, 11, 24, tzinfo=UTC)) == {LATEST}


async def test_how_long_calls_lasted_is_found_by_index(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch(calls.ANSWERED))
    plans: list[str] = []
    async with app.state.database.snapshot() as connection:
        await hold_months(connection)
        await connection.execute(text("SET LOCAL enable_seqscan = off"))

        def note(_c: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
            if "FROM calls" in statement and not statement.startswith("EXPLAIN"):
                asked.append((statement, values))

        asked: list[tuple[str, object]] = []
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        assert await find_families(connection, ["node1-1.1"], None)
        for statement, values in asked:
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
            plans.append("\n".join(rows.scalars()))
    assert plans
    assert [plan for plan in plans if "Seq Scan on calls" in plan] == []


async def test_a_journey_is_whole_while_its_month_is_made(post_evidence: Post, app: FastAPI, get: Get) -> None:
    await post_evidence(batch(calls.ANSWERED))
    whole = (await get("calls/node1-1.1")).json()["timeline"]
    month = Month(2026, 11)
    async with _without_upkeep(app) as connection:
        for statement in (
            f"ALTER TABLE evidence DETACH PARTITION {month.partition}",
            f"INSERT INTO evidence SELECT * FROM {month.partition}",
            f"DROP TABLE {month.partition}",
        ):
            await connection.execute(text(statement))
        await connection.commit()
        assert await make_partitions(connection, [month]) == (month.partition,)
        asked = asyncio.ensure_future(get("calls/node1-1.1"))
        await _someone_waits_for_evidence(app)
        await connection.commit()
    assert (await asked).json()["timeline"] == whole != []


@asynccontextmanager
async def _without_upkeep(app: FastAPI) -> AsyncIterator[AsyncConnection]:
    """Gives a connection beside which nobody else makes months, over all its transactions."""
    async with app.state.database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(hashtext('evidence-months'))"))
        await make_partitions(connection, [Month(2026, 11)])
        await connection.commit()
        try:
            yield connection
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext('evidence-months'))"))
            await connection.commit()


async def _someone_waits_for_evidence(app: FastAPI) -> None:
    """Waits until a question about evidence waits for the lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE relation = 'evidence'::regclass AND NOT granted")
    async with asyncio.timeout(10):
        while True:
            async with app.state.database.transaction() as connection:
                if (await connection.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.02)
