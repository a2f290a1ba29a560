"""SQL of commands. How old one is, is told by the database's clock."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, and_, case, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.commands.schemas import CommandResult, CommandState, NodeCommand
from api.commands.tables import node_commands
from api.schema import call_legs, calls, nodes, queue_visits

_LISTED = 100
_IS_LATE = and_(node_commands.c.state == CommandState.QUEUED.value, node_commands.c.expires_at <= func.now())
_STATE = case((_IS_LATE, literal(CommandState.EXPIRED.value)), else_=node_commands.c.state).label("state")
_SHOWN = tuple(_STATE if name == "state" else node_commands.c[name] for name in NodeCommand.model_fields)


async def has_node(connection: AsyncConnection, node: str) -> bool:
    """Tells whether a node of this name has ever reported."""
    return (await connection.execute(select(nodes.c.node).where(nodes.c.node == node))).first() is not None


async def waiting_place(connection: AsyncConnection, node: str, call_id: str) -> tuple[str, str] | None:
    """Gives queue and channel of a caller who waits on this node now; None: the log knows of none."""
    statement = (
        select(queue_visits.c.queue, call_legs.c.channel)
        .join_from(queue_visits, calls, calls.c.call_id == queue_visits.c.call_id)
        .join(call_legs, call_legs.c.call_id == calls.c.call_id)
        .where(calls.c.call_id == call_id, calls.c.node == node, calls.c.ended_at.is_(None))
        .where(queue_visits.c.answered_at.is_(None), queue_visits.c.ended_at.is_(None))
        .where(call_legs.c.role == "caller", call_legs.c.channel.is_not(None))
        .order_by(queue_visits.c.visit_no.desc(), call_legs.c.leg_no)
        .limit(1)
    )
    row = (await connection.execute(statement)).first()
    return None if row is None else (row[0], row[1])


async def add_command(connection: AsyncConnection, command: dict[str, object], life_s: float) -> NodeCommand:
    """Stores a command; it waits for its node."""
    expires_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, life_s)
    statement = insert(node_commands).values(**command, expires_at=expires_at).returning(*_SHOWN)
    return _command((await connection.execute(statement)).mappings().one())


async def claim_commands(connection: AsyncConnection, listening: Sequence[str]) -> Sequence[NodeCommand]:
    """Takes what is to be sent to these nodes, the oldest first: what is given here is never given again."""
    ready = (
        select(node_commands.c.id)
        .where(node_commands.c.node.in_(listening), node_commands.c.state == CommandState.QUEUED.value)
        .where(node_commands.c.expires_at > func.now())
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(node_commands)
        .where(node_commands.c.id.in_(ready))
        .values(state=CommandState.SENT.value, sent_at=func.now())
        .returning(*_SHOWN)
    )
    rows = [_command(row) for row in (await connection.execute(statement)).mappings()]
    return sorted(rows, key=lambda command: (command.created_at, command.id))


async def find_command(connection: AsyncConnection, node: str, command_id: str) -> NodeCommand | None:
    """Gives one command."""
    statement = select(*_SHOWN).where(node_commands.c.node == node, node_commands.c.id == command_id)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _command(row)


async def list_commands(connection: AsyncConnection, node: str) -> Sequence[NodeCommand]:
    """Gives a node's newest commands."""
    statement = select(*_SHOWN).where(node_commands.c.node == node)
    newest = statement.order_by(node_commands.c.created_at.desc(), node_commands.c.id).limit(_LISTED)
    return [_command(row) for row in (await connection.execute(newest)).mappings()]


async def finish_command(connection: AsyncConnection, node: str, command_id: str, told: CommandResult) -> bool:
    """Keeps a result; the first one stands. False: there is no such command that was sent."""
    of_node = and_(node_commands.c.node == node, node_commands.c.id == command_id)
    statement = (
        update(node_commands)
        .where(of_node, node_commands.c.state == CommandState.SENT.value)
        .values(state=told.state.value, result=told.result, finished_at=func.now())
    )
    if (await connection.execute(statement)).rowcount:
        return True
    finished = select(node_commands.c.id).where(of_node, node_commands.c.finished_at.is_not(None))
    return (await connection.execute(finished)).first() is not None


def _command(row: RowMapping) -> NodeCommand:
    return NodeCommand.model_validate({str(name): value for name, value in row.items()})
