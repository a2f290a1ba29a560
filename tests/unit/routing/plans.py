"""Plans, moments and calendars for the tests of routing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.languages import Text
from routing.plan import Calendar, DatePeriod, Holiday, MinuteRange, Plan, WeeklyHours
from routing.plan_files import read_plan

KYIV = ZoneInfo("Europe/Kyiv")
LEGAL_AID = Path(__file__).parents[3] / "routing" / "plans" / "legal_aid"
FROM_8_TO_18: WeeklyHours = (*((MinuteRange(start_minute=480, end_minute=1080),),) * 5, (), ())
TUESDAY_11 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TUESDAY_18 = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
SATURDAY_11 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@lru_cache
def legal_aid_plan() -> Plan:
    """The plan that is shipped."""
    return read_plan(LEGAL_AID)


def kyiv(text: str) -> datetime:
    """A moment by Kyiv's clock, as UTC: `2026-11-24T11:00`; the first of two where the hour comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=KYIV).astimezone(UTC)


def with_calendar(plan: Plan, **changes: object) -> Plan:
    """The plan with parts of its calendar exchanged."""
    calendar: Calendar = replace(plan.calendar, **changes)  # type: ignore[arg-type]  # names are checked by replace
    return replace(plan, calendar=calendar)


def in_peace(plan: Plan) -> Plan:
    """The plan as if there had never been martial law."""
    return with_calendar(plan, martial_law=())


def with_sumy_hours(plan: Plan, hours: WeeklyHours | None) -> Plan:
    """The plan with other hours for the office of Sumy."""
    offices = {key: replace(each, hours=hours) if key == "sumy" else each for key, each in plan.offices.items()}
    return replace(plan, offices=offices)


def holiday(day: date, title: str = "свято") -> Holiday:
    """A holiday."""
    return Holiday(day=day, title=Text(uk=title, en="holiday"))


def period(start: date, end: date | None = None) -> DatePeriod:
    """A period of dates."""
    return DatePeriod(start_date=start, end_date=end)


def ranges(*pairs: tuple[int, int]) -> tuple[MinuteRange, ...]:
    """Ranges of minutes."""
    return tuple(MinuteRange(start_minute=start, end_minute=end) for start, end in pairs)
