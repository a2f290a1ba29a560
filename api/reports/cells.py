# ruff: noqa: S608  statements are put together from constants of this module
"""SQL of figures by Kyiv hour: made from `calls`, kept in `report_hours`, and never older than the calls.

Days in `report_stale_days` are counted from `calls`, all others from `report_hours`, in one snapshot: the sum is that
of the calls. `refresh` makes stale days anew. It sees marks and calls in one snapshot too, and removes no other marks
than those: a transaction that commits meanwhile leaves its mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports.days import begin_of, runs
from api.reports.formulas import SHORT_ABANDON_S

DEMO_NODE = "demo-data"
"""The node of `hotline demo-data`; no machine of a line may have this name."""
REFRESH_DAYS = 31
"""Days that one refresh makes anew: a short transaction."""

COUNTS = ("calls", "demo_calls", "answered", "abandoned", "short_abandoned", "other_ended", "in_progress")
SUMS = ("answered_wait_s", "talk_s")
_KEYS = "day, hour, office, queue, service, language"
_MEASURES = ", ".join((*COUNTS, *SUMS))
IS_ABANDONED = "(answered_at IS NULL AND (outcome LIKE 'abandoned%' OR outcome = 'overflowed'))"
IS_SHORT = f"(coalesce(wait_s, extract(epoch FROM ended_at - started_at)) < {SHORT_ABANDON_S})"
_IS_OPEN = "(answered_at IS NULL AND (ended_at IS NULL OR outcome = 'pending'))"
_COUNTED = (
    "SELECT (started_at AT TIME ZONE 'Europe/Kyiv')::date AS day, "
    "extract(hour FROM started_at AT TIME ZONE 'Europe/Kyiv')::integer AS hour, "
    "office, queue, service, language, count(*) AS calls, "
    f"count(*) FILTER (WHERE node = '{DEMO_NODE}') AS demo_calls, "
    "count(answered_at) AS answered, "
    f"count(*) FILTER (WHERE {IS_ABANDONED}) AS abandoned, "
    f"count(*) FILTER (WHERE {IS_ABANDONED} AND {IS_SHORT}) AS short_abandoned, "
    f"count(*) FILTER (WHERE answered_at IS NULL AND NOT {IS_ABANDONED} AND NOT {_IS_OPEN}) AS other_ended, "
    f"count(*) FILTER (WHERE {_IS_OPEN} AND NOT {IS_ABANDONED}) AS in_progress, "
    "coalesce(sum(wait_s) FILTER (WHERE answered_at IS NOT NULL), 0) AS answered_wait_s, "
    "coalesce(sum(talk_s), 0) AS talk_s "
    "FROM unnest(CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])) AS span (begins, ends) "
    "JOIN calls ON started_at >= span.begins AND started_at < span.ends "
    "GROUP BY 1, 2, 3, 4, 5, 6"
)
CELLS = (
    f"WITH cells AS (SELECT {_KEYS}, {_MEASURES} FROM report_hours WHERE day >= :first AND day < :before "
    f"AND NOT (day = ANY(CAST(:stale AS date[]))) UNION ALL {_COUNTED}) "
)
"""Figures by hour as `cells`; takes the parameters of `Freshness`."""
_STALE = text("SELECT DISTINCT day FROM report_stale_days WHERE day >= :first AND day < :before")
_OLDEST_STALE = text("SELECT DISTINCT day FROM report_stale_days ORDER BY day LIMIT :days")
_FORGET_MARKS = text("DELETE FROM report_stale_days WHERE day = ANY(CAST(:days AS date[]))")
_FORGET_HOURS = text("DELETE FROM report_hours WHERE day = ANY(CAST(:days AS date[]))")
_COUNT_HOURS = text(f"INSERT INTO report_hours ({_KEYS}, {_MEASURES}) {_COUNTED}")
_LOCK = text("LOCK TABLE report_hours IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Which days of a range must be counted from the calls."""

    first: date
    before: date
    stale: Sequence[date]

    def parameters(self) -> dict[str, Any]:
        """Gives the parameters of `CELLS`."""
        return {"first": self.first, "before": self.before, "stale": list(self.stale), **_spans(self.stale)}


def _spans(days: Sequence[date]) -> dict[str, list[datetime]]:
    ranges = runs(days)
    return {"begins": [begin_of(first) for first, _ in ranges], "ends": [begin_of(before) for _, before in ranges]}


async def freshness(connection: AsyncConnection, first: date, before: date) -> Freshness:
    """Tells which days of [first, before) must be counted from the calls."""
    found = await connection.execute(_STALE, {"first": first, "before": before})
    return Freshness(first=first, before=before, stale=sorted(found.scalars()))


async def refresh(connection: AsyncConnection) -> int:
    """Makes the oldest stale days anew; gives their number, 0: none was stale.

    The transaction must be REPEATABLE READ and have read nothing yet: the lock comes before its snapshot.
    """
    await connection.execute(_LOCK)
    days = sorted((await connection.execute(_OLDEST_STALE, {"days": REFRESH_DAYS})).scalars())
    if days:
        await connection.execute(_FORGET_MARKS, {"days": days})
        await connection.execute(_FORGET_HOURS, {"days": days})
        await connection.execute(_COUNT_HOURS, _spans(days))
    return len(days)
