"""The journal: follows every source of evidence and ships it, at least once, in the order in which it was written.

After a long outage the newest lines come first, by turns with the oldest, so that calls of now are in the log at once.

A batch counts as shipped when the api has stored it; only then does its place move. A journal that is killed in
between ships the batch again, under the same positions, and the api stores it once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from asterisk_conf.names import Source
from ivr.backoff import Backoff
from ivr.journal.batches import Batch
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.places import PlacesError
from ivr.journal.shipper import ApiUnavailableError, Shipper

_log = structlog.stdlib.get_logger("ivr.journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalTimings:
    """Intervals, in seconds."""

    poll_s: float = 0.25
    """How often the files are looked at when there is nothing to ship. Why polling: rotation and growth of several
    files are seen alike on every file system, and it costs a few system calls."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, longest_s=5.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatus:
    """What the live report tells of the journal."""

    lag_bytes: int
    last_ack_at: datetime | None
    """None: nothing was acknowledged since the start."""
    problem: str | None
    """None: it works."""


class Journal:
    """Follows the sources in `logs`, each with one task inside `run`."""

    def __init__(self, logs: Mapping[Source, EvidenceLog], shipper: Shipper, timings: JournalTimings) -> None:
        self._logs = dict(logs)
        self._shipper = shipper
        self._timings = timings
        self._problems: dict[Source, str] = {}
        self._last_ack_at: datetime | None = None

    def status(self) -> JournalStatus:
        """Tells how far the journal is."""
        return JournalStatus(
            lag_bytes=sum(log.lag_bytes for log in self._logs.values()),
            last_ack_at=self._last_ack_at,
            problem="; ".join(f"{source.value}: {problem}" for source, problem in self._problems.items()) or None,
        )

    async def run(self) -> None:
        """Ships until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for source, log in self._logs.items():
                    group.create_task(self._follow(source, log), name=f"journal-{source.value}")
        finally:
            for log in self._logs.values():
                log.close()

    async def _follow(self, source: Source, log: EvidenceLog) -> None:
        failures = 0
        while True:
            try:
                has_shipped = await self.ship_once(source, log)
            except (ApiUnavailableError, OSError, PlacesError) as error:
                failures += 1
                self._note_problem(source, str(error))
                await asyncio.sleep(self._timings.backoff.wait_s(failures))
                continue
            failures = 0
            self._note_problem(source, None)
            if not has_shipped:
                await asyncio.sleep(self._timings.poll_s)

    async def ship_once(self, source: Source, log: EvidenceLog) -> bool:
        """Ships one batch; False when there was nothing to ship.

        Raises:
            ApiUnavailableError: The api did not take it; the place did not move.
            OSError: A file cannot be read or written.
            PlacesError: The checkpoint cannot be read.
        """
        batch: Batch | None = await asyncio.to_thread(log.next_batch)
        if batch is None:
            return False
        await self._shipper.ship(source, batch)
        await asyncio.to_thread(log.acknowledge, batch)
        self._last_ack_at = datetime.now(UTC)
        return True

    def _note_problem(self, source: Source, problem: str | None) -> None:
        """Logs the beginning and the end of a problem, once each."""
        known = self._problems.pop(source, None)
        if problem is not None:
            self._problems[source] = problem
        if known is None and problem is not None:
            _log.warning("journal_stuck", source=source.value, problem=problem)
        elif known is not None and problem is None:
            _log.info("journal_works", source=source.value)
