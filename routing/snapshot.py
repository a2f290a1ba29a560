"""A plan as JSON data and back: what the service writes to `state/plans` and the fallback script reads for each call.

Standard library only, explicit and flat, because the script must start within 60 ms. Files are not read or written
here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date

from routing.forms import DetentionForm, FieldChoice, FieldId, FieldKind, FormField, Topic, TopicId
from routing.json_fields import (
    Json,
    both_of,
    day_of,
    flag_of,
    integer_of,
    list_of,
    object_of,
    optional_day_of,
    optional_text_of,
    rows_of,
    text_of,
    texts_of,
)
from routing.languages import Language, Text
from routing.plan import (
    LEFT_OUT_WHEN_EMPTY,
    Calendar,
    CalendarException,
    Centre,
    CentreDialling,
    CentreId,
    CentreReading,
    DatePeriod,
    Did,
    ExceptionKind,
    Holiday,
    Hotline,
    HotlineNumber,
    HotlineReading,
    Information,
    InformationPart,
    Line,
    Membership,
    Menu,
    MenuAction,
    MenuContent,
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
    Recording,
    RegionQuestion,
    ReservedKeys,
    Service,
    ServiceId,
    ToAction,
    ToMenu,
    ToService,
    WeeklyHours,
)
from routing.waiting_fields import line_waiting_of, queue_waiting_of

SNAPSHOT_FORMAT = 1
"""Raised when a snapshot of before could be read wrongly."""
_VERSION_CHARS = 16
_NEW_FIELDS = frozenset({"service", "content", "label", "address", "hours_text", "email", "other", "waiting"})
"""Fields that rows of before do not have: left out when None, so that such a plan keeps its version."""


class SnapshotError(ValueError):
    """A document is not a snapshot of a plan."""


def to_document(plan: Plan) -> dict[str, object]:
    """Gives the plan as JSON data; tables keyed by id become lists in their order.

    Parts that plans of before do not have are left out when empty, so that such a plan keeps its version.
    """
    document: dict[str, object] = {"format": SNAPSHOT_FORMAT, "version": plan.version}
    document["line"] = _plain(plan.line)
    document["calendar"] = _plain(plan.calendar)
    for name, rows in _tables(plan):
        document[name] = [_plain(row) for row in rows]
    if plan.topics:
        document["topics"] = [_plain(row) for row in plan.topics.values()]
    if plan.detention is not None:
        document["detention"] = _plain(plan.detention)
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


def from_document(document: Json) -> Plan:
    """Gives back what `to_document` was given.

    Raises:
        SnapshotError: The format is another one, or a field is missing or wrong.
    """
    if document.get("format") != SNAPSHOT_FORMAT:
        raise SnapshotError(f"snapshot format {document.get('format')!r}, this code reads {SNAPSHOT_FORMAT}")
    try:
        return Plan(
            version=PlanVersion(text_of(document, "version")),
            line=_line(object_of(document, "line")),
            calendar=_calendar(object_of(document, "calendar")),
            offices={row.id: row for row in rows_of(document, "offices", _office)},
            queues={row.name: row for row in rows_of(document, "queues", _queue)},
            services={row.id: row for row in rows_of(document, "services", _service)},
            menus={row.id: row for row in rows_of(document, "menus", _menu)},
            operators={row.id: row for row in rows_of(document, "operators", _operator)},
            centres={row.id: row for row in rows_of(document, "centres", _centre)},
            hotlines={row.id: row for row in rows_of(document, "hotlines", _hotline)},
            prompts={row.id: row for row in rows_of(document, "prompts", _prompt)},
            topics={row.id: row for row in rows_of(document, "topics", _topic)} if "topics" in document else {},
            detention=_detention(object_of(document, "detention")) if "detention" in document else None,
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


def _is_told(row: object, field: Field[object]) -> bool:
    """Tells whether a field stands in the snapshot: not with its default, so that older plans keep their versions."""
    value = getattr(row, field.name)
    if LEFT_OUT_WHEN_EMPTY in field.metadata:
        return bool(value)
    if field.name in _NEW_FIELDS:
        return value is not None
    return field.default is MISSING or value != field.default


def _plain(value: object) -> object:
    """Gives a part of a plan as JSON data; what a target leads to, or a menu reads, is told by its fields' names."""
    if is_dataclass(value):
        row = {field.name: _plain(getattr(value, field.name)) for field in fields(value) if _is_told(value, field)}
        return {"centre": True} if isinstance(value, CentreReading) else row
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _range(row: Json) -> MinuteRange:
    return MinuteRange(start_minute=integer_of(row, "start_minute"), end_minute=integer_of(row, "end_minute"))


def _hours(row: Json, key: str) -> WeeklyHours | None:
    if row[key] is None:
        return None
    days = list_of(row, key)
    return tuple(tuple(rows_of({key: day}, key, _range)) for day in days)


def _line(row: Json) -> Line:
    keys = object_of(row, "keys")
    return Line(
        title=both_of(row, "title"),
        dids=tuple(map(Did, texts_of(row, "dids"))),
        languages=tuple(map(Language, texts_of(row, "languages"))),
        greeting=PromptId(text_of(row, "greeting")),
        wrong_key=PromptId(text_of(row, "wrong_key")),
        entry_menu=MenuId(text_of(row, "entry_menu")),
        keys=ReservedKeys(
            operator=text_of(keys, "operator"),
            detention=text_of(keys, "detention"),
            language=text_of(keys, "language"),
            repeat=text_of(keys, "repeat"),
            back=text_of(keys, "back"),
        ),
        operator_service=ServiceId(text_of(row, "operator_service")),
        detention_service=ServiceId(text_of(row, "detention_service")),
        last_resort_queue=QueueName(text_of(row, "last_resort_queue")),
        centre_dialling=_centre_dialling(object_of(row, "centre_dialling") if "centre_dialling" in row else {}),
        waiting=line_waiting_of(object_of(row, "waiting")) if "waiting" in row else None,
    )


def _centre_dialling(row: Json) -> CentreDialling:
    return CentreDialling(
        **{field.name: integer_of(row, field.name) for field in fields(CentreDialling) if field.name in row}
    )


def _calendar(row: Json) -> Calendar:
    return Calendar(
        timezone=text_of(row, "timezone"),
        martial_law=tuple(rows_of(row, "martial_law", _period)),
        holidays=tuple(rows_of(row, "holidays", _holiday)),
        moved_days=tuple(rows_of(row, "moved_days", _moved_day)),
        exceptions=tuple(rows_of(row, "exceptions", _exception)),
    )


def _period(row: Json) -> DatePeriod:
    return DatePeriod(start_date=day_of(row, "start_date"), end_date=optional_day_of(row, "end_date"))


def _holiday(row: Json) -> Holiday:
    return Holiday(day=day_of(row, "day"), title=both_of(row, "title"))


def _moved_day(row: Json) -> MovedDay:
    return MovedDay(
        day_off=day_of(row, "day_off"), working_day=day_of(row, "working_day"), reason=both_of(row, "reason")
    )


def _exception(row: Json) -> CalendarException:
    return CalendarException(
        day=day_of(row, "day"),
        kind=ExceptionKind(text_of(row, "kind")),
        ranges=tuple(rows_of(row, "ranges", _range)),
        offices=tuple(map(OfficeId, texts_of(row, "offices"))),
        services=tuple(map(ServiceId, texts_of(row, "services"))),
        reason=both_of(row, "reason"),
    )


def _office(row: Json) -> Office:
    return Office(id=OfficeId(text_of(row, "id")), title=both_of(row, "title"), hours=_hours(row, "hours"))


def _queue(row: Json) -> Queue:
    overflow = optional_text_of(row, "overflow")
    return Queue(
        name=QueueName(text_of(row, "name")),
        title=both_of(row, "title"),
        office=OfficeId(text_of(row, "office")),
        strategy=text_of(row, "strategy"),
        ring_s=integer_of(row, "ring_s"),
        retry_s=integer_of(row, "retry_s"),
        wrapuptime_s=integer_of(row, "wrapuptime_s"),
        weight=integer_of(row, "weight"),
        capacity=integer_of(row, "capacity"),
        max_wait_s=None if row["max_wait_s"] is None else integer_of(row, "max_wait_s"),
        joinempty=texts_of(row, "joinempty"),
        leavewhenempty=texts_of(row, "leavewhenempty"),
        service_level_s=integer_of(row, "service_level_s"),
        overflow=None if overflow is None else QueueName(overflow),
        waiting=queue_waiting_of(object_of(row, "waiting")) if "waiting" in row else None,
    )


def _service(row: Json) -> Service:
    closed_queue, announcement = optional_text_of(row, "closed_queue"), optional_text_of(row, "closed_announcement")
    return Service(
        id=ServiceId(text_of(row, "id")),
        title=both_of(row, "title"),
        queue=QueueName(text_of(row, "queue")),
        priority=integer_of(row, "priority"),
        hours=_hours(row, "hours"),
        closed_queue=None if closed_queue is None else QueueName(closed_queue),
        closed_announcement=None if announcement is None else PromptId(announcement),
        is_recorded=flag_of(row, "is_recorded") if "is_recorded" in row else False,
    )


def _target(row: Json) -> MenuTarget:
    if "action" in row:
        return ToAction(action=MenuAction(text_of(row, "action")))
    if "menu" in row:
        return ToMenu(menu=MenuId(text_of(row, "menu")))
    return ToService(service=ServiceId(text_of(row, "service")))


def _option(row: Json) -> MenuOption:
    return MenuOption(key=text_of(row, "key"), title=both_of(row, "title"), target=_target(object_of(row, "target")))


def _part(row: Json) -> InformationPart:
    prompt = PromptId(text_of(row, "prompt"))
    return InformationPart(id=text_of(row, "id"), prompt=prompt, is_checked=flag_of(row, "is_checked"))


def _content(row: Json) -> MenuContent:
    if "contact_menu" in row:
        contact = MenuId(text_of(row, "contact_menu"))
        return RegionQuestion(contact_menu=contact, unknown=PromptId(text_of(row, "unknown")))
    if "last_prompt" not in row:
        return CentreReading()
    last = PromptId(text_of(row, "last_prompt"))
    if "parts" in row:
        return Information(parts=tuple(rows_of(row, "parts", _part)), last_prompt=last)
    return HotlineReading(last_prompt=last)


def _menu(row: Json) -> Menu:
    return Menu(
        id=MenuId(text_of(row, "id")),
        title=both_of(row, "title"),
        prompt=PromptId(text_of(row, "prompt")),
        options=tuple(rows_of(row, "options", _option)),
        timeout_s=integer_of(row, "timeout_s"),
        no_input_tries=integer_of(row, "no_input_tries"),
        no_match_tries=integer_of(row, "no_match_tries"),
        service=ServiceId(text_of(row, "service")) if "service" in row else None,
        content=_content(object_of(row, "content")) if "content" in row else None,
    )


def _membership(row: Json) -> Membership:
    return Membership(queue=QueueName(text_of(row, "queue")), penalty=integer_of(row, "penalty"))


def _operator(row: Json) -> Operator:
    return Operator(
        id=OperatorId(text_of(row, "id")),
        name=text_of(row, "name"),
        office=OfficeId(text_of(row, "office")),
        memberships=tuple(rows_of(row, "memberships", _membership)),
    )


def _centre(row: Json) -> Centre:
    return Centre(
        id=CentreId(text_of(row, "id")),
        region=both_of(row, "region"),
        key=text_of(row, "key"),
        iso=text_of(row, "iso"),
        name=both_of(row, "name"),
        phones=texts_of(row, "phones"),
        is_sample=flag_of(row, "is_sample"),
        valid_from=optional_day_of(row, "valid_from"),
        valid_until=optional_day_of(row, "valid_until"),
        address=_told(row, "address"),
        hours_text=_told(row, "hours_text"),
        email=text_of(row, "email") if "email" in row else None,
        other=_told(row, "other"),
        hours=_hours(row, "hours") if "hours" in row else None,
        deputy_phones=texts_of(row, "deputy_phones") if "deputy_phones" in row else (),
        neighbour=CentreId(text_of(row, "neighbour")) if "neighbour" in row else None,
    )


def _told(row: Json, key: str) -> Text | None:
    return both_of(row, key) if key in row else None


def _hotline(row: Json) -> Hotline:
    return Hotline(
        id=text_of(row, "id"),
        title=both_of(row, "title"),
        numbers=tuple(rows_of(row, "numbers", _hotline_number)),
        hours=None if row["hours"] is None else both_of(row, "hours"),
        is_danger=flag_of(row, "is_danger"),
        checked_on=day_of(row, "checked_on"),
    )


def _hotline_number(row: Json) -> HotlineNumber:
    return HotlineNumber(number=text_of(row, "number"), is_short=flag_of(row, "is_short"), label=_told(row, "label"))


def _prompt(row: Json) -> Prompt:
    recordings = tuple(rows_of(row, "recordings", _recording)) if "recordings" in row else ()
    return Prompt(id=PromptId(text_of(row, "id")), text=both_of(row, "text"), recordings=recordings)


def _recording(row: Json) -> Recording:
    return Recording(
        language=Language(text_of(row, "language")),
        sha256=text_of(row, "sha256"),
        text_hash=text_of(row, "text_hash"),
    )


def _topic(row: Json) -> Topic:
    parent = optional_text_of(row, "parent")
    return Topic(
        id=TopicId(text_of(row, "id")),
        title=both_of(row, "title"),
        parent=None if parent is None else TopicId(parent),
    )


def _detention(row: Json) -> DetentionForm:
    return DetentionForm(
        name_lawyer_s=integer_of(row, "name_lawyer_s"),
        join_window_s=integer_of(row, "join_window_s"),
        person_field=FieldId(text_of(row, "person_field")),
        place_field=FieldId(text_of(row, "place_field")),
        moment_field=FieldId(text_of(row, "moment_field")),
        fields=tuple(rows_of(row, "fields", _form_field)),
    )


def _form_field(row: Json) -> FormField:
    return FormField(
        id=FieldId(text_of(row, "id")),
        title=both_of(row, "title"),
        kind=FieldKind(text_of(row, "kind")),
        choices=tuple(rows_of(row, "choices", _field_choice)),
        is_needed=flag_of(row, "is_needed"),
        is_checked=flag_of(row, "is_checked"),
    )


def _field_choice(row: Json) -> FieldChoice:
    return FieldChoice(id=text_of(row, "id"), title=both_of(row, "title"))
