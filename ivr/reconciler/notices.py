"""What people should know of an operator, as long as it is so: in the live report, the metrics and the log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from ivr.reconciler.record import Standing
from routing.plan import OperatorId


class NoticeKind(StrEnum):
    """What it is about; the values are those of the live report."""

    MISSED_RINGS = "missed-rings"
    """Put on a pause after too many missed rings in a row."""
    RINGS_UNANSWERED = "rings-unanswered"
    """Misses one ring after the other, and is the last one who could answer: no pause."""
    STUCK = "stuck"
    """Busy without a channel, also after it was freed."""


MISSED_RINGS_REASON = NoticeKind.MISSED_RINGS.value
"""Of the pause, in queue_log and on the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about one operator."""

    operator: OperatorId
    kind: NoticeKind
    since_at: datetime


def still_holds(notice: Notice, standing: Standing | None) -> bool:
    """Tells whether a notice is true of an operator who stands so; None: who has left."""
    if standing is None:
        return False
    match notice.kind:
        case NoticeKind.MISSED_RINGS:
            return standing.is_paused and standing.reason == MISSED_RINGS_REASON
        case NoticeKind.RINGS_UNANSWERED:
            return not standing.is_paused
        case NoticeKind.STUCK:
            return True
        case _:
            assert_never(notice.kind)


class Notices:
    """Those that are true now; one of a kind for an operator."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now` gives the real time, aware."""
        self._now = now
        self._notices: dict[tuple[OperatorId, NoticeKind], Notice] = {}

    def raise_for(self, operator: OperatorId, kind: NoticeKind) -> bool:
        """Keeps a notice; False: it was there."""
        if (operator, kind) in self._notices:
            return False
        self._notices[operator, kind] = Notice(operator=operator, kind=kind, since_at=self._now())
        return True

    def take_back(self, operator: OperatorId, kind: NoticeKind) -> bool:
        """Ends a notice; False: there was none."""
        return self._notices.pop((operator, kind), None) is not None

    def current(self) -> tuple[Notice, ...]:
        """Gives all, by operator and kind."""
        return tuple(notice for _, notice in sorted(self._notices.items()))
