"""Brings the calls that new evidence touches up to date, inside the transaction that stored it."""

from collections.abc import Iterable, Mapping, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.repository import StoredRow
from api.kit.answers import is_unavailable
from api.projection import repository
from api.projection.events import Event
from api.projection.fold import fold_call
from api.projection.rows import CallRecord

log = structlog.get_logger()

RESTART = "QUEUESTART"
"""app_queue writes it when Asterisk starts: calls that were open then are over."""


async def project_stored(connection: AsyncConnection, stored: Sequence[StoredRow]) -> int:
    """Folds and writes every call that rows just stored belong to; gives the number of calls written."""
    call_ids = await _touched_calls(connection, stored)
    return await project_calls(connection, call_ids)


async def project_calls(connection: AsyncConnection, call_ids: Iterable[str]) -> int:
    """Folds and writes calls anew from all their evidence; gives the number of calls written.

    A call that cannot be folded or written keeps the rows that it had, and is logged. Why: evidence comes in order,
    so that one such call would hold up the evidence of all that follow; the call can be made again from its evidence.
    """
    wanted = set(call_ids)
    if not wanted:
        return 0
    evidence = await repository.evidence_of_calls(connection, wanted)
    folded = await _fold(connection, evidence)
    try:
        async with connection.begin_nested():
            await repository.rewrite_calls(connection, folded, _records(folded))
    except DBAPIError as error:
        if is_unavailable(error):
            raise
        return await _write_singly(connection, folded)
    return len(_records(folded))


async def _write_singly(connection: AsyncConnection, folded: Mapping[str, CallRecord | None]) -> int:
    written = 0
    for call_id, record in folded.items():
        try:
            async with connection.begin_nested():
                await repository.rewrite_calls(connection, [call_id], _records({call_id: record}))
        except DBAPIError as error:
            if is_unavailable(error):
                raise
            name = type(error.orig).__name__
            log.error("call_not_written", call_id=call_id, error=name)  # noqa: TRY400  its text may quote the row
        else:
            written += 1
    return written


def _records(folded: Mapping[str, CallRecord | None]) -> list[CallRecord]:
    return [record for record in folded.values() if record is not None]


async def _touched_calls(connection: AsyncConnection, stored: Sequence[StoredRow]) -> set[str]:
    call_ids = {row.linkedid for row in stored if row.linkedid is not None}
    channels = {row.uniqueid for row in stored if row.uniqueid is not None and row.linkedid is None}
    restarted = {row.node for row in stored if row.type == RESTART}
    if channels:
        call_ids |= await repository.calls_of_channels(connection, channels)
    if restarted:
        call_ids |= await repository.open_calls(connection, restarted)
    return call_ids


async def _fold(connection: AsyncConnection, evidence: Mapping[str, list[Event]]) -> dict[str, CallRecord | None]:
    """Gives the records by call; None for what is no call of the line. Calls that cannot be folded are left out."""
    everything = [event for events in evidence.values() for event in events]
    if not everything:
        return {}
    since = min(event.occurred_at for event in everything)
    restarts = await repository.restarts(connection, {event.node for event in everything}, since)
    folded: dict[str, CallRecord | None] = {}
    for call_id, events in sorted(evidence.items()):
        try:
            folded[call_id] = fold_call(call_id, events, restarts.get(events[0].node, []))
        except Exception:
            log.exception("call_not_folded", call_id=call_id)
    return folded
