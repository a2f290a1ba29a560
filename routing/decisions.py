"""Where a call goes, and why: the one function that service, fallback script, simulator, proof and replay share.

Order, always: emergency, override, exception or holiday, closed, open. Pure: the moment is an argument.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import assert_never

from routing.calendars import HoursState, hours_state, local_time, upcoming_changes
from routing.centres import CentrePlace, CentreRequest, choose
from routing.languages import Language
from routing.overrides import Override, OverrideAction, OverrideScope, active
from routing.plan import CentreId, Did, OfficeId, Plan, PlanVersion, PromptId, Queue, QueueName, Service, ServiceId
from routing.reasons import Reason, ReasonCode, because

WAITED_UNIT_S = 60
"""A caller who waited this long in another queue gains one step of priority."""
PRIORITY_AFTER_CENTRE = 20
"""What a caller whom no centre served has ahead of others of the same service."""
DETENTION_TAKEN = PromptId("detention-taken")
"""What a caller who reports a detention hears at once; left out by plans that do not have it."""
_LONGEST_NAME_CHARS = 48
_LONGEST_WHY_CHARS = 120
KNOWN_QUEUE_STATUSES = (
    "TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "CONTINUE", "WITHDRAW",
)  # fmt: skip
"""Values of QUEUESTATUS. Source: apps/app_queue.c of Asterisk 22; a queue that it does not know gives `UNKNOWN`."""

ENDED_BY_US = ("TIMEOUT", "WITHDRAW")
"""What QUEUESTATUS is when a queue lets go of callers because it closes."""

FAILED_DIAL_STATUSES = ("CHANUNAVAIL", "CONGESTION", "NOANSWER", "BUSY", "CANCEL", "DONTCALL", "TORTURE", "INVALIDARGS")
"""Values of DIALSTATUS that are no answer. Source: apps/app_dial.c of Asterisk 22; ours adds `NOTRUNK`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a call when it is decided."""

    service: ServiceId
    """What the caller asked for; one that the plan does not know becomes the operator's."""
    language: Language = Language.UK
    did: Did | None = None
    centre: CentreId | None = None
    """The centre that the caller asked to speak to; None: none."""
    overrides: tuple[Override, ...] = ()
    """All that are stored; those not in force are passed over."""
    tried_queues: tuple[QueueName, ...] = ()
    """Queues that the caller left without an answer, the last one last."""
    queue_status: str | None = None
    """QUEUESTATUS of the last of them; None before the first queue."""
    dial_status: str | None = None
    """DIALSTATUS of a number that did not answer; None: no number was dialled."""
    waited_s: int = 0
    """How long the caller has waited in queues so far."""
    centre_tried: tuple[CentrePlace, ...] = ()
    """Telephones of centres that were called already, the last one last."""
    centre_status: str | None = None
    """Why the last of them did not take the call."""
    dead_numbers: frozenset[str] = frozenset()
    """Numbers of centres that did not work when they were last checked."""
    why: tuple[Reason, ...] = ()
    """How the menu came to the service; leads the trail."""


class MoveCause(StrEnum):
    """Why a caller who waits is moved to another queue."""

    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDestination:
    """The call waits for an operator."""

    queue: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDestination:
    """The call goes to a telephone number (only by an override); `Decision.queue` is for no answer there."""

    number: str
    """E.164 text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreDestination:
    """The call goes to a telephone of the directory of centres; `Decision.queue` is for what is left after them all."""

    centre: CentreId
    place: int
    """Place among the centre's numbers, from 0 (`routing.centres.numbers_of`)."""
    ring_s: int


Destination = QueueDestination | NumberDestination | CentreDestination


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where the call goes, how it waits there, and the trail of reasons."""

    destination: Destination
    queue: QueueName
    office: OfficeId
    priority: int
    """QUEUE_PRIO."""
    is_open: bool
    """Whether the service works at this moment."""
    announcements: tuple[PromptId, ...]
    """What the caller hears first."""
    max_wait_s: int | None
    """None: until answered."""
    reasons: tuple[Reason, ...]
    plan_version: PlanVersion
    language: Language
    service: ServiceId
    moved: MoveCause | None = None
    """Why the caller was taken out of the last queue; None: not by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One call being decided: what every step needs."""

    plan: Plan
    service: Service
    facts: Facts
    overrides: tuple[Override, ...]
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """A queue, or a number before it, and the reasons that led there."""

    queue: QueueName
    is_open: bool
    reasons: tuple[Reason, ...]
    number: str | None = None
    centre: CentreDestination | None = None
    announcements: tuple[PromptId, ...] = ()
    moved: MoveCause | None = None


def decide(plan: Plan, facts: Facts, moment: datetime) -> Decision:
    """Tells where a call goes at `moment`, before its first queue or after one that nobody answered.

    Raises:
        ValueError: `moment` has no time zone.
    """
    service = plan.services.get(facts.service)
    opening = facts.why
    if service is None:
        service = plan.services[plan.line.operator_service]
        opening = (*opening, because(ReasonCode.UNKNOWN_SERVICE, service=facts.service[:_LONGEST_NAME_CHARS]))
    overrides = active(facts.overrides, moment) if facts.overrides else ()
    case = _Case(plan=plan, service=service, facts=facts, overrides=overrides, moment=moment)
    choice = _after_queue(case) if facts.tried_queues else _first_choice(case)
    decision = _decision(case, replace(choice, reasons=(*opening, *choice.reasons)) if opening else choice)
    return decision if facts.dial_status is None else _after_number(decision, facts.dial_status)


def _after_number(decision: Decision, status: str) -> Decision:
    """Gives the decision for a caller whom the number did not serve: its queue takes the call, without a new text."""
    left = because(ReasonCode.NUMBER_LEFT, status=status, queue=decision.queue)
    queue = QueueDestination(queue=decision.queue)
    return replace(decision, destination=queue, reasons=(left, *decision.reasons), announcements=())


def _decision(case: _Case, choice: _Choice) -> Decision:
    queue = case.plan.queues[choice.queue]
    priority, waited = _priority(case)
    return Decision(
        destination=_destination(choice),
        queue=queue.name,
        office=queue.office,
        priority=priority,
        is_open=choice.is_open,
        announcements=choice.announcements,
        max_wait_s=_max_wait_s(case, queue),
        reasons=choice.reasons + waited,
        plan_version=case.plan.version,
        language=case.facts.language,
        service=case.service.id,
        moved=choice.moved,
    )


def _destination(choice: _Choice) -> Destination:
    if choice.centre is not None:
        return choice.centre
    return QueueDestination(queue=choice.queue) if choice.number is None else NumberDestination(number=choice.number)


def _max_wait_s(case: _Case, queue: Queue) -> int | None:
    """Gives the plan's limit, cut where the queue closes: so the wait ends in time with the service dead too."""
    if queue.name == case.plan.line.last_resort_queue:
        return None
    closes_at = _closes_at(case, queue)
    if closes_at is None:
        return queue.max_wait_s
    left_s = max(1, ceil((closes_at - case.moment).total_seconds()))
    return left_s if queue.max_wait_s is None else min(left_s, queue.max_wait_s)


def _closes_at(case: _Case, queue: Queue) -> datetime | None:
    """Gives when nobody is meant to answer the case in `queue` any more; None: not today or tomorrow."""
    subjects = (case.service, case.plan.offices[queue.office])
    hours = (each for subject in subjects for each in upcoming_changes(case.plan, subject, case.moment))
    for moment in sorted({*hours, *(each.until for each in case.overrides)}):
        if not _serves(replace(case, moment=moment, overrides=active(case.facts.overrides, moment)), queue):
            return moment
    return None


def _serves(case: _Case, queue: Queue) -> bool:
    """Tells whether callers of the case's service are meant to wait in `queue` at its moment."""
    return _is_working(case, queue) or _first_choice(case).queue == queue.name


def serving_queues(plan: Plan, overrides: tuple[Override, ...], moment: datetime) -> frozenset[QueueName]:
    """Gives the queues in which somebody is meant to wait at `moment`: open, or chosen by a switch.

    Raises:
        ValueError: `moment` has no time zone.
    """
    in_force = active(overrides, moment)
    cases = [
        _Case(plan=plan, service=each, facts=Facts(service=each.id), overrides=in_force, moment=moment)
        for each in plan.services.values()
    ]
    chosen = {_first_choice(case).queue for case in cases}
    working = {each.name for each in plan.queues.values() if cases and _is_working(cases[0], each)}
    return frozenset(chosen | working | {plan.line.last_resort_queue})


def _priority(case: _Case) -> tuple[int, tuple[Reason, ...]]:
    """Gives the base of the service plus whole minutes waited, below detention for everybody else."""
    minutes = max(0, case.facts.waited_s) // WAITED_UNIT_S
    priority = case.service.priority + minutes + (PRIORITY_AFTER_CENTRE if case.facts.centre is not None else 0)
    if case.service.id != case.plan.line.detention_service:
        priority = min(priority, case.plan.services[case.plan.line.detention_service].priority - 1)
    if not minutes:
        return priority, ()
    return priority, (because(ReasonCode.WAITED, minutes=str(minutes), priority=str(priority)),)


def _first_choice(case: _Case) -> _Choice:
    ignored: tuple[Reason, ...] = ()
    for override, code in _in_order(case):
        choice = _overridden(case, override, code)
        if choice is not None:
            return replace(choice, reasons=ignored + choice.reasons)
        ignored += (because(ReasonCode.OVERRIDE_IGNORED, id=override.id, queue=override.destination or ""),)
    choice = _with_centre(case, _by_hours(case, hours_state(case.plan, case.service, case.moment)))
    if case.service.id == case.plan.line.detention_service and DETENTION_TAKEN in case.plan.prompts:
        choice = replace(choice, announcements=(DETENTION_TAKEN,))
    return replace(choice, reasons=ignored + choice.reasons) if ignored else choice


def _with_centre(case: _Case, choice: _Choice) -> _Choice:
    """Gives the centre that the caller asked for ahead of the service's queue, if a telephone is left to call."""
    facts = case.facts
    if facts.centre is None or case.service.id == case.plan.line.detention_service:
        return choice
    request = CentreRequest(
        centre=facts.centre, tried=facts.centre_tried, status=facts.centre_status, dead_numbers=facts.dead_numbers
    )
    chosen = choose(case.plan, request, case.moment)
    if chosen.next is None:
        reasons, announcements = chosen.reasons + choice.reasons, chosen.announcements + choice.announcements
        return replace(choice, reasons=reasons, announcements=announcements)
    ring_s = case.plan.line.centre_dialling.ring_s
    centre = CentreDestination(centre=chosen.next.centre, place=chosen.next.place, ring_s=ring_s)
    return replace(choice, centre=centre, reasons=chosen.reasons, announcements=chosen.announcements)


def _in_order(case: _Case) -> Iterator[tuple[Override, ReasonCode]]:
    """Gives the overrides that concern the call: the line's, then service, queue, office; of each the newest first."""
    queue = case.plan.queues[case.service.queue]
    ours = (
        (OverrideScope.SERVICE, case.service.id),
        (OverrideScope.QUEUE, queue.name),
        (OverrideScope.OFFICE, queue.office),
    )
    yield from ((each, ReasonCode.EMERGENCY) for each in case.overrides if each.scope is OverrideScope.LINE)
    for scope, target in ours:
        yield from (
            (each, ReasonCode.OVERRIDE) for each in case.overrides if each.scope is scope and each.target == target
        )


def _overridden(case: _Case, override: Override, code: ReasonCode) -> _Choice | None:
    """Gives what the override chooses; None when it names a queue that this plan does not have."""
    reason = _override_reason(case, override, code)
    match override.action:
        case OverrideAction.OPEN:
            return _Choice(queue=case.service.queue, is_open=True, reasons=(reason,))
        case OverrideAction.CLOSED:
            return _closed(case, reason)
        case OverrideAction.TO_QUEUE:
            queue = case.plan.queues.get(QueueName(override.destination or ""))
            return None if queue is None else _Choice(queue=queue.name, is_open=True, reasons=(reason,))
        case OverrideAction.TO_NUMBER:
            last_resort = case.plan.line.last_resort_queue
            return _Choice(queue=last_resort, is_open=True, reasons=(reason,), number=override.destination)
        case _:
            assert_never(override.action)


def _override_reason(case: _Case, override: Override, code: ReasonCode) -> Reason:
    return because(
        code,
        id=override.id,
        action=override.action.value,
        target=override.target,
        destination=(override.destination or "") if override.action is OverrideAction.TO_QUEUE else "",
        until=f"{local_time(case.plan.calendar, override.until):%Y-%m-%d %H:%M}",
        author=override.author[:_LONGEST_NAME_CHARS],
        why=override.reason[:_LONGEST_WHY_CHARS],
    )


def _by_hours(case: _Case, state: HoursState) -> _Choice:
    if not state.is_open:
        return _closed(case, state.reason)
    return _Choice(queue=case.service.queue, is_open=True, reasons=(state.reason,))


def _closed(case: _Case, reason: Reason) -> _Choice:
    """Gives where callers of the service go while it is closed, with what they hear first."""
    service = case.service
    first = service.closed_queue or case.plan.queues[service.queue].overflow or case.plan.line.last_resort_queue
    queue, skipped = _first_usable(case, first)
    taken = because(ReasonCode.CLOSED_QUEUE, queue=queue)
    announcements = () if service.closed_announcement is None else (service.closed_announcement,)
    return _Choice(queue=queue, is_open=False, reasons=(reason, *skipped, taken), announcements=announcements)


def _after_queue(case: _Case) -> _Choice:
    """Gives where a caller goes whom the last queue did not serve: the emergency's queue, else the overflow."""
    left = case.facts.tried_queues[-1]
    status = case.facts.queue_status or ""
    told = status if status in KNOWN_QUEUE_STATUSES else "UNKNOWN"
    reason = because(ReasonCode.QUEUE_LEFT, queue=left[:_LONGEST_NAME_CHARS], status=told)
    is_open = hours_state(case.plan, case.service, case.moment).is_open
    closed = _closed_behind(case, left) if told in ENDED_BY_US else None
    for override, code in _in_order(case):
        choice = _overridden(case, override, code) if override.scope is OverrideScope.LINE else None
        if choice is not None and choice.number is None and choice.queue not in case.facts.tried_queues:
            return replace(choice, reasons=(reason, *choice.reasons), announcements=())
    queue, skipped = _first_usable(case, _overflow_of(case.plan, left))
    is_last_resort = queue == case.plan.line.last_resort_queue
    taken = because(ReasonCode.LAST_RESORT if is_last_resort else ReasonCode.OVERFLOW, queue=queue)
    choice = _Choice(queue=queue, is_open=is_open, reasons=(reason, *skipped, taken))
    if closed is None:
        return choice
    why = because(ReasonCode.QUEUE_CLOSED, queue=closed.name)
    said = closed.waiting.closing_announcement if closed.waiting is not None else None
    announcements = () if said is None else (said,)
    return replace(
        choice, reasons=(reason, why, *choice.reasons[1:]), announcements=announcements, moved=MoveCause.CLOSING
    )


def _closed_behind(case: _Case, left: QueueName) -> Queue | None:
    """Gives the queue that was left, when it has closed meanwhile."""
    queue = case.plan.queues.get(left)
    return None if queue is None or _serves(case, queue) else queue


def _overflow_of(plan: Plan, name: QueueName) -> QueueName:
    queue = plan.queues.get(name)
    return (queue.overflow if queue is not None else None) or plan.line.last_resort_queue


def _first_usable(case: _Case, first: QueueName) -> tuple[QueueName, tuple[Reason, ...]]:
    """Gives the first queue from `first` along the overflows that is open and not yet tried, else the last resort."""
    name, skipped = first, list[Reason]()
    for _ in case.plan.queues:
        if name == case.plan.line.last_resort_queue:
            break
        if name not in case.facts.tried_queues:
            if _is_working(case, case.plan.queues[name]):
                return name, tuple(skipped)
            skipped.append(because(ReasonCode.QUEUE_SKIPPED, queue=name))
        name = _overflow_of(case.plan, name)
    return case.plan.line.last_resort_queue, tuple(skipped)


def _is_working(case: _Case, queue: Queue) -> bool:
    """Tells whether somebody is meant to answer in `queue` now: overrides of it and its office, else the hours."""
    targets = ((OverrideScope.QUEUE, queue.name), (OverrideScope.OFFICE, queue.office))
    for override in case.overrides:
        if (override.scope, override.target) in targets:
            return override.action is OverrideAction.OPEN
    return hours_state(case.plan, case.plan.offices[queue.office], case.moment).is_open
