"""When operators were logged in and paused, from queue_log: a table of small functions. Pure.

Source: add_to_queue(), remove_from_queue() and set_queue_member_pause() in apps/app_queue.c of Asterisk 22. Members are
persistent (`persistentmembers=yes`): a restart of Asterisk logs nobody out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from api.projection.events import Event, in_order


class OperatorState(StrEnum):
    """What an operator is to the queues."""

    AVAILABLE = "available"
    PAUSED = "paused"
    LOGGED_OUT = "logged_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One stretch of time; the next begins where it ends."""

    node: str
    operator: str
    started_at: datetime
    ended_at: datetime | None
    """None: it goes on."""
    state: OperatorState
    reason: str | None
    """Of a pause."""
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duty:
    """What is known of an operator at a moment."""

    queues: frozenset[str] = frozenset()
    is_paused: bool = False
    reason: str | None = None

    @property
    def state(self) -> OperatorState:
        if not self.queues:
            return OperatorState.LOGGED_OUT
        return OperatorState.PAUSED if self.is_paused else OperatorState.AVAILABLE


def fold_states(node: str, operator: str, before: StateRow | None, events: Iterable[Event]) -> list[StateRow]:
    """Folds what happened after `before` began.

    Args:
        node: Where.
        operator: Who; `events` are about this operator alone.
        before: The last stretch that began earlier; None: there is none.
        events: Rows of queue_log, in any order.

    Returns:
        `before` with its end, if it was given, and what followed.
    """
    rows = [] if before is None else [replace(before, ended_at=None)]
    duty = _Duty() if before is None else _duty_of(before)
    ordered = in_order(events)
    for place, event in enumerate(ordered):
        duty = OPERATOR_STEPS[event.type](duty, event) if event.type in OPERATOR_STEPS else duty
        is_last_of_second = place + 1 == len(ordered) or ordered[place + 1].occurred_at != event.occurred_at
        if is_last_of_second:
            _begin(rows, node, operator, duty, event.occurred_at)
    return rows


def _begin(rows: list[StateRow], node: str, operator: str, duty: _Duty, at: datetime) -> None:
    queues, reason = tuple(sorted(duty.queues)), duty.reason if duty.state is OperatorState.PAUSED else None
    if rows and (rows[-1].state, rows[-1].reason, rows[-1].queues) == (duty.state, reason, queues):
        return
    if not rows and duty.state is OperatorState.LOGGED_OUT:
        return
    if rows:
        rows[-1] = replace(rows[-1], ended_at=at)
    rows.append(
        StateRow(
            node=node, operator=operator, started_at=at, ended_at=None, state=duty.state, reason=reason, queues=queues
        )
    )


def _duty_of(row: StateRow) -> _Duty:
    return _Duty(queues=frozenset(row.queues), is_paused=row.state is OperatorState.PAUSED, reason=row.reason)


def _added(duty: _Duty, event: Event) -> _Duty:
    queue = event.text("queue")
    if queue is None:
        return duty
    grown = replace(duty, queues=duty.queues | {queue})
    return replace(grown, is_paused=True) if event.text("paused") == "PAUSED" else grown


def _removed(duty: _Duty, event: Event) -> _Duty:
    left = duty.queues - {event.text("queue") or ""}
    return replace(duty, queues=left) if left else _Duty()


def _paused(duty: _Duty, event: Event) -> _Duty:
    return replace(duty, is_paused=True, reason=event.text("reason"))


def _unpaused(duty: _Duty, _event: Event) -> _Duty:
    return replace(duty, is_paused=False, reason=None)


OPERATOR_STEPS: dict[str, Callable[[_Duty, Event], _Duty]] = {
    "ADDMEMBER": _added,
    "REMOVEMEMBER": _removed,
    "PAUSE": _paused,
    "PAUSEALL": _paused,
    "UNPAUSE": _unpaused,
    "UNPAUSEALL": _unpaused,
}
