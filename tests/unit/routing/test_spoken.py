"""Hours in words and as people write them."""

import pytest

from routing.calendars import tell_ranges
from routing.languages import Language
from routing.plan import WeeklyHours
from routing.plan_files.hours import ALWAYS_HOURS, HoursError, parse_ranges, parse_week
from routing.spoken import spoken_hours
from tests.unit.routing.plans import ranges


@pytest.mark.parametrize(("rows", "ukrainian", "english"), [
    ({"mon-fri": "08:00-18:00"},
     "з понеділка по п'ятницю з восьмої до вісімнадцятої години", "Monday to Friday, from 8 a.m. to 6 p.m."),
    ({"mon-thu": "09:00-18:00", "fri": "09:00-16:45"},
     ("з понеділка по четвер з дев'ятої до вісімнадцятої години, "
      "у п'ятницю з дев'ятої до шістнадцятої години сорока п'яти хвилин"),
     "Monday to Thursday, from 9 a.m. to 6 p.m., Friday, from 9 a.m. to 4:45 p.m."),
    ({"sat, sun": "10:00-12:00, 13:00-14:00"},
     "у суботу та неділю з десятої до дванадцятої години та з тринадцятої до чотирнадцятої години",
     "Saturday and Sunday, from 10 a.m. to noon and from 1 p.m. to 2 p.m."),
    ({"mon-sun": "22:00-06:00"},
     "щодня з двадцять другої до шостої години", "every day, from 10 p.m. to 6 a.m."),
    ({"tue": "00:00-12:21"},
     "у вівторок з опівночі до дванадцятої години двадцяти однієї хвилини", "Tuesday, from midnight to 12:21 p.m."),
    ({"wed": "08:11-00:00"},
     "у середу з восьмої години одинадцяти хвилин до опівночі", "Wednesday, from 8:11 a.m. to midnight"),
    ({"sun": "all day"}, "у неділю цілодобово", "Sunday, round the clock"),
])  # fmt: skip
def test_hours_are_told_in_words(rows: dict[str, str], ukrainian: str, english: str) -> None:
    hours = parse_week(rows)
    assert spoken_hours(hours, Language.UK) == ukrainian
    assert spoken_hours(hours, Language.EN) == english


@pytest.mark.parametrize("hours", [None, ALWAYS_HOURS])
def test_round_the_clock_is_told_as_such(hours: WeeklyHours | None) -> None:
    assert spoken_hours(hours, Language.UK) == "цілодобово, без вихідних"


def test_no_hours_at_all_are_told() -> None:
    assert spoken_hours(((),) * 7, Language.EN) == "closed at present"


def test_every_minute_of_the_day_has_words() -> None:
    told = [spoken_hours((ranges((minute, minute + 1)), *((),) * 6), Language.UK) for minute in range(1440)]
    wrong = [
        each
        for each in told
        if not each.startswith("у понеділок з ") or "  " in each or any(letter.isdigit() for letter in each)
    ]
    assert wrong == []
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(("text", "pairs"), [
    ("08:00-18:00", [(480, 1080)]), ("22:00-06:00", [(1320, 1800)]), ("18:00-00:00", [(1080, 1440)]),
    ("13:00-18:00, 08:00-12:00", [(480, 720), (780, 1080)]), ("08:00 - 12:00", [(480, 720)]), ("all day", [(0, 1440)]),
])  # fmt: skip
def test_ranges_are_read(text: str, pairs: list[tuple[int, int]]) -> None:
    assert parse_ranges(text) == ranges(*pairs)


@pytest.mark.parametrize("text", [
    "", "8-18", "08:00-24:00", "24:00-08:00", "08:60-09:00", "25:00-26:00", "08:00", "08:00-08:00", "08:00-12:00,",
    "08:00-12:00, 11:59-13:00", "22:00-06:00, 23:00-23:30", "08:00-18:00-19:00", "０8:00-18:00",
])  # fmt: skip
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(HoursError):
        parse_ranges(text)


@pytest.mark.parametrize("rows", [
    {"monday": "08:00-18:00"}, {"fri-mon": "08:00-18:00"}, {"mon-fri": "08:00-18:00", "fri": "08:00-12:00"},
    {"mon": "22:00-06:00", "tue": "05:00-08:00"}, {"sun": "22:00-06:00", "mon": "05:00-08:00"}, {"mon-": "08:00-09:00"},
    {"": "08:00-09:00"},
])  # fmt: skip
def test_what_is_no_week_is_refused(rows: dict[str, str]) -> None:
    with pytest.raises(HoursError):
        parse_week(rows)


def test_ranges_are_told_as_they_are_written() -> None:
    assert tell_ranges(ranges((480, 720), (1320, 1800))) == "08:00-12:00, 22:00-06:00"
