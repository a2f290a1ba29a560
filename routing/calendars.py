"""When offices and services work, and why: weekly hours bent by exceptions, holidays and martial law.

Local time exists only here. A range of hours belongs to the day on which it begins: a closed day does not cut off the
night shift of the evening before. On the nights of the clock change the local clock decides, minute by minute: an hour
that comes twice is open or closed twice, one that never comes is neither.

Source: Labour Code of Ukraine art. 53 (shortened eve), art. 67 (moved day off), law 2136-IX art. 6 (martial law).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from routing.languages import Text
from routing.plan import (
    Calendar,
    CalendarException,
    Centre,
    ExceptionKind,
    Holiday,
    MinuteRange,
    MovedDay,
    Office,
    OfficeId,
    Plan,
    Service,
    WeeklyHours,
)
from routing.reasons import Reason, ReasonCode, because_titled

DAY_MINUTES = 1440
EVE_CUT_MINUTES = 60
CHANGE_HORIZON_DAYS = 400
"""How far `next_change` looks."""
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursState:
    """Whether somebody works now, and why."""

    is_open: bool
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The next moment (aware UTC) at which the state changes, and what it is from then on."""

    at: datetime
    is_open: bool
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A stretch of one local day; minutes are those of the local clock, half-open."""

    start_minute: int
    end_minute: int
    state: HoursState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """What one local date says: ranges that begin on it, and reasons inside, outside and in the part cut off."""

    ranges: tuple[MinuteRange, ...]
    cut: tuple[MinuteRange, ...] = ()
    open_reason: Reason
    closed_reason: Reason
    cut_reason: Reason | None = None


class _Subject:
    """Whose hours are asked for, as a key of the caches.

    Why by identity: hashing a whole plan would cost more than the answer, and two plans may bear one version in
    tests. The cache keeps the plan alive, so that its identity cannot be taken by another.
    """

    __slots__ = ("centre_id", "id", "office_id", "plan", "service_id", "title")

    def __init__(self, plan: Plan, of: Service | Office | Centre) -> None:
        self.plan = plan
        self.id = of.id
        self.title = of.name if isinstance(of, Centre) else of.title
        self.service_id = of.id if isinstance(of, Service) else None
        self.centre_id = of.id if isinstance(of, Centre) else None
        self.office_id = _office_of(plan, of)

    def __hash__(self) -> int:
        return hash((id(self.plan), self.service_id, self.office_id, self.centre_id))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Subject)
            and self.plan is other.plan
            and self.service_id == other.service_id
            and self.office_id == other.office_id
            and self.centre_id == other.centre_id
        )

    @property
    def hours(self) -> WeeklyHours | None:
        """Weekly hours; None means round the clock."""
        if self.office_id is None:
            return None if self.centre_id is None else _unless_always(self.plan.centres[self.centre_id].hours)
        own = None if self.service_id is None else self.plan.services[self.service_id].hours
        hours = self.plan.offices[self.office_id].hours if own is None else own
        return _unless_always(hours)


def _office_of(plan: Plan, of: Service | Office | Centre) -> OfficeId | None:
    """Gives the office that works for it; a centre has none of ours."""
    match of:
        case Service():
            return plan.queues[of.queue].office
        case Office():
            return of.id
        case Centre():
            return None
        case _:
            assert_never(of)


def _unless_always(hours: WeeklyHours | None) -> WeeklyHours | None:
    return None if hours is None or is_always(hours) else hours


def is_always(hours: WeeklyHours) -> bool:
    """Tells whether weekly hours leave no minute of the week out."""
    return all(ranges == _WHOLE_DAY for ranges in hours)


def hours_state(plan: Plan, of: Service | Office | Centre, moment: datetime) -> HoursState:
    """Tells whether a service, an office or a centre of `plan` works at `moment`, and why.

    Raises:
        ValueError: `moment` has no time zone.
    """
    local = local_time(plan.calendar, moment)
    minute = local.hour * 60 + local.minute
    for span in _spans(_Subject(plan, of), local.toordinal()):
        if minute < span.end_minute:
            return span.state
    raise AssertionError("the spans of a day reach its end")


def next_change(plan: Plan, of: Service | Office, moment: datetime) -> Change | None:
    """Tells when a service or an office next opens or closes after `moment`, and why.

    None: not within `CHANGE_HORIZON_DAYS`.
    """
    subject = _Subject(plan, of)
    now = hours_state(plan, of, moment)
    first = local_time(plan.calendar, moment).toordinal()
    for ordinal in range(first, first + CHANGE_HORIZON_DAYS):
        for start, state in _starts(subject, ordinal):
            if start > moment and state.is_open != now.is_open:
                return Change(at=start, is_open=state.is_open, reason=state.reason)
    return None


def upcoming_changes(plan: Plan, of: Service | Office, moment: datetime) -> tuple[datetime, ...]:
    """Gives the UTC moments after `moment`, today and tomorrow, from which another state may hold, in order."""
    subject = _Subject(plan, of)
    today = local_time(plan.calendar, moment).toordinal()
    return tuple(at for ordinal in (today, today + 1) for at, _ in _starts(subject, ordinal) if at > moment)


def states_of_day(plan: Plan, of: Service | Office, day: date) -> tuple[tuple[datetime, HoursState], ...]:
    """Gives the UTC moments of the local date `day` from which another state holds, in order; the first is midnight."""
    return _starts(_Subject(plan, of), day.toordinal())


def local_date(plan: Plan, moment: datetime) -> date:
    """Gives the date that the plan's calendars show at `moment`."""
    return local_time(plan.calendar, moment).date()


def is_martial_law(calendar: Calendar, day: date) -> bool:
    """Tells whether martial law is in force on the local date `day`."""
    return any(
        period.start_date <= day and (period.end_date is None or day < period.end_date)
        for period in calendar.martial_law
    )


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_time(calendar: Calendar, moment: datetime) -> datetime:
    """Gives `moment` in the calendar's time zone.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(_zone(calendar.timezone))


@lru_cache(maxsize=4096)
def _spans(subject: _Subject, ordinal: int) -> tuple[_Span, ...]:
    """Gives the whole local day as open and closed spans, in order, without gaps."""
    today = date.fromordinal(ordinal)
    yesterday = _day(subject, today - _ONE_DAY)
    day = _day(subject, today)
    pieces = [
        *((_clip(each, -DAY_MINUTES), HoursState(is_open=True, reason=yesterday.open_reason))
          for each in yesterday.ranges if each.end_minute > DAY_MINUTES),
        *((_clip(each, 0), HoursState(is_open=True, reason=day.open_reason)) for each in day.ranges),
        *((_clip(each, 0), HoursState(is_open=False, reason=day.cut_reason))
          for each in day.cut if day.cut_reason is not None),
    ]  # fmt: skip
    return _filled(pieces, HoursState(is_open=False, reason=day.closed_reason))


def _clip(minutes: MinuteRange, shift: int) -> tuple[int, int]:
    return max(0, minutes.start_minute + shift), min(DAY_MINUTES, minutes.end_minute + shift)


def _filled(pieces: list[tuple[tuple[int, int], HoursState]], closed: HoursState) -> tuple[_Span, ...]:
    """Gives the pieces in order, what lies between them closed; of two that overlap the first given goes on."""
    spans: list[_Span] = []
    reached = 0
    for (start, end), state in sorted(pieces, key=lambda piece: piece[0][0]):
        if start > reached:
            spans.append(_Span(start_minute=reached, end_minute=start, state=closed))
        if end > reached:
            spans.append(_Span(start_minute=max(start, reached), end_minute=end, state=state))
            reached = end
    if reached < DAY_MINUTES:
        spans.append(_Span(start_minute=reached, end_minute=DAY_MINUTES, state=closed))
    return tuple(spans)


@lru_cache(maxsize=1024)
def _starts(subject: _Subject, ordinal: int) -> tuple[tuple[datetime, HoursState], ...]:
    """Gives the UTC moments of the local day at which another span begins to hold, in order."""
    zone = _zone(subject.plan.calendar.timezone)
    spans = _spans(subject, ordinal)
    starts: list[tuple[datetime, HoursState]] = []
    for begin, end in _even_stretches(zone, date.fromordinal(ordinal)):
        local = begin.astimezone(zone)
        minute, last_minute = local.hour * 60 + local.minute, local.hour * 60 + local.minute + _minutes(end - begin)
        starts.extend(
            (begin + timedelta(minutes=max(0, span.start_minute - minute)), span.state)
            for span in spans
            if span.end_minute > minute and span.start_minute < last_minute
        )
    return tuple(starts)


def _even_stretches(zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
    """Gives the local day as UTC stretches within which the clock is not changed."""
    begin, end = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + _ONE_DAY))
    start_at, end_at = begin.astimezone(UTC), end.astimezone(UTC)
    if begin.utcoffset() == end.utcoffset():
        return [(start_at, end_at)]
    low, high = 0, _minutes(end_at - start_at)
    while high - low > 1:
        middle = (low + high) // 2
        is_before = (start_at + timedelta(minutes=middle)).astimezone(zone).utcoffset() == begin.utcoffset()
        low, high = (middle, high) if is_before else (low, middle)
    changed_at = start_at + timedelta(minutes=high)
    return [(start_at, changed_at), (changed_at, end_at)] if changed_at < end_at else [(start_at, end_at)]


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _day(subject: _Subject, day: date) -> _Day:
    """Gives what holds on `day`: exception, else round the clock, else holidays outside martial law, else the week."""
    calendar = subject.plan.calendar
    exception = _exception_on(subject, day)
    if exception is not None:
        return _exceptional_day(subject, exception)
    hours = subject.hours
    if hours is None:
        always = because_titled(ReasonCode.ROUND_THE_CLOCK, subject.title, of=subject.id)
        return _Day(ranges=_WHOLE_DAY, open_reason=always, closed_reason=always)
    if not is_martial_law(calendar, day):
        return _peace_day(subject, hours, day)
    return _weekly_day(subject, hours[day.weekday()], day)


def _exception_on(subject: _Subject, day: date) -> CalendarException | None:
    """Gives the exception of `day`: one for the service comes before its office's, and that before a general one."""
    that_day = [each for each in subject.plan.calendar.exceptions if each.day == day]
    for each in that_day:
        if subject.service_id is not None and subject.service_id in each.services:
            return each
    for each in that_day:
        if subject.office_id in each.offices:
            return each
    return next((each for each in that_day if not each.offices and not each.services), None)


def _exceptional_day(subject: _Subject, exception: CalendarException) -> _Day:
    ranges = {
        ExceptionKind.OPEN: _WHOLE_DAY,
        ExceptionKind.CLOSED: (),
        ExceptionKind.HOURS: exception.ranges,
    }[exception.kind]
    reason = because_titled(
        ReasonCode.EXCEPTION,
        exception.reason,
        of=subject.id,
        day=exception.day.isoformat(),
        kind=exception.kind.value,
        hours=tell_ranges(exception.ranges),
    )
    return _Day(ranges=ranges, open_reason=reason, closed_reason=reason)


def _weekly_day(subject: _Subject, ranges: tuple[MinuteRange, ...], day: date) -> _Day:
    told = {"of": subject.id, "day": day.isoformat(), "hours": tell_ranges(ranges)}
    return _Day(
        ranges=ranges,
        open_reason=because_titled(ReasonCode.HOURS, subject.title, state="open", **told),
        closed_reason=because_titled(ReasonCode.HOURS, subject.title, state="closed" if ranges else "day-off", **told),
    )


def _peace_day(subject: _Subject, hours: WeeklyHours, day: date) -> _Day:
    """Gives a day outside martial law: moved days, holidays, days off for holidays, eves, else the week."""
    calendar = subject.plan.calendar
    holidays = _holidays(subject)
    for moved in calendar.moved_days:
        if moved.day_off == day:
            return _closed_day(ReasonCode.MOVED_DAY_OFF, moved.reason, day)
    if day in holidays:
        return _closed_day(ReasonCode.HOLIDAY, holidays[day].title, day)
    moved_holiday = _days_off_for_holidays(subject).get(day)
    if moved_holiday is not None:
        return _closed_day(ReasonCode.HOLIDAY_MOVED, moved_holiday.title, day, holiday=moved_holiday.day.isoformat())
    worked = next((moved for moved in calendar.moved_days if moved.working_day == day), None)
    plain = _weekly_day(subject, hours[day.weekday()], day) if worked is None else _worked_day(hours, worked)
    eve_of = holidays.get(day + _ONE_DAY)
    return plain if eve_of is None or is_martial_law(calendar, day + _ONE_DAY) else _shortened(plain, eve_of, day)


def _closed_day(code: ReasonCode, title: Text, day: date, **details: str) -> _Day:
    reason = because_titled(code, title, day=day.isoformat(), **details)
    return _Day(ranges=(), open_reason=reason, closed_reason=reason)


def _worked_day(hours: WeeklyHours, moved: MovedDay) -> _Day:
    """Gives a day that is worked instead of another: with that other day's hours."""
    reason = because_titled(
        ReasonCode.MOVED_WORKING_DAY,
        moved.reason,
        day=moved.working_day.isoformat(),
        instead_of=moved.day_off.isoformat(),
    )
    return _Day(ranges=hours[moved.day_off.weekday()], open_reason=reason, closed_reason=reason)


def _shortened(plain: _Day, holiday: Holiday, day: date) -> _Day:
    """Gives the eve of a holiday: its last hour of work is cut off."""
    kept, cut, left = list(plain.ranges), [], EVE_CUT_MINUTES
    while kept and left > 0:
        last = kept.pop()
        start = max(last.start_minute, last.end_minute - left)
        cut.append(MinuteRange(start_minute=start, end_minute=last.end_minute))
        left -= last.end_minute - start
        if start > last.start_minute:
            kept.append(MinuteRange(start_minute=last.start_minute, end_minute=start))
    return _Day(
        ranges=tuple(kept),
        cut=tuple(reversed(cut)),
        open_reason=plain.open_reason,
        closed_reason=plain.closed_reason,
        cut_reason=because_titled(ReasonCode.EVE, holiday.title, day=day.isoformat()),
    )


@lru_cache(maxsize=64)
def _holidays(subject: _Subject) -> dict[date, Holiday]:
    return {holiday.day: holiday for holiday in subject.plan.calendar.holidays}


@lru_cache(maxsize=64)
def _days_off_for_holidays(subject: _Subject) -> dict[date, Holiday]:
    """Gives the working days that are free because a holiday fell on a Saturday or Sunday that is not worked.

    The day off moves to the next working day; each of several holidays takes a day of its own.
    """
    calendar, hours, holidays = subject.plan.calendar, subject.hours, _holidays(subject)
    moved_off = {moved.day_off for moved in calendar.moved_days}
    days_off: dict[date, Holiday] = {}
    for holiday in sorted(holidays.values(), key=lambda each: each.day):
        weekday = holiday.day.weekday()
        if hours is None or weekday < _SATURDAY or hours[weekday] or is_martial_law(calendar, holiday.day):
            continue
        for ahead in range(1, 15):
            day = holiday.day + timedelta(days=ahead)
            if hours[day.weekday()] and day not in holidays and day not in days_off and day not in moved_off:
                days_off[day] = holiday
                break
    return days_off


def tell_ranges(ranges: tuple[MinuteRange, ...]) -> str:
    """Gives ranges as people write them: `08:00-12:00, 13:00-18:00`; empty for none."""
    return ", ".join(f"{_clock(each.start_minute)}-{_clock(each.end_minute)}" for each in ranges)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


_WHOLE_DAY = (MinuteRange(start_minute=0, end_minute=DAY_MINUTES),)
