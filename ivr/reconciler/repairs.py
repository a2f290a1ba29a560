"""What to do when Asterisk does not show what the node knows. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.queues.places import CHANNEL_TECHNOLOGY, Member, Places
from ivr.reconciler.record import Record, Standing, record_of
from routing.plan import OperatorId, Plan, QueueName


class RepairKind(StrEnum):
    """What is mended; the values are words of the log."""

    PAUSE = "pause"
    """A pause that a crash of Asterisk lost is set again."""
    UNPAUSE = "unpause"
    """The end of a pause was lost."""
    LOG_IN = "log-in"
    """A login was lost."""
    FREE = "free"
    """A member that seems to talk without a channel leaves the queue and comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action for Asterisk's manager."""

    name: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Actions that belong together, for one operator."""

    kind: RepairKind
    operator: OperatorId
    actions: tuple[Action, ...]


def restorations(known: Record, places: Places, plan: Plan) -> tuple[Repair, ...]:
    """Gives what a new boot of Asterisk lost of what the node knew; operators whom the plan has left are let be.

    Nobody is logged out: a login while the service was down is not in the record, and would be undone.
    """
    shown = record_of(places, "").standings
    found: list[Repair] = []
    for operator in sorted(known.standings.keys() & plan.operators.keys()):
        found += _restored(operator, known.standings[operator], shown.get(operator), places, plan)
    return tuple(found)


def _restored(
    operator: OperatorId, known: Standing, shown: Standing | None, places: Places, plan: Plan
) -> Iterator[Repair]:
    if shown is None:
        actions = tuple(_login_actions(operator, known, places, plan))
        if actions:
            yield Repair(kind=RepairKind.LOG_IN, operator=operator, actions=actions)
    elif known.is_paused != shown.is_paused:
        kind = RepairKind.PAUSE if known.is_paused else RepairKind.UNPAUSE
        yield Repair(
            kind=kind, operator=operator, actions=(pause_action(operator, known.reason, is_pause=known.is_paused),)
        )


def _login_actions(operator: OperatorId, known: Standing, places: Places, plan: Plan) -> Iterator[Action]:
    places_lost = [
        each
        for each in plan.operators[operator].memberships
        if each.queue in known.queues and each.queue in places.queues
    ]
    for place in places_lost:
        yield _add(place.queue, operator, place.penalty, is_paused=known.is_paused)
    if places_lost and known.is_paused:
        yield pause_action(operator, known.reason)


def freeing(operator: OperatorId, places: Places) -> Repair:
    """Gives how a member that hangs leaves its queues and comes back with penalty and pause.

    Why: app_queue asks for the device's state anew when a member is added (create_queue_member() in apps/app_queue.c).
    """
    rows = [each for each in places.members if each.operator == operator]
    actions = tuple(action for row in rows for action in _again(row))
    return Repair(kind=RepairKind.FREE, operator=operator, actions=actions)


def _again(row: Member) -> Iterator[Action]:
    yield _remove(row.queue, row.operator)
    yield _add(row.queue, row.operator, row.penalty, is_paused=row.is_paused)
    if row.is_paused and row.pause_reason:
        yield pause_action(row.operator, row.pause_reason, queue=row.queue)


def may_be_paused(operator: OperatorId, places: Places, known: Record, plan: Plan) -> bool:
    """Tells whether an operator may be put on a pause without being asked.

    The last one who can answer in the queue that must always be there is rung on: a phone that rings is more than none.
    A list may be some seconds old: who began a pause since is in `known`.
    """
    name = plan.line.last_resort_queue
    rows = [each for each in places.members if each.queue == name and each.is_reachable and not each.is_paused]
    paused = {other for other, standing in known.standings.items() if standing.is_paused}
    return {each.operator for each in rows} - paused != {operator}


def pause_action(operator: OperatorId, reason: str, *, is_pause: bool = True, queue: QueueName | None = None) -> Action:
    """Gives the action that begins or ends a pause, in one queue or in all."""
    fields = {"Interface": _interface(operator), "Paused": "true" if is_pause else "false"}
    fields |= {"Reason": reason} if reason and is_pause else {}
    return Action(name="QueuePause", fields=fields | ({"Queue": str(queue)} if queue is not None else {}))


def _add(queue: QueueName, operator: OperatorId, penalty: int, *, is_paused: bool) -> Action:
    paused = "true" if is_paused else "false"
    fields = {"Queue": str(queue), "Interface": _interface(operator), "Penalty": str(penalty), "Paused": paused}
    return Action(name="QueueAdd", fields=fields)


def _remove(queue: QueueName, operator: OperatorId) -> Action:
    return Action(name="QueueRemove", fields={"Queue": str(queue), "Interface": _interface(operator)})


def _interface(operator: OperatorId) -> str:
    return f"{CHANNEL_TECHNOLOGY}{operator}"
