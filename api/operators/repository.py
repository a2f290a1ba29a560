"""SQL of operators: since when each is what queue_log made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from api.projection.operator_steps import OperatorState
from api.schema import operator_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The stretch of an operator's time that goes on now."""

    state: OperatorState
    started_at: datetime


async def stretches_now(connection: AsyncConnection, operators: Sequence[str]) -> dict[str, Stretch]:
    """Gives the stretch that goes on, by operator; of several nodes one where the operator is logged in, the newest."""
    table = operator_states
    is_out = table.c.state == OperatorState.LOGGED_OUT.value
    statement = (
        select(table.c.operator, table.c.state, table.c.started_at)
        .where(table.c.ended_at.is_(None), table.c.operator.in_(operators))
        .ext(distinct_on(table.c.operator))
        .order_by(table.c.operator, is_out, table.c.started_at.desc())
    )
    rows = await connection.execute(statement)
    return {name: Stretch(state=OperatorState(state), started_at=started_at) for name, state, started_at in rows}
