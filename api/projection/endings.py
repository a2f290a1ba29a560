"""How a call ended: when, by whom, and what that was for the caller. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.projection.cel_steps import CelFold, Leg
from api.projection.rows import StepRow, VisitRow
from api.projection.words import CallOutcome, CentreStep, HungUpBy, InfoState, StepKind, VisitEnding
from asterisk_conf.names import Context

_ABANDONS = {
    VisitEnding.ABANDONED: CallOutcome.ABANDONED_IN_QUEUE,
    VisitEnding.ABANDONED_RINGING: CallOutcome.ABANDONED_RINGING,
}
OVERFLOWS = frozenset({
    VisitEnding.EXIT_EMPTY, VisitEnding.EXIT_TIMEOUT, VisitEnding.WITHDRAWN,
    VisitEnding.REFUSED_EMPTY, VisitEnding.REFUSED_FULL, VisitEnding.REFUSED_UNKNOWN,
})  # fmt: skip
"""How a queue lets go of a call that nobody answered. Only the line itself withdraws calls: at closing time, or to ring
somebody else too."""
_CENTRE_RINGS = frozenset({CentreStep.DIAL.value, CentreStep.ANSWERED.value, CentreStep.REFUSED.value})
"""Last steps of a caller who was gone by then: whoever is still there goes on from a refusal to `failed` at once."""
_ENDED_BY = {
    VisitEnding.COMPLETED_BY_CALLER: HungUpBy.CALLER,
    VisitEnding.COMPLETED_BY_OPERATOR: HungUpBy.OPERATOR,
    VisitEnding.ABANDONED: HungUpBy.CALLER,
    VisitEnding.ABANDONED_RINGING: HungUpBy.CALLER,
}
_DIALPLAN = "dialplan/"
"""Hangup source of the application Hangup(). Source: pbx_builtin_hangup() in main/pbx_builtins.c."""

QUEUE_LOG_TICK = timedelta(seconds=1)
"""queue_log has whole seconds: a restart told at 12:00:02 was in [12:00:02, 12:00:03).

A call that began in that very second after the restart reads as lost until its next evidence comes.
"""


class QueueState(StrEnum):
    """What queue_log has told of the caller's stays in queues."""

    TOLD = "told"
    """All of it."""
    AWAITED = "awaited"
    """Not all, but it may come."""
    UNTOLD = "untold"
    """A stay that CEL saw begin, and queue_log never told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """The end of a call."""

    at: datetime | None
    """None: it goes on."""
    is_lost: bool
    """True: Asterisk stopped during the call; `at` is its last evidence."""
    queues: QueueState = QueueState.TOLD


def end_of(
    call_id: str, cel: CelFold, caller: Leg, restarts: Iterable[datetime], queue_log_at: datetime | None
) -> CallEnd:
    """Gives the end of the caller's channel, else of the linkedid, else of Asterisk under it.

    A call whose Asterisk stopped ends at its last evidence; `queue_log_at` is the last in queue_log.
    """
    at = caller.ended_at or cel.linkedid_ends.get(call_id)
    last_at = cel.last_at if queue_log_at is None else max(cel.last_at, queue_log_at)
    if at is None and any(last_at < restart + QUEUE_LOG_TICK for restart in restarts):
        return CallEnd(at=last_at, is_lost=True)
    return CallEnd(at=at, is_lost=False)


def hung_up_by_of(cel: CelFold, caller: Leg, visits: Sequence[VisitRow], end: CallEnd) -> HungUpBy:
    """Tells which side ended the call: queue_log's word for the last visit first, then CEL's hangup source."""
    if end.at is None or end.is_lost:
        return HungUpBy.UNKNOWN
    told = _ENDED_BY.get(visits[-1].ending) if visits else None
    return told or _hangup_source_side(cel, caller)


def _hangup_source_side(cel: CelFold, caller: Leg) -> HungUpBy:
    source = caller.hangup_source
    if source is None:
        return HungUpBy.UNKNOWN
    if source.startswith(_DIALPLAN):
        return HungUpBy.SYSTEM
    if source == caller.channel:
        return HungUpBy.CALLER
    sides = {leg.channel: _side_of(cel, leg) for leg in cel.legs.values()}
    return sides.get(source, HungUpBy.UNKNOWN)


def _side_of(cel: CelFold, leg: Leg) -> HungUpBy:
    return HungUpBy.CENTRE if leg.uniqueid in cel.centre_legs else HungUpBy.OPERATOR


def number_leg_of(cel: CelFold, caller: Leg) -> Leg | None:
    """Gives the leg of an override's telephone number that answered: our own call out by a trunk.

    Not that to a centre or to the duty officer, where a machine may have answered.
    """
    others = cel.centre_legs.keys() | cel.duty_legs
    legs = (
        leg
        for leg in cel.legs.values()
        if leg is not caller and leg.context == Context.FROM_TRUNK and leg.uniqueid not in others
    )
    return next((leg for leg in legs if leg.answered_at is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreTalk:
    """A conversation with a regional centre."""

    centre: str | None
    accepted_at: datetime
    ended_at: datetime | None
    """None: it goes on."""

    @property
    def talk_s(self) -> int | None:
        """Whole seconds of it; None while it goes on."""
        return None if self.ended_at is None else max(0, int((self.ended_at - self.accepted_at).total_seconds()))


def centre_talk_of(cel: CelFold, end: CallEnd) -> CentreTalk | None:
    """Gives the last conversation with a centre. It begins when a person there accepts, not when something answers."""
    accepted = [step for step in cel.steps if step.kind is StepKind.CENTRE and step.state == CentreStep.ACCEPTED.value]
    if not accepted:
        return None
    last = accepted[-1]
    ends = [
        leg.ended_at
        for leg in cel.legs.values()
        if leg.uniqueid in cel.centre_legs and leg.ended_at is not None and leg.ended_at >= last.occurred_at
    ]
    return CentreTalk(
        centre=last.subject, accepted_at=last.occurred_at, ended_at=min(ends, default=end.at) if end.at else None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happened in a call up to its end."""

    cel: CelFold
    visits: Sequence[VisitRow]
    has_number_answered: bool
    has_centre_accepted: bool

    @property
    def last_visit(self) -> VisitEnding | None:
        """How the last stay in a queue ended; None: there was none."""
        return self.visits[-1].ending if self.visits else None

    @property
    def last_decided_at(self) -> datetime | None:
        """When it was last decided where the call goes; None: never."""
        return self.cel.decisions[-1].occurred_at if self.cel.decisions else None

    def last_step(self, kind: StepKind) -> StepRow | None:
        """Gives the last step of a kind."""
        return next((step for step in reversed(self.cel.steps) if step.kind is kind), None)


def outcome_of(course: Course, hung_up_by: HungUpBy, end: CallEnd) -> CallOutcome:
    """Tells what the end was for the caller."""
    if end.is_lost:
        return CallOutcome.LOST_NODE
    if end.at is None:
        return CallOutcome.IN_PROGRESS
    spoken = _spoken(course)
    if spoken is not None:
        return spoken
    if end.queues is QueueState.AWAITED:
        return CallOutcome.PENDING
    if course.last_visit in _ABANDONS:
        return _ABANDONS[course.last_visit]
    return _unanswered(course, hung_up_by, end.queues)


def _spoken(course: Course) -> CallOutcome | None:
    """Gives the outcome of a call in which somebody spoke with the caller; None: nobody did."""
    if course.has_centre_accepted:
        return CallOutcome.TRANSFERRED
    if any(visit.answered_at is not None for visit in course.visits):
        is_passed_on = course.last_visit is VisitEnding.TRANSFERRED
        return CallOutcome.TRANSFERRED if is_passed_on else CallOutcome.ANSWERED
    return CallOutcome.ANSWERED if course.has_number_answered else None


def _unanswered(course: Course, hung_up_by: HungUpBy, queues: QueueState) -> CallOutcome:
    if _is_informed(course):
        return CallOutcome.INFORMED
    if hung_up_by is HungUpBy.SYSTEM:
        return CallOutcome.FAILED
    if _rings_centre(course):
        return CallOutcome.ABANDONED_RINGING
    if course.last_visit is VisitEnding.LOST or queues is QueueState.UNTOLD:
        return CallOutcome.ABANDONED_IN_QUEUE
    if course.last_visit in OVERFLOWS:
        return CallOutcome.OVERFLOWED
    return CallOutcome.ABANDONED_IN_MENU if course.last_decided_at is None else CallOutcome.ABANDONED_BEFORE_QUEUE


def _is_informed(course: Course) -> bool:
    """Tells whether information was heard to an end, and nobody asked for after that."""
    heard = [
        step.occurred_at
        for step in course.cel.steps
        if step.kind is StepKind.INFO and step.state == InfoState.COMPLETE.value
    ]
    return bool(heard) and (course.last_decided_at is None or course.last_decided_at <= heard[-1])


def _rings_centre(course: Course) -> bool:
    """Tells whether the call was at a centre's telephone, which nobody had accepted yet, when it ended."""
    step = course.last_step(StepKind.CENTRE)
    if step is None or step.state not in _CENTRE_RINGS:
        return False
    return course.last_decided_at is None or course.last_decided_at <= step.occurred_at
