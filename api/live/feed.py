"""Events of the board with ids, kept for a while, so that a listener who was away is told what it missed. Pure.

An id is `<feed>-<number>`: the feed is this process of the api, because another one counts differently.
"""

from collections import deque
from dataclasses import dataclass

_LONGEST_NUMBER_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """One event."""

    number: int
    """From 1, without gaps."""
    name: str
    document: str
    """One line of JSON."""


class Feed:
    """The newest events, at most `kept` of them."""

    def __init__(self, name: str, *, kept: int) -> None:
        """Begins without events; `name` is this process's."""
        self._name = name
        self._events: deque[FeedEvent] = deque(maxlen=kept)
        self.last_number = 0
        """Of the newest event; 0: there was none yet."""

    def add(self, name: str, document: str) -> None:
        """Adds an event; the oldest goes when there are too many."""
        self.last_number += 1
        self._events.append(FeedEvent(number=self.last_number, name=name, document=document))

    def event_id(self, number: int) -> str:
        """Gives the id under which a listener knows an event."""
        return f"{self._name}-{number}"

    def after(self, number: int) -> list[FeedEvent] | None:
        """Gives the events after one; None: some of them are no longer kept."""
        if number == self.last_number:
            return []
        if not self._events or number < self._events[0].number - 1:
            return None
        return [event for event in self._events if event.number > number]

    def number_of(self, event_id: str) -> int | None:
        """Gives the number of an id of this feed; None: it is of another one, or none at all."""
        name, _, digits = event_id.rpartition("-")
        if name != self._name or not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_NUMBER_DIGITS:
            return None
        number = int(digits)
        return number if number <= self.last_number else None
