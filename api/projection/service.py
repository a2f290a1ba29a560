"""Brings the calls that new evidence touches up to date, inside the transaction that stored it."""

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.repository import StoredRow
from api.projection import repository
from api.projection.events import Event
from api.projection.fold import fold_call
from api.projection.rows import CallRecord

RESTART = "QUEUESTART"
"""app_queue writes it when Asterisk starts: calls that were open then are over."""


async def project_stored(connection: AsyncConnection, stored: Sequence[StoredRow]) -> int:
    """Folds and writes every call that rows just stored belong to; gives the number of calls written."""
    call_ids = await _touched_calls(connection, stored)
    return await project_calls(connection, call_ids)


async def project_calls(connection: AsyncConnection, call_ids: Iterable[str]) -> int:
    """Folds and writes calls anew from all their evidence; gives the number of calls written."""
    wanted = set(call_ids)
    if not wanted:
        return 0
    evidence = await repository.evidence_of_calls(connection, wanted)
    records = await _fold(connection, evidence)
    await repository.rewrite_calls(connection, wanted, records)
    return len(records)


async def _touched_calls(connection: AsyncConnection, stored: Sequence[StoredRow]) -> set[str]:
    call_ids = {row.linkedid for row in stored if row.linkedid is not None}
    channels = {row.uniqueid for row in stored if row.uniqueid is not None and row.linkedid is None}
    restarted = {row.node for row in stored if row.type == RESTART}
    if channels:
        call_ids |= await repository.calls_of_channels(connection, channels)
    if restarted:
        call_ids |= await repository.open_calls(connection, restarted)
    return call_ids


async def _fold(connection: AsyncConnection, evidence: dict[str, list[Event]]) -> list[CallRecord]:
    everything = [event for events in evidence.values() for event in events]
    if not everything:
        return []
    since = min(event.occurred_at for event in everything)
    restarts = await repository.restarts(connection, {event.node for event in everything}, since)
    folded = (
        fold_call(call_id, events, restarts.get(events[0].node, [])) for call_id, events in sorted(evidence.items())
    )
    return [record for record in folded if record is not None]
