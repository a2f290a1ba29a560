"""Reads what Asterisk tells of itself and its operators: which boot it is in, who logs in, pauses and leaves.

A hint for people who read the log, never the record. It may not log anything that a caller can choose.
"""

import asyncio
from collections.abc import Callable

import structlog

from ivr.ami.errors import AmiError
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink

_log = structlog.stdlib.get_logger("ivr.asterisk")


def _log_member(frame: Frame) -> None:
    _log.info(
        "operator_state",
        what=frame.event,
        queue=frame.first("Queue"),
        interface=frame.first("Interface"),
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


class AsteriskWatch:
    """Follows one link; it is the only reader of the link's events."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link
        self._is_up = asyncio.Event()
        link.on_up = self._is_up.set
        self.boot_id: str | None = None
        """When this Asterisk was started, in its own words; None: not known yet. Counters restart with it."""

    async def run(self) -> None:
        """Reads until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_events(), name="ami-events")
            group.create_task(self._learn_boot(), name="ami-boot")

    async def _read_events(self) -> None:
        while True:
            frame = await self._link.pump.get()
            handle = _HANDLERS.get(frame.event or "")
            if handle is not None:
                handle(frame)

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
