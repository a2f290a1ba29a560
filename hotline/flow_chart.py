"""The call flow of a plan as boxes and arrows, in the words of one language; `hotline.drawing` draws them.

Pure: the same plan gives the same chart, in the same order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hotline.short_texts import short_hours, shown_number
from routing.languages import Language, Text
from routing.menus import next_menus, operator_service
from routing.plan import (
    CentreReading,
    HotlineReading,
    Information,
    Menu,
    MenuAction,
    MenuId,
    MenuTarget,
    Plan,
    Queue,
    QueueName,
    RegionQuestion,
    Service,
    ToAction,
    ToMenu,
    ToService,
)

CALLERS = "callers"
GREETING = "greeting"
SCRIPT = "script"
STATIC = "static"
CODE_ROW = "××"
"""Stands for the two digits of a region in the row of a menu."""


class BoxKind(StrEnum):
    """What a box stands for."""

    CALLERS = "callers"
    GREETING = "greeting"
    MENU = "menu"
    SERVICE = "service"
    URGENT = "urgent"
    """The service that goes ahead of all others."""
    QUEUE = "queue"
    LAST_RESORT = "last-resort"
    LADDER = "ladder"


class ArrowKind(StrEnum):
    """When a caller takes an arrow."""

    ALWAYS = "always"
    URGENT = "urgent"
    CLOSED = "closed"
    OVERFLOW = "overflow"
    BROKEN = "broken"
    """Our own service does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key of a menu."""

    key: str
    text: str
    kind: BoxKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One place where a caller may be."""

    id: str
    kind: BoxKind
    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One way from a box, or from one row of it, to another."""

    tail: str
    tail_key: str | None
    """Key of the row; None: the box itself."""
    head: str
    kind: ArrowKind
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChart:
    """All of it; every arrow begins and ends at a box."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    language: Language


_WORDS = {
    "greeting": Text(uk="Привітання", en="Greeting"),
    "quoted": Text(uk="«{text}»", en="“{text}”"),
    "given_up": Text(
        uk="Оператор\nтакож після мовчання\nабо хибних клавіш ({tries})",
        en="Operator\nalso after silence\nor wrong keys ({tries})",
    ),
    "code": Text(uk="Дві цифри коду області", en="Two digits of the region"),
    "parts": Text(uk="читає вголос, частин: {count}", en="reads out parts: {count}"),
    "hotlines": Text(
        uk="читає вголос номери, спершу для тих, кому загрожує небезпека ({count})",
        en="reads out numbers, first for people in danger ({count})",
    ),
    "contacts": Text(uk="читає вголос контакти центру", en="reads out the centre's contacts"),
    "language": Text(uk="English", en="Українська"),
    "repeat": Text(uk="Почути ще раз", en="Hear it again"),
    "back": Text(uk="Назад", en="Back"),
    "first": Text(uk="поза чергою, раніше за всіх", en="ahead of everybody"),
    "operators": Text(uk="операторів: {count}", en="operators: {count}"),
    "until_answered": Text(uk="чекають, доки відповість оператор", en="callers wait until they are answered"),
    "longest_wait": Text(uk="чекають щонайдовше {wait}", en="callers wait at most {wait}"),
    "last_resort": Text(uk="приймає кожного, кого не прийняли інші", en="takes everybody whom the others did not"),
    "closed": Text(uk="поза годинами", en="out of hours"),
    "announced": Text(uk="поза годинами,\nпісля оголошення", en="out of hours,\nafter an announcement"),
    "overflow": Text(uk="ніхто не відповів,\nповно або нікого немає", en="unanswered, full\nor nobody there"),
    "broken": Text(uk="програма не відповідає", en="the service is silent"),
    "script": Text(uk="Запасний скрипт", en="Fallback script"),
    "script_does": Text(uk="вирішує так само, але без меню", en="decides alike, without menus"),
    "script_broken": Text(uk="скрипт теж мовчить", en="the script is silent too"),
    "static": Text(uk="Сам Asterisk", en="Asterisk alone"),
    "static_does": Text(uk="завжди одна й та сама черга", en="always the same queue"),
    "minutes": Text(uk="{count} хв", en="{count} min"),
    "seconds": Text(uk="{count} с", en="{count} s"),
}


@dataclass(frozen=True, slots=True)
class _Teller:
    """A plan, told in one language."""

    plan: Plan
    language: Language

    def word(self, name: str, **given: str | int) -> str:
        return _WORDS[name].in_language(self.language).format(**given)

    def say(self, text: Text) -> str:
        return text.in_language(self.language)


def chart(plan: Plan, language: Language) -> FlowChart:
    """Gives the flow of `plan`: numbers, greeting, menus, services, queues, and what happens when one fails."""
    teller = _Teller(plan, language)
    menus = _reached_menus(plan)
    return FlowChart(
        title=teller.say(plan.line.title),
        boxes=(
            *_entry_boxes(teller),
            *(_menu_box(teller, plan.menus[each]) for each in menus),
            *(_service_box(teller, each) for each in _reached_services(plan, menus)),
            *(_queue_box(teller, each) for each in plan.queues.values()),
        ),
        arrows=(
            *_entry_arrows(teller),
            *(arrow for each in menus for arrow in _menu_arrows(plan, plan.menus[each])),
            *(arrow for each in _reached_services(plan, menus) for arrow in _service_arrows(teller, each)),
            *(arrow for each in plan.queues.values() for arrow in _queue_arrows(teller, each)),
        ),
        language=language,
    )


def menu_box(menu: MenuId) -> str:
    """Gives the id of a menu's box."""
    return f"menu-{menu}"


def queue_box(queue: QueueName) -> str:
    """Gives the id of a queue's box."""
    return f"queue-{queue}"


def _service_id(service: str) -> str:
    return f"service-{service}"


def _target_box(plan: Plan, shown: Menu, target: MenuTarget) -> str | None:
    """Gives the box that an option leads to; None: it stays where it is."""
    match target:
        case ToAction(action=action):
            is_next = action is MenuAction.NEXT
            return None if is_next else _service_id(operator_service(plan, shown.id))
        case ToService(service=service):
            return _service_id(service)
        case ToMenu(menu=menu):
            return menu_box(menu)
        case _:
            assert_never(target)


def _reached_menus(plan: Plan) -> tuple[MenuId, ...]:
    """Gives the menus that a caller can come to, the entry first."""
    reached, waiting = dict[MenuId, None](), [plan.line.entry_menu]
    while waiting:
        menu = waiting.pop(0)
        if menu not in reached:
            reached[menu] = None
            waiting += next_menus(plan.menus[menu])
    return tuple(reached)


def _reached_services(plan: Plan, menus: tuple[MenuId, ...]) -> tuple[Service, ...]:
    """Gives the services that a key leads to, the urgent one first, the operator's last."""
    line = plan.line
    targets = [option.target for menu in menus for option in plan.menus[menu].options]
    keyed = [target.service for target in targets if isinstance(target, ToService)]
    keyed += [operator_service(plan, menu) for menu in menus]
    ends = (line.detention_service, line.operator_service)
    ordered = (line.detention_service, *(each for each in keyed if each not in ends), line.operator_service)
    return tuple(plan.services[each] for each in dict.fromkeys(ordered))


def _entry_boxes(teller: _Teller) -> Iterator[Box]:
    plan = teller.plan
    numbers = tuple(shown_number(each) for each in plan.line.dids)
    yield Box(id=CALLERS, kind=BoxKind.CALLERS, title=numbers[0], lines=numbers[1:])
    text = teller.say(plan.prompts[plan.line.greeting].text)
    yield Box(
        id=GREETING, kind=BoxKind.GREETING, title=teller.word("greeting"), lines=(teller.word("quoted", text=text),)
    )
    yield Box(id=SCRIPT, kind=BoxKind.LADDER, title=teller.word("script"), lines=(teller.word("script_does"),))
    yield Box(id=STATIC, kind=BoxKind.LADDER, title=teller.word("static"), lines=(teller.word("static_does"),))


def _menu_box(teller: _Teller, menu: Menu) -> Box:
    rows = [Row(key=each.key, text=teller.say(each.title), kind=BoxKind.SERVICE) for each in menu.options]
    if isinstance(menu.content, RegionQuestion):
        rows.append(Row(key=CODE_ROW, text=teller.word("code"), kind=BoxKind.SERVICE))
    rows = sorted([*rows, _detention_row(teller)], key=lambda each: each.key)
    is_entry = menu.id == teller.plan.line.entry_menu
    lead = teller.say(teller.plan.line.title) if is_entry else _read_out(teller, menu)
    title = teller.say(menu.title)
    return Box(
        id=menu_box(menu.id),
        kind=BoxKind.MENU,
        title=title,
        lines=(lead,) if lead and lead != title else (),
        rows=(*rows, *_reserved_rows(teller, menu)),
    )


def _read_out(teller: _Teller, menu: Menu) -> str:
    """Gives what a menu reads out before it asks, in a few words; empty: nothing."""
    match menu.content:
        case Information(parts=parts):
            return teller.word("parts", count=len(parts))
        case HotlineReading():
            return teller.word("hotlines", count=len(teller.plan.hotlines))
        case CentreReading():
            return teller.word("contacts")
        case None | RegionQuestion():
            return ""
        case _:
            assert_never(menu.content)


def _detention_row(teller: _Teller) -> Row:
    line = teller.plan.line
    title = teller.plan.services[line.detention_service].title
    return Row(key=line.keys.detention, text=teller.say(title), kind=BoxKind.URGENT)


def _reserved_rows(teller: _Teller, menu: Menu) -> Iterator[Row]:
    keys, is_entry = teller.plan.line.keys, menu.id == teller.plan.line.entry_menu
    yield Row(key=keys.operator, text=teller.word("given_up", tries=menu.no_match_tries), kind=BoxKind.SERVICE)
    if len(teller.plan.line.languages) > 1:
        yield Row(key=keys.language, text=teller.word("language"), kind=BoxKind.MENU)
    yield Row(key=keys.repeat, text=teller.word("repeat"), kind=BoxKind.MENU)
    if not is_entry:
        yield Row(key=keys.back, text=teller.word("back"), kind=BoxKind.MENU)


def _service_box(teller: _Teller, service: Service) -> Box:
    is_urgent = service.id == teller.plan.line.detention_service
    office = teller.plan.offices[teller.plan.queues[service.queue].office]
    hours = short_hours(service.hours or office.hours, teller.language)
    return Box(
        id=_service_id(service.id),
        kind=BoxKind.URGENT if is_urgent else BoxKind.SERVICE,
        title=teller.say(service.title),
        lines=(hours, teller.word("first")) if is_urgent else (hours,),
    )


def _queue_box(teller: _Teller, queue: Queue) -> Box:
    plan = teller.plan
    is_last_resort = queue.name == plan.line.last_resort_queue
    operators = sum(any(place.queue == queue.name for place in each.memberships) for each in plan.operators.values())
    office = plan.offices[queue.office]
    wait = (
        teller.word("until_answered")
        if queue.max_wait_s is None
        else teller.word("longest_wait", wait=_length(teller, queue.max_wait_s))
    )
    title, hours = teller.say(queue.title), short_hours(office.hours, teller.language)
    told = (*(() if hours in title else (hours,)), teller.word("operators", count=operators), wait)
    return Box(
        id=queue_box(queue.name),
        kind=BoxKind.LAST_RESORT if is_last_resort else BoxKind.QUEUE,
        title=title,
        lines=(*told, teller.word("last_resort")) if is_last_resort else told,
    )


def _length(teller: _Teller, seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if not rest:
        return teller.word("minutes", count=minutes)
    return teller.word("seconds", count=seconds)


def _entry_arrows(teller: _Teller) -> Iterator[Arrow]:
    always, broken = ArrowKind.ALWAYS, ArrowKind.BROKEN
    line = teller.plan.line
    last_resort = queue_box(line.last_resort_queue)
    script_broken = teller.word("script_broken")
    yield _arrow(CALLERS, GREETING, always)
    yield _arrow(GREETING, menu_box(line.entry_menu), always)
    yield _arrow(CALLERS, SCRIPT, broken, teller.word("broken"))
    yield _arrow(SCRIPT, STATIC, broken, script_broken)
    yield _arrow(SCRIPT, _service_id(line.operator_service), broken)
    yield _arrow(STATIC, last_resort, broken)


def _menu_arrows(plan: Plan, menu: Menu) -> Iterator[Arrow]:
    line, tail = plan.line, menu_box(menu.id)
    for option in sorted(menu.options, key=lambda each: each.key):
        head = _target_box(plan, menu, option.target)
        if head is not None:
            yield _arrow(tail, head, ArrowKind.ALWAYS, key=option.key)
    if isinstance(menu.content, RegionQuestion):
        yield _arrow(tail, menu_box(menu.content.contact_menu), ArrowKind.ALWAYS, key=CODE_ROW)
    yield _arrow(tail, _service_id(line.detention_service), ArrowKind.URGENT, key=line.keys.detention)
    operator = _service_id(operator_service(plan, menu.id))
    yield _arrow(tail, operator, ArrowKind.ALWAYS, key=line.keys.operator)


def _service_arrows(teller: _Teller, service: Service) -> Iterator[Arrow]:
    plan, tail = teller.plan, _service_id(service.id)
    kind = ArrowKind.URGENT if service.id == plan.line.detention_service else ArrowKind.ALWAYS
    yield _arrow(tail, queue_box(service.queue), kind)
    queue = plan.queues[service.queue]
    if (service.hours or plan.offices[queue.office].hours) is not None:
        closed = service.closed_queue or queue.overflow or plan.line.last_resort_queue
        label = teller.word("announced" if service.closed_announcement else "closed")
        yield _arrow(tail, queue_box(closed), ArrowKind.CLOSED, label)


def _queue_arrows(teller: _Teller, queue: Queue) -> Iterator[Arrow]:
    last_resort = teller.plan.line.last_resort_queue
    overflow = queue.overflow or last_resort
    if queue.name not in (last_resort, overflow):
        yield _arrow(queue_box(queue.name), queue_box(overflow), ArrowKind.OVERFLOW, teller.word("overflow"))


def _arrow(tail: str, head: str, kind: ArrowKind, label: str = "", *, key: str | None = None) -> Arrow:
    return Arrow(tail=tail, tail_key=key, head=head, kind=kind, label=label)
