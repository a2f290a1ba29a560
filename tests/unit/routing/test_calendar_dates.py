"""Calendars: clock changes, midnight, leap days, year ends, holidays and martial law."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calendars import hours_state, next_change, states_of_day
from routing.languages import Text
from routing.plan import CalendarException, ExceptionKind, MovedDay, OfficeId, Plan, ServiceId, WeeklyHours
from routing.plan_files.holiday_dates import holidays_of_years
from tests.plans import CONSULTATION, small_plan
from tests.unit.routing.plans import FROM_8_TO_18, KYIV, holiday, in_peace, kyiv, period, ranges, with_calendar
from tests.unit.routing.plans import with_sumy_hours as with_hours

WHY = Text(uk="з причини", en="with a reason")
EVERY_NIGHT: WeeklyHours = (ranges((1320, 1800)),) * 7
AROUND_THREE: WeeklyHours = (ranges((90, 210), (225, 250)),) * 7


def is_open(plan: Plan, at: str) -> bool:
    return hours_state(plan, plan.services[CONSULTATION], kyiv(at)).is_open


def code(plan: Plan, at: str) -> str:
    return hours_state(plan, plan.services[CONSULTATION], kyiv(at)).reason.code


def sumy_exception(day: date, kind: ExceptionKind, **more: object) -> CalendarException:
    exception = CalendarException(day=day, kind=kind, ranges=(), offices=(), services=(), reason=WHY)
    return replace(exception, **more)  # type: ignore[arg-type]  # names are checked by replace


@pytest.mark.parametrize(("at", "expected"), [
    ("2026-11-24T07:59", False), ("2026-11-24T08:00", True), ("2026-11-24T17:59", True), ("2026-11-24T18:00", False),
    ("2026-11-28T11:00", False), ("2026-11-29T11:00", False), ("2026-11-27T17:59", True),
    ("2028-02-29T08:00", True), ("2028-02-29T18:00", False), ("2026-12-31T17:59", True), ("2027-01-01T08:00", True),
    ("2027-01-01T00:00", False),
])  # fmt: skip
def test_weekly_hours_are_half_open(at: str, expected: bool) -> None:
    assert is_open(small_plan(), at) is expected


def test_the_last_second_counts_as_open() -> None:
    plan = small_plan()
    moment = kyiv("2026-11-24T17:59") + timedelta(seconds=59, microseconds=999_999)
    assert hours_state(plan, plan.services[CONSULTATION], moment).is_open


def test_a_moment_without_a_zone_is_refused() -> None:
    plan = small_plan()
    with pytest.raises(ValueError, match="time zone"):
        hours_state(plan, plan.services[CONSULTATION], datetime(2026, 11, 24, 9, 0))  # noqa: DTZ001  # the point


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)], ids=["spring", "autumn"])
@pytest.mark.parametrize("hours", [FROM_8_TO_18, EVERY_NIGHT, AROUND_THREE], ids=["day", "night", "around-three"])
def test_on_both_clock_changes_the_local_clock_decides_each_minute(day: date, hours: WeeklyHours) -> None:
    plan = with_hours(small_plan(), hours)
    start = datetime(day.year, day.month, day.day, tzinfo=KYIV).astimezone(UTC)
    for minutes in range(27 * 60):
        moment = start + timedelta(minutes=minutes)
        local = moment.astimezone(KYIV)
        minute = local.hour * 60 + local.minute
        yesterday = hours[(local.weekday() - 1) % 7]
        expected = any(each.start_minute <= minute < each.end_minute for each in hours[local.weekday()]) or any(
            minute < each.end_minute - 1440 for each in yesterday
        )
        assert hours_state(plan, plan.services[CONSULTATION], moment).is_open is expected, moment


@pytest.mark.parametrize(("day", "length_h"), [
    (date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24),
])  # fmt: skip
def test_the_states_of_a_day_agree_with_each_minute_of_it(day: date, length_h: int) -> None:
    plan = with_hours(small_plan(), AROUND_THREE)
    service = plan.services[CONSULTATION]
    starts = states_of_day(plan, service, day)
    begin = starts[0][0]
    for minutes in range(length_h * 60):
        moment = begin + timedelta(minutes=minutes)
        told = [state for start, state in starts if start <= moment][-1]
        assert told == hours_state(plan, service, moment)
    assert (begin + timedelta(hours=length_h)).astimezone(KYIV).date() == day + timedelta(days=1)


def test_a_range_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night: WeeklyHours = ((), (), (), (), ranges((1320, 1800)), (), ())
    plan = with_hours(small_plan(), friday_night)
    assert is_open(plan, "2026-11-27T23:59")
    assert is_open(plan, "2026-11-28T05:59")
    assert not is_open(plan, "2026-11-28T06:00")
    closed_saturday = with_calendar(plan, exceptions=(sumy_exception(date(2026, 11, 28), ExceptionKind.CLOSED),))
    assert is_open(closed_saturday, "2026-11-28T05:59")


def test_in_martial_law_a_holiday_is_worked() -> None:
    plan = with_calendar(small_plan(), holidays=(holiday(date(2026, 8, 24)),))
    assert is_open(plan, "2026-08-24T11:00")
    assert code(in_peace(plan), "2026-08-24T11:00") == "holiday"


def test_in_martial_law_an_eve_is_not_shorter() -> None:
    plan = with_calendar(small_plan(), holidays=(holiday(date(2026, 8, 25)),))
    assert is_open(plan, "2026-08-24T17:30")
    peace = in_peace(plan)
    assert is_open(peace, "2026-08-24T16:59")
    assert code(peace, "2026-08-24T17:00") == "eve"
    assert code(peace, "2026-08-24T18:00") == "hours"


def test_holidays_hold_again_from_the_day_on_which_martial_law_ends() -> None:
    days = tuple(holiday(date(2026, 8, day)) for day in (24, 25, 26))
    plan = with_calendar(small_plan(), holidays=days, martial_law=(period(date(2022, 3, 24), date(2026, 8, 25)),))
    codes = [code(plan, f"2026-08-{day}T11:00") for day in (24, 25, 26)]
    assert codes == ["hours", "holiday", "holiday"]


def test_the_holidays_of_2021_give_the_days_off_that_were() -> None:
    plan = in_peace(with_calendar(small_plan(), holidays=holidays_of_years(2021, 2021)))
    weekdays = [date(2021, 1, 1) + timedelta(days=ahead) for ahead in range(365)]
    closed = [day for day in weekdays if day.weekday() < 5 and not is_open(plan, f"{day}T11:00")]
    # Holidays on weekdays, and days off for 1, 2, 9 May, 20 June and 25 December, which fell on weekends.
    assert closed == [date(2021, *each) for each in (
        (1, 1), (1, 7), (3, 8), (5, 3), (5, 4), (5, 10), (6, 21), (6, 28), (8, 24), (10, 14), (12, 27),
    )]  # fmt: skip
    assert code(plan, "2021-05-04T11:00") == "holiday-moved"


def test_the_library_lists_holidays_of_martial_law_years_and_no_moved_days() -> None:
    before, after = holidays_of_years(2021, 2021), holidays_of_years(2027, 2027)
    assert len(before) == 11
    assert date(2027, 8, 24) in {each.day for each in after}
    assert not [each for each in before if "перенесено" in each.title.uk]


def test_a_moved_day_off_is_closed_and_its_working_day_has_the_hours_of_the_day_off() -> None:
    moved = MovedDay(day_off=date(2021, 8, 23), working_day=date(2021, 8, 28), reason=WHY)
    plan = in_peace(with_calendar(small_plan(), moved_days=(moved,)))
    assert code(plan, "2021-08-23T11:00") == "moved-day-off"
    assert is_open(plan, "2021-08-28T11:00")
    assert code(plan, "2021-08-28T18:00") == "moved-working-day"
    assert not is_open(plan, "2021-08-28T18:00")


def test_a_round_the_clock_office_is_closed_by_no_holiday_but_by_an_exception() -> None:
    chernivtsi = OfficeId("chernivtsi")
    plan = in_peace(with_calendar(small_plan(), holidays=(holiday(date(2026, 8, 24)),)))
    moment = kyiv("2026-08-24T03:00")
    assert hours_state(plan, plan.offices[chernivtsi], moment).reason.code == "round-the-clock"
    closed = with_calendar(plan, exceptions=(sumy_exception(date(2026, 8, 24), ExceptionKind.CLOSED),))
    assert not hours_state(closed, closed.offices[chernivtsi], moment).is_open


@pytest.mark.parametrize(("kind", "more", "at", "expected"), [
    (ExceptionKind.OPEN, (), "2026-11-28T03:00", True),
    (ExceptionKind.HOURS, ranges((600, 840)), "2026-11-28T10:00", True),
    (ExceptionKind.HOURS, ranges((600, 840)), "2026-11-28T14:00", False),
    (ExceptionKind.CLOSED, (), "2026-11-28T11:00", False),
])  # fmt: skip
def test_an_exception_decides_its_day(kind: ExceptionKind, more: tuple[object, ...], at: str, expected: bool) -> None:
    plan = with_calendar(small_plan(), exceptions=(sumy_exception(date(2026, 11, 28), kind, ranges=more),))
    assert is_open(plan, at) is expected
    assert code(plan, at) == "exception"


def test_the_exception_of_a_service_comes_before_that_of_its_office_and_a_general_one() -> None:
    day = date(2026, 11, 24)
    general = sumy_exception(day, ExceptionKind.CLOSED)
    office = sumy_exception(day, ExceptionKind.HOURS, ranges=ranges((600, 660)), offices=(OfficeId("sumy"),))
    service = sumy_exception(day, ExceptionKind.OPEN, services=(ServiceId(CONSULTATION),))
    moments = ("2026-11-24T03:00", "2026-11-24T10:30", "2026-11-24T12:00")
    told = [
        [is_open(with_calendar(small_plan(), exceptions=exceptions), at) for at in moments]
        for exceptions in ((general,), (general, office), (general, office, service))
    ]
    assert told == [[False, False, False], [False, True, False], [True, True, True]]


def test_a_service_with_hours_of_its_own_does_not_ask_its_office() -> None:
    plan = small_plan()
    evening = replace(plan.services[CONSULTATION], hours=((ranges((1080, 1200))),) * 7)
    plan = replace(plan, services={**plan.services, CONSULTATION: evening})
    assert not is_open(plan, "2026-11-24T11:00")
    assert is_open(plan, "2026-11-24T18:00")


@pytest.mark.parametrize(("at", "change"), [
    ("2026-11-24T11:00", ("2026-11-24T18:00", False)),
    ("2026-11-24T18:00", ("2026-11-25T08:00", True)),
    ("2026-11-27T18:00", ("2026-11-30T08:00", True)),
    ("2026-12-31T18:00", ("2027-01-01T08:00", True)),
    ("2026-10-23T18:00", ("2026-10-26T08:00", True)),
])  # fmt: skip
def test_the_next_change_is_told(at: str, change: tuple[str, bool]) -> None:
    plan = small_plan()
    found = next_change(plan, plan.services[CONSULTATION], kyiv(at))
    assert found is not None
    assert (found.at, found.is_open) == (kyiv(change[0]), change[1])


def test_a_round_the_clock_service_has_no_next_change() -> None:
    plan = small_plan()
    assert next_change(plan, plan.services[plan.line.operator_service], kyiv("2026-11-24T11:00")) is None


@given(st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: kyiv("2020-01-01") + timedelta(minutes=minutes)))
def test_nothing_changes_before_the_next_change(moment: datetime) -> None:
    plan = with_calendar(small_plan(), martial_law=(period(date(2022, 3, 24), date(2027, 1, 1)),))
    service = plan.services[CONSULTATION]
    change = next_change(plan, service, moment)
    assert change is not None
    assert moment < change.at
    before = hours_state(plan, service, change.at - timedelta(microseconds=1))
    assert before.is_open is hours_state(plan, service, moment).is_open
    assert hours_state(plan, service, change.at).is_open is change.is_open is not before.is_open
