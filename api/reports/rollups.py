# ruff: noqa: S608  statements are put together from constants of this package
"""Figures by Kyiv day: made from the calls, kept in tables, and never older than the calls.

Days in `report_stale_days`, and parts of days, are counted from the calls, all others come from the tables, in one
snapshot: what a report adds up is what the calls tell. `refresh` makes stale days anew. It sees marks and calls in one
snapshot too, and removes no other marks than those: a transaction that commits meanwhile leaves its mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports.days import KYIV, begin_of, runs

REFRESH_DAYS = 31
"""Days that one refresh makes anew: a short transaction."""

_STALE = text("SELECT DISTINCT day FROM report_stale_days WHERE day >= :first AND day < :before")
_OLDEST_STALE = text("SELECT DISTINCT day FROM report_stale_days ORDER BY day LIMIT :days")
_FORGET_MARKS = text("DELETE FROM report_stale_days WHERE day = ANY(CAST(:days AS date[]))")
_LOCK = text("LOCK TABLE report_days IN SHARE ROW EXCLUSIVE MODE")

Span = tuple[datetime, datetime]
"""A half-open range of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """One table of figures by day."""

    table: str
    columns: tuple[str, ...]
    """All but `day`."""
    counted: str
    """A query that gives `day` and the columns of the calls that started in the spans `:begins`, `:ends`."""

    def rows(self, fresh: "Freshness") -> str:
        """Gives a WITH clause whose `kept` are the rows of a range; takes the parameters of `fresh`.

        Why the count is left out where nothing is to be counted: planning it took longer than a report over a month.
        """
        kept = (
            f"SELECT day, {', '.join(self.columns)} FROM {self.table} "
            "WHERE day >= :first AND day < :before AND NOT (day = ANY(CAST(:stale AS date[])))"
        )
        return f"WITH kept AS ({kept} UNION ALL {self.counted}) " if fresh.spans else f"WITH kept AS ({kept}) "


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What of a range comes from the tables, and what must be counted from the calls."""

    first: date
    before: date
    """Whole days of [first, before) come from the tables, but those in `stale`."""
    stale: Sequence[date]
    spans: Sequence[Span]
    """Counted from the calls."""

    def parameters(self) -> dict[str, Any]:
        """Gives the parameters of `Rollup.rows`."""
        known = {"first": self.first, "before": self.before, "stale": list(self.stale)}
        return known | _parameters(self.spans) if self.spans else known


def _parameters(spans: Sequence[Span]) -> dict[str, list[datetime]]:
    return {"begins": [begin for begin, _ in spans], "ends": [end for _, end in spans]}


def _spans(days: Sequence[date]) -> list[Span]:
    return [(begin_of(first), begin_of(before)) for first, before in runs(days)]


async def freshness(connection: AsyncConnection, first: date, before: date) -> Freshness:
    """Tells what of the days [first, before) must be counted from the calls."""
    found = await connection.execute(_STALE, {"first": first, "before": before})
    stale = sorted(found.scalars())
    return Freshness(first=first, before=before, stale=stale, spans=_spans(stale))


async def freshness_of_moments(connection: AsyncConnection, begins_at: datetime, ends_at: datetime) -> Freshness:
    """Tells the same of [begins_at, ends_at); the days that it only touches are counted from the calls."""
    first, before = begins_at.astimezone(KYIV).date(), ends_at.astimezone(KYIV).date()
    if begin_of(first) < begins_at:
        first += timedelta(days=1)
    if first > before:
        return Freshness(first=first, before=first, stale=(), spans=[(begins_at, ends_at)])
    whole = await freshness(connection, first, before)
    edges = [(begins_at, begin_of(first)), (begin_of(before), ends_at)]
    spans = [*whole.spans, *(span for span in edges if span[0] < span[1])]
    return Freshness(first=first, before=before, stale=whole.stale, spans=spans)


async def refresh(connection: AsyncConnection, rollups: Sequence[Rollup]) -> int:
    """Makes the oldest stale days anew in every table; gives their number, 0: none was stale.

    The transaction must be REPEATABLE READ and have read nothing yet: the lock comes before its snapshot.
    """
    await connection.execute(_LOCK)
    days = sorted((await connection.execute(_OLDEST_STALE, {"days": REFRESH_DAYS})).scalars())
    if days:
        await connection.execute(_FORGET_MARKS, {"days": days})
        for rollup in rollups:
            await _make_anew(connection, rollup, days)
    return len(days)


async def _make_anew(connection: AsyncConnection, rollup: Rollup, days: Sequence[date]) -> None:
    forget = f"DELETE FROM {rollup.table} WHERE day = ANY(CAST(:days AS date[]))"
    await connection.execute(text(forget), {"days": days})
    make = f"INSERT INTO {rollup.table} (day, {', '.join(rollup.columns)}) {rollup.counted}"
    await connection.execute(text(make), _parameters(_spans(days)))
