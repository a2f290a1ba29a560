"""Makes the figures of days whose calls changed anew, again and again; a failure only leaves them stale."""

import asyncio

import structlog

from api.kit.database import Database
from api.reports.counted import ROLLUPS
from api.reports.rollups import refresh

log = structlog.get_logger()


class FiguresKeeper:
    """The side task of the reports."""

    def __init__(self, database: Database, pause_s: float) -> None:
        """Keeps what it needs; `run` does the work."""
        self._database = database
        self._pause_s = pause_s

    async def run(self) -> None:
        """Refreshes until it is cancelled; reports stay right meanwhile, only slower."""
        is_working = True
        while True:
            await asyncio.sleep(self._pause_s)
            try:
                await refresh_all(self._database)
            except Exception as error:
                if is_working:
                    log.warning("figures_not_refreshed", error=type(error).__name__)
                is_working = False
            else:
                is_working = True


async def refresh_all(database: Database) -> int:
    """Makes all stale days anew; gives their number."""
    done = 0
    while days := await _refresh_some(database):
        done += days
    return done


async def _refresh_some(database: Database) -> int:
    async with database.engine.connect() as connection:
        steady = await connection.execution_options(isolation_level="REPEATABLE READ")
        async with steady.begin():
            return await refresh(steady, ROLLUPS)
