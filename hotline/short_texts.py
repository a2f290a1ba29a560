"""Hours and numbers in a few characters, for pictures and tables."""

from routing.calendars import is_always, tell_ranges
from routing.changes import week_rows
from routing.languages import Language, Text
from routing.plan import Did, WeeklyHours

_DAYS = {
    Language.UK: ("пн", "вт", "ср", "чт", "пт", "сб", "нд"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
ALWAYS = Text(uk="цілодобово", en="round the clock")
_NEVER = Text(uk="не працює", en="closed")
_UKRAINE = "+380"
_NATIONAL_DIGITS = 9
_FREEPHONE = "800"


def short_hours(hours: WeeklyHours | None, language: Language) -> str:
    """Gives weekly hours in short: `пн–пт 08:00–18:00`; None means round the clock."""
    if hours is None or is_always(hours):
        return ALWAYS.in_language(language)
    told = [
        f"{_days(days, language)} {tell_ranges(ranges).replace('-', '–') or ALWAYS.in_language(language)}"
        for days, ranges in week_rows(hours)
    ]
    return "; ".join(told) or _NEVER.in_language(language)


def _days(days: tuple[int, ...], language: Language) -> str:
    names = _DAYS[language]
    return names[days[0]] if len(days) == 1 else f"{names[days[0]]}–{names[days[-1]]}"


def weekday_names(language: Language) -> tuple[str, ...]:
    """Gives the seven days in short, Monday first."""
    return _DAYS[language]


def shown_number(did: Did) -> str:
    """Gives a number as people write it: `0 800 213 103`, `+380 44 363 10 41`."""
    digits = did.removeprefix(_UKRAINE)
    if len(digits) != _NATIONAL_DIGITS or not did.startswith(_UKRAINE):
        return did
    if digits.startswith(_FREEPHONE):
        return f"0 {digits[:3]} {digits[3:6]} {digits[6:]}"
    return f"{_UKRAINE} {digits[:2]} {digits[2:5]} {digits[5:7]} {digits[7:]}"
