"""The ledger of one day, and folding calls anew from their evidence."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention.from_calls import follow_merges, report_calls
from api.evidence.months import hold_months
from api.ledger import repository
from api.ledger.comparison import Statements, differences_of, hours_of, starts_of
from api.ledger.gaps import gaps_of
from api.ledger.repository import Logged
from api.ledger.schemas import Ledger, RebuildProgress
from api.projection.operators import rebuild_operators
from api.projection.repository import calls_with_evidence, find_families, next_evidence_at
from api.projection.service import project_calls
from api.projection.words import CallOutcome

KYIV = ZoneInfo("Europe/Kyiv")
AROUND = timedelta(minutes=10)
"""Samples, and calls, so long before and after a day belong to its borders."""
CHUNK_CALLS = 200
REBUILD_STEP = timedelta(hours=1)


def day_of(moment: datetime) -> date:
    """Gives the day of Kyiv that a moment (aware) lies in."""
    return moment.astimezone(KYIV).date()


def borders_of(day: date) -> tuple[datetime, datetime]:
    """Gives the first moment of a day of Kyiv, and the first after it."""
    begin = datetime.combine(day, time(), KYIV)
    return begin, datetime.combine(day + timedelta(days=1), time(), KYIV)


async def ledger_of(connection: AsyncConnection, day: date, compared_until: datetime) -> Ledger:
    """Compares the witnesses of a day with the log.

    Args:
        connection: A snapshot.
        day: Of Kyiv.
        compared_until: What was over later may still come.
    """
    since, before = borders_of(day)
    await hold_months(connection)
    said = await _statements(connection, since, before, compared_until)
    return Ledger(
        day=day,
        compared_until=compared_until,
        differences=differences_of(said),
        hours=hours_of(said),
        nightly=await repository.nightly_run(connection, day),
    )


async def _statements(
    connection: AsyncConnection, since: datetime, before: datetime, compared_until: datetime
) -> Statements:
    near = (since - AROUND, before + AROUND)
    logged_near = await repository.logged_calls(connection, *near)
    begun_near = await repository.begun_linkedids(connection, *near)
    logged = [one for one in logged_near if since <= one.started_at < before]
    begun = [one for one in begun_near if since <= one.started_at < before]
    recorded = await repository.call_records(connection, since, before)
    named = {one.call_id for one in recorded} | {one.call_id for one in begun}
    over = [
        one
        for one in logged
        if one.ended_at is not None and one.ended_at < compared_until and one.outcome != CallOutcome.LOST_NODE
    ]
    return Statements(
        logged=logged,
        recorded=recorded,
        begun=begun,
        samples=await repository.samples(connection, *near),
        starts=starts_of(logged_near, begun_near),
        since=since,
        before=before,
        known=frozenset(await repository.known_call_ids(connection, named)),
        gaps=await _gaps(connection, over, {one.call_id for one in recorded if one.answered}),
        compared_until=compared_until,
    )


async def _gaps(
    connection: AsyncConnection, logged: Sequence[Logged], answered: set[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for chunk in _chunks(logged):
        for family in await find_families(connection, [one.call_id for one in chunk]):
            found[family.call_id] = gaps_of(family, answered=family.call_id in answered)
    return found


def _chunks(logged: Sequence[Logged]) -> Iterator[Sequence[Logged]]:
    for start in range(0, len(logged), CHUNK_CALLS):
        yield logged[start : start + CHUNK_CALLS]


async def rebuild_step(connection: AsyncConnection, since: datetime, *, goes_on: bool) -> RebuildProgress:
    """Folds the calls of the next hour of which there is evidence anew; the first step, operators' states as well.

    The caller goes on with `next_since` until it is None: each step is a transaction of its own.
    """
    if not goes_on:
        await rebuild_operators(connection, since)
    begin = await next_evidence_at(connection, since)
    if begin is None:
        return RebuildProgress(rebuilt=0, done_until=since, next_since=None)
    before = begin + REBUILD_STEP
    call_ids = await calls_with_evidence(connection, begin, before)
    rebuilt = await project_calls(connection, call_ids, since=begin)
    await follow_merges(connection, call_ids)
    await report_calls(connection, call_ids)
    return RebuildProgress(rebuilt=rebuilt, done_until=before, next_since=before)
