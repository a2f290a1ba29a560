"""Carries events from the session to whoever reads them: bounded, and what is dropped is counted."""

import asyncio
from collections import deque

from ivr.ami.frames import Frame

EVENTS_LIMIT = 10_000


class EventPump:
    """A queue of events for one reader. Putting never waits and never fails; the oldest events are dropped first."""

    def __init__(self, limit: int = EVENTS_LIMIT) -> None:
        self._events: deque[Frame] = deque()
        self._limit = limit
        self._has_events = asyncio.Event()
        self.dropped = 0
        """Events that nobody read in time."""

    def put(self, frame: Frame) -> None:
        """Adds one event."""
        if len(self._events) >= self._limit:
            self._events.popleft()
            self.dropped += 1
        self._events.append(frame)
        self._has_events.set()

    async def get(self) -> Frame:
        """Waits for the oldest event."""
        while not self._events:
            self._has_events.clear()
            await self._has_events.wait()
        return self._events.popleft()
