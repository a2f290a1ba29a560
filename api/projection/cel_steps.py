"""What each CEL event of a call adds to it: a table of small functions. Pure.

Source: https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/ (event types);
ast_cel_publish_event() and hangup handling in main/cel.c (HANGUP's extra).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.projection.events import Event, in_order, whole_number
from api.projection.rows import DecisionRow, MenuStepRow, StepRow
from api.projection.told_steps import TOLD_STEPS
from api.projection.trails import Trail, read_reasons
from api.projection.words import CentreStep, StepKind
from asterisk_conf.names import Context, UserEvent

_NOT_DEFINED = 0
_NORMAL_CLEARING = 16


@dataclass(slots=True)
class Leg:
    """A channel while its events are folded."""

    uniqueid: str
    started_at: datetime
    channel: str | None = None
    context: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_cause: int | None = None
    hangup_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who called what: ENTRY, or (when that is lost) no more than the channel that came from a trunk."""

    uniqueid: str | None = None
    """The caller's channel."""
    did: str | None = None
    trunk: str | None = None
    number_pseudonym: str | None = None
    presentation: str | None = None
    plan_version: str | None = None


@dataclass(slots=True)
class QueueExit:
    """A Queue() that came back to the dialplan."""

    occurred_at: datetime
    queue: str
    status: str | None


@dataclass(slots=True)
class CelFold:
    """What CEL tells of a call."""

    last_at: datetime
    legs: dict[str, Leg] = field(default_factory=dict)
    entry: Entry | None = None
    from_trunk: Entry | None = None
    linkedid_ends: dict[str, datetime] = field(default_factory=dict)
    """When each linkedid of the call was over: one that was merged ends before the call."""
    menu_steps: list[MenuStepRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    trails: dict[int, Trail] = field(default_factory=dict)
    """Trails that came in parts, by place of their decision."""
    queue_exits: list[QueueExit] = field(default_factory=list)
    queue_starts: dict[str, int] = field(default_factory=dict)
    """How often each channel, by uniqueid, went into Queue()."""
    steps: list[StepRow] = field(default_factory=list)
    dialled_centre: str | None = None
    """The centre that the dialplan is about to call; None: a telephone number that is called is another's."""
    centre_legs: dict[str, str] = field(default_factory=dict)
    """Centre by the uniqueid of the channel that called it."""
    duty_legs: set[str] = field(default_factory=set)
    """Channels, by uniqueid, on which somebody or something answered at the duty officer's number."""
    pickups: dict[str, str] = field(default_factory=dict)
    """Channels that took a call, by the channel that rang for it."""

    @property
    def caller(self) -> Leg | None:
        """The caller's channel; None: these are not the events of a call of the line."""
        uniqueid = self.known_entry.uniqueid
        return None if uniqueid is None else self.legs[uniqueid]

    @property
    def known_entry(self) -> Entry:
        """What is known of who called what."""
        return self.entry or self.from_trunk or Entry()


def fold_cel(events: Iterable[Event]) -> CelFold | None:
    """Folds CEL events of one linkedid, in any order; None when there are none."""
    ordered = in_order(events)
    if not ordered:
        return None
    fold = CelFold(last_at=ordered[-1].occurred_at)
    for event in ordered:
        leg = _leg_of(fold, event)
        step = CEL_STEPS.get(event.type)
        if step is not None:
            step(fold, leg, event)
    for place, trail in fold.trails.items():
        fold.decisions[place] = replace(fold.decisions[place], reasons=trail.reasons())
    return fold


def _leg_of(fold: CelFold, event: Event) -> Leg:
    uniqueid = event.uniqueid or ""
    leg = fold.legs.setdefault(uniqueid, Leg(uniqueid=uniqueid, started_at=event.occurred_at))
    leg.channel = leg.channel or event.text("channame")
    return leg


def _started(fold: CelFold, leg: Leg, event: Event) -> None:
    leg.context = event.text("context")
    if leg.context != Context.FROM_TRUNK:
        return
    is_first = event.linkedid in (None, event.uniqueid)  # a leg that we call by a trunk has its call's linkedid
    if is_first and fold.from_trunk is None:
        fold.from_trunk = Entry(uniqueid=leg.uniqueid)
    elif fold.dialled_centre is not None:
        fold.centre_legs[leg.uniqueid] = fold.dialled_centre


def _answered(_fold: CelFold, leg: Leg, event: Event) -> None:
    leg.answered_at = leg.answered_at or event.occurred_at


def _hung_up(_fold: CelFold, leg: Leg, event: Event) -> None:
    leg.hangup_source = event.detail("hangupsource")
    leg.hangup_cause = _cause(whole_number(event.detail("hangupcause")), leg)


def _cause(told: int | None, leg: Leg) -> int | None:
    """Gives the Q.850 cause; 0 is none of its numbers (AST_CAUSE_NOTDEFINED).

    A BYE or CANCEL without a Reason header leaves 0 on a channel that was never bridged (run on 22.10.1); it maps to
    16, normal clearing. When the channel did not hang up itself, the cause is unknown.
    Source: RFC 3398, mapping of BYE and CANCEL to REL; include/asterisk/causes.h.
    """
    if told != _NOT_DEFINED:
        return told
    return _NORMAL_CLEARING if leg.hangup_source is not None and leg.hangup_source == leg.channel else None


def _ended(_fold: CelFold, leg: Leg, event: Event) -> None:
    leg.ended_at = event.occurred_at


def _linkedid_ended(fold: CelFold, _leg: Leg, event: Event) -> None:
    fold.linkedid_ends[event.linkedid or ""] = event.occurred_at


def _entered(fold: CelFold, leg: Leg, event: Event) -> None:
    fold.entry = fold.entry or Entry(
        uniqueid=leg.uniqueid,
        did=event.detail("did"),
        trunk=event.detail("trunk"),
        number_pseudonym=event.detail("number"),
        presentation=event.detail("presentation"),
        plan_version=event.detail("plan"),
    )


def _menu_answered(fold: CelFold, _leg: Leg, event: Event) -> None:
    row = MenuStepRow(
        occurred_at=event.occurred_at,
        menu=event.detail("menu"),
        outcome=event.detail("outcome"),
        key=event.detail("key"),
        language=event.detail("language"),
        attempt=whole_number(event.detail("attempt")),
    )
    fold.menu_steps.append(row)


def _decided(fold: CelFold, _leg: Leg, event: Event) -> None:
    is_open = event.detail("open")
    row = DecisionRow(
        occurred_at=event.occurred_at,
        rung=event.detail("rung"),
        service=event.detail("service"),
        queue=event.detail("queue"),
        office=event.detail("office"),
        priority=whole_number(event.detail("priority")),
        is_open=None if is_open is None else is_open == "1",
        language=event.detail("language"),
        keys=event.detail("keys"),
        plan_version=event.detail("plan"),
        reasons=read_reasons(event.detail("reasons")),
    )
    fold.decisions.append(row)
    fold.dialled_centre = None


def _told_reasons(fold: CelFold, _leg: Leg, event: Event) -> None:
    if fold.decisions:
        fold.trails.setdefault(len(fold.decisions) - 1, Trail()).add(event)


def _told(fold: CelFold, _leg: Leg, event: Event) -> None:
    step = TOLD_STEPS[event.type](event)
    fold.steps.append(step)
    if step.kind is StepKind.CENTRE and step.state == CentreStep.DIAL:
        fold.dialled_centre = step.subject


def _duty_answered(fold: CelFold, leg: Leg, _event: Event) -> None:
    """Notes the channel: the stay in the queue tells whether the duty officer took the call."""
    fold.duty_legs.add(leg.uniqueid)


def _left_queue(fold: CelFold, _leg: Leg, event: Event) -> None:
    queue = event.detail("queue")
    if queue is not None:
        fold.queue_exits.append(QueueExit(event.occurred_at, queue, event.detail("status")))


def _began_queue(fold: CelFold, leg: Leg, _event: Event) -> None:
    """Counts Queue(): cel.conf has CEL follow no other application."""
    fold.queue_starts[leg.uniqueid] = fold.queue_starts.get(leg.uniqueid, 0) + 1


def _picked_up(fold: CelFold, leg: Leg, event: Event) -> None:
    """Notes who took the call. Source: cel_pickup_cb() in main/cel.c: the event is the ringing channel's."""
    taker = event.detail("pickup_channel")
    if leg.channel is not None and taker is not None:
        fold.pickups[leg.channel] = taker


CEL_STEPS: dict[str, Callable[[CelFold, Leg, Event], None]] = {
    "CHAN_START": _started,
    "ANSWER": _answered,
    "HANGUP": _hung_up,
    "CHAN_END": _ended,
    "LINKEDID_END": _linkedid_ended,
    "APP_START": _began_queue,
    "PICKUP": _picked_up,
    UserEvent.ENTRY: _entered,
    UserEvent.MENU: _menu_answered,
    UserEvent.DECISION: _decided,
    UserEvent.REASONS: _told_reasons,
    UserEvent.QUEUE_EXIT: _left_queue,
    UserEvent.DUTY: _duty_answered,
    **dict.fromkeys(TOLD_STEPS, _told),
}
