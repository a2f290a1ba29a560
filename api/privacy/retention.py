"""Ends what has been kept long enough, class by class, each in a transaction; nightly, and when it is asked for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import JsonValue
from sqlalchemy import RowMapping, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit.actions import Action
from api.audit.trail import AuditTrail, trim
from api.kit.database import Database
from api.privacy.audio import remove_audio
from api.privacy.errors import RetentionRunsError
from api.privacy.repository import take_time
from api.privacy.retention_rows import DETAIL, DETENTION, Held, Step, read_held, run_step
from api.privacy.schemas import RetentionClass, RetentionRun
from api.privacy.tables import retention_runs
from api.settings import ApiSettings

log = structlog.get_logger()

KYIV = ZoneInfo("Europe/Kyiv")
NIGHTLY_AT = time(3, 30)
"""Local: the calmest hour. When clocks go forward it is 04:30, when they go back the first of the two 03:30."""
_DAY = timedelta(days=1)
_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtext('retention'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('retention'))")
_LISTED = 100
_STEPS: Mapping[RetentionClass, tuple[Step, ...]] = {
    RetentionClass.DETAIL: DETAIL,
    RetentionClass.DETENTION: DETENTION,
}
Counts = dict[str, dict[str, int]]


def next_night(now: datetime) -> datetime:
    """Gives the next moment of the nightly run after `now` (aware)."""
    local = now.astimezone(KYIV)
    tonight = datetime.combine(local.date(), NIGHTLY_AT, KYIV)
    following = datetime.combine(local.date() + _DAY, NIGHTLY_AT, KYIV)
    return tonight if tonight.timestamp() > now.timestamp() else following


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Runs retention, one run at a time for all processes."""

    database: Database
    settings: ApiSettings
    audit: AuditTrail

    async def run_nightly(self) -> None:
        """Runs every night until it is cancelled; what fails is logged, and the next night tries again."""
        while True:
            now = datetime.now(KYIV)
            await asyncio.sleep(next_night(now).timestamp() - now.timestamp())
            try:
                done = await self.run(self.audit, is_dry=False)
            except RetentionRunsError:
                log.info("retention_runs_elsewhere")
            except Exception as error:
                log.error("retention_failed", error=type(error).__name__)  # noqa: TRY400  its text may quote a row
            else:
                log.info("retention_done", counts=done.counts)

    async def run(self, audit: AuditTrail, *, is_dry: bool) -> RetentionRun:
        """Runs once, in the name of `audit`'s principal.

        Raises:
            RetentionRunsError: A run goes on.
        """
        async with self.database.engine.connect() as guard:
            if not (await guard.execute(_TRY_LOCK)).scalar_one():
                raise RetentionRunsError("another run of retention goes on")
            try:
                return await self._run(audit, is_dry=is_dry)
            finally:
                await guard.execute(_UNLOCK)

    async def _run(self, audit: AuditTrail, *, is_dry: bool) -> RetentionRun:
        async with self.database.snapshot() as connection:
            held = await read_held(connection)
        counts: Counts = {}
        for kind, steps in _STEPS.items():
            counts[kind.value] = await self._remove(steps, held, days=self._days(kind), is_dry=is_dry)
        counts[RetentionClass.AUDIO.value] = await self._remove_audio(held, is_dry=is_dry)
        async with self.database.transaction() as connection:
            counts[RetentionClass.AUDIT.value] = await self._trim(connection, audit, is_dry=is_dry)
            run = await _store(connection, counts, is_dry=is_dry)
            details: dict[str, JsonValue] = {
                "is_dry": is_dry,
                "counts": {name: {**rows} for name, rows in counts.items()},
            }
            await audit.record(connection, Action.RETENTION_RUN, subject=str(run.id), details=details)
        return run

    def _days(self, kind: RetentionClass) -> int | None:
        days: int | None = getattr(self.settings, f"retention_{kind.value}_days")
        return days

    async def _remove(self, steps: tuple[Step, ...], held: Held, *, days: int | None, is_dry: bool) -> dict[str, int]:
        if days is None:
            return {}
        counts: dict[str, int] = {}
        for step in steps:
            async with self.database.transaction() as connection:
                await take_time(connection)
                counts[step.name] = await run_step(connection, step, held, days=days, is_dry=is_dry)
        return counts

    async def _remove_audio(self, held: Held, *, is_dry: bool) -> dict[str, int]:
        days = self._days(RetentionClass.AUDIO)
        folder: Path | None = self.settings.recordings_folder
        if days is None or folder is None:
            return {}
        kept = frozenset(held.linkedids)
        return {"files": await asyncio.to_thread(remove_audio, folder, kept, days=days, is_dry=is_dry)}

    async def _trim(self, connection: AsyncConnection, audit: AuditTrail, *, is_dry: bool) -> dict[str, int]:
        days = self._days(RetentionClass.AUDIT)
        if days is None:
            return {}
        return {"rows": await trim(connection, audit, keep_days=days, is_dry=is_dry)}


async def _store(connection: AsyncConnection, counts: Counts, *, is_dry: bool) -> RetentionRun:
    statement = insert(retention_runs).values(is_dry=is_dry, counts=counts).returning(*retention_runs.c)
    return _shown((await connection.execute(statement)).mappings().one())


async def list_runs(connection: AsyncConnection) -> list[RetentionRun]:
    """Gives runs, newest first."""
    statement = select(retention_runs).order_by(retention_runs.c.id.desc()).limit(_LISTED)
    return [_shown(row) for row in (await connection.execute(statement)).mappings()]


def _shown(row: RowMapping) -> RetentionRun:
    return RetentionRun.model_validate({str(name): value for name, value in row.items()})
