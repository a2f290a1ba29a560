"""Who should be a member of which queue, and what has to change. Pure.

Logging in and out is the dialplan's: it works without the service. This mends what a publish changed for operators who
are logged in, and calls other offices in when somebody has waited too long (docs/decisions/0009).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asterisk_conf.names import DUTY_MEMBER, Context
from ivr.queues.places import CHANNEL_TECHNOLOGY, Member, Places
from routing.plan import OperatorId, Plan, Queue, QueueName
from routing.waiting import HELPER_PENALTY

_BEHIND = "@"
_DUTY_FIELDS = {"MemberName": DUTY_MEMBER, "StateInterface": f"Local/{DUTY_MEMBER}@{Context.DUTY_STATE}"}
_Place = tuple[QueueName, OperatorId]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange:
    """One action for Asterisk's manager."""

    action: str
    """`QueueAdd`, `QueueRemove` or `QueuePenalty`."""
    queue: QueueName
    operator: OperatorId
    penalty: int = 0
    is_paused: bool = False

    def fields(self) -> dict[str, str]:
        """Gives the action's fields. Source: res of `manager show command` of each, Asterisk 22."""
        fields = {"Queue": str(self.queue), "Interface": f"{CHANNEL_TECHNOLOGY}{self.operator}"}
        if self.action != "QueueRemove":
            fields["Penalty"] = str(self.penalty)
        if self.action == "QueueAdd":
            fields["Paused"] = "true" if self.is_paused else "false"
            fields |= _DUTY_FIELDS if self.is_duty else {}
        return fields

    @property
    def is_duty(self) -> bool:
        """Tells whether this is the duty officer's number; it may not be logged."""
        return _BEHIND in self.operator


def staff_changes(plan: Plan, places: Places, outbound: str | None = None) -> frozenset[StaffChange]:
    """Gives what has to change so that those who are logged in stand where the plan wants them now.

    Args:
        plan: The plan in force.
        places: Who stands where.
        outbound: Endpoint of the trunk for calls that go out; None: the duty officer's number cannot be called.
    """
    present = {(each.queue, each.operator): each for each in places.members}
    wanted = _wanted(plan, places, present) | (_duty(plan, places, outbound) if outbound is not None else {})
    paused = {each.operator for each in places.members if each.is_paused}
    missing = (
        StaffChange(action="QueueAdd", queue=queue, operator=operator, penalty=penalty, is_paused=operator in paused)
        for (queue, operator), penalty in wanted.items()
        if (queue, operator) not in present and queue in places.queues
    )
    return frozenset((*missing, *_surplus(present, wanted), *_other_penalties(present, wanted)))


def _surplus(present: dict[_Place, Member], wanted: dict[_Place, int]) -> Iterator[StaffChange]:
    for place in present:
        if place not in wanted:
            yield StaffChange(action="QueueRemove", queue=place[0], operator=place[1])


def _other_penalties(present: dict[_Place, Member], wanted: dict[_Place, int]) -> Iterator[StaffChange]:
    for (queue, operator), penalty in wanted.items():
        member = present.get((queue, operator))
        if member is not None and member.penalty != penalty:
            yield StaffChange(action="QueuePenalty", queue=queue, operator=operator, penalty=penalty)


def _wanted(plan: Plan, places: Places, present: dict[_Place, Member]) -> dict[_Place, int]:
    """Gives the penalty of every place that somebody should have now."""
    logged_in = {operator for queue, operator in present if _is_own(plan, queue, operator)}
    own = {
        (membership.queue, operator): membership.penalty
        for operator in logged_in
        for membership in plan.operators[operator].memberships
    }
    helpers = {
        (queue.name, operator): HELPER_PENALTY
        for queue in plan.queues.values()
        if is_escalated(queue, places)
        for operator in logged_in
        if _helps(plan, queue, operator)
    }
    return helpers | own


def _duty(plan: Plan, places: Places, outbound: str) -> dict[_Place, int]:
    """Gives the places of duty officers: who is behind a trunk stands in a queue as `number@endpoint`."""
    called = (
        (queue.name, queue.waiting.escalation.number)
        for queue in plan.queues.values()
        if queue.waiting is not None and queue.waiting.escalation is not None and is_escalated(queue, places)
    )
    return {
        (queue, OperatorId(f"{number}{_BEHIND}{outbound}")): HELPER_PENALTY
        for queue, number in called
        if number is not None
    }


def _is_own(plan: Plan, queue: QueueName, operator: OperatorId) -> bool:
    known = plan.operators.get(operator)
    return known is not None and any(each.queue == queue for each in known.memberships)


def is_escalated(queue: Queue, places: Places) -> bool:
    """Tells whether somebody has waited in `queue` for so long that others are called in."""
    escalation = queue.waiting.escalation if queue.waiting is not None else None
    return escalation is not None and places.longest_wait_s(queue.name) >= escalation.after_s


def _helps(plan: Plan, queue: Queue, operator: OperatorId) -> bool:
    escalation = queue.waiting.escalation if queue.waiting is not None else None
    return escalation is not None and plan.operators[operator].office in escalation.offices
