"""The call log: a page of calls, and the journey of one."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.calls import journeys, repository
from api.calls.filters import CallFilters
from api.calls.schemas import CallJourney, CallPage
from api.kit.exceptions import NotFoundError
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.projection.repository import evidence_of_calls


async def page_of_calls(connection: AsyncConnection, filters: CallFilters) -> CallPage:
    """Gives one page.

    Raises:
        InvalidCursorError: The cursor is not one that this api gave.
    """
    after = decode_cursor(filters.cursor) if filters.cursor else None
    rows = await repository.list_calls(connection, filters, after)
    calls = [journeys.summary(row) for row in rows[: filters.limit]]
    cursor = None
    if len(rows) > filters.limit:
        cursor = encode_cursor(Cursor(started_at=calls[-1].started_at, call_id=calls[-1].call_id))
    return CallPage(calls=calls, next_cursor=cursor)


async def journey_of_call(connection: AsyncConnection, call_id: str) -> CallJourney:
    """Gives one call with everything that happened in it.

    Raises:
        NotFoundError: There is no such call.
    """
    row = await repository.find_call(connection, call_id)
    if row is None:
        raise NotFoundError(f"there is no call {call_id}")
    evidence = await evidence_of_calls(connection, [call_id])
    fields = {
        **journeys.summary_fields(row),
        "menu_steps": await repository.rows_of_call(connection, schema.menu_steps, call_id),
        "decisions": [
            journeys.decision(one) for one in await repository.rows_of_call(connection, schema.call_decisions, call_id)
        ],
        "queue_visits": await repository.rows_of_call(connection, schema.queue_visits, call_id),
        "legs": [journeys.leg(one) for one in await repository.rows_of_call(connection, schema.call_legs, call_id)],
        "timeline": journeys.timeline(evidence.get(call_id, [])),
    }
    return CallJourney.model_validate(fields)
