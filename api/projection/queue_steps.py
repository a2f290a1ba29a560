"""What each event of queue_log adds to a caller's visits to queues: a table of small functions. Pure.

Source: record_abandon(), try_calling(), wait_for_answer() and queue_exec() in apps/app_queue.c of Asterisk 22.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from api.projection.events import Event, in_order, whole_number
from api.projection.words import VisitEnding

_DETAILS = tuple(f"detail_{number}" for number in range(1, 6))
_TIMES = 3
"""Wait, talk and original position."""


@dataclass(slots=True)
class Visit:
    """A stay in a queue while its events are folded."""

    queue: str
    entered_at: datetime
    position: int | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    operator: str | None = None
    member_uniqueid: str | None = None
    """The answering operator's channel."""
    wait_s: int | None = None
    ring_s: int | None = None
    talk_s: int | None = None
    missed_rings: int = 0
    ending: VisitEnding = VisitEnding.WAITING


@dataclass(slots=True)
class QueueFold:
    """What queue_log tells of a call."""

    visits: list[Visit] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    """Operators whose phones rang."""


def fold_queue_log(events: Iterable[Event]) -> QueueFold:
    """Folds the events of one caller's channel, in any order."""
    fold = QueueFold()
    for event in in_order(events):
        step = QUEUE_STEPS.get(event.type)
        if step is not None:
            step(fold, event)
    return fold


def _entered(fold: QueueFold, event: Event) -> None:
    queue = event.text("queue")
    if queue is not None:
        visit = Visit(queue=queue, entered_at=event.occurred_at, position=whole_number(event.text("position")))
        fold.visits.append(visit)


def _last(fold: QueueFold, event: Event) -> Visit | None:
    """Gives the visit that the event belongs to; None while its ENTERQUEUE has not arrived yet."""
    if fold.visits and fold.visits[-1].queue == event.text("queue"):
        return fold.visits[-1]
    return None


def _rang(fold: QueueFold, event: Event) -> None:
    visit, agent = _last(fold, event), event.text("agent")
    if agent is not None:
        fold.agents.add(agent)
    if visit is not None:
        visit.missed_rings += 1


def _ring_cancelled(fold: QueueFold, event: Event) -> None:
    """The caller hung up while this phone rang; stands before or after the ABANDON of the same hang-up."""
    visit, agent = _last(fold, event), event.text("agent")
    if agent is not None:
        fold.agents.add(agent)
    if visit is not None and visit.answered_at is None:
        visit.ending = VisitEnding.ABANDONED_RINGING


def _connected(fold: QueueFold, event: Event) -> None:
    visit = _last(fold, event)
    if visit is None:
        return
    visit.answered_at = event.occurred_at
    visit.operator = event.text("agent")
    visit.member_uniqueid = event.text("member_uniqueid")
    visit.wait_s = whole_number(event.text("wait_s"))
    visit.ring_s = whole_number(event.text("ring_s"))
    visit.ending = VisitEnding.TALKING


def _ended(ending: VisitEnding, fold: QueueFold, event: Event) -> None:
    visit = _last(fold, event)
    if visit is None:
        return
    waited_s, talked_s = whole_number(event.text("wait_s")), whole_number(event.text("talk_s"))
    visit.ended_at = event.occurred_at
    visit.wait_s = visit.wait_s if waited_s is None else waited_s
    visit.talk_s = visit.talk_s if talked_s is None else talked_s
    if not (ending is VisitEnding.ABANDONED and visit.ending is VisitEnding.ABANDONED_RINGING):
        visit.ending = ending


def _handed_over(fold: QueueFold, event: Event) -> None:
    """Ends a visit by an attended transfer; its times stand behind details whose number the method decides.

    Source: log_attended_transfer() in apps/app_queue.c: `method|detail[|detail]|wait|talk|original position`.
    """
    _ended(VisitEnding.TRANSFERRED, fold, event)
    visit = _last(fold, event)
    details = [text for text in map(event.text, _DETAILS) if text is not None]
    if visit is not None and len(details) > _TIMES:
        waited_s, talked_s = map(whole_number, details[-_TIMES:-1])
        visit.wait_s = visit.wait_s if waited_s is None else waited_s
        visit.talk_s = talked_s


QUEUE_STEPS: dict[str, Callable[[QueueFold, Event], None]] = {
    "ENTERQUEUE": _entered,
    "RINGNOANSWER": _rang,
    "RINGCANCELED": _ring_cancelled,
    "CONNECT": _connected,
    "COMPLETECALLER": partial(_ended, VisitEnding.COMPLETED_BY_CALLER),
    "COMPLETEAGENT": partial(_ended, VisitEnding.COMPLETED_BY_OPERATOR),
    "BLINDTRANSFER": partial(_ended, VisitEnding.TRANSFERRED),
    "ATTENDEDTRANSFER": _handed_over,
    "ABANDON": partial(_ended, VisitEnding.ABANDONED),
    "EXITEMPTY": partial(_ended, VisitEnding.EXIT_EMPTY),
    "EXITWITHTIMEOUT": partial(_ended, VisitEnding.EXIT_TIMEOUT),
    "EXITWITHKEY": partial(_ended, VisitEnding.EXIT_KEY),
    "WITHDRAW": partial(_ended, VisitEnding.WITHDRAWN),
}
