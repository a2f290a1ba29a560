"""SQL of the projection: which calls a batch touches, their evidence, and their rows written anew."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.evidence.records import EARLIEST, LATEST
from api.kit.copying import copy_rows
from api.projection.events import Event
from api.projection.families import Family, families_of
from api.projection.rows import CallRecord, CallRow, DecisionRow, LegRow, MenuStepRow, StepRow, VisitRow
from asterisk_conf.names import Source

ChildRow = LegRow | MenuStepRow | DecisionRow | VisitRow | StepRow
_CHILDREN: tuple[tuple[str, str, type[ChildRow], Callable[[CallRecord], Sequence[ChildRow]]], ...] = (
    ("call_legs", "leg_no", LegRow, lambda record: record.legs),
    ("menu_steps", "step_no", MenuStepRow, lambda record: record.menu_steps),
    ("call_decisions", "decision_no", DecisionRow, lambda record: record.decisions),
    ("queue_visits", "visit_no", VisitRow, lambda record: record.visits),
    ("call_steps", "step_no", StepRow, lambda record: record.steps),
)
"""Tables below `calls`: name, column of the place in the call, rows."""
_DELETE = text("DELETE FROM calls WHERE call_id = ANY(CAST(:linkedids AS text[]))")

_CALLS_OF_CHANNELS = text(
    "SELECT DISTINCT linkedid FROM evidence WHERE source = 'cel' AND uniqueid = ANY(CAST(:uniqueids AS text[])) "
    "AND linkedid IS NOT NULL AND occurred_at >= :since"
)
_OPEN_CALLS = text("SELECT call_id FROM calls WHERE ended_at IS NULL AND node = ANY(CAST(:nodes AS text[]))")
LONGEST_CHANNEL = timedelta(days=7)
"""Evidence of one channel lies no further apart. Why a bound at all: without one, a question looks into an index of
every month that there is."""
_LASTED = text(
    "SELECT min(started_at), max(ended_at), bool_or(ended_at IS NULL) FROM calls "
    "WHERE call_id = ANY(CAST(:linkedids AS text[]) || ARRAY("
    "SELECT call_id FROM call_aliases WHERE alias = ANY(CAST(:linkedids AS text[]))))"
)
"""One array of both kinds. Why: with OR between them, PostgreSQL reads every call that there is."""
_CHANNELS = text(
    "SELECT DISTINCT uniqueid FROM evidence WHERE source = 'cel' AND linkedid = ANY(CAST(:linkedids AS text[])) "
    "AND uniqueid IS NOT NULL AND occurred_at >= :since AND occurred_at < :before"
)
_MERGES_FOLLOWED = 20
"""How many merges one after the other are followed; each is a transfer."""
_EVIDENCE = text(
    "SELECT node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload FROM evidence "
    "WHERE source IN ('cel', 'queue_log') AND uniqueid = ANY(CAST(:uniqueids AS text[])) AND occurred_at >= :since "
    "AND occurred_at < :before"
)
_BEGINNINGS = text("SELECT call_id, started_at FROM calls WHERE call_id = ANY(CAST(:linkedids AS text[]))")
_SET_REGIONS = text(
    "UPDATE calls SET region = found.region FROM ("
    " SELECT c.call_id, coalesce(said.region, told.iso, now_told.iso) AS region FROM calls c"
    " LEFT JOIN LATERAL (SELECT region FROM call_topics t WHERE t.call_id = c.call_id ORDER BY id DESC LIMIT 1) said"
    "  ON true"
    " LEFT JOIN LATERAL (SELECT one->>'iso' AS iso FROM plan_versions p,"
    "  jsonb_array_elements(p.document->'centres') one WHERE p.version = c.plan_version"
    "  AND one->>'id' = coalesce(c.centre, c.centre_asked) LIMIT 1) told ON true"
    " LEFT JOIN LATERAL (SELECT one->>'iso' AS iso FROM plan_versions p,"
    "  jsonb_array_elements(p.document->'centres') one WHERE told.iso IS NULL"
    "  AND one->>'id' = coalesce(c.centre, c.centre_asked)"
    "  AND p.version = (SELECT version FROM plan_publications ORDER BY id DESC LIMIT 1) LIMIT 1) now_told ON true"
    " WHERE c.call_id = ANY(CAST(:call_ids AS text[]))"
    ") found WHERE calls.call_id = found.call_id AND calls.region IS DISTINCT FROM found.region"
)
_CLASSIFIED = text("SELECT DISTINCT call_id FROM call_topics WHERE call_id = ANY(CAST(:call_ids AS text[]))")
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


async def calls_of_channels(connection: AsyncConnection, uniqueids: Iterable[str], since: datetime) -> set[str]:
    """Gives the linkedids that channels ever had; what they did at `since` is the earliest that is asked about."""
    values = {"uniqueids": sorted(uniqueids), "since": since - LONGEST_CHANNEL}
    return set((await connection.execute(_CALLS_OF_CHANNELS, values)).scalars())


async def open_calls(connection: AsyncConnection, nodes: Iterable[str]) -> set[str]:
    """Gives the calls of nodes that have not ended."""
    rows = await connection.execute(_OPEN_CALLS, {"nodes": sorted(nodes)})
    return set(rows.scalars())


async def find_families(
    connection: AsyncConnection, linkedids: Iterable[str], since: datetime | None = None
) -> list[Family]:
    """Gives the calls that linkedids belong to, each with all its evidence: CEL, and queue_log of its channels.

    Args:
        connection: Any.
        linkedids: Of the calls, or merged into them.
        since: A moment of theirs that need not be in the log yet; None: they all are.
    """
    wanted, events = set(linkedids), list[Event]()
    times = await _times_of(connection, wanted, since)
    for _ in range(_MERGES_FOLLOWED):
        values = {"linkedids": sorted(wanted), **times}
        channels = sorted((await connection.execute(_CHANNELS, values)).scalars())
        events = await _events_of(connection, channels, times)
        more = {event.linkedid for event in events if event.linkedid is not None} - wanted
        if not more:
            break
        wanted |= more
    return families_of(events)


async def _times_of(connection: AsyncConnection, linkedids: set[str], since: datetime | None) -> dict[str, datetime]:
    """Gives [since, before) of everything that happened in the calls.

    It has an end only when the log has all of them, and all are over.
    """
    begun_at, ended_at, goes_on = (await connection.execute(_LASTED, {"linkedids": sorted(linkedids)})).one()
    known = [moment for moment in (begun_at, since) if moment is not None]
    is_over = since is None and ended_at is not None and not goes_on
    return {
        "since": min(known) - LONGEST_CHANNEL if known else EARLIEST,
        "before": ended_at + LONGEST_CHANNEL if is_over else LATEST,
    }


async def _events_of(connection: AsyncConnection, channels: Sequence[str], times: dict[str, datetime]) -> list[Event]:
    rows = await connection.execute(_EVIDENCE, {"uniqueids": channels, **times})
    return [
        Event(
            node=node,
            source=Source(source),
            generation=generation,
            position_bytes=position_bytes,
            occurred_at=occurred_at,
            linkedid=linkedid,
            uniqueid=uniqueid,
            type=type_,
            payload=payload,
        )
        for node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type_, payload in rows
    ]


async def beginnings_of(connection: AsyncConnection, linkedids: Iterable[str]) -> dict[str, datetime]:
    """Gives when calls began, as the log has it; those that it does not have are left out."""
    rows = await connection.execute(_BEGINNINGS, {"linkedids": sorted(linkedids)})
    return {row.call_id: row.started_at for row in rows}


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
    await connection.execute(_DELETE, {"linkedids": sorted(linkedids)})
    for table, columns, rows in _rows_of(records):
        await copy_rows(connection, table, columns, rows)
    await _set_some_regions(connection, records)


async def _set_some_regions(connection: AsyncConnection, records: Sequence[CallRecord]) -> None:
    call_ids = [record.call.call_id for record in records]
    classified = set((await connection.execute(_CLASSIFIED, {"call_ids": call_ids})).scalars())
    classified |= {one.call.call_id for one in records if one.call.centre or one.call.centre_asked}
    await set_regions(connection, classified)


async def set_regions(connection: AsyncConnection, call_ids: Iterable[str]) -> None:
    """Gives calls their region: what a person said last, else that of the centre in the call's plan, or in today's."""
    wanted = sorted(call_ids)
    if wanted:
        await connection.execute(_SET_REGIONS, {"call_ids": wanted})


def _rows_of(records: Sequence[CallRecord]) -> Iterator[tuple[str, Sequence[str], list[tuple[object, ...]]]]:
    """Gives what to write: table, columns, rows."""
    yield "calls", CallRow.__slots__, [_values(record.call, CallRow.__slots__) for record in records]
    aliases: list[tuple[object, ...]] = [(alias, one.call.call_id) for one in records for alias in one.aliases]
    yield "call_aliases", ("alias", "call_id"), aliases
    for table, number, kind, children in _CHILDREN:
        rows = [
            (record.call.call_id, place, *_values(row, kind.__slots__))
            for record in records
            for place, row in enumerate(children(record), start=1)
        ]
        yield table, ("call_id", number, *kind.__slots__), rows


def _values(row: ChildRow | CallRow, names: Iterable[str]) -> tuple[object, ...]:
    return tuple([_plain(getattr(row, name)) for name in names])


def _plain(value: object) -> object:
    """Gives a value as COPY takes it: reasons go into a column of JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
