"""Folds the evidence of one call into its record. Pure; the order in which evidence arrives does not matter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from api.projection.cel_steps import CelFold, Leg, QueueExit, fold_cel
from api.projection.endings import (
    OVERFLOWS,
    CallEnd,
    CentreTalk,
    Course,
    QueueState,
    centre_talk_of,
    end_of,
    hung_up_by_of,
    number_leg_of,
    outcome_of,
)
from api.projection.events import Event
from api.projection.queue_steps import QueueFold, Visit, fold_queue_log
from api.projection.rows import CallRecord, CallRow, LegRow, VisitRow
from api.projection.words import LegRole, StepKind, VisitEnding
from asterisk_conf.names import Context, Source

REFUSALS = {
    "JOINEMPTY": VisitEnding.REFUSED_EMPTY,
    "JOINUNAVAIL": VisitEnding.REFUSED_EMPTY,
    "FULL": VisitEnding.REFUSED_FULL,
    "UNKNOWN": VisitEnding.REFUSED_UNKNOWN,
}
"""QUEUESTATUS of a queue that did not let the caller in; queue_log has no line of it."""
SILENCE = "t"
"""How silence stands among keys (`--keys` of the command line)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallIdentity:
    """Which call it is."""

    call_id: str
    node: str


def fold_call(
    call_id: str, events: Iterable[Event], restarts: Iterable[datetime], *, is_settled: bool = False
) -> CallRecord | None:
    """Folds all evidence of one call.

    Args:
        call_id: Its linkedid; the one that survived where several were merged.
        events: CEL events of its linkedids, and the queue_log events of its channels.
        restarts: When Asterisk of this node began to run.
        is_settled: Nothing more of it is expected: a stay in a queue whose end did not come is lost.

    Returns:
        The record; None when these are not the events of a call of the line (an operator dialled a code, say).
    """
    known = list(events)
    cel = fold_cel(event for event in known if event.source is Source.CEL)
    if cel is None or cel.caller is None:
        return None
    caller = cel.caller
    aliases = {event.linkedid for event in known if event.source is Source.CEL} - {call_id, None}
    waiting = {caller.uniqueid, *aliases}
    in_queues = [event for event in known if event.source is Source.QUEUE_LOG and event.uniqueid in waiting]
    queued = _fold_queues(in_queues)
    end = end_of(call_id, cel, caller, restarts, max((event.occurred_at for event in in_queues), default=None))
    is_final = end.is_lost or is_settled
    visits = [
        _with_taker(visit, cel.pickups) for visit in _visits(queued, cel.queue_exits, end.at if is_final else None)
    ]
    identity = CallIdentity(call_id=call_id, node=known[0].node)
    told = _queue_state(cel.queue_starts.get(caller.uniqueid, 0), visits, is_final=is_final)
    return CallRecord(
        call=_call_row(identity, cel, caller, visits, replace(end, queues=told)),
        aliases=tuple(sorted(alias for alias in aliases if alias is not None)),
        legs=tuple(_leg_row(leg, cel, queued.agents | _answering(visits)) for leg in cel.legs.values()),
        menu_steps=tuple(cel.menu_steps),
        decisions=tuple(cel.decisions),
        visits=tuple(visits),
        steps=tuple(cel.steps),
    )


def _fold_queues(events: list[Event]) -> QueueFold:
    """Folds the stays of the caller, and those of channels that an operator began and handed over to the caller."""
    folds = [
        fold_queue_log(event for event in events if event.uniqueid == uniqueid)
        for uniqueid in sorted({event.uniqueid or "" for event in events})
    ]
    visits = sorted((visit for fold in folds for visit in fold.visits), key=lambda visit: visit.entered_at)
    return QueueFold(visits=visits, agents={agent for fold in folds for agent in fold.agents})


def _queue_state(starts: int, visits: list[VisitRow], *, is_final: bool) -> QueueState:
    is_whole = starts <= len(visits) and all(visit.ended_at is not None for visit in visits)
    if is_whole:
        return QueueState.TOLD
    return QueueState.UNTOLD if is_final else QueueState.AWAITED


def _with_taker(visit: VisitRow, pickups: dict[str, str]) -> VisitRow:
    """Gives the visit with the operator who took the call from another's ringing phone."""
    takers = {endpoint_of(rang): endpoint_of(taker) for rang, taker in pickups.items()}
    taker = takers.get(visit.operator) if visit.operator is not None else None
    return visit if taker is None else replace(visit, operator=taker)


def _visits(queued: QueueFold, exits: list[QueueExit], ended_at: datetime | None) -> list[VisitRow]:
    """Gives visits in order; a refused one counts as the first of its second, as another try follows it."""
    rows = [_visit_row(visit, ended_at) for visit in queued.visits]
    rows += [_refused_row(row, REFUSALS[row.status]) for row in exits if row.status in REFUSALS]
    return sorted(rows, key=lambda row: (row.entered_at, row.ending not in REFUSALS.values()))


def _visit_row(visit: Visit, ended_at: datetime | None) -> VisitRow:
    row = VisitRow(
        queue=visit.queue,
        entered_at=visit.entered_at,
        answered_at=visit.answered_at,
        ended_at=visit.ended_at,
        operator=visit.operator,
        position=visit.position,
        wait_s=visit.wait_s,
        ring_s=visit.ring_s,
        talk_s=visit.talk_s,
        missed_rings=visit.missed_rings,
        ending=visit.ending,
    )
    return row if ended_at is None or row.ended_at is not None else _lost(row, ended_at)


def _lost(row: VisitRow, ended_at: datetime) -> VisitRow:
    """Gives what is known of a visit whose end queue_log has not told (yet), though the call is over."""
    talk_s = None if row.answered_at is None else max(0, int((ended_at - row.answered_at).total_seconds()))
    is_ringing = row.ending is VisitEnding.ABANDONED_RINGING
    ending = row.ending if is_ringing else VisitEnding.LOST
    return replace(row, ended_at=max(ended_at, row.entered_at), talk_s=talk_s, ending=ending)


def _refused_row(row: QueueExit, ending: VisitEnding) -> VisitRow:
    moment = row.occurred_at.replace(microsecond=0)
    return VisitRow(
        queue=row.queue,
        entered_at=moment,
        answered_at=None,
        ended_at=moment,
        operator=None,
        position=None,
        wait_s=0,
        ring_s=None,
        talk_s=None,
        missed_rings=0,
        ending=ending,
    )


def _answering(visits: list[VisitRow]) -> set[str]:
    return {visit.operator for visit in visits if visit.operator is not None}


def _leg_row(leg: Leg, cel: CelFold, agents: set[str]) -> LegRow:
    endpoint = endpoint_of(leg.channel)
    role = LegRole.OTHER
    if leg is cel.caller:
        role = LegRole.CALLER
    elif leg.uniqueid in cel.centre_legs:
        role = LegRole.CENTRE
    elif leg.context == Context.FROM_OPERATORS or endpoint in agents:
        role = LegRole.OPERATOR
    return LegRow(
        uniqueid=leg.uniqueid,
        channel=leg.channel,
        role=role,
        operator=endpoint if role is LegRole.OPERATOR else None,
        started_at=leg.started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        hangup_cause=leg.hangup_cause,
    )


def endpoint_of(channel: str | None) -> str | None:
    """Gives `c01` of `PJSIP/c01-0000002a`; None for channels of another kind."""
    if channel is None or not channel.startswith("PJSIP/"):
        return None
    return channel.removeprefix("PJSIP/").rpartition("-")[0] or None


def _call_row(identity: CallIdentity, cel: CelFold, caller: Leg, visits: list[VisitRow], end: CallEnd) -> CallRow:
    answered = [visit for visit in visits if visit.answered_at is not None]
    entry, decisions = cel.known_entry, cel.decisions
    hung_up_by = hung_up_by_of(cel, caller, visits, end)
    number = None if answered else number_leg_of(cel, caller)
    talk = centre_talk_of(cel, end)
    course = Course(
        cel=cel, visits=visits, has_number_answered=number is not None, has_centre_accepted=talk is not None
    )
    return CallRow(
        call_id=identity.call_id,
        node=identity.node,
        did=entry.did,
        trunk=entry.trunk,
        number_pseudonym=entry.number_pseudonym,
        presentation=entry.presentation,
        started_at=caller.started_at,
        answered_at=_answered_at(answered, number, talk),
        ended_at=end.at,
        language=_latest([step.language for step in cel.menu_steps], [row.language for row in decisions]),
        keys=_keys(cel),
        service=_latest([row.service for row in decisions]),
        queue=visits[-1].queue if visits else _latest([row.queue for row in decisions]),
        office=_latest([row.office for row in decisions]),
        operator=answered[-1].operator if answered else None,
        centre=None if talk is None else talk.centre,
        centre_asked=_centre_asked(cel),
        plan_version=_latest([entry.plan_version], [row.plan_version for row in decisions]),
        wait_s=_sum([visit.wait_s for visit in visits]),
        talk_s=_sum([*(visit.talk_s for visit in visits), _talk_s(number), None if talk is None else talk.talk_s]),
        duration_s=None if end.at is None else max(0, int((end.at - caller.started_at).total_seconds())),
        overflows=sum(visit.ending in OVERFLOWS for visit in visits),
        outcome=outcome_of(course, hung_up_by, end),
        hung_up_by=hung_up_by,
        hangup_cause=caller.hangup_cause,
    )


def _centre_asked(cel: CelFold) -> str | None:
    """Gives the centre that was called first: the one that the caller chose; its neighbours come later."""
    return next((step.subject for step in cel.steps if step.kind is StepKind.CENTRE), None)


def _answered_at(answered: list[VisitRow], number: Leg | None, talk: CentreTalk | None) -> datetime | None:
    """Gives the moment at which the caller first had a person on the line."""
    moments = [
        None if not answered else answered[0].answered_at,
        None if number is None else number.answered_at,
        None if talk is None else talk.accepted_at,
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _talk_s(number: Leg | None) -> int | None:
    """Gives how long the caller spoke with a telephone number; None: with none, or they speak yet."""
    if number is None or number.answered_at is None or number.ended_at is None:
        return None
    return int((number.ended_at - number.answered_at).total_seconds())


def _keys(cel: CelFold) -> str | None:
    """Gives what the caller keyed: as the last decision has it, else (hung up before) as the menus had it."""
    pressed = ",".join(step.key or SILENCE for step in cel.menu_steps)
    return _latest([pressed or None], [row.keys for row in cel.decisions])


def _latest(*groups: list[str | None]) -> str | None:
    """Gives the last known value of the last group that has one."""
    known = [value for group in groups for value in group if value is not None]
    return known[-1] if known else None


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
