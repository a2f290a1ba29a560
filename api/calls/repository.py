"""SQL of the call log; reads only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls.filters import CallFilters
from api.kit.pagination import Cursor
from api.schema import calls

Row = dict[str, Any]
"""A row as the driver gives it; `journeys` has pydantic check its values."""


def row_values(row: RowMapping) -> Row:
    """Gives the row's values by column name."""
    return {str(name): value for name, value in row.items()}


async def list_calls(connection: AsyncConnection, filters: CallFilters, after: Cursor | None) -> Sequence[Row]:
    """Gives calls, newest first, one more than a page holds when there are more."""
    statement = (
        select(calls)
        .where(*_conditions(filters, after))
        .order_by(calls.c.started_at.desc(), calls.c.call_id.desc())
        .limit(filters.limit + 1)
    )
    return [row_values(row) for row in (await connection.execute(statement)).mappings()]


def _conditions(filters: CallFilters, after: Cursor | None) -> list[ColumnElement[bool]]:
    columns = {
        calls.c.did: filters.did,
        calls.c.queue: filters.queue,
        calls.c.service: filters.service,
        calls.c.operator: filters.operator,
        calls.c.outcome: filters.outcome,
    }
    conditions = [column == value for column, value in columns.items() if value is not None]
    if filters.started_from is not None:
        conditions.append(calls.c.started_at >= filters.started_from)
    if filters.started_before is not None:
        conditions.append(calls.c.started_at < filters.started_before)
    if after is not None:
        conditions.append(tuple_(calls.c.started_at, calls.c.call_id) < (after.started_at, after.call_id))
    return conditions


async def find_call(connection: AsyncConnection, call_id: str) -> Row | None:
    """Gives one call, None when it is not there."""
    row = (await connection.execute(select(calls).where(calls.c.call_id == call_id))).mappings().first()
    return None if row is None else row_values(row)


async def rows_of_call(connection: AsyncConnection, table: Table, call_id: str) -> Sequence[Row]:
    """Gives the rows of a table below `calls`, in the order of events."""
    number = list(table.primary_key)[1]
    statement = select(table).where(table.c.call_id == call_id).order_by(number)
    return [row_values(row) for row in (await connection.execute(statement)).mappings()]
