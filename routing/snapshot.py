"""A plan as JSON data and back: what the service writes to `state/plans` and the fallback script reads for each call.

Standard library only, explicit and flat, because the script must start within 60 ms. Files are not read or written
here.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TypeVar

from routing.plan import (
    Calendar,
    CalendarException,
    Centre,
    CentreId,
    DatePeriod,
    Did,
    ExceptionKind,
    Holiday,
    Hotline,
    HotlineNumber,
    Language,
    Line,
    Membership,
    Menu,
    MenuId,
    MenuOption,
    MenuTarget,
    MinuteRange,
    MovedDay,
    Office,
    OfficeId,
    Operator,
    OperatorId,
    Plan,
    PlanVersion,
    Prompt,
    PromptId,
    Queue,
    QueueName,
    ReservedKeys,
    Service,
    ServiceId,
    Text,
    ToMenu,
    ToService,
    WeeklyHours,
)

SNAPSHOT_FORMAT = 1
"""Raised when a snapshot of before could be read wrongly."""
_VERSION_CHARS = 16

_Value = TypeVar("_Value")
_Json = Mapping[str, object]


class SnapshotError(ValueError):
    """A document is not a snapshot of a plan."""


def to_document(plan: Plan) -> dict[str, object]:
    """Gives the plan as JSON data; tables keyed by id become lists in their order."""
    document: dict[str, object] = {"format": SNAPSHOT_FORMAT, "version": plan.version}
    document["line"] = _plain(plan.line)
    document["calendar"] = _plain(plan.calendar)
    for name, rows in _tables(plan):
        document[name] = [_plain(row) for row in rows]
    return document


def dumps(plan: Plan) -> str:
    """Gives the canonical JSON text of the plan: sorted keys, no spaces, letters as they are."""
    return _canonical(to_document(plan))


def version_of(plan: Plan) -> PlanVersion:
    """Gives the version that belongs to the plan's contents, whatever `plan.version` says."""
    document = to_document(plan)
    del document["version"]
    return PlanVersion(hashlib.sha256(_canonical(document).encode()).hexdigest()[:_VERSION_CHARS])


def loads(text: str) -> Plan:
    """Gives the plan of a JSON text.

    Raises:
        SnapshotError: The text is no JSON, or no snapshot.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SnapshotError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SnapshotError("nested too deeply") from error
    if not isinstance(document, dict):
        raise SnapshotError("not a JSON object")
    return from_document(document)


def from_document(document: _Json) -> Plan:
    """Gives back what `to_document` was given.

    Raises:
        SnapshotError: The format is another one, or a field is missing or wrong.
    """
    if document.get("format") != SNAPSHOT_FORMAT:
        raise SnapshotError(f"snapshot format {document.get('format')!r}, this code reads {SNAPSHOT_FORMAT}")
    try:
        return Plan(
            version=PlanVersion(_text(document, "version")),
            line=_line(_object(document, "line")),
            calendar=_calendar(_object(document, "calendar")),
            offices={row.id: row for row in _rows(document, "offices", _office)},
            queues={row.name: row for row in _rows(document, "queues", _queue)},
            services={row.id: row for row in _rows(document, "services", _service)},
            menus={row.id: row for row in _rows(document, "menus", _menu)},
            operators={row.id: row for row in _rows(document, "operators", _operator)},
            centres={row.id: row for row in _rows(document, "centres", _centre)},
            hotlines={row.id: row for row in _rows(document, "hotlines", _hotline)},
            prompts={row.id: row for row in _rows(document, "prompts", _prompt)},
        )
    except KeyError as error:
        raise SnapshotError(f"field {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise SnapshotError(str(error)) from error


def _tables(plan: Plan) -> tuple[tuple[str, Iterable[object]], ...]:
    return (
        ("offices", plan.offices.values()),
        ("queues", plan.queues.values()),
        ("services", plan.services.values()),
        ("menus", plan.menus.values()),
        ("operators", plan.operators.values()),
        ("centres", plan.centres.values()),
        ("hotlines", plan.hotlines.values()),
        ("prompts", plan.prompts.values()),
    )


def _canonical(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    """Gives a part of a plan as JSON data; what a target leads to is told by its field's name."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _text(row: _Json, key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key}: a text is needed")
    return value


def _optional_text(row: _Json, key: str) -> str | None:
    return None if row[key] is None else _text(row, key)


def _integer(row: _Json, key: str) -> int:
    value = row[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{key}: a whole number is needed")
    return value


def _flag(row: _Json, key: str) -> bool:
    value = row[key]
    if not isinstance(value, bool):
        raise TypeError(f"{key}: true or false is needed")
    return value


def _day(row: _Json, key: str) -> date:
    return date.fromisoformat(_text(row, key))


def _optional_day(row: _Json, key: str) -> date | None:
    return None if row[key] is None else _day(row, key)


def _object(row: _Json, key: str) -> _Json:
    return _as_object(row[key], key)


def _as_object(value: object, key: str) -> _Json:
    if not isinstance(value, dict):
        raise TypeError(f"{key}: an object is needed")
    return value


def _list(row: _Json, key: str) -> list[object]:
    value = row[key]
    if not isinstance(value, list):
        raise TypeError(f"{key}: a list is needed")
    return value


def _rows(row: _Json, key: str, read: Callable[[_Json], _Value]) -> Iterable[_Value]:
    return (read(_as_object(each, key)) for each in _list(row, key))


def _texts(row: _Json, key: str) -> tuple[str, ...]:
    values = _list(row, key)
    if not all(isinstance(each, str) for each in values):
        raise TypeError(f"{key}: texts are needed")
    return tuple(str(each) for each in values)


def _both(row: _Json, key: str) -> Text:
    text = _object(row, key)
    return Text(uk=_text(text, "uk"), en=_text(text, "en"))


def _range(row: _Json) -> MinuteRange:
    return MinuteRange(start_minute=_integer(row, "start_minute"), end_minute=_integer(row, "end_minute"))


def _hours(row: _Json, key: str) -> WeeklyHours | None:
    if row[key] is None:
        return None
    days = _list(row, key)
    return tuple(tuple(_rows({key: day}, key, _range)) for day in days)


def _line(row: _Json) -> Line:
    keys = _object(row, "keys")
    return Line(
        title=_both(row, "title"),
        dids=tuple(map(Did, _texts(row, "dids"))),
        languages=tuple(map(Language, _texts(row, "languages"))),
        greeting=PromptId(_text(row, "greeting")),
        wrong_key=PromptId(_text(row, "wrong_key")),
        entry_menu=MenuId(_text(row, "entry_menu")),
        keys=ReservedKeys(
            operator=_text(keys, "operator"),
            detention=_text(keys, "detention"),
            language=_text(keys, "language"),
            repeat=_text(keys, "repeat"),
            back=_text(keys, "back"),
        ),
        operator_service=ServiceId(_text(row, "operator_service")),
        detention_service=ServiceId(_text(row, "detention_service")),
        last_resort_queue=QueueName(_text(row, "last_resort_queue")),
    )


def _calendar(row: _Json) -> Calendar:
    return Calendar(
        timezone=_text(row, "timezone"),
        martial_law=tuple(_rows(row, "martial_law", _period)),
        holidays=tuple(_rows(row, "holidays", _holiday)),
        moved_days=tuple(_rows(row, "moved_days", _moved_day)),
        exceptions=tuple(_rows(row, "exceptions", _exception)),
    )


def _period(row: _Json) -> DatePeriod:
    return DatePeriod(start_date=_day(row, "start_date"), end_date=_optional_day(row, "end_date"))


def _holiday(row: _Json) -> Holiday:
    return Holiday(day=_day(row, "day"), title=_both(row, "title"))


def _moved_day(row: _Json) -> MovedDay:
    return MovedDay(day_off=_day(row, "day_off"), working_day=_day(row, "working_day"), reason=_both(row, "reason"))


def _exception(row: _Json) -> CalendarException:
    return CalendarException(
        day=_day(row, "day"),
        kind=ExceptionKind(_text(row, "kind")),
        ranges=tuple(_rows(row, "ranges", _range)),
        offices=tuple(map(OfficeId, _texts(row, "offices"))),
        services=tuple(map(ServiceId, _texts(row, "services"))),
        reason=_both(row, "reason"),
    )


def _office(row: _Json) -> Office:
    return Office(id=OfficeId(_text(row, "id")), title=_both(row, "title"), hours=_hours(row, "hours"))


def _queue(row: _Json) -> Queue:
    overflow = _optional_text(row, "overflow")
    return Queue(
        name=QueueName(_text(row, "name")),
        title=_both(row, "title"),
        office=OfficeId(_text(row, "office")),
        strategy=_text(row, "strategy"),
        ring_s=_integer(row, "ring_s"),
        retry_s=_integer(row, "retry_s"),
        wrapuptime_s=_integer(row, "wrapuptime_s"),
        weight=_integer(row, "weight"),
        capacity=_integer(row, "capacity"),
        max_wait_s=None if row["max_wait_s"] is None else _integer(row, "max_wait_s"),
        joinempty=_texts(row, "joinempty"),
        leavewhenempty=_texts(row, "leavewhenempty"),
        service_level_s=_integer(row, "service_level_s"),
        overflow=None if overflow is None else QueueName(overflow),
    )


def _service(row: _Json) -> Service:
    closed_queue, announcement = _optional_text(row, "closed_queue"), _optional_text(row, "closed_announcement")
    return Service(
        id=ServiceId(_text(row, "id")),
        title=_both(row, "title"),
        queue=QueueName(_text(row, "queue")),
        priority=_integer(row, "priority"),
        hours=_hours(row, "hours"),
        closed_queue=None if closed_queue is None else QueueName(closed_queue),
        closed_announcement=None if announcement is None else PromptId(announcement),
    )


def _target(row: _Json) -> MenuTarget:
    if "menu" in row:
        return ToMenu(menu=MenuId(_text(row, "menu")))
    return ToService(service=ServiceId(_text(row, "service")))


def _option(row: _Json) -> MenuOption:
    return MenuOption(key=_text(row, "key"), title=_both(row, "title"), target=_target(_object(row, "target")))


def _menu(row: _Json) -> Menu:
    return Menu(
        id=MenuId(_text(row, "id")),
        title=_both(row, "title"),
        prompt=PromptId(_text(row, "prompt")),
        options=tuple(_rows(row, "options", _option)),
        timeout_s=_integer(row, "timeout_s"),
        no_input_tries=_integer(row, "no_input_tries"),
        no_match_tries=_integer(row, "no_match_tries"),
    )


def _membership(row: _Json) -> Membership:
    return Membership(queue=QueueName(_text(row, "queue")), penalty=_integer(row, "penalty"))


def _operator(row: _Json) -> Operator:
    return Operator(
        id=OperatorId(_text(row, "id")),
        name=_text(row, "name"),
        office=OfficeId(_text(row, "office")),
        memberships=tuple(_rows(row, "memberships", _membership)),
    )


def _centre(row: _Json) -> Centre:
    return Centre(
        id=CentreId(_text(row, "id")),
        region=_both(row, "region"),
        key=_text(row, "key"),
        iso=_text(row, "iso"),
        name=_both(row, "name"),
        phones=_texts(row, "phones"),
        is_sample=_flag(row, "is_sample"),
        valid_from=_optional_day(row, "valid_from"),
        valid_until=_optional_day(row, "valid_until"),
    )


def _hotline(row: _Json) -> Hotline:
    return Hotline(
        id=_text(row, "id"),
        title=_both(row, "title"),
        numbers=tuple(_rows(row, "numbers", _hotline_number)),
        hours=None if row["hours"] is None else _both(row, "hours"),
        is_danger=_flag(row, "is_danger"),
        checked_on=_day(row, "checked_on"),
    )


def _hotline_number(row: _Json) -> HotlineNumber:
    return HotlineNumber(number=_text(row, "number"), is_short=_flag(row, "is_short"))


def _prompt(row: _Json) -> Prompt:
    return Prompt(id=PromptId(_text(row, "id")), text=_both(row, "text"))
