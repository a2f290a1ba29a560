"""Does commands by actions of the manager interface, each sent once: `AmiLink` never repeats one.

Least rights: pausing and logging out need the class `agent`; QueueWithdrawCaller needs none beyond a login, and leaves
the caller to the dialplan's [after-queue], which decides as after any queue. So nothing here needs the class `call`,
with which channels could be sent anywhere.

Source: apps/app_queue.c of Asterisk 22: manager_pause_queue_member(), manager_remove_queue_member(),
manager_queue_withdraw_caller() and their registration in load_module().
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from ivr.ami.errors import AmiError, NotConnected, UnsafeField
from ivr.ami.link import AmiLink
from ivr.commands.documents import MoveOrder, OperatorAction, OperatorOrder, Order

WITHDRAW_INFO = "command"
"""What the dialplan can read of why the caller left the queue."""
_TOLD_LIMIT_CHARS = 150


class Ending(StrEnum):
    """How a command ended; the values are those of the api."""

    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a command, in words for people."""

    ending: Ending
    told: str


class Executor:
    """Does orders over one link."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def execute(self, order: Order) -> Result:
        """Does an order; whatever goes wrong is the result."""
        try:
            match order:
                case MoveOrder():
                    return await self._move(order)
                case OperatorOrder(action=OperatorAction.LOG_OUT):
                    return await self._log_out(order)
                case OperatorOrder():
                    return await self._pause(order)
                case _:
                    assert_never(order)
        except (NotConnected, UnsafeField) as error:
            return Result(ending=Ending.FAILED, told=f"nothing was done: {error}"[:_TOLD_LIMIT_CHARS])
        except AmiError as error:
            told = f"not known whether it was done: {error}"
            return Result(ending=Ending.FAILED, told=told[:_TOLD_LIMIT_CHARS])

    async def _pause(self, order: OperatorOrder) -> Result:
        is_pause = order.action is OperatorAction.PAUSE
        fields = {"Interface": f"PJSIP/{order.operator}", "Paused": "true" if is_pause else "false"}
        reason = {"Reason": order.reason} if order.reason else {}
        response = await self._link.action("QueuePause", **fields, **reason)
        if not response.is_success:
            return _failed(response.message)
        return Result(ending=Ending.DONE, told="paused" if is_pause else "unpaused")

    async def _log_out(self, order: OperatorOrder) -> Result:
        left, told = 0, "the operator is in no queue of the plan"
        for queue in order.queues:
            response = await self._link.action("QueueRemove", Queue=queue, Interface=f"PJSIP/{order.operator}")
            left += response.is_success
            told = response.message
        return Result(ending=Ending.DONE, told=f"logged out of queues: {left}") if left else _failed(told)

    async def _move(self, order: MoveOrder) -> Result:
        fields = {"Queue": order.queue, "Caller": order.channel, "WithdrawInfo": WITHDRAW_INFO}
        response = await self._link.action("QueueWithdrawCaller", **fields)
        if not response.is_success:
            return _failed(response.message)
        return Result(ending=Ending.DONE, told=f"left queue {order.queue}")


def _failed(message: str) -> Result:
    return Result(ending=Ending.FAILED, told=f"Asterisk refuses: {message}"[:_TOLD_LIMIT_CHARS])
