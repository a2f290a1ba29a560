"""Makes the early report of a call that asks for the detention service, as soon as its evidence is here."""

from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention import repository
from api.evidence.repository import StoredRow
from api.kit.answers import is_unavailable
from asterisk_conf.names import UserEvent

log = structlog.get_logger()

SERVICE = "detention"
NAME_LAWYER_S = 3_600
"""Both count for calls whose plan was never published here, or has no form."""
AUTHOR = "line"
"""Who makes these reports: nobody but the line itself."""


def calls_decided(stored: Iterable[StoredRow]) -> set[str]:
    """Gives the calls of which a decision where to go has just arrived."""
    return {row.linkedid for row in stored if row.type == UserEvent.DECISION and row.linkedid is not None}


async def report_asked(connection: AsyncConnection, stored: Sequence[StoredRow]) -> int:
    """Makes reports, inside the transaction that stored the evidence; gives their number.

    What goes wrong here never costs the evidence: it is logged, and `report_calls` can make the report later.
    """
    call_ids = calls_decided(stored)
    if not call_ids:
        return 0
    try:
        async with connection.begin_nested():
            return await report_calls(connection, call_ids)
    except DBAPIError as error:
        if is_unavailable(error):
            raise
        name = type(error.orig).__name__
        log.error("detention_not_reported", calls=len(call_ids), error=name)  # noqa: TRY400  its text may quote the row
        return 0


async def follow_merges(connection: AsyncConnection, linkedids: Iterable[str]) -> None:
    """Ties reports and topics of calls that were merged into others to those: their own rows are gone."""
    merged = await repository.merges_of(connection, linkedids)
    for alias, call_id in sorted(merged.items()):
        await repository.move_to_survivor(connection, alias, call_id)


async def report_calls(connection: AsyncConnection, call_ids: Iterable[str]) -> int:
    """Makes the report of each call that asked for the service and has none; gives their number."""
    return await repository.add_from_calls(
        connection, call_ids, service=SERVICE, name_lawyer_s=NAME_LAWYER_S, author=AUTHOR
    )
