"""Making commands; the endpoints own the transactions."""

import secrets

from sqlalchemy.ext.asyncio import AsyncConnection

from api.commands import repository
from api.commands.errors import NotWaitingError, NowhereToMoveError, UnknownOperatorError
from api.commands.schemas import NewCommand, NodeCommand
from api.kit.exceptions import NotFoundError
from api.plans.in_force import plan_in_force
from routing.plan import OperatorId, Plan, QueueName

_ID_BYTES = 6

Arguments = dict[str, str | list[str]]


async def give_command(
    connection: AsyncConnection, node: str, new: NewCommand, *, author: str, life_s: float
) -> NodeCommand:
    """Stores a command for a node.

    Raises:
        NotFoundError: No node of this name has ever reported.
        NoPlanError: No plan is in force.
        UnknownOperatorError: The plan has no such operator.
        NotWaitingError: The call waits in no queue of this node.
        NowhereToMoveError: There is no queue behind the one in which it waits.
    """
    if not await repository.has_node(connection, node):
        raise NotFoundError(f"there is no node {node}")
    plan = await plan_in_force(connection)
    if new.call_id is not None:
        arguments = await _move_arguments(connection, plan, node, new.call_id)
    else:
        arguments = _operator_arguments(plan, new)
    row: dict[str, object] = {
        "id": f"k{secrets.token_hex(_ID_BYTES)}",
        "node": node,
        "action": new.action.value,
        "arguments": arguments,
        "author": author,
    }
    return await repository.add_command(connection, row, life_s)


def _operator_arguments(plan: Plan, new: NewCommand) -> Arguments:
    operator = plan.operators.get(OperatorId(new.operator or ""))
    if operator is None:
        raise UnknownOperatorError(f"the plan in force has no operator {new.operator}")
    arguments: Arguments = {
        "operator": operator.id,
        "queues": [str(membership.queue) for membership in operator.memberships],
    }
    return arguments if new.reason is None else arguments | {"reason": new.reason}


async def _move_arguments(connection: AsyncConnection, plan: Plan, node: str, call_id: str) -> Arguments:
    place = await repository.waiting_place(connection, node, call_id)
    if place is None:
        raise NotWaitingError(f"call {call_id} waits in no queue of {node} now")
    name, channel = place
    queue = plan.queues.get(QueueName(name))
    if queue is not None and queue.overflow is None:
        raise NowhereToMoveError(f"behind queue {name} there is no other")
    return {"call_id": call_id, "queue": name, "channel": channel}
