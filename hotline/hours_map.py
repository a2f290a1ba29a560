"""A year of open hours as an SVG: a column a day, a row a half hour, one map for all services with the same year.

Half hours are those of the local clock; each has the state of its first minute.
"""

import textwrap
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never
from zoneinfo import ZoneInfo

from hotline.errors import HotlineError
from hotline.short_texts import short_hours, weekday_names
from routing.calendars import HoursState, hours_state, is_martial_law, tell_ranges
from routing.languages import Language, Text
from routing.plan import CalendarException, ExceptionKind, Plan, Service
from routing.reasons import ReasonCode

FIRST_YEAR, LAST_YEAR = 2000, 2100
HALF_HOURS = 48
DAY_PX, HALF_HOUR_PX = 3, 3
LEFT_PX, RIGHT_PX = 56, 24
HEAD_PX = 58
MAP_GAP_PX = 62
"""Above each map: its title and the names of the months."""
TITLE_ROW_PX = 17
TITLE_CHARS = 115
"""As many fit beside each other."""
STRIP_PX = 6
LEGEND_ROW_PX = 20
FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
INK, FAINT = "#1f2933", "#52606d"
MARTIAL_LAW_COLOUR = "#8a6d3b"


class HoursMapError(HotlineError):
    """The map cannot be made; the text says why, and what to do."""


class Shade(StrEnum):
    """What a half hour is, and by which kind of rule."""

    OPEN = "open"
    CLOSED = "closed"
    EXCEPTION_OPEN = "exception-open"
    EXCEPTION_CLOSED = "exception-closed"
    HOLIDAY = "holiday"
    EVE = "eve"
    MOVED_WORK = "moved-work"


DayShades = tuple[Shade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfServices:
    """One year that one or several services share."""

    services: tuple[Service, ...]
    days: tuple[DayShades, ...]
    """From 1 January on; each `HALF_HOURS` long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A rectangle of one shade: days `[first_day, last_day)`, half hours `[start, end)`."""

    first_day: int
    last_day: int
    start: int
    end: int
    shade: Shade


_COLOURS = {
    Shade.OPEN: "#57a773",
    Shade.CLOSED: "#e4e7eb",
    Shade.EXCEPTION_OPEN: "#1768ac",
    Shade.EXCEPTION_CLOSED: "#e07a1f",
    Shade.HOLIDAY: "#c94f4f",
    Shade.EVE: "#e3b23c",
    Shade.MOVED_WORK: "#2a9d8f",
}
_SHADE_TEXTS = {
    Shade.OPEN: Text(uk="відкрито", en="open"),
    Shade.CLOSED: Text(uk="зачинено за розкладом", en="closed by the weekly hours"),
    Shade.EXCEPTION_OPEN: Text(uk="відкрито за винятком", en="open by an exception"),
    Shade.EXCEPTION_CLOSED: Text(uk="зачинено за винятком", en="closed by an exception"),
    Shade.HOLIDAY: Text(uk="свято або перенесений вихідний", en="holiday or moved day off"),
    Shade.EVE: Text(uk="скорочено напередодні свята", en="cut short on the eve of a holiday"),
    Shade.MOVED_WORK: Text(uk="відпрацьовують перенесений день", en="a moved day is worked"),
}
_MONTHS = {
    Language.UK: ("січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру"),
    Language.EN: ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_HEADING = Text(uk="Коли працюють служби лінії, {year} рік", en="When the services of the line work, {year}")
_MARTIAL_LAW = Text(
    uk="воєнний стан: свята, скорочені та перенесені дні не діють",
    en="martial law: holidays, shortened eves and moved days do not apply",
)
_TOTAL = Text(uk="{hours} год за рік", en="{hours} h a year")
_CLOCK = Text(uk="час: {zone}", en="clock: {zone}")
_KINDS = {
    ExceptionKind.OPEN: Text(uk="відкрито весь день", en="open all day"),
    ExceptionKind.CLOSED: Text(uk="зачинено", en="closed"),
}


def write_hours_map(plan: Plan, year: int, language: Language, target: Path) -> None:
    """Draws the year's map of `plan` into `target`, an SVG file.

    Raises:
        HoursMapError: The name does not end in `.svg`, the year is out of range, or the file cannot be written.
    """
    if target.suffix.lower() != ".svg":
        raise HoursMapError(f"{target}: the map of hours is an SVG; choose a name that ends in .svg")
    try:
        target.write_text(hours_svg(plan, year, language), encoding="utf-8")
    except OSError as error:
        raise HoursMapError(f"{target}: cannot be written: {error.strerror}") from error


def years_of(plan: Plan, year: int) -> tuple[YearOfServices, ...]:
    """Gives the year of each service; services with the same year come together, in the plan's order.

    Raises:
        HoursMapError: The year is out of range.
    """
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise HoursMapError(f"year {year}: must lie in {FIRST_YEAR}-{LAST_YEAR - 1}")
    shared: dict[tuple[DayShades, ...], list[Service]] = {}
    for service in plan.services.values():
        shared.setdefault(tuple(_shades(plan, service, day) for day in _days_of(year)), []).append(service)
    return tuple(YearOfServices(services=tuple(services), days=days) for days, services in shared.items())


def hours_svg(plan: Plan, year: int, language: Language) -> str:
    """Gives the map as SVG text; the same plan and year give the same text.

    Raises:
        HoursMapError: The year is out of range.
    """
    years = years_of(plan, year)
    canvas = _Canvas(year, language)
    canvas.text(LEFT_PX, 32, _HEADING.in_language(language).format(year=year), size=20, weight="bold")
    canvas.text(LEFT_PX, 50, _CLOCK.in_language(language).format(zone=plan.calendar.timezone), colour=FAINT)
    top = HEAD_PX
    for each in years:
        top = _draw_year(canvas, plan, each, top + MAP_GAP_PX)
    top = _draw_legend(canvas, plan, years, top + LEGEND_ROW_PX)
    return canvas.finish(top + LEGEND_ROW_PX)


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=ahead) for ahead in range((date(year + 1, 1, 1) - first).days))


def _shades(plan: Plan, service: Service, day: date) -> DayShades:
    zone = ZoneInfo(plan.calendar.timezone)
    return tuple(_shade(hours_state(plan, service, _moment(day, half_hour, zone))) for half_hour in range(HALF_HOURS))


def _moment(day: date, half_hour: int, zone: ZoneInfo) -> datetime:
    """Gives the UTC moment of a local half hour; of one that comes twice, the first."""
    return datetime(day.year, day.month, day.day, half_hour // 2, half_hour % 2 * 30, tzinfo=zone).astimezone(UTC)


def _shade(state: HoursState) -> Shade:
    match state.reason.code:
        case ReasonCode.EXCEPTION:
            return Shade.EXCEPTION_OPEN if state.is_open else Shade.EXCEPTION_CLOSED
        case ReasonCode.HOLIDAY | ReasonCode.HOLIDAY_MOVED | ReasonCode.MOVED_DAY_OFF:
            return Shade.HOLIDAY
        case ReasonCode.EVE:
            return Shade.EVE
        case ReasonCode.MOVED_WORKING_DAY if state.is_open:
            return Shade.MOVED_WORK
        case _:
            return Shade.OPEN if state.is_open else Shade.CLOSED


def _blocks(days: tuple[DayShades, ...]) -> Iterator[_Block]:
    """Gives rectangles that cover the year: neighbouring days with the same half hours of one shade are one."""
    open_blocks: dict[tuple[int, int, Shade], int] = {}
    for day, shades in enumerate((*days, ())):
        runs = set(_runs(shades))
        for (start, end, shade), first_day in sorted(open_blocks.items()):
            if (start, end, shade) not in runs:
                yield _Block(first_day=first_day, last_day=day, start=start, end=end, shade=shade)
                del open_blocks[start, end, shade]
        for run in runs:
            open_blocks.setdefault(run, day)


def _runs(shades: DayShades) -> Iterator[tuple[int, int, Shade]]:
    start = 0
    for half_hour in range(1, len(shades) + 1):
        if half_hour == len(shades) or shades[half_hour] != shades[start]:
            yield start, half_hour, shades[start]
            start = half_hour


class _Canvas:
    """An SVG that grows downwards."""

    def __init__(self, year: int, language: Language) -> None:
        self.year = year
        self.language = language
        self.days = sum(1 for _ in _days_of(year))
        self.width = LEFT_PX + self.days * DAY_PX + RIGHT_PX
        self._root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONT})

    def rectangle(self, x: int, y: int, width: int, height: int, colour: str, *, tip: str = "") -> None:
        """Adds a rectangle; `tip` is shown while a pointer is over it."""
        where = {"x": x, "y": y, "width": width, "height": height}
        element = ET.SubElement(
            self._root, "rect", {**{key: str(value) for key, value in where.items()}, "fill": colour}
        )
        if tip:
            ET.SubElement(element, "title").text = tip

    def text(
        self,
        x: int,
        y: int,
        text: str,
        *,
        size: int = 11,
        colour: str = INK,
        weight: str = "normal",
        anchor: str = "start",
    ) -> None:
        """Adds a line of text; `y` is its base line."""
        given = {"x": x, "y": y, "font-size": size, "fill": colour, "font-weight": weight, "text-anchor": anchor}
        ET.SubElement(self._root, "text", {key: str(value) for key, value in given.items()}).text = text

    def finish(self, height: int) -> str:
        """Gives the text of the whole."""
        self._root.set("viewBox", f"0 0 {self.width} {height}")
        self._root.set("width", str(self.width))
        self._root.set("height", str(height))
        background = ET.Element("rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
        self._root.insert(0, background)
        ET.indent(self._root)
        return ET.tostring(self._root, encoding="unicode") + "\n"


def _draw_year(canvas: _Canvas, plan: Plan, year: YearOfServices, top: int) -> int:
    """Draws one map below `top`; gives where it ends."""
    language = canvas.language
    titles = " · ".join(service.title.in_language(language) for service in year.services)
    lines = textwrap.wrap(titles, TITLE_CHARS)
    for number, line in enumerate(lines):
        canvas.text(LEFT_PX, top - 32 + number * TITLE_ROW_PX, line, size=13, weight="bold")
    top += (len(lines) - 1) * TITLE_ROW_PX
    canvas.text(
        LEFT_PX, top - 17, f"{_weekly(plan, year.services[0], language)}; {_total(year, language)}", colour=FAINT
    )
    for block in _blocks(year.days):
        canvas.rectangle(
            LEFT_PX + block.first_day * DAY_PX,
            top + block.start * HALF_HOUR_PX,
            (block.last_day - block.first_day) * DAY_PX,
            (block.end - block.start) * HALF_HOUR_PX,
            _COLOURS[block.shade],
            tip=_tip(canvas, block),
        )
    bottom = top + HALF_HOURS * HALF_HOUR_PX
    _draw_axes(canvas, top, bottom)
    _draw_martial_law(canvas, plan, bottom + 2)
    return bottom + 2 + STRIP_PX


def _weekly(plan: Plan, service: Service, language: Language) -> str:
    return short_hours(service.hours or plan.offices[plan.queues[service.queue].office].hours, language)


def _total(year: YearOfServices, language: Language) -> str:
    shades = Counter(shade for day in year.days for shade in day)
    half_hours = sum(count for shade, count in shades.items() if _is_open(shade))
    return _TOTAL.in_language(language).format(hours=f"{half_hours / 2:g}")


def _is_open(shade: Shade) -> bool:
    match shade:
        case Shade.OPEN | Shade.EXCEPTION_OPEN | Shade.MOVED_WORK:
            return True
        case Shade.CLOSED | Shade.EXCEPTION_CLOSED | Shade.HOLIDAY | Shade.EVE:
            return False
        case _:
            assert_never(shade)


def _tip(canvas: _Canvas, block: _Block) -> str:
    first = date(canvas.year, 1, 1) + timedelta(days=block.first_day)
    last = date(canvas.year, 1, 1) + timedelta(days=block.last_day - 1)
    days = _day_told(first, canvas.language)
    if last != first:
        days += f" – {_day_told(last, canvas.language)}"
    return (
        f"{days}, {_clock(block.start)}–{_clock(block.end)}: {_SHADE_TEXTS[block.shade].in_language(canvas.language)}"
    )


def _day_told(day: date, language: Language) -> str:
    return f"{weekday_names(language)[day.weekday()]} {day:%d.%m}"


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"


def _draw_axes(canvas: _Canvas, top: int, bottom: int) -> None:
    for month in range(1, 13):
        x = LEFT_PX + (date(canvas.year, month, 1) - date(canvas.year, 1, 1)).days * DAY_PX
        canvas.rectangle(x, top - 4, 1, bottom - top + 4, "#9aa5b1")
        canvas.text(x + 4, top - 4, _MONTHS[canvas.language][month - 1], size=10, colour=FAINT)
    for hour in range(0, 25, 6):
        y = top + hour * 2 * HALF_HOUR_PX
        canvas.rectangle(LEFT_PX - 4, y, canvas.days * DAY_PX + 4, 1, "#cbd2d9")
        canvas.text(LEFT_PX - 8, y + 4, f"{hour:02}:00", size=10, colour=FAINT, anchor="end")


def _draw_martial_law(canvas: _Canvas, plan: Plan, top: int) -> None:
    days = [number for number, day in enumerate(_days_of(canvas.year)) if is_martial_law(plan.calendar, day)]
    for first, last in _stretches(days):
        x, width = LEFT_PX + first * DAY_PX, (last - first + 1) * DAY_PX
        canvas.rectangle(x, top, width, STRIP_PX, MARTIAL_LAW_COLOUR, tip=_MARTIAL_LAW.in_language(canvas.language))


def _stretches(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Gives first and last of each run of neighbouring numbers."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _draw_legend(canvas: _Canvas, plan: Plan, years: tuple[YearOfServices, ...], top: int) -> int:
    """Explains the colours that are there, and each exception of the year; gives where it ends."""
    language = canvas.language
    used = {shade for each in years for day in each.days for shade in day}
    rows = [(_COLOURS[shade], _SHADE_TEXTS[shade].in_language(language)) for shade in Shade if shade in used]
    if any(is_martial_law(plan.calendar, day) for day in _days_of(canvas.year)):
        rows.append((MARTIAL_LAW_COLOUR, _MARTIAL_LAW.in_language(language)))
    exceptions = [each for each in plan.calendar.exceptions if each.day.year == canvas.year]
    rows += [("", _exception_told(plan, each, language)) for each in sorted(exceptions, key=lambda each: each.day)]
    for colour, told in rows:
        if colour:
            canvas.rectangle(LEFT_PX, top - 10, 14, 12, colour)
        canvas.text(LEFT_PX + 22, top, told)
        top += LEGEND_ROW_PX
    return top


def _exception_told(plan: Plan, exception: CalendarException, language: Language) -> str:
    where = [plan.offices[each].title for each in exception.offices if each in plan.offices]
    where += [plan.services[each].title for each in exception.services if each in plan.services]
    kind = _KINDS.get(exception.kind)
    what = tell_ranges(exception.ranges).replace("-", "–") if kind is None else kind.in_language(language)
    told = [what, *(each.in_language(language) for each in where)]
    return f"{_day_told(exception.day, language)} — {exception.reason.in_language(language)} ({', '.join(told)})"
