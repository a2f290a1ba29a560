"""SQL of the projection: which calls a batch touches, their evidence, and their rows written anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.projection.events import Event
from api.projection.families import Family, families_of
from api.projection.rows import CallRecord, DecisionRow, LegRow, MenuStepRow, VisitRow
from asterisk_conf.names import Source

ChildRow = LegRow | MenuStepRow | DecisionRow | VisitRow

_CALLS_OF_CHANNELS = text(
    "SELECT DISTINCT linkedid FROM evidence "
    "WHERE source = 'cel' AND uniqueid = ANY(CAST(:uniqueids AS text[])) AND linkedid IS NOT NULL"
)
_OPEN_CALLS = text("SELECT call_id FROM calls WHERE ended_at IS NULL AND node = ANY(CAST(:nodes AS text[]))")
_RELATIVES = text(
    "SELECT DISTINCT other.linkedid FROM evidence mine "
    "JOIN evidence other ON other.uniqueid = mine.uniqueid AND other.source = 'cel' "
    "WHERE mine.source = 'cel' AND mine.linkedid = ANY(CAST(:linkedids AS text[])) "
    "AND other.linkedid <> ALL(CAST(:linkedids AS text[]))"
)
_RELATIVES_ROUNDS = 20
"""How many merges one after the other are followed; each is a transfer."""
_EVIDENCE = text(
    "WITH cel AS (SELECT * FROM evidence WHERE source = 'cel' AND linkedid = ANY(CAST(:linkedids AS text[]))), "
    "channel AS (SELECT DISTINCT uniqueid FROM cel) "
    "SELECT node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload FROM cel "
    "UNION ALL SELECT e.node, e.source, e.generation, e.position_bytes, e.occurred_at, e.linkedid, "
    "e.uniqueid, e.type, e.payload FROM evidence e JOIN channel ON channel.uniqueid = e.uniqueid "
    "WHERE e.source = 'queue_log'"
)
_UNSETTLED = text(
    "SELECT call_id FROM calls WHERE ended_at < :before AND (outcome = 'pending' OR EXISTS (SELECT 1 FROM queue_visits "
    "WHERE queue_visits.call_id = calls.call_id AND queue_visits.ended_at IS NULL)) "
    "AND started_at >= :since ORDER BY call_id LIMIT :limit"
)
_CALLS_WITH_EVIDENCE = text(
    "SELECT DISTINCT linkedid FROM evidence WHERE source = 'cel' AND linkedid IS NOT NULL "
    "AND occurred_at >= :since AND occurred_at < :before"
)
_NEXT_EVIDENCE = text("SELECT min(occurred_at) FROM evidence WHERE source = 'cel' AND occurred_at >= :since")
_RESTARTS = text(
    "SELECT node, occurred_at FROM evidence WHERE type = 'QUEUESTART' AND node = ANY(CAST(:nodes AS text[])) "
    "AND occurred_at >= :since"
)


async def calls_of_channels(connection: AsyncConnection, uniqueids: Iterable[str]) -> set[str]:
    """Gives the linkedids that channels ever had."""
    rows = await connection.execute(_CALLS_OF_CHANNELS, {"uniqueids": sorted(uniqueids)})
    return set(rows.scalars())


async def open_calls(connection: AsyncConnection, nodes: Iterable[str]) -> set[str]:
    """Gives the calls of nodes that have not ended."""
    rows = await connection.execute(_OPEN_CALLS, {"nodes": sorted(nodes)})
    return set(rows.scalars())


async def find_families(connection: AsyncConnection, linkedids: Iterable[str]) -> list[Family]:
    """Gives the calls that linkedids belong to, each with all its evidence: CEL, and queue_log of its channels."""
    wanted = await _with_relatives(connection, set(linkedids))
    events = []
    for row in (await connection.execute(_EVIDENCE, {"linkedids": sorted(wanted)})).mappings():
        fields = dict(row)
        fields["source"] = Source(cast("str", fields["source"]))
        events.append(Event(**fields))
    return families_of(events)


async def _with_relatives(connection: AsyncConnection, linkedids: set[str]) -> set[str]:
    """Gives the linkedids and all that channels of theirs ever had."""
    for _ in range(_RELATIVES_ROUNDS):
        more = set((await connection.execute(_RELATIVES, {"linkedids": sorted(linkedids)})).scalars())
        if not more:
            break
        linkedids = linkedids | more
    return linkedids


async def evidence_of_calls(connection: AsyncConnection, call_ids: Iterable[str]) -> dict[str, list[Event]]:
    """Gives all evidence of calls, by call; a call's aliases are part of it."""
    return {family.call_id: list(family.events) for family in await find_families(connection, call_ids)}


async def find_survivor(connection: AsyncConnection, alias: str) -> str | None:
    """Gives the call that a linkedid was merged into; None: into none."""
    table = schema.call_aliases
    found = await connection.execute(select(table.c.call_id).where(table.c.alias == alias))
    return found.scalar_one_or_none()


async def unsettled_calls(connection: AsyncConnection, since: datetime, before: datetime, limit: int) -> set[str]:
    """Gives calls that began at `since` or later, were over before `before`, and of whose queues not all was told."""
    rows = await connection.execute(_UNSETTLED, {"since": since, "before": before, "limit": limit})
    return set(rows.scalars())


async def next_evidence_at(connection: AsyncConnection, since: datetime) -> datetime | None:
    """Gives the moment of the first evidence of calls at `since` or later; None: there is none."""
    found: datetime | None = (await connection.execute(_NEXT_EVIDENCE, {"since": since})).scalar_one()
    return found


async def calls_with_evidence(connection: AsyncConnection, since: datetime, before: datetime) -> set[str]:
    """Gives the linkedids of which there is evidence in [since, before)."""
    rows = await connection.execute(_CALLS_WITH_EVIDENCE, {"since": since, "before": before})
    return set(rows.scalars())


async def restarts(connection: AsyncConnection, nodes: Iterable[str], since: datetime) -> dict[str, list[datetime]]:
    """Gives when Asterisk began to run on each node, not before `since`."""
    found: dict[str, list[datetime]] = {}
    for node, moment in await connection.execute(_RESTARTS, {"nodes": sorted(nodes), "since": since}):
        found.setdefault(node, []).append(moment)
    return found


async def rewrite_calls(connection: AsyncConnection, linkedids: Iterable[str], records: Sequence[CallRecord]) -> None:
    """Deletes the rows of `linkedids` (the tables below `calls` follow) and writes those of `records`."""
    await connection.execute(delete(schema.calls).where(schema.calls.c.call_id.in_(sorted(linkedids))))
    await _write(connection, schema.calls, [asdict(record.call) for record in records])
    aliases = [{"alias": alias, "call_id": one.call.call_id} for one in records for alias in one.aliases]
    await _write(connection, schema.call_aliases, aliases)
    await _write(connection, schema.call_legs, _numbered(records, "leg_no", lambda record: record.legs))
    await _write(connection, schema.menu_steps, _numbered(records, "step_no", lambda record: record.menu_steps))
    await _write(connection, schema.call_decisions, _numbered(records, "decision_no", lambda record: record.decisions))
    await _write(connection, schema.queue_visits, _numbered(records, "visit_no", lambda record: record.visits))


def _numbered(
    records: Sequence[CallRecord], number: str, children: Callable[[CallRecord], Sequence[ChildRow]]
) -> list[dict[str, object]]:
    return [
        {"call_id": record.call.call_id, number: place, **asdict(row)}
        for record in records
        for place, row in enumerate(children(record), start=1)
    ]


async def _write(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)
