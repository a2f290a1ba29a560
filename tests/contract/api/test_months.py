from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.evidence.months import Month, ensure_months
from tests.contract.api.conftest import Post
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, batch
from tests.contract.api.test_ingest import envelope

NOW = datetime(2031, 11, 24, 12, tzinfo=UTC)


async def rows(app: FastAPI, statement: str) -> list[Any]:
    async with app.state.database.transaction() as connection:
        return list(await connection.execute(text(statement)))


async def partitions(app: FastAPI) -> set[str]:
    found = await rows(
        app,
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'evidence'::regclass",
    )
    return {name for (name,) in found}


async def ensure(app: FastAPI, now: datetime) -> tuple[str, ...]:
    async with app.state.database.transaction() as connection:
        return await ensure_months(connection, now)


@pytest.mark.parametrize(
    ("month", "months", "expected"),
    [
        (Month(2026, 11), 1, Month(2026, 12)),
        (Month(2026, 11), 3, Month(2027, 2)),
        (Month(2026, 12), 1, Month(2027, 1)),
        (Month(2026, 1), 0, Month(2026, 1)),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(month: Month, months: int, expected: Month) -> None:
    assert month.later(months) == expected


def test_a_month_is_one_of_utc() -> None:
    assert Month.of(datetime.fromisoformat("2026-12-01T01:30:00+02:00")) == Month(2026, 11)


async def test_this_month_and_three_more_are_made_ahead_of_need(app: FastAPI) -> None:
    made = await ensure(app, NOW)
    assert made == ("evidence_2031_11", "evidence_2031_12", "evidence_2032_01", "evidence_2032_02")
    assert await ensure(app, NOW) == ()
    assert set(made) < await partitions(app)


async def test_a_row_of_a_month_without_a_partition_waits_and_moves_when_it_gets_one(
    app: FastAPI, post_evidence: Post
) -> None:
    at = int(datetime(2015, 3, 5, tzinfo=UTC).timestamp())
    body = envelope(f"{at}|NONE|NONE|NONE|QUEUESTART|", source="queue_log", generation="of old")
    body = body.replace(b"of old", b"of-old")
    assert (await post_evidence(body)).json()["stored"] == 1
    assert await rows(app, "SELECT count(*) FROM evidence_default") == [(1,)]
    assert "evidence_2015_03" in await ensure(app, NOW)
    assert await rows(app, "SELECT count(*) FROM evidence_default") == [(0,)]
    assert await rows(app, "SELECT count(*) FROM evidence_2015_03") == [(1,)]
    assert (await post_evidence(body)).json() == {"stored": 0, "repeated": 1, "quarantined": 0}


async def test_a_line_that_came_before_its_month_had_a_partition_is_stored_once(
    app: FastAPI, post_evidence: Post
) -> None:
    await post_evidence(batch(calls.ANSWERED))
    await ensure(app, NOW)
    again = await post_evidence(batch(calls.ANSWERED))
    assert again.json() == {"stored": 0, "repeated": len(calls.ANSWERED), "quarantined": 0}


async def test_the_database_itself_refuses_one_line_twice(app: FastAPI, post_evidence: Post) -> None:
    line: Line = calls.ANSWERED[0]
    await post_evidence(batch([line]))
    columns = "node, source, generation, position_bytes, occurred_at, type, payload"
    with pytest.raises(IntegrityError, match="duplicate key"):
        await rows(app, f"INSERT INTO evidence ({columns}) SELECT {columns} FROM evidence RETURNING 1")
