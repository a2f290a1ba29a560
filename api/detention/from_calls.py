"""Makes the early report of a call that asks for the detention service, as soon as its evidence is here."""

from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention import repository
from api.evidence.repository import StoredRow
from api.kit.answers import is_unavailable
from asterisk_conf.names import UserEvent
from routing.registration import API_SOURCE, is_registration_number, source_of

log = structlog.get_logger()

SERVICE = "detention"
NAME_LAWYER_S = 3_600
"""Both count for calls whose plan was never published here, or has no form."""
AUTHOR = "line"
"""Who makes these reports: nobody but the line itself."""


_TELLING = (UserEvent.DECISION, UserEvent.DETENTION)


def calls_decided(stored: Iterable[StoredRow]) -> set[str]:
    """Gives the calls of which a decision where to go, or a registration number, has just arrived."""
    return {row.linkedid for row in stored if row.type in _TELLING and row.linkedid is not None}


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
    """Makes the report of each call that asked for the service and has none; gives how many were made.

    Each gets the registration number that its caller heard, if the node gave one.
    """
    wanted = set(call_ids)
    made = await repository.add_from_calls(
        connection, wanted, service=SERVICE, name_lawyer_s=NAME_LAWYER_S, author=AUTHOR
    )
    given = await repository.numbers_given(connection, wanted)
    numbers = {call_id: number for call_id, number in given.items() if _is_of_node(number)}
    if len(numbers) < len(given):
        log.error("detention_number_refused", calls=len(given) - len(numbers))
    if numbers:
        await repository.set_numbers(connection, numbers)
    return made


def _is_of_node(number: str) -> bool:
    """Tells whether it is a registration number that a node, and not the api itself, can have given."""
    return is_registration_number(number) and source_of(number) != API_SOURCE
