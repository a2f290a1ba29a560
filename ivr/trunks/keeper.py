"""Asks the trunks for calls that go out, once a night, and keeps the answers in the node's state.

Why not Asterisk's own `qualify_frequency`: a provider that answers no OPTIONS would cost every call out. Here such a
provider costs a warning.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from asterisk_conf.site import SiteError, SiteSettings, read_site
from asterisk_conf.state_files import StateError, TrunkCheck, read_trunk_checks, write_trunk_checks
from ivr.clock import Clock
from ivr.plans import PlanStore
from ivr.trunks.options import OptionsError, ask_options
from routing.calendars import local_time
from routing.plan import Calendar

_log = structlog.stdlib.get_logger("ivr.trunks")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkSources:
    """What the keeper reads."""

    site_file: Path
    state: Path
    plans: PlanStore
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkTimings:
    """When trunks are asked."""

    hour: int
    """Local, 0 to 23."""
    poll_s: float
    answer_s: float


def is_due(calendar: Calendar, last: datetime, now: datetime, hour: int) -> bool:
    """Tells whether the local hour `hour` has begun between `last` and `now` (both aware)."""
    local = local_time(calendar, now)
    begins = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if begins > local:
        begins -= timedelta(days=1)
    return last < begins.astimezone(UTC)


class TrunkKeeper:
    """One task; nothing that fails here ends it."""

    def __init__(self, sources: TrunkSources, timings: TrunkTimings) -> None:
        self._sources = sources
        self._timings = timings
        self._last: datetime | None = None
        """When trunks were last asked, or this began, by the clock of decisions."""

    async def run(self) -> None:
        """Asks every night until cancelled; a night that was missed is made up for."""
        while True:
            try:
                await self.keep()
            except (StateError, SiteError) as error:
                _log.warning("trunks_not_asked", problem=str(error))
            await asyncio.sleep(self._timings.poll_s)

    async def keep(self) -> None:
        """Asks all trunks if the hour has come.

        Raises:
            StateError: Plan, clock or earlier answers cannot be read, or these cannot be written.
            SiteError: The site's settings cannot be read.
        """
        now = self._sources.clock.now()
        if self._last is None:
            known = await asyncio.to_thread(read_trunk_checks, self._sources.state)
            self._last = max((each.checked_at for each in known), default=now)
        calendar = self._sources.plans.plan_of_call(None).calendar
        if is_due(calendar, self._last, now, self._timings.hour):
            self._last = now
            await self._ask_all(now)

    async def _ask_all(self, now: datetime) -> None:
        site = await asyncio.to_thread(read_site, self._sources.site_file)
        checks = [
            await self._ask(site, trunk.name, trunk.sip_uri, now) for trunk in site.trunks if trunk.sip_uri is not None
        ]
        await asyncio.to_thread(write_trunk_checks, self._sources.state, checks)
        _tell(checks)

    async def _ask(self, site: SiteSettings, trunk: str, uri: str, now: datetime) -> TrunkCheck:
        try:
            status = await ask_options(uri, deadline_s=self._timings.answer_s, from_address=site.sip_address)
        except OptionsError as error:
            return TrunkCheck(trunk=trunk, is_answering=False, status=str(error), checked_at=now)
        return TrunkCheck(trunk=trunk, is_answering=True, status=status, checked_at=now)


def _tell(checks: Sequence[TrunkCheck]) -> None:
    for each in checks:
        if not each.is_answering:
            _log.error("trunk_silent", trunk=each.trunk, problem=each.status, mend="compare sip_uri in site.yaml")
    _log.info("trunks_asked", answering=sum(each.is_answering for each in checks), of=len(checks))
