"""How many calls of which kind the centre's demo data has on each day, exactly. Pure.

Three figures are the customer's own (a news item of early 2018): calls answered by operators since the start, calls in
2017, consultations answered by Sumy from July to December 2017. Everything else here is assumed, and says so: it only
has to look like a centre at work. Nothing of this goes into the database: it decides how much evidence is made, and
the reports count the calls that the evidence tells.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ANSWERED_EVER = 298_396
"""Calls answered by operators since the start. Source: the customer."""
CALLS_2017 = 156_287
"""All calls of 2017, read as every call of the log, answered or not. Source: the customer."""
SUMY_CONSULTATIONS_2017 = 22_772
"""Consultations answered by Sumy from July to December 2017. Source: the customer."""

START = date(2013, 7, 1)
"""Assumed: the sources do not tell the day on which the line began."""
END = date(2018, 2, 1)
"""First day without calls: the news item is of early 2018."""
SUMY_OPENED = date(2017, 7, 1)
"""Source: the customer, to the month."""
_NEW_YEAR_2017, _NEW_YEAR_2018 = date(2017, 1, 1), date(2018, 1, 1)

ANSWERED_SHARE = 0.92
"""Assumed, for every year."""
_FIRST_HALF_SHARE = 0.44
"""Assumed: of the answered calls of 2017 those before Sumy opened."""
_SUMY_JANUARY_SHARE = 1 / 6
"""Assumed: Sumy in January 2018 as in a mean month of its first half year."""
_OTHER_YEARS = (
    (START, 6),
    (date(2014, 1, 1), 18),
    (date(2015, 1, 1), 28),
    (date(2016, 1, 1), 38),
    (_NEW_YEAR_2018, 10),
)
"""Assumed: how the answered calls outside 2017 spread over the years: from a day on, weight."""
_WEEKDAY_WEIGHTS = (1.15, 1.1, 1.05, 1.0, 0.95, 0.4, 0.35)
"""Assumed; Monday first."""


class CallKind(StrEnum):
    """How a call goes."""

    SUMY = "sumy"
    """A consultation that Sumy answers."""
    CHERNIVTSI = "chernivtsi"
    """Any other call that is answered."""
    LEFT_MENU = "left_menu"
    LEFT_QUEUE = "left_queue"
    LEFT_RINGING = "left_ringing"


_LEFT_WEIGHTS = {CallKind.LEFT_MENU: 45, CallKind.LEFT_QUEUE: 35, CallKind.LEFT_RINGING: 20}
"""Assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The customer's figures at a scale."""

    answered_ever: int
    calls_2017: int
    sumy_consultations_2017: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """How many calls of each kind one day has."""

    day: date
    counts: Mapping[CallKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    first: date
    before: date
    counts: Mapping[CallKind, int]


def targets(scale: float) -> Targets:
    """Gives the figures that the reports over the demo data tell.

    Args:
        scale: 1 for the centre's own figures, 0.001 for a thousandth; each is rounded by itself.
    """
    return Targets(
        answered_ever=round(ANSWERED_EVER * scale),
        calls_2017=round(CALLS_2017 * scale),
        sumy_consultations_2017=round(SUMY_CONSULTATIONS_2017 * scale),
    )


def day_plans(scale: float, is_sumy_open: Callable[[date], bool]) -> Iterator[DayPlan]:
    """Gives every day from `START` to `END`; the sums over all days are `targets(scale)`, exactly."""
    for period in _periods(targets(scale)):
        days = [period.first + timedelta(days=number) for number in range((period.before - period.first).days)]
        everywhere = [_WEEKDAY_WEIGHTS[day.weekday()] for day in days]
        in_sumy = [weight if is_sumy_open(day) else 0.0 for day, weight in zip(days, everywhere, strict=True)]
        spreads = {
            kind: spread(count, in_sumy if kind is CallKind.SUMY else everywhere)
            for kind, count in period.counts.items()
        }
        for place, day in enumerate(days):
            yield DayPlan(day=day, counts={kind: counts[place] for kind, counts in spreads.items()})


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """Splits `total` by weights into whole numbers whose sum is `total`; a weight of 0 gets 0.

    Raises:
        ValueError: There is something to split, and every weight is 0.
    """
    whole = sum(weights)
    if whole <= 0:
        if total:
            raise ValueError("nothing may take part of the total")
        return [0] * len(weights)
    parts: list[int] = []
    sum_of_weights, given = 0.0, 0
    last = max(place for place, weight in enumerate(weights) if weight > 0)
    for place, weight in enumerate(weights):
        sum_of_weights += weight
        due = total if place >= last else int(total * sum_of_weights / whole)
        parts.append(due - given if weight > 0 else 0)
        given += parts[-1]
    return parts


def _periods(figures: Targets) -> list[_Period]:
    answered_2017 = min(round(figures.calls_2017 * ANSWERED_SHARE), figures.answered_ever)
    others = spread(figures.answered_ever - answered_2017, [weight for _, weight in _OTHER_YEARS])
    begins = [first for first, _ in _OTHER_YEARS]
    before_2017 = [
        _period(first, before, answered=answered, sumy=0, calls=round(answered / ANSWERED_SHARE))
        for first, before, answered in zip(begins[:-1], [*begins[1:-1], _NEW_YEAR_2017], others[:-1], strict=True)
    ]
    sumy_january = min(round(figures.sumy_consultations_2017 * _SUMY_JANUARY_SHARE), others[-1])
    january = _period(
        _NEW_YEAR_2018, END, answered=others[-1], sumy=sumy_january, calls=round(others[-1] / ANSWERED_SHARE)
    )
    return [*before_2017, *_halves_of_2017(figures, answered_2017), january]


def _halves_of_2017(figures: Targets, answered: int) -> list[_Period]:
    first_answered = round((answered - figures.sumy_consultations_2017) * _FIRST_HALF_SHARE)
    first_calls = round(first_answered / ANSWERED_SHARE)
    second_answered, second_calls = answered - first_answered, figures.calls_2017 - first_calls
    return [
        _period(_NEW_YEAR_2017, SUMY_OPENED, answered=first_answered, sumy=0, calls=first_calls),
        _period(
            SUMY_OPENED,
            _NEW_YEAR_2018,
            answered=second_answered,
            sumy=figures.sumy_consultations_2017,
            calls=second_calls,
        ),
    ]


def _period(first: date, before: date, *, answered: int, sumy: int, calls: int) -> _Period:
    left = spread(max(0, calls - answered), list(_LEFT_WEIGHTS.values()))
    counts = {CallKind.SUMY: sumy, CallKind.CHERNIVTSI: answered - sumy, **dict(zip(_LEFT_WEIGHTS, left, strict=True))}
    return _Period(first=first, before=before, counts=counts)
