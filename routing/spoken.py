"""Hours in words, as a voice reads them to callers, in Ukrainian and English. Pure."""

from routing.calendars import DAY_MINUTES, is_always
from routing.languages import Language
from routing.plan import MinuteRange, WeeklyHours

_DAYS_IN_WEEK = 7
_RUN_WITH_FROM = 3
"""From this many days on, a run is told by its first and last."""
_TWENTY = 20
_NOON_HOUR = 12

_FROM_DAY_UK = ("понеділка", "вівторка", "середи", "четверга", "п'ятниці", "суботи", "неділі")
_ON_DAY_UK = ("понеділок", "вівторок", "середу", "четвер", "п'ятницю", "суботу", "неділю")
_HOUR_UK = (
    "нульової", "першої", "другої", "третьої", "четвертої", "п'ятої", "шостої", "сьомої", "восьмої", "дев'ятої",
    "десятої", "одинадцятої", "дванадцятої", "тринадцятої", "чотирнадцятої", "п'ятнадцятої", "шістнадцятої",
    "сімнадцятої", "вісімнадцятої", "дев'ятнадцятої", "двадцятої", "двадцять першої", "двадцять другої",
    "двадцять третьої",
)  # fmt: skip
"""Genitive of the feminine ordinals, for `з … години`."""
_UNITS_UK = (
    "", "однієї", "двох", "трьох", "чотирьох", "п'яти", "шести", "семи", "восьми", "дев'яти", "десяти", "одинадцяти",
    "дванадцяти", "тринадцяти", "чотирнадцяти", "п'ятнадцяти", "шістнадцяти", "сімнадцяти", "вісімнадцяти",
    "дев'ятнадцяти",
)  # fmt: skip
"""Genitive of the feminine cardinals."""
_TENS_UK = ("", "", "двадцяти", "тридцяти", "сорока", "п'ятдесяти")
_DAY_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ALWAYS = {Language.UK: "цілодобово, без вихідних", Language.EN: "round the clock, every day"}
_NEVER = {Language.UK: "зараз не працює", Language.EN: "closed at present"}


def spoken_hours(hours: WeeklyHours | None, language: Language) -> str:
    """Gives weekly hours in words, without a full stop; None means round the clock.

    Example: `з понеділка по п'ятницю з восьмої до вісімнадцятої години`.
    """
    if hours is None or is_always(hours):
        return _ALWAYS[language]
    tell_days, tell_ranges = (_days_uk, _ranges_uk) if language is Language.UK else (_days_en, _ranges_en)
    parts = [f"{tell_days(first, last)}{tell_ranges(hours[first])}" for first, last in _runs(hours)]
    return ", ".join(parts) or _NEVER[language]


def _runs(hours: WeeklyHours) -> list[tuple[int, int]]:
    """Gives first and last weekday of each run of days with the same hours; days off are left out."""
    runs: list[tuple[int, int]] = []
    for day, ranges in enumerate(hours):
        if not ranges:
            continue
        if runs and runs[-1][1] == day - 1 and hours[day - 1] == ranges:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _days_uk(first: int, last: int) -> str:
    if last - first + 1 == _DAYS_IN_WEEK:
        return "щодня"
    if last - first + 1 >= _RUN_WITH_FROM:
        return f"з {_FROM_DAY_UK[first]} по {_ON_DAY_UK[last]}"
    return f"у {_ON_DAY_UK[first]}" + (f" та {_ON_DAY_UK[last]}" if last > first else "")


def _ranges_uk(ranges: tuple[MinuteRange, ...]) -> str:
    if _is_whole_day(ranges):
        return " цілодобово"
    return " " + " та ".join(f"{_time_uk('з', each.start_minute)} {_time_uk('до', each.end_minute)}" for each in ranges)


def _time_uk(preposition: str, minute: int) -> str:
    hour, minutes = minute // 60 % 24, minute % 60
    if hour == minutes == 0:
        return "з опівночі" if preposition == "з" else "до опівночі"
    if not minutes:
        return f"{preposition} {_HOUR_UK[hour]}" + (" години" if preposition == "до" else "")
    ending = "хвилини" if minutes % 10 == 1 and minutes != 11 else "хвилин"  # noqa: PLR2004  # grammar of numerals
    return f"{preposition} {_HOUR_UK[hour]} години {_minutes_uk(minutes)} {ending}"


def _minutes_uk(minutes: int) -> str:
    if minutes < _TWENTY:
        return _UNITS_UK[minutes]
    return f"{_TENS_UK[minutes // 10]} {_UNITS_UK[minutes % 10]}".strip()


def _days_en(first: int, last: int) -> str:
    if last - first + 1 == _DAYS_IN_WEEK:
        return "every day,"
    if last - first + 1 >= _RUN_WITH_FROM:
        return f"{_DAY_EN[first]} to {_DAY_EN[last]},"
    return _DAY_EN[first] + (f" and {_DAY_EN[last]}," if last > first else ",")


def _ranges_en(ranges: tuple[MinuteRange, ...]) -> str:
    if _is_whole_day(ranges):
        return " round the clock"
    return " " + " and ".join(f"from {_time_en(each.start_minute)} to {_time_en(each.end_minute)}" for each in ranges)


def _time_en(minute: int) -> str:
    hour, minutes = minute // 60 % 24, minute % 60
    if minutes == 0 and hour in (0, _NOON_HOUR):
        return "noon" if hour else "midnight"
    told = f"{hour % _NOON_HOUR or _NOON_HOUR}" + (f":{minutes:02}" if minutes else "")
    return f"{told} {'a.m.' if hour < _NOON_HOUR else 'p.m.'}"


def _is_whole_day(ranges: tuple[MinuteRange, ...]) -> bool:
    return len(ranges) == 1 and ranges[0].end_minute - ranges[0].start_minute == DAY_MINUTES
