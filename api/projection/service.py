"""Brings the calls that new evidence touches up to date, inside the transaction that stored it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.repository import StoredRow
from api.kit.answers import DATABASE_ERRORS, is_unavailable
from api.projection import repository
from api.projection.endings import QUEUE_LOG_TICK
from api.projection.families import Family
from api.projection.fold import fold_call
from api.projection.operators import project_operators
from api.projection.rows import CallRecord
from asterisk_conf.names import Source

log = structlog.get_logger()

PROJECTED = frozenset({Source.CEL, Source.QUEUE_LOG})
"""Witnesses are no part of a call: they would prove nothing then."""
RESTART = "QUEUESTART"
"""app_queue writes it when Asterisk starts: calls that were open then are over."""


SETTLE_CALLS = 500
"""Calls that one look at unsettled ones takes."""


async def project_stored(connection: AsyncConnection, stored: Sequence[StoredRow]) -> int:
    """Folds and writes every call and operator that rows just stored belong to; gives the number of calls written."""
    told = [row for row in stored if row.source in PROJECTED]
    if not told:
        return 0
    await project_operators(connection, told)
    since = min(row.occurred_at for row in told)
    return await project_calls(connection, await _touched_calls(connection, told, since), since=since)


async def settle_calls(connection: AsyncConnection, since: datetime, before: datetime) -> int:
    """Gives calls that were over before `before`, and whose queues were not all told, the ending that is left."""
    unsettled = await repository.unsettled_calls(connection, since, before, SETTLE_CALLS)
    return await project_calls(connection, unsettled, is_settled=True)


async def project_calls(
    connection: AsyncConnection, linkedids: Iterable[str], *, since: datetime | None = None, is_settled: bool = False
) -> int:
    """Folds and writes calls anew from all their evidence; gives the number of calls written.

    A call whose beginning is in the log and no longer in the evidence (retention took it) keeps the rows that it has.
    A call that cannot be folded or written keeps them too, and is logged. Why: evidence comes in order, so that one
    such call would hold up the evidence of all that follow; the call can be made again from its evidence.

    Args:
        connection: In a transaction.
        linkedids: Of the calls, or merged into them.
        since: A moment of calls that need not be in the log yet; None: they all are.
        is_settled: Nothing more of them is expected.
    """
    wanted = set(linkedids)
    if not wanted:
        return 0
    families = await _whole(connection, await repository.find_families(connection, wanted, since))
    folded = await _fold(connection, families, is_settled=is_settled)
    try:
        async with connection.begin_nested():
            await _write(connection, folded)
    except DATABASE_ERRORS as error:
        if is_unavailable(error):
            raise
        return await _write_singly(connection, folded)
    return sum(one.record is not None for one in folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folded:
    """What became of one call's evidence."""

    family: Family
    record: CallRecord | None
    """None: it is no call of the line."""


async def _write(connection: AsyncConnection, folded: Sequence[_Folded]) -> None:
    linkedids = [linkedid for one in folded for linkedid in one.family.linkedids]
    records = [one.record for one in folded if one.record is not None]
    await repository.rewrite_calls(connection, linkedids, records)


async def _write_singly(connection: AsyncConnection, folded: Sequence[_Folded]) -> int:
    written = 0
    for one in folded:
        try:
            async with connection.begin_nested():
                await _write(connection, [one])
        except DATABASE_ERRORS as error:
            if is_unavailable(error):
                raise
            name = type(getattr(error, "orig", error)).__name__
            log.error("call_not_written", call_id=one.family.call_id, error=name)  # noqa: TRY400  its text may quote the row
        else:
            written += 1
    return written


async def _whole(connection: AsyncConnection, families: Sequence[Family]) -> list[Family]:
    """Gives the calls whose beginning the evidence still has, or the log never had."""
    linkedids = [linkedid for family in families for linkedid in family.linkedids]
    begun = await repository.beginnings_of(connection, linkedids)
    whole = [family for family in families if not _is_cut(family, begun)]
    if len(whole) < len(families):
        log.info("calls_kept", calls=len(families) - len(whole), why="the beginning of their evidence is gone")
    return whole


def _is_cut(family: Family, begun: Mapping[str, datetime]) -> bool:
    known = [begun[linkedid] for linkedid in family.linkedids if linkedid in begun]
    return bool(known) and min(known) < min(event.occurred_at for event in family.events if event.source is Source.CEL)


async def _touched_calls(connection: AsyncConnection, stored: Sequence[StoredRow], since: datetime) -> set[str]:
    call_ids = {row.linkedid for row in stored if row.linkedid is not None}
    channels = {row.uniqueid for row in stored if row.uniqueid is not None and row.linkedid is None}
    restarted = {row.node for row in stored if row.type == RESTART}
    if channels:
        call_ids |= await repository.calls_of_channels(connection, channels, since)
    if restarted:
        call_ids |= await repository.open_calls(connection, restarted)
    return call_ids


async def _fold(connection: AsyncConnection, families: Sequence[Family], *, is_settled: bool) -> list[_Folded]:
    """Folds calls; those that cannot be folded are left out."""
    everything = [event for family in families for event in family.events]
    if not everything:
        return []
    since = min(event.occurred_at for event in everything) - QUEUE_LOG_TICK
    restarts = await repository.restarts(connection, {event.node for event in everything}, since)
    folded = []
    for family in families:
        begun = restarts.get(family.events[0].node, [])
        try:
            record = fold_call(family.call_id, family.events, begun, is_settled=is_settled)
        except Exception:
            log.exception("call_not_folded", call_id=family.call_id)
        else:
            folded.append(_Folded(family=family, record=record))
    return folded
