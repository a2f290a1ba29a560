"""SQL of operators' states: their rows of queue_log, and the stretches folded from them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.projection.events import Event
from api.projection.operator_steps import OPERATOR_STEPS, OperatorState, StateRow
from api.schema import operator_states
from asterisk_conf.names import Source

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('operator-states'), hashtext(:node))")
_EVENTS = text(
    "SELECT node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload FROM evidence "
    "WHERE source = 'queue_log' AND node = :node AND occurred_at >= :since AND type = ANY(CAST(:types AS text[])) "
    "AND payload->>'agent' = :operator"
)
_OPERATORS = text(
    "SELECT DISTINCT node, payload->>'agent' FROM evidence WHERE source = 'queue_log' AND occurred_at >= :since "
    "AND type = ANY(CAST(:types AS text[])) AND payload->>'agent' IS NOT NULL"
)
_TYPES = sorted(OPERATOR_STEPS)


async def lock_states(connection: AsyncConnection, node: str) -> None:
    """Lets one transaction at a time write the states of a node's operators."""
    await connection.execute(_LOCK, {"node": node})


async def operators_since(connection: AsyncConnection, since: datetime) -> list[tuple[str, str]]:
    """Gives (node, operator) of whom queue_log tells something at `since` or later."""
    rows = await connection.execute(_OPERATORS, {"since": since, "types": _TYPES})
    return [(node, operator) for node, operator in rows]


async def events_of(connection: AsyncConnection, node: str, operator: str, since: datetime) -> list[Event]:
    """Gives what queue_log tells of an operator at `since` or later."""
    values = {"node": node, "operator": operator, "since": since, "types": _TYPES}
    rows = (await connection.execute(_EVENTS, values)).mappings()
    return [Event(**{**row, "source": Source(row["source"])}) for row in rows]


async def state_before(connection: AsyncConnection, node: str, operator: str, since: datetime) -> StateRow | None:
    """Gives the last stretch that began before `since`."""
    table = operator_states
    statement = (
        select(table)
        .where(table.c.node == node, table.c.operator == operator, table.c.started_at < since)
        .order_by(table.c.started_at.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    return StateRow(**{**row, "state": OperatorState(row["state"]), "queues": tuple(row["queues"])})


async def rewrite_states(
    connection: AsyncConnection, node: str, operator: str, since: datetime, rows: Sequence[StateRow]
) -> None:
    """Puts `rows` in the place of every stretch that began at `since` or later, or is one of them."""
    table = operator_states
    first = min([since, *(row.started_at for row in rows)])
    whose = and_(table.c.node == node, table.c.operator == operator)
    await connection.execute(delete(table).where(whose, table.c.started_at >= first))
    if rows:
        await connection.execute(insert(table), [asdict(row) | {"queues": list(row.queues)} for row in rows])
