from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports import figures_page
from api.reports.days import bounds, runs, weekday_counts
from api.reports.formulas import FORMULAS, share
from api.reports.schemas import REPORT_FIGURES
from api.reports.service import service_level_of
from api.reports.words import ServiceLevelFormula, ShortAbandons

PAGE = Path(__file__).parents[3] / "docs" / "figures.md"
COUNTS = {
    "offered": 100,
    "answered_visits": 80,
    "answered_within": 60,
    "abandoned_visits": 15,
    "abandoned_within": 10,
    "short_abandoned_visits": 4,
}
NOTHING = dict.fromkeys(COUNTS, 0)


def test_the_page_of_figures_is_made_from_the_table() -> None:
    assert PAGE.read_text() == figures_page.page()


def test_every_figure_of_a_report_has_a_formula_and_every_formula_a_report() -> None:
    assert {name for names in REPORT_FIGURES.values() for name in names} == set(FORMULAS)


@pytest.mark.parametrize(
    ("formula", "short", "level"),
    [
        (ServiceLevelFormula.WITHIN_OFFERED, ShortAbandons.OUT, 60 / 96),
        (ServiceLevelFormula.WITHIN_OFFERED, ShortAbandons.IN, 60 / 100),
        (ServiceLevelFormula.ASTERISK_SL, ShortAbandons.OUT, 60 / 80),
        (ServiceLevelFormula.ASTERISK_SL2, ShortAbandons.OUT, 70 / 95),
    ],
)
def test_the_service_level_by_each_formula(formula: ServiceLevelFormula, short: ShortAbandons, level: float) -> None:
    assert service_level_of(COUNTS, formula, short) == level


@pytest.mark.parametrize("formula", ServiceLevelFormula)
def test_nothing_offered_has_no_service_level(formula: ServiceLevelFormula) -> None:
    assert service_level_of(NOTHING, formula) is None


def test_a_share_of_nothing_is_unknown() -> None:
    assert (share(0, 0), share(0, 2), share(1, 4)) == (None, 0, 0.25)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2024, 2, 29), 24)])
def test_a_day_of_kyiv_has_its_hours(day: date, hours: int) -> None:
    begins, ends = bounds(day)
    assert (ends - begins).total_seconds() == hours * 3_600


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 3_000))
def test_weekdays_are_counted_as_on_a_calendar(first: date, length: int) -> None:
    before = date.fromordinal(first.toordinal() + length)
    days = [date.fromordinal(number) for number in range(first.toordinal(), before.toordinal())]
    assert weekday_counts(first, before) == {
        weekday: sum(day.isoweekday() == weekday for day in days) for weekday in range(1, 8)
    }


@given(st.sets(st.dates(date(2020, 1, 1), date(2020, 3, 1))))
def test_runs_hold_the_same_days_and_never_touch(days: set[date]) -> None:
    found = runs(days)
    held = [date.fromordinal(n) for first, before in found for n in range(first.toordinal(), before.toordinal())]
    assert held == sorted(days)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))
