"""Stored evidence as the projection reads it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from asterisk_conf.names import Source

LONGEST_TEXT_CHARS = 600
"""What is kept of one value; an index entry holds at most about 2,700 bytes."""
LARGEST_INTEGER = 2**31 - 1
"""What a column of the projection can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of evidence."""

    node: str
    source: Source
    generation: str
    position_bytes: int
    occurred_at: datetime
    linkedid: str | None
    uniqueid: str | None
    type: str
    payload: Mapping[str, object]

    def text(self, key: str) -> str | None:
        """Gives a field of the payload as text; None when it is missing or empty."""
        return _text(self.payload.get(key))

    def detail(self, key: str) -> str | None:
        """Gives a field of the event's extra (CEL) as text; None when it is missing or empty."""
        extra = self.payload.get("extra")
        return _text(extra.get(key)) if isinstance(extra, Mapping) else None


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)[:LONGEST_TEXT_CHARS]


def whole_number(text: str | None) -> int | None:
    """Gives a number of 0 or more that a column can hold; None for everything else."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST_INTEGER)):
        return None
    number = int(text)
    return number if number <= LARGEST_INTEGER else None


def in_order(events: Iterable[Event]) -> list[Event]:
    """Gives events by time, and within the same moment in file order.

    CEL tells microseconds; queue_log tells whole seconds, so that file order decides there. Generation and
    source stand last only to make the order total: ids of files have no order of their own.
    """
    return sorted(events, key=lambda event: (event.occurred_at, event.position_bytes, event.generation, event.source))
