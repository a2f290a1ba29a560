"""Who seems to talk without a channel, and who misses one ring after the other. Pure: told looks and events only."""

from collections.abc import Set
from dataclasses import dataclass

from routing.plan import OperatorId

LOOKS = 3
"""So many looks in a row must agree: a call that begins or ends is not the same in two lists for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one look asks for."""

    to_free: tuple[OperatorId, ...] = ()
    to_alarm: tuple[OperatorId, ...] = ()
    """They were freed before, and it did not help."""
    over: tuple[OperatorId, ...] = ()
    """They had an alarm, and are right again."""


class StuckMembers:
    """Counts looks at which an operator was busy without a channel."""

    def __init__(self) -> None:
        self._looks: dict[OperatorId, int] = {}

    @property
    def alarmed(self) -> tuple[OperatorId, ...]:
        """Operators who hang now although they were freed."""
        return tuple(sorted(operator for operator, looks in self._looks.items() if looks >= 2 * LOOKS))

    def look(self, busy: Set[OperatorId], with_channel: Set[OperatorId]) -> Findings:
        """Takes one look: who is busy by the queues, and who has a channel."""
        hanging = busy - with_channel
        before = self.alarmed
        self._looks = {operator: self._looks.get(operator, 0) + 1 for operator in hanging}
        return Findings(
            to_free=self._at(LOOKS),
            to_alarm=self._at(2 * LOOKS),
            over=tuple(operator for operator in before if operator not in hanging),
        )

    def _at(self, looks: int) -> tuple[OperatorId, ...]:
        return tuple(sorted(operator for operator, count in self._looks.items() if count == looks))


class MissedRings:
    """Counts rings that an operator missed or refused, one after the other."""

    def __init__(self, limit: int) -> None:
        """`limit`: so many in a row are too many."""
        self._limit = limit
        self._counts: dict[OperatorId, int] = {}

    def missed(self, operator: OperatorId) -> bool:
        """Counts one; True: it is one too many. The count goes on, so that the next one is again."""
        self._counts[operator] = self._counts.get(operator, 0) + 1
        return self._counts[operator] >= self._limit

    def forget(self, operator: OperatorId) -> None:
        """Begins anew: the operator answered, came, left, or began or ended a pause."""
        self._counts.pop(operator, None)
