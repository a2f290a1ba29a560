"""Hours as people write them: `mon-fri: 08:00-18:00`, `sat: all day`, or the word `always`."""

import re
from itertools import pairwise

from routing.calendars import DAY_MINUTES
from routing.plan import MinuteRange, WeeklyHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "always"
ALL_DAY = "all day"
ALWAYS_HOURS: WeeklyHours = ((MinuteRange(start_minute=0, end_minute=DAY_MINUTES),),) * len(DAYS)
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_RANGE = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")


class HoursError(ValueError):
    """A text is no hours; the message says what to write instead."""


def parse_ranges(text: str) -> tuple[MinuteRange, ...]:
    """Gives the ranges of one day: `08:00-12:00, 13:00-18:00`; `22:00-06:00` goes on into the next day.

    Raises:
        HoursError: The text is no such list, or ranges overlap.
    """
    if text.strip() == ALL_DAY:
        return ALWAYS_HOURS[0]
    ranges = sorted((_parse_range(part.strip()) for part in text.split(",")), key=lambda each: each.start_minute)
    for before, after in pairwise(ranges):
        if after.start_minute < before.end_minute:
            raise HoursError(f"hours overlap in `{text}`: write ranges that do not touch each other's time")
    return tuple(ranges)


def _parse_range(text: str) -> MinuteRange:
    if "24:00" in text:
        raise HoursError(f"`{text}`: there is no 24:00, write 00:00 for the end of the day")
    found = _RANGE.fullmatch(text)
    if found is None:
        raise HoursError(f"`{text}` is no range of hours: write `08:00-18:00`, `all day`, or leave the day out")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start == end:
        raise HoursError(f"`{text}` begins and ends at the same time: write `all day`, or leave the day out")
    return MinuteRange(start_minute=start, end_minute=end if end > start else end + DAY_MINUTES)


def parse_days(text: str) -> tuple[int, ...]:
    """Gives the weekdays (0 is Monday) of `mon`, `mon-fri` or `mon, wed`.

    Raises:
        HoursError: The text names no days.
    """
    days: list[int] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split("-")]
        if len(names) not in (1, 2) or not set(names) <= set(DAYS):
            raise HoursError(f"`{text}` names no days: write `mon`, `mon-fri` or `mon, wed` with {', '.join(DAYS)}")
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        if last < first:
            raise HoursError(f"`{text}`: the first day must come before the last, the week begins on mon")
        days += range(first, last + 1)
    return tuple(days)


def parse_week(rows: dict[str, str]) -> WeeklyHours:
    """Gives the week of `{"mon-fri": "08:00-18:00"}`.

    Raises:
        HoursError: A row is wrong, a day is named twice, or the hours of one day run into those of the next.
    """
    week: list[tuple[MinuteRange, ...]] = [()] * len(DAYS)
    named: set[int] = set()
    for days, text in rows.items():
        for day in parse_days(days):
            if day in named:
                raise HoursError(f"{DAYS[day]} is named twice: write all its hours in one row, separated by commas")
            named.add(day)
            week[day] = parse_ranges(text)
    _refuse_run_over(week)
    return tuple(week)


def _refuse_run_over(week: list[tuple[MinuteRange, ...]]) -> None:
    for day, ranges in enumerate(week):
        following = week[(day + 1) % len(DAYS)]
        if ranges and following and ranges[-1].end_minute - DAY_MINUTES > following[0].start_minute:
            tomorrow = DAYS[(day + 1) % len(DAYS)]
            raise HoursError(f"the hours of {DAYS[day]} overlap those of {tomorrow}: end the one before the other")
