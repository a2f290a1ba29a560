"""Dates of Ukraine's public holidays, from the library `holidays`; whether they count is the calendar's business."""

from datetime import date

import holidays

from routing.languages import Text
from routing.plan import Holiday

_MOVED_BY_CABINET = "Вихідний день"
"""The library lists moved days off under this name; they are `moved_days` of the plan, not holidays."""


def holidays_of_years(first_year: int, last_year: int) -> tuple[Holiday, ...]:
    """Gives the holidays of the years, both included, in order of their dates.

    Why two categories: since 8 March 2022 the library lists Ukraine's holidays as WORKDAY, before as PUBLIC
    (holidays 0.80 and later; `tests/unit/routing/test_calendar_dates.py` shows it).
    """
    ukrainian, english = (_titles(first_year, last_year, language) for language in ("uk", "en_US"))
    return tuple(
        Holiday(day=day, title=Text(uk=title, en=english[day]))
        for day, title in sorted(ukrainian.items())
        if not title.startswith(_MOVED_BY_CABINET)
    )


def _titles(first_year: int, last_year: int, language: str) -> dict[date, str]:
    categories = (holidays.PUBLIC, holidays.WORKDAY)
    found = holidays.country_holidays(
        "UA", years=range(first_year, last_year + 1), observed=False, categories=categories, language=language
    )
    return {day: title.replace(";", ",") for day, title in found.items()}
