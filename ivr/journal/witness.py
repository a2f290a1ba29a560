"""Asks Asterisk every minute how many calls it has processed, and writes the answer down: a witness of the ledger.

The file is the service's own, beside the journal's checkpoints; the journal ships it like Asterisk's. A sample that
could not be taken leaves no line: the ledger then compares over a longer time.
Source: action_corestatus() in main/manager.c of Asterisk 22: CoreProcessedCalls, CoreCurrentCalls.
"""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from ivr.ami.errors import AmiError
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink, LinkState

EVERY_S = 60.0
ROTATE_BYTES = 8 << 20
"""About three months of samples."""
FILE_MODE = 0o640

_log = structlog.stdlib.get_logger("ivr.witness")


class Why(StrEnum):
    """Why a sample was taken."""

    MINUTE = "minute"
    START = "start"
    """The link came up."""
    STOP = "stop"
    """The service is about to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCount:
    """One answer of Asterisk."""

    asked_at_s: float
    at_s: float
    """Both since 1970."""
    boot: str
    processed: int
    current: int

    def line(self, why: Why) -> str:
        """Gives the line of the file, its end included."""
        row = {
            "at": f"{self.at_s:.6f}",
            "asked_at": f"{self.asked_at_s:.6f}",
            "boot": self.boot,
            "processed": self.processed,
            "current": self.current,
            "why": why.value,
        }
        return json.dumps(row, separators=(",", ":")) + "\n"


def read_count(status: Frame, asked_at_s: float, at_s: float) -> CallCount | None:
    """Gives what a response to CoreStatus says; None when it does not say it."""
    day, begun = status.first("CoreStartupDate"), status.first("CoreStartupTime")
    processed, current = status.first("CoreProcessedCalls"), status.first("CoreCurrentCalls")
    if not (day and begun and processed and current and processed.isdecimal() and current.isdecimal()):
        return None
    return CallCount(
        asked_at_s=asked_at_s, at_s=at_s, boot=f"{day}T{begun}", processed=int(processed), current=int(current)
    )


class CallWitness:
    """Samples one link into one file."""

    def __init__(self, link: AmiLink, path: Path, *, every_s: float = EVERY_S) -> None:
        self._link = link
        self._path = path
        self._every_s = every_s
        self._writing = asyncio.Lock()
        """Two samples at once (a start and the stop) put a long file aside once."""

    async def run(self) -> None:
        """Samples when the link comes up, then at every full `every_s` of the clock, until cancelled."""
        while True:
            await self._link.wait_for(LinkState.UP)
            await self.sample(Why.START)
            await self._sample_while_up()

    async def _sample_while_up(self) -> None:
        while True:
            down = asyncio.create_task(
                self._link.wait_for(*(state for state in LinkState if state is not LinkState.UP)), name="witness-down"
            )
            if await _is_done_within(down, self._every_s - time.time() % self._every_s):
                return
            await self.sample(Why.MINUTE)

    async def sample(self, why: Why) -> bool:
        """Takes and writes one sample; False when Asterisk or the disk did not let it."""
        asked_at_s = time.time()
        try:
            status = await self._link.action("CoreStatus")
            count = read_count(status, asked_at_s, time.time())
            if count is None:
                _log.warning("calls_not_counted", problem=status.message or "CoreStatus tells no count")
                return False
            async with self._writing:
                await asyncio.to_thread(self._write, count.line(why))
        except (AmiError, OSError) as error:
            _log.warning("calls_not_counted", problem=str(error))
            return False
        return True

    def _write(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            is_long = file.tell() > ROTATE_BYTES
        if is_long:
            self._path.replace(self._path.with_name(self._path.name + ".1"))


async def _is_done_within(task: "asyncio.Task[LinkState]", timeout_s: float) -> bool:
    """Waits for a task for at most `timeout_s`, then ends it."""
    try:
        await asyncio.wait((task,), timeout=timeout_s)
        return task.done()
    finally:
        task.cancel()
