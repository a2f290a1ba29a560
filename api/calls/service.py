"""The call log: a page of calls, and the journey of one."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.calls import journeys, repository
from api.calls.filters import CallFilters, CallOrder
from api.calls.places import UNKNOWN_S, Place, decode_place, encode_place
from api.calls.recorded import recordings_of
from api.calls.schemas import CallJourney, CallPage, CallSummary
from api.evidence.months import hold_months
from api.kit.exceptions import NotFoundError
from api.projection.repository import evidence_of_calls, find_survivor


async def page_of_calls(connection: AsyncConnection, filters: CallFilters) -> CallPage:
    """Gives one page.

    Raises:
        InvalidCursorError: The cursor is not one that this api gave for this order.
    """
    after = decode_place(filters.cursor, filters.order) if filters.cursor else None
    rows = await repository.list_calls(connection, filters, after)
    calls = [journeys.summary(row) for row in rows[: filters.limit]]
    cursor = encode_place(_place_of(calls[-1], filters.order), filters.order) if len(rows) > filters.limit else None
    return CallPage(calls=calls, next_cursor=cursor)


def _place_of(call: CallSummary, order: CallOrder) -> Place:
    seconds = {
        CallOrder.WAIT_S.value: call.wait_s,
        CallOrder.TALK_S.value: call.talk_s,
        CallOrder.DURATION_S.value: call.duration_s,
    }
    if order.column not in seconds:
        return Place(value=call.started_at, call_id=call.call_id)
    known = seconds[order.column]
    return Place(value=UNKNOWN_S if known is None else known, call_id=call.call_id)


async def journey_of_call(connection: AsyncConnection, call_id: str, taken_part: str | None = None) -> CallJourney:
    """Gives one call with everything that happened in it; a linkedid that was merged into it will do.

    Raises:
        NotFoundError: There is no such call, or `taken_part` is an operator who took no part in it.
    """
    await hold_months(connection)
    call_id = await find_survivor(connection, call_id) or call_id
    row = await repository.find_call(connection, call_id, taken_part)
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
        "steps": await repository.rows_of_call(connection, schema.call_steps, call_id),
        "legs": [journeys.leg(one) for one in await repository.rows_of_call(connection, schema.call_legs, call_id)],
        "timeline": journeys.timeline(evidence.get(call_id, [])),
    }
    journey = CallJourney.model_validate(fields)
    return journey.model_copy(update={"recordings": recordings_of(journey.steps)})
