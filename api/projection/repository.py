"""SQL of the projection: which calls a batch touches, their evidence, and their rows written anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.projection.events import Event
from api.projection.rows import CallRecord, DecisionRow, LegRow, MenuStepRow, VisitRow
from asterisk_conf.names import Source

ChildRow = LegRow | MenuStepRow | DecisionRow | VisitRow

_CALLS_OF_CHANNELS = text(
    "SELECT DISTINCT linkedid FROM evidence "
    "WHERE source = 'cel' AND uniqueid = ANY(CAST(:uniqueids AS text[])) AND linkedid IS NOT NULL"
)
_OPEN_CALLS = text("SELECT call_id FROM calls WHERE ended_at IS NULL AND node = ANY(CAST(:nodes AS text[]))")
_EVIDENCE_OF_CALLS = text(
    "WITH cel AS (SELECT * FROM evidence WHERE source = 'cel' AND linkedid = ANY(CAST(:call_ids AS text[]))), "
    "channel AS (SELECT DISTINCT linkedid AS call_id, uniqueid FROM cel) "
    "SELECT linkedid AS call_id, node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, "
    "payload FROM cel "
    "UNION ALL SELECT channel.call_id, e.node, e.source, e.generation, e.position_bytes, e.occurred_at, e.linkedid, "
    "e.uniqueid, e.type, e.payload FROM evidence e JOIN channel ON channel.uniqueid = e.uniqueid "
    "WHERE e.source = 'queue_log'"
)
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


async def evidence_of_calls(connection: AsyncConnection, call_ids: Iterable[str]) -> dict[str, list[Event]]:
    """Gives all evidence of calls: CEL of the linkedid, queue_log of its channels."""
    found: dict[str, list[Event]] = {}
    for row in (await connection.execute(_EVIDENCE_OF_CALLS, {"call_ids": sorted(call_ids)})).mappings():
        fields = dict(row)
        call_id = cast("str", fields.pop("call_id"))
        fields["source"] = Source(cast("str", fields["source"]))
        found.setdefault(call_id, []).append(Event(**fields))
    return found


async def restarts(connection: AsyncConnection, nodes: Iterable[str], since: datetime) -> dict[str, list[datetime]]:
    """Gives when Asterisk began to run on each node, not before `since`."""
    found: dict[str, list[datetime]] = {}
    for node, moment in await connection.execute(_RESTARTS, {"nodes": sorted(nodes), "since": since}):
        found.setdefault(node, []).append(moment)
    return found


async def rewrite_calls(connection: AsyncConnection, call_ids: Iterable[str], records: Sequence[CallRecord]) -> None:
    """Deletes the rows of `call_ids` (the tables below `calls` follow) and writes those of `records`."""
    await connection.execute(delete(schema.calls).where(schema.calls.c.call_id.in_(sorted(call_ids))))
    await _write(connection, schema.calls, [asdict(record.call) for record in records])
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
