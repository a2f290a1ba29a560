"""What differs between two plans, one row each, in the words of the plan's files. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum

from routing.calendars import DAY_MINUTES, is_always, tell_ranges
from routing.forms import FieldChoice, FormField
from routing.languages import Text
from routing.plan import (
    CalendarException,
    DatePeriod,
    Holiday,
    HotlineNumber,
    Membership,
    MenuOption,
    MinuteRange,
    MovedDay,
    Plan,
    ToMenu,
    ToService,
    WeeklyHours,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_TEXT_CHARS = 300
_Path = tuple[str, ...]


class ChangeKind(StrEnum):
    """What happened to a place of the plan."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One place that differs."""

    kind: ChangeKind
    file: str
    """The file in which it stands: `offices.yaml`."""
    path: str
    """The place in that file: `sumy.hours`."""
    old: str | None
    """What stood there, in words; None: added."""
    new: str | None
    """What stands there now; None: removed."""


def find_changes(old: Plan, new: Plan) -> tuple[PlanChange, ...]:
    """Gives every place in which two plans differ, in the order of the plan's files; versions are not compared."""
    found: list[PlanChange] = []
    for field in fields(Plan):
        if field.name != "version":
            found += _compare((field.name,), getattr(old, field.name), getattr(new, field.name))
    return tuple(found)


def tell_week(hours: WeeklyHours) -> str:
    """Gives weekly hours as the plan's files write them: `mon-fri: 08:00-18:00; sat: 10:00-14:00`."""
    if is_always(hours):
        return "always"
    rows = week_rows(hours)
    return "; ".join(f"{tell_days(days)}: {tell_ranges(ranges) or 'all day'}" for days, ranges in rows) or "never"


def week_rows(hours: WeeklyHours) -> list[tuple[tuple[int, ...], tuple[MinuteRange, ...]]]:
    """Gives runs of neighbouring days (0 is Monday) that work the same hours; days off are left out.

    A day that is open all through has no ranges here.
    """
    rows: list[tuple[tuple[int, ...], tuple[MinuteRange, ...]]] = []
    for day, given in enumerate(hours):
        ranges = () if _is_whole_day(given) else given
        if given and rows and rows[-1] == (rows[-1][0], ranges) and rows[-1][0][-1] == day - 1:
            rows[-1] = ((*rows[-1][0], day), ranges)
        elif given:
            rows.append(((day,), ranges))
    return rows


def tell_days(days: tuple[int, ...]) -> str:
    """Gives days of the week (0 is Monday) in short: `mon-fri, sun`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _is_whole_day(ranges: tuple[MinuteRange, ...]) -> bool:
    return len(ranges) == 1 and ranges[0].end_minute - ranges[0].start_minute == DAY_MINUTES


def _compare(path: _Path, old: object, new: object) -> Iterator[PlanChange]:
    if old == new and not (isinstance(old, dict) and isinstance(new, dict) and list(old) != list(new)):
        return
    old_parts, new_parts = _parts(old), _parts(new)
    if old_parts is None or new_parts is None or type(old) is not type(new):
        yield _row(ChangeKind.CHANGED, path, _tell(path, old), _tell(path, new))
        return
    for key in dict.fromkeys((*old_parts, *new_parts)):
        place = (*path, key)
        if key not in new_parts:
            yield _row(ChangeKind.REMOVED, place, _tell(place, old_parts[key]), None)
        elif key not in old_parts:
            yield _row(ChangeKind.ADDED, place, None, _tell(place, new_parts[key]))
        else:
            yield from _compare(place, old_parts[key], new_parts[key])
    if set(old_parts) == set(new_parts) and list(old_parts) != list(new_parts):
        yield _row(ChangeKind.CHANGED, (*path, "order"), ", ".join(old_parts), ", ".join(new_parts))


def _parts(value: object) -> Mapping[str, object] | None:
    """Gives the named parts of a table, row or list of rows; None: it is compared as a whole."""
    if isinstance(value, dict):
        return {str(key): each for key, each in value.items()}
    if isinstance(value, tuple):
        return _parts_of_list(value)
    if is_dataclass(value) and not isinstance(value, DatePeriod | ToMenu | ToService):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def _parts_of_list(rows: tuple[object, ...]) -> Mapping[str, object] | None:
    named = [(_name_in_list(row), row) for row in rows]
    parts = {name: row for name, row in named if name is not None}
    return parts if len(parts) == len(rows) else None


def _name_in_list(row: object) -> str | None:  # noqa: PLR0911  a table, one row a type
    match row:
        case MenuOption(key=key):
            return key
        case Membership(queue=queue):
            return queue
        case FormField(id=name) | FieldChoice(id=name):
            return name
        case Holiday(day=day):
            return day.isoformat()
        case MovedDay(day_off=day):
            return day.isoformat()
        case HotlineNumber(number=number):
            return number
        case CalendarException(day=day, offices=offices, services=services):
            return " ".join((day.isoformat(), *offices, *services))
        case _:
            return None


_FILE_OF = {"services": "line"}
"""Parts of a plan that do not stand in a file of their own name."""
_ABSENT = {
    ("offices", "hours"): "always",
    ("services", "hours"): "the hours of the office",
    ("queues", "max_wait_s"): "no limit",
    ("calendar", "end_date"): "no end known",
    ("topics", "parent"): "at the top",
}
"""What None means, by part of the plan and field."""


def _row(kind: ChangeKind, path: _Path, old: str | None, new: str | None) -> PlanChange:
    part, *rest = path
    place = path if part in _FILE_OF else tuple(rest)
    return PlanChange(kind=kind, file=f"{_FILE_OF.get(part, part)}.yaml", path=".".join(place), old=old, new=new)


def _tell(path: _Path, value: object) -> str:
    """Gives one value in words; long texts are cut."""
    if value is None:
        return _ABSENT.get((path[0], path[-1]), "none")
    if path[-1] == "hours" and isinstance(value, tuple):
        return tell_week(value)
    told = _tell_value(value)
    return told if len(told) <= _LONGEST_TEXT_CHARS else told[: _LONGEST_TEXT_CHARS - 1] + "…"


def _tell_value(value: object) -> str:  # noqa: PLR0911  a table, one row a type
    match value:
        case bool():
            return "yes" if value else "no"
        case MinuteRange():
            return tell_ranges((value,))
        case DatePeriod():
            return f"{value.start_date} to {value.end_date or 'no end known'}"
        case Text():
            return f"{value.uk} / {value.en}"
        case ToService(service=service):
            return f"service {service}"
        case ToMenu(menu=menu):
            return f"menu {menu}"
        case tuple():
            return ", ".join(_tell_value(each) for each in value) or "none"
        case date():
            return value.isoformat()
        case _:
            return _tell_row(value) if is_dataclass(value) else str(value)


def _tell_row(row: object) -> str:
    """Gives a whole row that was added or removed: its fields that say something."""
    told = {name: getattr(row, name) for name in getattr(row, "__dataclass_fields__", {})}
    return "; ".join(
        f"{name}: {_tell((type(row).__name__.lower() + 's', name), value)}"
        for name, value in told.items()
        if value not in (None, (), "") and name not in ("id", "key")
    )
