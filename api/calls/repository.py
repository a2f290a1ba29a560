"""SQL of the call log; reads only."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls.filters import CallFilters, CallOrder, CallSelection
from api.calls.places import UNKNOWN_S, Place
from api.projection.words import CallOutcome
from api.schema import call_legs, caller_numbers, calls, plan_versions

Row = dict[str, Any]
"""A row as the driver gives it; `journeys` has pydantic check its values."""

EXPORT_FETCH_ROWS = 1_000
_EQUAL = (
    "did", "language", "queue", "office", "service", "operator", "centre", "region", "outcome", "hung_up_by",
)  # fmt: skip
"""Filters that are a column's value."""
_NUMBER_OF_CALL = caller_numbers.c.pseudonym == calls.c.number_pseudonym
_FIRST_DETENTION_SERVICE = "detention"
"""The service of the shipped plan: counts also while nothing has been published."""


def row_values(row: RowMapping) -> Row:
    """Gives the row's values by column name."""
    return {str(name): value for name, value in row.items()}


async def list_calls(connection: AsyncConnection, filters: CallFilters, after: Place | None) -> Sequence[Row]:
    """Gives calls in their order, one more than a page holds when there are more."""
    statement = _ordered(filters).limit(filters.limit + 1)
    if after is not None:
        statement = statement.where(_beyond(after, filters.order))
    return [row_values(row) for row in (await connection.execute(statement)).mappings()]


async def has_more_than(connection: AsyncConnection, selection: CallSelection, rows: int) -> bool:
    """Tells whether more than `rows` calls are selected; counts no further than that."""
    some = select(literal(1)).select_from(calls).where(*_conditions(selection)).limit(rows + 1).subquery()
    found = await connection.execute(select(func.count()).select_from(some))
    return int(found.scalar_one()) > rows


async def stream_calls(connection: AsyncConnection, selection: CallSelection) -> AsyncIterator[Sequence[Row]]:
    """Gives all calls that are selected, in parts, without holding them all."""
    result = await connection.stream(_ordered(selection))
    async for part in result.mappings().partitions(EXPORT_FETCH_ROWS):
        yield [row_values(row) for row in part]


def _ordered(selection: CallSelection) -> Select[tuple[Any, ...]]:
    keys = [_sort_key(selection.order), calls.c.call_id]
    ordered = [key.desc() for key in keys] if selection.order.is_descending else [key.asc() for key in keys]
    return _with_masks().where(*_conditions(selection)).order_by(*ordered)


def _with_masks() -> Select[tuple[Any, ...]]:
    return select(calls, caller_numbers.c.number_masked).outerjoin(caller_numbers, _NUMBER_OF_CALL)


def _sort_key(order: CallOrder) -> ColumnElement[Any]:
    column = calls.c[order.column]
    return column if order.column == CallOrder.STARTED_AT else func.coalesce(column, UNKNOWN_S)


def _beyond(place: Place, order: CallOrder) -> ColumnElement[bool]:
    key = tuple_(_sort_key(order), calls.c.call_id)
    last = (place.value, place.call_id)
    return key < last if order.is_descending else key > last


def _conditions(selection: CallSelection) -> list[ColumnElement[bool]]:
    conditions = [calls.c[name] == value for name in _EQUAL if (value := getattr(selection, name)) is not None]
    if selection.pseudonym is not None:
        conditions.append(calls.c.number_pseudonym == selection.pseudonym)
    if selection.number_ends is not None:
        conditions.append(_has_number_ending(selection.number_ends))
    if selection.started_from is not None:
        conditions.append(calls.c.started_at >= selection.started_from)
    if selection.started_before is not None:
        conditions.append(calls.c.started_at < selection.started_before)
    if selection.detention is not None:
        is_detention = func.coalesce(_is_detention(), False)
        conditions.append(is_detention if selection.detention else ~is_detention)
    if selection.taken_part is not None:
        conditions.append(took_part(selection.taken_part))
    return [*conditions, *_ending_conditions(selection), *_seconds_conditions(selection)]


def _has_number_ending(digits: str) -> ColumnElement[bool]:
    numbers = select(literal(1)).where(
        _NUMBER_OF_CALL, func.right(caller_numbers.c.number_masked, len(digits)) == digits
    )
    return numbers.correlate(calls).exists()


def _ending_conditions(selection: CallSelection) -> Iterator[ColumnElement[bool]]:
    if selection.overflowed is not None:
        yield (calls.c.overflows > 0) if selection.overflowed else (calls.c.overflows == 0)
    if selection.short_abandoned is not None:
        gone_after_s = func.coalesce(calls.c.wait_s, calls.c.duration_s)
        yield or_(calls.c.outcome.like("abandoned%"), calls.c.outcome == CallOutcome.OVERFLOWED)
        is_short = gone_after_s < selection.short_abandon_s
        yield is_short if selection.short_abandoned else ~is_short


def _is_detention() -> ColumnElement[bool]:
    """Compares with the detention service of every version of the plan: old calls came under old ones."""
    told = plan_versions.c.document[("line", "detention_service")].astext
    return or_(calls.c.service == _FIRST_DETENTION_SERVICE, calls.c.service.in_(select(told)))


def _seconds_conditions(selection: CallSelection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("wait_s", "talk_s", "duration_s"):
        seconds = calls.c[name]
        least, most = getattr(selection, f"{name}_min"), getattr(selection, f"{name}_max")
        if least is not None:
            conditions.append(seconds >= least)
        if most is not None:
            conditions.append(seconds <= most)
    return conditions


def took_part(operator: str) -> ColumnElement[bool]:
    """Gives the condition on `calls` that this operator answered, or a phone of theirs rang or talked."""
    legs = select(literal(1)).where(call_legs.c.call_id == calls.c.call_id, call_legs.c.operator == operator)
    return or_(calls.c.operator == operator, legs.exists())


async def find_call(connection: AsyncConnection, call_id: str, taken_part: str | None = None) -> Row | None:
    """Gives one call; None when it is not there, or `taken_part` is an operator who took no part in it."""
    statement = _with_masks().where(calls.c.call_id == call_id)
    if taken_part is not None:
        statement = statement.where(took_part(taken_part))
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else row_values(row)


async def count_of_number(connection: AsyncConnection, pseudonym: str) -> int:
    """Gives how many calls a number has in the log."""
    statement = select(func.count()).select_from(calls).where(calls.c.number_pseudonym == pseudonym)
    return int((await connection.execute(statement)).scalar_one())


async def rows_of_call(connection: AsyncConnection, table: Table, call_id: str) -> Sequence[Row]:
    """Gives the rows of a table below `calls`, in the order of events."""
    number = list(table.primary_key)[1]
    statement = select(table).where(table.c.call_id == call_id).order_by(number)
    return [row_values(row) for row in (await connection.execute(statement)).mappings()]
