"""Who should be a member of which queue, and what has to change. Pure.

Logging in and out is the dialplan's: it works without the service. This mends what a publish changed for operators who
are logged in, and calls other offices in when somebody has waited too long (docs/decisions/0009).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asterisk_conf.conversations import duty_numbers
from asterisk_conf.names import DUTY_MEMBER, Context
from ivr.queues.places import CHANNEL_TECHNOLOGY, DUTY_BEGINS, Member, Places
from routing.plan import OperatorId, Plan, Queue, QueueName
from routing.waiting import HELPER_PENALTY

_BEHIND = "@"
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
        fields = {"Queue": str(self.queue), "Interface": self._interface()}
        if self.action != "QueueRemove":
            fields["Penalty"] = str(self.penalty)
        if self.action == "QueueAdd":
            fields["Paused"] = "true" if self.is_paused else "false"
            fields |= self._duty_fields() if self.is_duty else {}
        return fields

    def _interface(self) -> str:
        return f"{DUTY_BEGINS}{self.operator}/n" if self.is_duty else f"{CHANNEL_TECHNOLOGY}{self.operator}"

    def _duty_fields(self) -> dict[str, str]:
        """Gives the name in queue_log, and the state: in use while the number is called, so that it rings once."""
        return {"MemberName": DUTY_MEMBER, "StateInterface": f"{DUTY_BEGINS}{self.operator}"}

    @property
    def is_duty(self) -> bool:
        """Tells whether this is the duty officer, whose number the dialplan alone knows."""
        return _BEHIND in self.operator


def staff_changes(plan: Plan, places: Places, *, has_outbound: bool = False) -> frozenset[StaffChange]:
    """Gives what has to change so that those who are logged in stand where the plan wants them now.

    Args:
        plan: The plan in force.
        places: Who stands where.
        has_outbound: True: the site has a trunk for calls that go out; else no duty officer can be called.
    """
    present = {(each.queue, each.operator): each for each in places.members}
    wanted = _wanted(plan, places, present) | (_duty(plan, places) if has_outbound else {})
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


def _duty(plan: Plan, places: Places) -> dict[_Place, int]:
    """Gives the places of duty officers, each of whom stands in one queue as `<queue>@duty`."""
    called = (queue for queue in duty_numbers(plan) if is_escalated(plan.queues[queue], places))
    return {(queue, OperatorId(f"{queue}{_BEHIND}{Context.DUTY}")): HELPER_PENALTY for queue in called}


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
