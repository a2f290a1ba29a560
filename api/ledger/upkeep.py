"""What the api does by itself: months of evidence ahead of need, masks, untold endings, the ledger at night."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.evidence.masks import mask_some
from api.evidence.months import ensure_months
from api.kit.answers import DATABASE_ERRORS
from api.kit.database import Database
from api.kit.numbers import NumberVault
from api.ledger import repository, service
from api.ledger.schemas import Ledger
from api.projection.service import settle_calls
from api.settings import ApiSettings

log = structlog.get_logger()

NIGHT = time(3, 30)
"""Of Kyiv; after the hour that happens twice in October has begun for the second time, a run is not repeated."""
SETTLED_AFTER = timedelta(hours=1)
"""A call that has been over for so long, and whose end in its queue has not been told, gets the ending that is left."""
LOOKED_BACK = timedelta(days=32)
AGAIN_S = 10.0
"""After a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSoFar:
    """What the ledger finds of the day of Kyiv that goes on."""

    day: date
    differences: int
    made_at: datetime


class Upkeep:
    """One task inside the api; several api processes may run it side by side."""

    ledger_so_far: LedgerSoFar | None = None
    """The newest; None: not made yet."""

    def __init__(self, database: Database, settings: ApiSettings, vault: Callable[[], NumberVault]) -> None:
        """`vault` gives the present one: a rotation of keys puts another in its place."""
        self._vault = vault
        self._database = database
        self._settings = settings

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            wait_s = self._settings.upkeep_every_s
            try:
                await self.run_once(datetime.now(UTC))
            except (SQLAlchemyError, *DATABASE_ERRORS) as error:
                log.warning("upkeep_failed", error=type(error).__name__)
                wait_s = min(AGAIN_S, wait_s)
            await asyncio.sleep(wait_s)

    async def run_once(self, now: datetime) -> None:
        """Does what is due at `now`."""
        async with self._database.transaction() as connection:
            await ensure_months(connection, now)
        await self._mask_numbers()
        async with self._database.transaction() as connection:
            await settle_calls(connection, now - LOOKED_BACK, now - SETTLED_AFTER)
        if now.astimezone(service.KYIV).time() >= NIGHT:
            await self._keep_ledger(now)
        today = service.day_of(now)
        differences = len((await self._ledger_of(today, now)).differences)
        self.ledger_so_far = LedgerSoFar(day=today, differences=differences, made_at=now)

    async def _mask_numbers(self) -> None:
        """Masks what has no mask, some numbers a transaction."""
        is_done = False
        while not is_done:
            async with self._database.transaction() as connection:
                is_done = await mask_some(connection, self._vault()) == 0

    async def _keep_ledger(self, now: datetime) -> None:
        """Keeps yesterday's ledger, unless it was kept already."""
        yesterday = service.day_of(now) - timedelta(days=1)
        async with self._database.snapshot() as connection:
            if await repository.nightly_run(connection, yesterday) is not None:
                return
        ledger = await self._ledger_of(yesterday, now)
        async with self._database.transaction() as connection:
            await repository.keep(connection, ledger)
        log.info("ledger_kept", day=ledger.day.isoformat(), differences=len(ledger.differences))

    async def _ledger_of(self, day: date, now: datetime) -> Ledger:
        async with self._database.snapshot() as connection:
            return await service.ledger_of(connection, day, now - timedelta(seconds=self._settings.ledger_settle_s))
