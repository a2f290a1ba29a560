"""The year's map of open hours."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hotline.hours_map import HALF_HOURS, HoursMapError, Shade, YearOfServices, hours_svg, write_hours_map, years_of
from routing.languages import Language, Text
from routing.plan import CalendarException, ExceptionKind, OfficeId, Plan
from tests.unit.routing.plans import in_peace, legal_aid_plan, period, ranges, with_calendar

SVG = "{http://www.w3.org/2000/svg}"


def consultation(plan: Plan, year: int = 2026) -> YearOfServices:
    (found,) = (each for each in years_of(plan, year) if each.services[0].id == "consultation")
    return found


def shades_on(plan: Plan, day: date) -> tuple[Shade, ...]:
    return consultation(plan, day.year).days[(day - date(day.year, 1, 1)).days]


def day_of(*runs: tuple[int, Shade]) -> tuple[Shade, ...]:
    """A day of runs: so many half hours of this shade."""
    return tuple(shade for count, shade in runs for _ in range(count))


WORKING_DAY = day_of((16, Shade.CLOSED), (20, Shade.OPEN), (12, Shade.CLOSED))


def with_exceptions(plan: Plan, *exceptions: CalendarException) -> Plan:
    return with_calendar(plan, exceptions=exceptions)


def exception(day: date, kind: ExceptionKind, *pairs: tuple[int, int]) -> CalendarException:
    reason = Text(uk="Навчання юристів", en="Training of lawyers")
    return CalendarException(
        day=day, kind=kind, ranges=ranges(*pairs), offices=(OfficeId("sumy"),), services=(), reason=reason
    )


def test_services_with_the_same_year_share_a_map() -> None:
    assert [[service.id for service in each.services] for each in years_of(legal_aid_plan(), 2026)] == [
        ["consultation"],
        ["aid_info", "hotlines", "detention", "centres", "operator"],
    ]


@pytest.mark.parametrize(("year", "days"), [(2026, 365), (2028, 366)])
def test_every_day_of_the_year_has_all_its_half_hours(year: int, days: int) -> None:
    for each in years_of(legal_aid_plan(), year):
        assert len(each.days) == days
        assert {len(day) for day in each.days} == {HALF_HOURS}


@pytest.mark.parametrize("day", [date(2026, 3, 30), date(2026, 10, 26), date(2026, 1, 1), date(2026, 12, 31)])
def test_a_working_day_is_open_from_8_to_18_by_the_local_clock_in_summer_and_winter(day: date) -> None:
    assert shades_on(legal_aid_plan(), day) == WORKING_DAY


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_sundays_on_which_clocks_change_are_closed_throughout(day: date) -> None:
    assert set(shades_on(legal_aid_plan(), day)) == {Shade.CLOSED}


def test_an_exception_is_told_apart_from_the_weekly_hours() -> None:
    day = date(2026, 12, 31)
    plan = with_exceptions(legal_aid_plan(), exception(day, ExceptionKind.HOURS, (480, 780)))
    assert shades_on(plan, day) == day_of(
        (16, Shade.EXCEPTION_CLOSED), (10, Shade.EXCEPTION_OPEN), (22, Shade.EXCEPTION_CLOSED)
    )


def test_holidays_and_their_eves_are_seen_only_outside_martial_law() -> None:
    until_august = with_calendar(legal_aid_plan(), martial_law=(period(date(2022, 3, 24), date(2026, 8, 1)),))
    assert shades_on(until_august, date(2026, 6, 29)) == WORKING_DAY
    assert set(shades_on(until_august, date(2026, 8, 24))) == {Shade.HOLIDAY}
    in_peace_eve = shades_on(in_peace(legal_aid_plan()), date(2026, 9, 30))
    assert in_peace_eve == day_of((16, Shade.CLOSED), (18, Shade.OPEN), (2, Shade.EVE), (12, Shade.CLOSED))


def texts_of(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_picture_tells_hours_exceptions_and_martial_law() -> None:
    plan = with_exceptions(legal_aid_plan(), exception(date(2026, 12, 1), ExceptionKind.CLOSED))
    texts = texts_of(hours_svg(plan, 2026, Language.UK))
    assert "Консультація юриста" in texts
    assert "пн–пт 08:00–18:00; 2600 год за рік" in texts
    assert "зачинено за винятком" in texts
    assert "вт 01.12 — Навчання юристів (зачинено, Суми)" in texts
    assert "воєнний стан: свята, скорочені та перенесені дні не діють" in texts


def test_a_year_of_peace_has_no_strip_of_martial_law() -> None:
    texts = texts_of(hours_svg(in_peace(legal_aid_plan()), 2026, Language.EN))
    assert "holiday or moved day off" in texts
    assert not any(text.startswith("martial law") for text in texts)


def test_the_rectangles_of_a_map_cover_each_half_hour_once() -> None:
    plan = with_exceptions(legal_aid_plan(), exception(date(2026, 5, 16), ExceptionKind.OPEN))
    root = ET.fromstring(hours_svg(plan, 2026, Language.UK))
    tipped = [each for each in root.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    area = sum(int(each.attrib["width"]) * int(each.attrib["height"]) for each in tipped)
    maps, strip = 2 * 365 * 3 * HALF_HOURS * 3, 2 * 365 * 3 * 6
    assert area == maps + strip


def test_the_same_plan_gives_the_same_picture_and_names_are_escaped() -> None:
    plan = legal_aid_plan()
    services = {key: replace(each, title=Text(uk='<&"', en="x")) for key, each in plan.services.items()}
    odd = replace(plan, services=services)
    assert hours_svg(odd, 2026, Language.UK) == hours_svg(odd, 2026, Language.UK)
    assert any(text.startswith('<&"') for text in texts_of(hours_svg(odd, 2026, Language.UK)))


@pytest.mark.parametrize("year", [1999, 2100, 9999, -1])
def test_a_year_out_of_range_is_refused(year: int) -> None:
    with pytest.raises(HoursMapError, match="2000-2099"):
        years_of(legal_aid_plan(), year)


def test_only_svg_is_written(tmp_path: Path) -> None:
    write_hours_map(legal_aid_plan(), 2026, Language.UK, tmp_path / "hours.svg")
    assert (tmp_path / "hours.svg").read_text(encoding="utf-8").startswith("<svg")
    with pytest.raises(HoursMapError, match=r"ends in \.svg"):
        write_hours_map(legal_aid_plan(), 2026, Language.UK, tmp_path / "hours.png")
    with pytest.raises(HoursMapError, match="cannot be written"):
        write_hours_map(legal_aid_plan(), 2026, Language.UK, tmp_path / "nowhere" / "hours.svg")


def test_the_picture_in_the_documentation_is_that_of_the_shipped_plan() -> None:
    kept = Path(__file__).parents[3] / "docs" / "pictures" / "hours.svg"
    assert kept.read_text(encoding="utf-8") == hours_svg(legal_aid_plan(), 2026, Language.UK), (
        "draw it anew: hotline hours --year 2026 -o docs/pictures/hours.svg"
    )
