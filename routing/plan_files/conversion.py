"""From the checked files to the plan. Nothing is checked here."""

from dataclasses import replace
from functools import partial
from typing import assert_never

from routing.asterisk_sounds import asterisk_prompts
from routing.calendars import is_always
from routing.forms import DetentionForm, FieldChoice, FieldId, FormField, Topic, TopicId
from routing.languages import Language, Text
from routing.plan import (
    Calendar,
    CalendarException,
    Centre,
    CentreDialling,
    CentreId,
    CentreReading,
    DatePeriod,
    Did,
    Hotline,
    HotlineNumber,
    HotlineReading,
    Information,
    InformationPart,
    Line,
    Membership,
    Menu,
    MenuContent,
    MenuId,
    MenuOption,
    MenuTarget,
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
from routing.plan_files.fields import fill_placeholders
from routing.plan_files.form_models import DetentionFile, FieldShape, TopicShape
from routing.plan_files.holiday_dates import holidays_of_years
from routing.plan_files.models import (
    CalendarFile,
    CentreShape,
    HotlineShape,
    LineFile,
    MenuShape,
    OfficeShape,
    OperatorShape,
    OptionShape,
    PlanFiles,
    PromptShape,
    QueueShape,
    Reading,
    RecordingsFile,
    ServiceShape,
)
from routing.plan_files.shapes import TitleShape
from routing.plan_files.waiting_conversion import line_waiting, queue_waiting
from routing.readings import generated_prompts
from routing.say import say_prompts
from routing.snapshot import version_of
from routing.spoken import spoken_hours

OFFICE_HOURS = "office_hours"
SERVICE_HOURS = "service_hours"
"""Kinds of placeholders in prompts: `{office_hours.sumy}`, `{service_hours.consultation}`."""


def to_plan(files: PlanFiles) -> Plan:
    """Makes checked files into a plan that bears its version."""
    offices = {OfficeId(key): _office(key, shape) for key, shape in files.offices.root.items()}
    queues = {QueueName(key): _queue(key, shape) for key, shape in files.queues.root.items()}
    services = {ServiceId(key): _service(key, shape) for key, shape in files.line.services.items()}
    hours = _spoken_sources(offices, queues, services)
    centres = {CentreId(key): _centre(key, shape) for key, shape in files.centres.root.items()}
    hotlines = {key: _hotline(key, shape) for key, shape in files.hotlines.root.items()}
    plan = Plan(
        version=PlanVersion(""),
        line=_line(files.line),
        calendar=_calendar(files.calendar),
        offices=offices,
        queues=queues,
        services=services,
        menus={MenuId(key): _menu(key, shape) for key, shape in files.menus.root.items()},
        operators={OperatorId(key): _operator(key, shape) for key, shape in files.operators.root.items()},
        centres=centres,
        hotlines=hotlines,
        prompts=_prompts(files, hours)
        | {prompt.id: prompt for prompt in generated_prompts(hotlines.values(), centres.values())},
        topics={TopicId(key): _topic(key, shape) for key, shape in files.topics.root.items()},
        detention=_detention(files.detention),
    )
    return replace(plan, version=version_of(plan))


def _spoken_sources(
    offices: dict[OfficeId, Office], queues: dict[QueueName, Queue], services: dict[ServiceId, Service]
) -> dict[str, WeeklyHours | None]:
    by_office = {f"{OFFICE_HOURS}.{office.id}": office.hours for office in offices.values()}
    by_service = {
        f"{SERVICE_HOURS}.{service.id}": service.hours or offices[queues[service.queue].office].hours
        for service in services.values()
    }
    return {**by_office, **by_service}


def _text(shape: TitleShape) -> Text:
    return Text(uk=shape.uk, en=shape.en)


def _optional_text(shape: TitleShape | None) -> Text | None:
    return None if shape is None else _text(shape)


def _line(shape: LineFile) -> Line:
    return Line(
        title=_text(shape.title),
        dids=tuple(map(Did, shape.dids)),
        languages=shape.languages,
        greeting=PromptId(shape.greeting),
        wrong_key=PromptId(shape.wrong_key),
        entry_menu=MenuId(shape.entry_menu),
        keys=ReservedKeys(**shape.keys.model_dump()),
        operator_service=ServiceId(shape.operator_service),
        detention_service=ServiceId(shape.detention_service),
        last_resort_queue=QueueName(shape.last_resort_queue),
        centre_dialling=CentreDialling(**shape.centre_dialling.model_dump()),
        waiting=line_waiting(shape.waiting),
    )


def _calendar(shape: CalendarFile) -> Calendar:
    return Calendar(
        timezone=shape.timezone,
        martial_law=tuple(DatePeriod(start_date=each.start_date, end_date=each.end_date) for each in shape.martial_law),
        holidays=holidays_of_years(shape.holidays.first_year, shape.holidays.last_year),
        moved_days=tuple(
            MovedDay(day_off=each.day_off, working_day=each.working_day, reason=_text(each.reason))
            for each in shape.moved_days
        ),
        exceptions=tuple(
            CalendarException(
                day=each.day,
                kind=each.kind,
                ranges=each.hours or (),
                offices=tuple(map(OfficeId, each.offices)),
                services=tuple(map(ServiceId, each.services)),
                reason=_text(each.reason),
            )
            for each in shape.exceptions
        ),
    )


def _office(key: str, shape: OfficeShape) -> Office:
    hours = None if is_always(shape.hours) else shape.hours
    return Office(id=OfficeId(key), title=_text(shape.title), hours=hours)


def _queue(key: str, shape: QueueShape) -> Queue:
    return Queue(
        name=QueueName(key),
        title=_text(shape.title),
        office=OfficeId(shape.office),
        strategy=shape.strategy,
        ring_s=shape.ring_s,
        retry_s=shape.retry_s,
        wrapuptime_s=shape.wrapuptime_s,
        weight=shape.weight,
        capacity=shape.capacity,
        max_wait_s=shape.max_wait_s,
        joinempty=tuple(shape.joinempty),
        leavewhenempty=tuple(shape.leavewhenempty),
        service_level_s=shape.service_level_s,
        overflow=None if shape.overflow is None else QueueName(shape.overflow),
        waiting=queue_waiting(shape.waiting),
    )


def _service(key: str, shape: ServiceShape) -> Service:
    announcement = shape.closed_announcement
    return Service(
        id=ServiceId(key),
        title=_text(shape.title),
        queue=QueueName(shape.queue),
        priority=shape.priority,
        hours=shape.hours,
        closed_queue=None if shape.closed_queue is None else QueueName(shape.closed_queue),
        closed_announcement=None if announcement is None else PromptId(announcement),
        is_recorded=shape.is_recorded,
    )


def _option(key: str, shape: OptionShape) -> MenuOption:
    return MenuOption(key=key, title=_text(shape.title), target=_target(shape))


def _target(shape: OptionShape) -> MenuTarget:
    if shape.action is not None:
        return ToAction(action=shape.action)
    return ToMenu(menu=MenuId(shape.menu)) if shape.menu else ToService(service=ServiceId(shape.service or ""))


def _content(shape: MenuShape) -> MenuContent | None:
    match shape.reads:
        case None:
            return None
        case Reading.INFORMATION:
            parts = tuple(
                InformationPart(id=key, prompt=PromptId(each.prompt), is_checked=each.is_checked)
                for key, each in shape.parts.items()
            )
            return Information(parts=parts, last_prompt=PromptId(shape.last_prompt or ""))
        case Reading.HOTLINES:
            return HotlineReading(last_prompt=PromptId(shape.last_prompt or ""))
        case Reading.REGION_CODE:
            unknown = PromptId(shape.unknown_prompt or "")
            return RegionQuestion(contact_menu=MenuId(shape.contact_menu or ""), unknown=unknown)
        case Reading.CENTRE:
            return CentreReading()
        case _:
            assert_never(shape.reads)


def _menu(key: str, shape: MenuShape) -> Menu:
    return Menu(
        id=MenuId(key),
        title=_text(shape.title),
        prompt=PromptId(shape.prompt),
        options=tuple(_option(each, option) for each, option in shape.options.items()),
        timeout_s=shape.timeout_s,
        no_input_tries=shape.no_input_tries,
        no_match_tries=shape.no_match_tries,
        service=None if shape.service is None else ServiceId(shape.service),
        content=_content(shape),
    )


def _operator(key: str, shape: OperatorShape) -> Operator:
    return Operator(
        id=OperatorId(key),
        name=shape.name,
        office=OfficeId(shape.office),
        memberships=tuple(
            Membership(queue=QueueName(queue), penalty=penalty) for queue, penalty in shape.queues.items()
        ),
    )


def _centre(key: str, shape: CentreShape) -> Centre:
    return Centre(
        id=CentreId(key),
        region=_text(shape.region),
        key=shape.key,
        iso=shape.iso,
        name=_text(shape.name),
        phones=tuple(shape.phones),
        is_sample=shape.is_sample,
        valid_from=shape.valid_from,
        valid_until=shape.valid_until,
        address=_optional_text(shape.address),
        hours_text=_optional_text(shape.hours_text),
        email=shape.email,
        other=_optional_text(shape.other),
        hours=shape.hours,
        deputy_phones=tuple(shape.deputy_phones),
        neighbour=None if shape.neighbour is None else CentreId(shape.neighbour),
    )


def _hotline(key: str, shape: HotlineShape) -> Hotline:
    return Hotline(
        id=key,
        title=_text(shape.title),
        numbers=tuple(
            HotlineNumber(number=each.number, is_short=each.is_short, label=_optional_text(each.label))
            for each in shape.numbers
        ),
        hours=_optional_text(shape.hours),
        is_danger=shape.is_danger,
        checked_on=shape.checked_on,
    )


def _prompts(files: PlanFiles, hours: dict[str, WeeklyHours | None]) -> dict[PromptId, Prompt]:
    """Gives the line's own prompts and those of the files, each with its recordings."""
    own = {PromptId(key): _prompt(key, shape, hours) for key, shape in files.prompts.root.items()}
    return {
        prompt.id: replace(prompt, recordings=_recordings(files.recordings, prompt.id))
        for prompt in (say_prompts() | asterisk_prompts() | own).values()
    }


def _recordings(file: RecordingsFile, prompt: PromptId) -> tuple[Recording, ...]:
    return tuple(
        Recording(language=language, sha256=shape.sha256, text_hash=shape.text_hash)
        for language, shape in sorted(file.root.get(prompt, {}).items())
    )


def _prompt(key: str, shape: PromptShape, hours: dict[str, WeeklyHours | None]) -> Prompt:
    ukrainian, english = (partial(_hours_in, hours, language) for language in (Language.UK, Language.EN))
    text = Text(uk=fill_placeholders(shape.uk, ukrainian), en=fill_placeholders(shape.en, english))
    return Prompt(id=PromptId(key), text=text)


def _topic(key: str, shape: TopicShape) -> Topic:
    parent = None if shape.parent is None else TopicId(shape.parent)
    return Topic(id=TopicId(key), title=_text(shape.title), parent=parent)


def _detention(shape: DetentionFile) -> DetentionForm:
    return DetentionForm(
        name_lawyer_s=shape.name_lawyer_s,
        join_window_s=shape.join_window_s,
        person_field=FieldId(shape.person_field),
        place_field=FieldId(shape.place_field),
        moment_field=FieldId(shape.moment_field),
        fields=tuple(_form_field(key, each) for key, each in shape.fields.items()),
    )


def _form_field(key: str, shape: FieldShape) -> FormField:
    return FormField(
        id=FieldId(key),
        title=_text(shape.title),
        kind=shape.kind,
        choices=tuple(FieldChoice(id=each, title=_text(title)) for each, title in shape.choices.items()),
        is_needed=shape.is_needed,
        is_checked=shape.is_checked,
    )


def _hours_in(hours: dict[str, WeeklyHours | None], language: Language, name: str) -> str:
    return spoken_hours(hours[name], language)
