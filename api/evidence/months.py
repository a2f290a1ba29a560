"""Partitions of `evidence`, one a month (UTC), made ahead of need.

A row whose month has no partition stands in `evidence_default`; when the month gets one, its rows move there. So no
row is ever refused, whatever its time, and no month has to be there in time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger()

AHEAD_MONTHS = 3
MONTHS_A_RUN = 240
"""Months that one run gives a partition, so that lines with times out of the blue cannot make it endless."""
_MONTHS_OF_A_YEAR = 12

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('evidence-months'))")
"""Whoever holds it keeps months from being made until the end of the transaction."""
_HURRY = text("SELECT set_config('statement_timeout', '0', true)")
_KNOWN = text(
    "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "WHERE inhparent = 'evidence'::regclass"
)
_WAITING = text(
    "SELECT DISTINCT date_trunc('month', occurred_at, 'UTC') FROM evidence_default ORDER BY 1 DESC LIMIT :limit"
)
_LOCK_EVIDENCE = text("LOCK TABLE evidence IN ACCESS EXCLUSIVE MODE")
"""Why: a row on its way into the default partition would be refused there when its month comes into being meanwhile."""

_HOLD_MONTHS = text("LOCK TABLE evidence IN ACCESS SHARE MODE")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of UTC."""

    year: int
    number: int
    """1 to 12."""

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """Gives the month that a moment (aware) lies in."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    def later(self, months: int) -> "Month":
        """Gives the month so many months later."""
        year, place = divmod(self.year * _MONTHS_OF_A_YEAR + self.number - 1 + months, _MONTHS_OF_A_YEAR)
        return Month(year, place + 1)

    @property
    def starts_at(self) -> datetime:
        """Gives its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def partition(self) -> str:
        """Gives the name of its partition."""
        return f"evidence_{self.year:04}_{self.number:02}"


async def ensure_months(connection: AsyncConnection, now: datetime) -> tuple[str, ...]:
    """Makes the partitions of this month, of those ahead, and of every month that waits in the default partition.

    Returns:
        The names of the partitions that were made.
    """
    await connection.execute(LOCK)
    await connection.execute(_HURRY)
    waiting = (await connection.execute(_WAITING, {"limit": MONTHS_A_RUN})).scalars()
    wanted = {Month.of(moment) for moment in waiting} | {
        Month.of(now).later(months) for months in range(AHEAD_MONTHS + 1)
    }
    return await make_partitions(connection, wanted)


async def make_partitions(connection: AsyncConnection, months: Iterable[Month]) -> tuple[str, ...]:
    """Makes the partitions of `months` that are missing; gives their names."""
    known = set((await connection.execute(_KNOWN)).scalars())
    missing = [month for month in sorted(months) if month.partition not in known]
    if missing:
        await connection.execute(_LOCK_EVIDENCE)
    for month in missing:
        await _make_partition(connection, month)
    names = tuple(month.partition for month in missing)
    if names:
        log.info("evidence_months_made", partitions=names)
    return names


async def _make_partition(connection: AsyncConnection, month: Month) -> None:
    """Makes one partition, with what waits for it in the default one.

    Why not CREATE TABLE … PARTITION OF: PostgreSQL refuses it while the default partition holds rows of the month.
    """
    name, start, end = month.partition, month.starts_at.isoformat(), month.later(1).starts_at.isoformat()
    span = f"occurred_at >= '{start}' AND occurred_at < '{end}'"
    move = (
        f"WITH moved AS (DELETE FROM evidence_default WHERE {span} RETURNING *) INSERT INTO {name} SELECT * FROM moved"  # noqa: S608  our own words only
    )
    for statement in (
        f"CREATE TABLE {name} (LIKE evidence INCLUDING DEFAULTS INCLUDING COMMENTS)",
        move,
        f"ALTER TABLE evidence ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')",
    ):
        await connection.execute(text(statement))


async def hold_months(connection: AsyncConnection) -> None:
    """Keeps months from being made while the transaction reads; call it before anything else is read.

    Why: a snapshot from before a month was made looks for its rows where they stood later, and finds none. LOCK TABLE
    takes no snapshot itself. Source: https://www.postgresql.org/docs/18/sql-lock.html
    """
    await connection.execute(_HOLD_MONTHS)
