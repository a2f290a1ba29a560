"""Reads what Asterisk tells of itself and its operators: which boot it is in, who logs in, pauses and leaves.

A hint for people who read the log, never the record. It may not log anything that a caller can choose.
"""

import asyncio
from collections.abc import Callable

import structlog

from ivr.ami.errors import AmiError
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink, LinkState
from ivr.ami.queue_board import QueueBoard
from ivr.queues.places import Places, places_of

QUEUES_EVERY_S = 2.0

_log = structlog.stdlib.get_logger("ivr.asterisk")


def _log_member(frame: Frame) -> None:
    _log.info(
        "operator_state",
        what=frame.event,
        queue=frame.first("Queue"),
        member=frame.first("MemberName"),
        is_paused=frame.first("Paused") == "1",
    )


def _log_shutdown(frame: Frame) -> None:
    _log.warning("asterisk_stops", restart=frame.first("Restart"))


_HANDLERS: dict[str, Callable[[Frame], None]] = {
    "QueueMemberAdded": _log_member,
    "QueueMemberRemoved": _log_member,
    "QueueMemberPause": _log_member,
    "Shutdown": _log_shutdown,
}


_LISTED = frozenset({"QueueParams", "QueueMember", "QueueEntry"})


class AsteriskWatch:
    """Follows one link; it is the only reader of the link's events."""

    def __init__(self, link: AmiLink, *, queues_every_s: float = QUEUES_EVERY_S) -> None:
        self._link = link
        self._queues_every_s = queues_every_s
        self.board = QueueBoard()
        """Who waits and who answers now."""
        self.on_event: Callable[[Frame], None] = lambda _frame: None
        """Called with each event, before anything else is done with it; must not block."""
        self._list: list[Frame] = []
        self._places: Places | None = None
        self._next_list = asyncio.Event()
        self._is_up = asyncio.Event()
        link.on_up = self._came_up
        self.boot_id: str | None = None
        """When this Asterisk was started, in its own words; None: not known yet. Counters restart with it."""

    def _came_up(self) -> None:
        """Notes a new session: it may be another boot of Asterisk."""
        self.boot_id = None
        self._is_up.set()

    async def run(self) -> None:
        """Reads until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_events(), name="ami-events")
            group.create_task(self._learn_boot(), name="ami-boot")
            group.create_task(self._ask_queues(), name="ami-queues")

    async def _read_events(self) -> None:
        while True:
            frame = await self._link.pump.get()
            handle = _HANDLERS.get(frame.event or "")
            if handle is not None:
                handle(frame)
            self.on_event(frame)
            self.board.take(frame)
            self._collect(frame)

    def _collect(self, frame: Frame) -> None:
        if frame.event in _LISTED:
            self._list.append(frame)
        elif frame.event == "QueueStatusComplete":
            self._places, self._list = places_of(self._list), []
            self._next_list.set()
            self._next_list = asyncio.Event()

    @property
    def places(self) -> Places | None:
        """The last whole list of who waits and who answers; None: not known."""
        return self._places if self.board.latest is not None else None

    async def next_places(self) -> Places:
        """Waits for the next whole list of who waits and who answers."""
        while True:
            await self._next_list.wait()
            if self._places is not None:
                return self._places

    async def _ask_queues(self) -> None:
        """Asks for the queues again and again; events alone would drift when one of them is missed."""
        while True:
            if self._link.state is not LinkState.UP:
                self.board.forget()
                await self._link.wait_for(LinkState.UP)
            self.board.begin()
            self._list = []
            try:
                await self._link.action("QueueStatus")
            except AmiError as error:
                _log.debug("queues_not_asked", problem=str(error))
            await asyncio.sleep(self._queues_every_s)

    async def _learn_boot(self) -> None:
        while True:
            await self._is_up.wait()
            self._is_up.clear()
            try:
                status = await self._link.action("CoreStatus")
            except AmiError as error:
                _log.warning("boot_not_known", problem=str(error))
                continue
            self.boot_id = _boot_id(status)
            if self.boot_id is None:
                _log.warning("boot_not_known", problem=status.message)


def _boot_id(status: Frame) -> str | None:
    day, time = status.first("CoreStartupDate"), status.first("CoreStartupTime")
    return f"{day}T{time}" if day and time else None
