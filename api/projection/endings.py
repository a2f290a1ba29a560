"""How a call ended: when, by whom, and what that was for the caller. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.projection.cel_steps import CelFold, Leg
from api.projection.rows import DecisionRow, VisitRow
from api.projection.words import CallOutcome, HungUpBy, VisitEnding
from asterisk_conf.names import Context

_ABANDONS = {
    VisitEnding.ABANDONED: CallOutcome.ABANDONED_IN_QUEUE,
    VisitEnding.ABANDONED_RINGING: CallOutcome.ABANDONED_RINGING,
}
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
    return HungUpBy.OPERATOR if source in {leg.channel for leg in cel.legs.values()} else HungUpBy.UNKNOWN


def number_leg_of(cel: CelFold, caller: Leg) -> Leg | None:
    """Gives the leg of a telephone number that answered: our own call out by a trunk, which only an override makes."""
    legs = (leg for leg in cel.legs.values() if leg is not caller and leg.context == Context.FROM_TRUNK)
    return next((leg for leg in legs if leg.answered_at is not None), None)


def outcome_of(
    decisions: Sequence[DecisionRow],
    visits: Sequence[VisitRow],
    hung_up_by: HungUpBy,
    end: CallEnd,
    *,
    has_number_answered: bool,
) -> CallOutcome:
    """Tells what the end was for the caller."""
    if end.is_lost:
        return CallOutcome.LOST_NODE
    if end.at is None:
        return CallOutcome.IN_PROGRESS
    if has_number_answered or any(visit.answered_at is not None for visit in visits):
        return CallOutcome.ANSWERED
    if end.queues is QueueState.AWAITED:
        return CallOutcome.PENDING
    last = visits[-1].ending if visits else None
    if last in _ABANDONS:
        return _ABANDONS[last]
    return _unanswered(last, hung_up_by, end.queues, has_decision=bool(decisions))


def _unanswered(
    last: VisitEnding | None, hung_up_by: HungUpBy, queues: QueueState, *, has_decision: bool
) -> CallOutcome:
    if hung_up_by is HungUpBy.SYSTEM:
        return CallOutcome.FAILED
    if last is VisitEnding.LOST or queues is QueueState.UNTOLD:
        return CallOutcome.ABANDONED_IN_QUEUE
    return CallOutcome.ABANDONED_BEFORE_QUEUE if has_decision else CallOutcome.ABANDONED_IN_MENU
