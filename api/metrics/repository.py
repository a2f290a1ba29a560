"""SQL of the metrics: a few counts that indexes answer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention.tables import detention_reports
from api.ledger.tables import ledger_days
from api.schema import calls, quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerNight:
    """The newest nightly run of the ledger."""

    day: date
    differences: int
    age_s: float


async def calls_by_outcome(connection: AsyncConnection, since: datetime) -> dict[str, int]:
    """Gives calls that began since a moment, by outcome; those that go on are among them."""
    statement = select(calls.c.outcome, func.count()).where(calls.c.started_at >= since).group_by(calls.c.outcome)
    return {str(outcome): int(count) for outcome, count in await connection.execute(statement)}


async def open_calls(connection: AsyncConnection) -> int:
    """Gives how many calls go on."""
    return int((await connection.execute(select(func.count()).where(calls.c.ended_at.is_(None)))).scalar_one())


async def newest_ledger(connection: AsyncConnection) -> LedgerNight | None:
    """Gives the newest night's result; None: the ledger has not run yet."""
    age_s = func.extract("epoch", func.now() - ledger_days.c.made_at)
    statement = select(ledger_days.c.day, ledger_days.c.differences, age_s).order_by(ledger_days.c.day.desc()).limit(1)
    row = (await connection.execute(statement)).first()
    return None if row is None else LedgerNight(day=row[0], differences=row[1], age_s=float(row[2]))


async def detention_reports_without_lawyer(connection: AsyncConnection) -> tuple[int, int]:
    """Gives reports for which no lawyer was named yet: all of them, and those whose time for it is over."""
    due_at = detention_reports.c.received_at + func.make_interval(0, 0, 0, 0, 0, 0, detention_reports.c.name_lawyer_s)
    statement = select(func.count(), func.count().filter(due_at < func.now())).where(
        detention_reports.c.lawyer_named_at.is_(None), detention_reports.c.joined_to.is_(None)
    )
    waiting, overdue = (await connection.execute(statement)).one()
    return int(waiting), int(overdue)


async def quarantined_lines(connection: AsyncConnection) -> int:
    """Gives how many lines of evidence could not be read and are kept apart."""
    return int((await connection.execute(select(func.count()).select_from(quarantine))).scalar_one())
