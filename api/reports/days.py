"""Days of Europe/Kyiv as moments. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")


def begin_of(day: date) -> datetime:
    """Gives the moment at which a day begins, UTC."""
    return datetime.combine(day, time(), KYIV).astimezone(UTC)


def bounds(day: date) -> tuple[datetime, datetime]:
    """Gives the half-open range of a day; 23 or 25 hours at a clock change."""
    return begin_of(day), begin_of(day + timedelta(days=1))


def weekday_counts(first: date, before: date) -> dict[int, int]:
    """Gives how often each weekday (1 Monday to 7 Sunday) lies in [first, before)."""
    weeks, rest = divmod((before - first).days, 7)
    extra = {(first + timedelta(days=number)).isoweekday() for number in range(rest)}
    return {weekday: weeks + (weekday in extra) for weekday in range(1, 8)}


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Gives days as half-open ranges of neighbours."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + timedelta(days=1))
        else:
            found.append((day, day + timedelta(days=1)))
    return found
