"""What one file alone cannot tell: names that lead nowhere, circles, keys with two meanings, a weak last resort."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.forms import FieldKind
from routing.plan_files.conversion import OFFICE_HOURS, SERVICE_HOURS
from routing.plan_files.documents import PathKey
from routing.plan_files.fields import placeholders
from routing.plan_files.hours import ALWAYS_HOURS
from routing.plan_files.models import ExceptionShape, PlanFiles, QueueWaitingShape, Reading
from routing.readings import GENERATED_PROMPTS_BEGIN
from routing.say import RESERVED_BEGINS

_LONGEST_LISTED = 8
_WRITTEN = (FieldKind.LINE, FieldKind.TEXT)
_FORM_ROLES = {"person_field": _WRITTEN, "place_field": _WRITTEN, "moment_field": (FieldKind.MOMENT,)}
"""Fields of the form that have a part of their own, and the kinds that fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A defect, before its line is looked up."""

    file: str
    path: PathKey
    message: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """A place in a file that names something which must exist."""

    file: str
    path: PathKey
    name: str | None
    kind: str
    known: Collection[str]


def find_defects(files: PlanFiles) -> Iterator[Finding]:
    """Gives every defect across the files."""
    for name in _names(files):
        if name.name is not None and name.name not in name.known:
            yield _dangling(name)
    for check in (
        _menu_keys,
        _menu_readings,
        _generated_names,
        _menu_key_of_queues,
        _menu_exits,
        _overflow_circles,
        _last_resort,
        _detention,
        _calendar,
        _centre_keys,
        _neighbour_circles,
        _recording,
        _topic_circles,
        _form_kinds,
        _reserved_prompts,
    ):
        yield from check(files)


def _dangling(name: _Name) -> Finding:
    close = get_close_matches(str(name.name), list(name.known), n=1)
    known = ", ".join(sorted(name.known)[:_LONGEST_LISTED]) or "none is defined"
    mend = f"did you mean `{close[0]}`?" if close else f"write one of: {known}"
    return Finding(file=name.file, path=name.path, message=f"there is no {name.kind} `{name.name}`", mend=mend)


def _names(files: PlanFiles) -> Iterator[_Name]:
    for part in (
        _line_names,
        _queue_names,
        _waiting_names,
        _menu_names,
        _calendar_names,
        _operator_names,
        _prompt_names,
        _desk_names,
        _centre_names,
    ):
        yield from part(files)


def _line_names(files: PlanFiles) -> Iterator[_Name]:
    line, prompts, queues = files.line, files.prompts.root, files.queues.root

    def name(value: str | None, kind: str, known: Collection[str], *path: str) -> _Name:
        return _Name(file="line.yaml", path=path, name=value, kind=kind, known=known)

    yield name(line.greeting, "prompt", prompts, "greeting")
    yield name(line.wrong_key, "prompt", prompts, "wrong_key")
    yield name(line.entry_menu, "menu", files.menus.root, "entry_menu")
    yield name(line.operator_service, "service", line.services, "operator_service")
    yield name(line.detention_service, "service", line.services, "detention_service")
    yield name(line.last_resort_queue, "queue", queues, "last_resort_queue")
    for key, service in line.services.items():
        yield name(service.queue, "queue", queues, "services", key, "queue")
        yield name(service.closed_queue, "queue", queues, "services", key, "closed_queue")
        yield name(service.closed_announcement, "prompt", prompts, "services", key, "closed_announcement")


def _queue_names(files: PlanFiles) -> Iterator[_Name]:
    queues, offices = files.queues.root, files.offices.root
    for key, queue in queues.items():
        yield _Name(file="queues.yaml", path=(key, "office"), name=queue.office, kind="office", known=offices)
        yield _Name(file="queues.yaml", path=(key, "overflow"), name=queue.overflow, kind="queue", known=queues)


def _waiting_names(files: PlanFiles) -> Iterator[_Name]:
    for key, queue in files.queues.root.items():
        if queue.waiting is None:
            continue
        for path, prompt in _waiting_prompts(queue.waiting):
            place = (key, "waiting", *path)
            yield _Name(file="queues.yaml", path=place, name=prompt, kind="prompt", known=files.prompts.root)
        offices = queue.waiting.escalation.offices if queue.waiting.escalation is not None else ()
        for at, office in enumerate(offices):
            place = (key, "waiting", "escalation", "offices", at)
            yield _Name(file="queues.yaml", path=place, name=office, kind="office", known=files.offices.root)


def _waiting_prompts(waiting: QueueWaitingShape) -> Iterator[tuple[PathKey, str | None]]:
    yield ("closing_announcement",), waiting.closing_announcement
    yield ("empty_announcement",), waiting.empty_announcement
    if waiting.speech is not None:
        yield ("speech", "position"), waiting.speech.position
        yield ("speech", "next"), waiting.speech.next
        yield ("speech", "expected_wait"), waiting.speech.expected_wait
        yield from ((("speech", "comfort", at), each) for at, each in enumerate(waiting.speech.comfort))


def _menu_names(files: PlanFiles) -> Iterator[_Name]:
    menus, services, file = files.menus.root, files.line.services, "menus.yaml"
    for key, menu in menus.items():
        prompts = files.prompts.root
        for field in ("prompt", "last_prompt", "unknown_prompt"):
            yield _Name(file=file, path=(key, field), name=getattr(menu, field), kind="prompt", known=prompts)
        for part, shape in menu.parts.items():
            yield _Name(file=file, path=(key, "parts", part, "prompt"), name=shape.prompt, kind="prompt", known=prompts)
        yield _Name(file=file, path=(key, "service"), name=menu.service, kind="service", known=services)
        yield _Name(file=file, path=(key, "contact_menu"), name=menu.contact_menu, kind="menu", known=menus)
        for option_key, option in menu.options.items():
            path = (key, "options", option_key)
            yield _Name(file=file, path=(*path, "service"), name=option.service, kind="service", known=services)
            yield _Name(file=file, path=(*path, "menu"), name=option.menu, kind="menu", known=menus)


def _calendar_names(files: PlanFiles) -> Iterator[_Name]:
    for index, exception in enumerate(files.calendar.exceptions):
        path, file = ("exceptions", index), "calendar.yaml"
        for at, office in enumerate(exception.offices):
            known = files.offices.root
            yield _Name(file=file, path=(*path, "offices", at), name=office, kind="office", known=known)
        for at, service in enumerate(exception.services):
            services = files.line.services
            yield _Name(file=file, path=(*path, "services", at), name=service, kind="service", known=services)


def _operator_names(files: PlanFiles) -> Iterator[_Name]:
    offices, queues, file = files.offices.root, files.queues.root, "operators.yaml"
    for key, operator in files.operators.root.items():
        yield _Name(file=file, path=(key, "office"), name=operator.office, kind="office", known=offices)
        for queue in operator.queues:
            yield _Name(file=file, path=(key, "queues", queue), name=queue, kind="queue", known=queues)


def _prompt_names(files: PlanFiles) -> Iterator[_Name]:
    known = {
        *(f"{OFFICE_HOURS}.{office}" for office in files.offices.root),
        *(f"{SERVICE_HOURS}.{service}" for service in files.line.services),
    }
    for key, prompt in files.prompts.root.items():
        for language, text in (("uk", prompt.uk), ("en", prompt.en)):
            for name in placeholders(text):
                yield _Name(file="prompts.yaml", path=(key, language), name=name, kind="placeholder", known=known)


def _centre_names(files: PlanFiles) -> Iterator[_Name]:
    centres = files.centres.root
    for key, centre in centres.items():
        yield _Name(file="centres.yaml", path=(key, "neighbour"), name=centre.neighbour, kind="centre", known=centres)


def _desk_names(files: PlanFiles) -> Iterator[_Name]:
    topics, form = files.topics.root, files.detention
    for key, topic in topics.items():
        yield _Name(file="topics.yaml", path=(key, "parent"), name=topic.parent, kind="topic", known=topics)
    for role in _FORM_ROLES:
        name = getattr(form, role)
        yield _Name(file="detention.yaml", path=(role,), name=name, kind="field", known=form.fields)


def _circles(next_of: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Gives each name whose chain comes back to it, with the way round as people read it."""
    for start in next_of:
        seen, name = [start], next_of[start]
        while name is not None and name in next_of and name not in seen:
            seen.append(name)
            name = next_of[name]
        if name == start:
            yield start, " → ".join((*seen, start))


def _topic_circles(files: PlanFiles) -> Iterator[Finding]:
    topics = files.topics.root
    for start, circle in _circles({key: each.parent for key, each in topics.items()}):
        yield Finding(
            file="topics.yaml",
            path=(start, "parent"),
            message=f"topics lead round in a circle: {circle}",
            mend="let one of them stand at the top: leave its parent out",
        )


def _form_kinds(files: PlanFiles) -> Iterator[Finding]:
    form = files.detention
    for role, kinds in _FORM_ROLES.items():
        field = form.fields.get(getattr(form, role))
        if field is not None and field.kind not in kinds:
            yield Finding(
                file="detention.yaml",
                path=(role,),
                message=f"the field `{getattr(form, role)}` is of kind {field.kind}",
                mend=f"name a field of kind {' or '.join(kinds)}",
            )


def _reserved_prompts(files: PlanFiles) -> Iterator[Finding]:
    for key in files.prompts.root:
        if key.startswith(RESERVED_BEGINS):
            yield Finding(
                file="prompts.yaml",
                path=(key,),
                message=f"`{key}` is a name of the line's own prompts",
                mend=f"choose a name that does not begin with {' or '.join(RESERVED_BEGINS)}",
            )


def _menu_keys(files: PlanFiles) -> Iterator[Finding]:
    reserved = {key: meaning for meaning, key in files.line.keys.model_dump().items()}
    for menu, shape in files.menus.root.items():
        for key in shape.options:
            if key in reserved:
                free = ", ".join(each for each in "123456789" if each not in reserved and each not in shape.options)
                yield Finding(
                    file="menus.yaml",
                    path=(menu, "options", key),
                    message=f"the key {key} is reserved for `{reserved[key]}` in line.yaml",
                    mend=f"use one of: {free}",
                )


def _menu_key_of_queues(files: PlanFiles) -> Iterator[Finding]:
    """Checks that the key which leads from a queue to the menu does not mean something else there."""
    keys, waiting = files.line.keys, files.line.waiting
    if waiting is not None and waiting.menu_key in (keys.detention, keys.operator, keys.language, keys.back):
        yield Finding(
            file="line.yaml",
            path=("waiting", "menu_key"),
            message=f"the key {waiting.menu_key} means something else",
            mend="write *, or a digit that `keys:` does not use",
        )


def _menu_readings(files: PlanFiles) -> Iterator[Finding]:
    """Finds menus that cannot read out what they should, from where a caller comes to them."""
    menus = files.menus.root
    entry = menus.get(files.line.entry_menu)
    if entry is not None and entry.reads is not None:
        mend = "name a menu without `reads:`, and let one of its options lead to this one"
        message = f"the first menu of the line only asks, and `{files.line.entry_menu}` reads out"
        yield Finding(file="line.yaml", path=("entry_menu",), message=message, mend=mend)
    for key, menu in menus.items():
        contact = menus.get(menu.contact_menu or "")
        if contact is not None and contact.reads is not Reading.CENTRE:
            message = f"the menu `{menu.contact_menu}` does not read out a centre"
            mend = "name a menu with `reads: centre`"
            yield Finding(file="menus.yaml", path=(key, "contact_menu"), message=message, mend=mend)


def _generated_names(files: PlanFiles) -> Iterator[Finding]:
    for key in files.prompts.root:
        if key.startswith(GENERATED_PROMPTS_BEGIN):
            message = "names that begin like this belong to texts made from hotlines.yaml and centres.yaml"
            mend = f"rename it, for example to `text-{key}`"
            yield Finding(file="prompts.yaml", path=(key,), message=message, mend=mend)


def _menu_exits(files: PlanFiles) -> Iterator[Finding]:
    """Finds menus whose options never come to a service; what is read out always ends at an operator."""
    menus = files.menus.root
    leading_out = {
        key for key, menu in menus.items() if menu.reads or any(each.service for each in menu.options.values())
    }
    for _ in menus:
        leading_out |= {
            key for key, menu in menus.items() if any(each.menu in leading_out for each in menu.options.values())
        }
    for key in menus:
        if key not in leading_out:
            yield Finding(
                file="menus.yaml",
                path=(key, "options"),
                message="the options of this menu lead round in a circle and never to a service",
                mend="give one of its options a `service:`",
            )


def _overflow_circles(files: PlanFiles) -> Iterator[Finding]:
    queues = files.queues.root
    for start, circle in _circles({key: each.overflow for key, each in queues.items()}):
        yield Finding(
            file="queues.yaml",
            path=(start, "overflow"),
            message=f"callers would go round in a circle: {circle}",
            mend="let the chain end at the last-resort queue",
        )


def _last_resort(files: PlanFiles) -> Iterator[Finding]:
    """Checks that nobody can be turned out of the queue that is there when everything else fails."""
    name = files.line.last_resort_queue
    queue = files.queues.root.get(name)
    if queue is None:
        return
    limits = (
        ("max_wait_s", queue.max_wait_s, "leave max_wait_s out"),
        ("joinempty", queue.joinempty, "write []"),
        ("leavewhenempty", queue.leavewhenempty, "write []"),
        ("overflow", queue.overflow, "leave overflow out"),
        ("capacity", queue.capacity, "write 0"),
    )
    for key, value, mend in limits:
        if value:
            message = "callers could be turned out of the last-resort queue"
            yield Finding(file="queues.yaml", path=(name, key), message=message, mend=mend)
    office = files.offices.root.get(queue.office)
    if office is not None and office.hours != ALWAYS_HOURS:
        yield Finding(
            file="offices.yaml",
            path=(queue.office, "hours"),
            message=f"the last-resort queue `{name}` needs an office that is there round the clock",
            mend="write `always`, or name another last_resort_queue in line.yaml",
        )


def _detention(files: PlanFiles) -> Iterator[Finding]:
    line = files.line
    detention = line.services.get(line.detention_service)
    for key, service in line.services.items():
        if detention is not None and key != line.detention_service and service.priority >= detention.priority:
            yield Finding(
                file="line.yaml",
                path=("services", key, "priority"),
                message="no service may wait ahead of, or level with, reports of a detention",
                mend=f"write a number below {detention.priority}",
            )


def _calendar(files: PlanFiles) -> Iterator[Finding]:
    calendar = files.calendar
    try:
        ZoneInfo(calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"there is no time zone `{calendar.timezone[:40]}`"
        yield Finding(file="calendar.yaml", path=("timezone",), message=message, mend="write Europe/Kyiv")
    seen: set[tuple[object, ...]] = set()
    for index, exception in enumerate(calendar.exceptions):
        targets = {(exception.day, target) for target in _targets(exception)}
        if targets & seen:
            yield Finding(
                file="calendar.yaml",
                path=("exceptions", index, "day"),
                message=f"a second exception for the same place on {exception.day}",
                mend="keep one of them",
            )
        seen |= targets


def _targets(exception: ExceptionShape) -> Iterable[tuple[str, str]]:
    named = [("office", each) for each in exception.offices] + [("service", each) for each in exception.services]
    return named or [("everywhere", "")]


def _centre_keys(files: PlanFiles) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for centre, shape in files.centres.root.items():
        first = seen.setdefault(shape.key, centre)
        is_later = shape.valid_from is not None or files.centres.root[first].valid_until is not None
        if first != centre and not is_later:
            yield Finding(
                file="centres.yaml",
                path=(centre, "key"),
                message=f"the key {shape.key} belongs to `{first}` already",
                mend="give it another key, or valid_from and valid_until",
            )


def _neighbour_circles(files: PlanFiles) -> Iterator[Finding]:
    """Finds centres whose chain of neighbours comes back to them."""
    centres = files.centres.root
    for start, circle in _circles({key: each.neighbour for key, each in centres.items()}):
        yield Finding(
            file="centres.yaml",
            path=(start, "neighbour"),
            message=f"neighbours lead round in a circle: {circle}",
            mend="leave the neighbour of one of them out: an operator takes the call at the end of the chain",
        )


def _recording(files: PlanFiles) -> Iterator[Finding]:
    detention = files.line.services.get(files.line.detention_service)
    if detention is not None and detention.is_recorded:
        yield Finding(
            file="line.yaml",
            path=("services", files.line.detention_service, "is_recorded"),
            message="reports of a detention are never recorded: the announcement would hold them up",
            mend="leave is_recorded out",
        )
