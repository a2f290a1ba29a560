"""Proof that no path of a plan ends nowhere, and what else an administrator should know of it. Pure.

Every key, silence and wrong key in every menu; every service in every state that the calendars come to; every switch
laid over it; every way in which a queue lets go of a caller or a number does not answer; and the service down. Each
must end at a queue that lets nobody go, with operators, in an office that is there at that moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import product

from routing.calendars import hours_state, is_martial_law, local_date, states_of_day
from routing.centres import CENTRE_PROMPTS, CentrePlace
from routing.decisions import (
    DETENTION_TAKEN,
    FAILED_DIAL_STATUSES,
    KNOWN_QUEUE_STATUSES,
    CentreDestination,
    Decision,
    Facts,
    NumberDestination,
    decide,
)
from routing.languages import Language
from routing.line_prompts import SPOKEN_BY_LINE
from routing.menus import CODE_DIGITS, Answer, Ask, Key, Silence, answer, enter, next_menus
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import MenuId, Office, Plan, PromptId, Queue, QueueName, Service, ServiceId
from routing.prompt_notes import heard_prompts, unnamed_keys
from routing.readings import GENERATED_PROMPTS_BEGIN, Listener
from routing.say import RESERVED_BEGINS

HORIZON_DAYS = 400
"""How far ahead calendars are looked through."""
OPERATOR_PROMPTS_BEGIN = ("operator-", "override-", *RESERVED_BEGINS)
"""Prompts that operators hear on their telephones, and pieces of numbers; no menu leads to them."""
_LINE_PROMPTS = (*CENTRE_PROMPTS, DETENTION_TAKEN, *SPOKEN_BY_LINE)
"""Prompts that the line plays by their names."""
_ALL_KEYS = "0123456789*#A"
_NO_CODE = "00"
"""Two digits that are no region's."""
_CHARACTERS_PER_SECOND = 14
"""A slow voice; only for estimates of length."""
_DAYS_IN_WEEK = 7
_ANY_STATUSES = (*KNOWN_QUEUE_STATUSES, "UNKNOWN", "")
_NO_ANSWERS = (*FAILED_DIAL_STATUSES, "NOTRUNK", "")
_SAYS_SOMEBODY_IS_THERE = (OverrideAction.OPEN, OverrideAction.TO_QUEUE)
_SOME_NUMBER = "+380000000000"
"""Stands for the duty officer's: no real number."""


class NoteCode(StrEnum):
    """Findings that do not refuse a plan."""

    KEY_NOT_NAMED = "key-not-named"
    KEYS_TO_HUMAN = "keys-to-human"
    LONGEST_PROMPT = "longest-prompt"
    UNREACHABLE_MENU = "unreachable-menu"
    UNUSED_PROMPT = "unused-prompt"
    QUEUE_WITHOUT_OPERATORS = "queue-without-operators"
    OPERATOR_WITHOUT_QUEUE = "operator-without-queue"
    WEEK_WITHOUT_HOURS = "week-without-hours"
    SAMPLE_CENTRES = "sample-centres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One finding that does not refuse the plan."""

    code: NoteCode
    subject: str
    """What it is about: an id; empty for the whole plan."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """A path that ends nowhere."""

    path: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was walked and found."""

    paths: int
    """How many different paths were followed to their end."""
    dead_ends: tuple[DeadEnd, ...]
    notes: tuple[Note, ...]

    @property
    def is_proven(self) -> bool:
        """Tells whether every path ends well."""
        return not self.dead_ends


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """One state of everything around a call, and how it is told."""

    plan: Plan
    moment: datetime
    overrides: tuple[Override, ...] = ()
    told: str


def prove(plan: Plan, since: datetime) -> Proof:
    """Walks every path of `plan` from the aware moment `since` on."""
    menus, menu_ends = _walk_menus(plan)
    ends = list(menu_ends)
    paths = menus
    for world in _worlds(plan, since):
        for service in (*plan.services, ServiceId("")):
            walked, dead = _follow(world, service)
            paths += walked
            ends += dead
    return Proof(paths=paths, dead_ends=_without_repeats(ends), notes=tuple(_notes(plan, since)))


def _without_repeats(ends: Iterable[DeadEnd]) -> tuple[DeadEnd, ...]:
    """Keeps one path, the first, of each service and defect."""
    first: dict[tuple[str, str], DeadEnd] = {}
    for each in ends:
        first.setdefault((each.path[0], each.why), each)
    return tuple(first.values())


def _walk_menus(plan: Plan) -> tuple[int, list[DeadEnd]]:
    """Gives every answer to every question of every menu; each must lead to a known question or service."""
    walked, ends, seen = 0, list[DeadEnd](), set[object]()
    for language, is_inside in product(plan.line.languages, (True, False)):
        open_asks = _entry(plan, language, Listener(is_inside=is_inside), ends)
        open_asks = [ask for ask in open_asks if _essence(ask) not in seen]
        while open_asks:
            ask = open_asks.pop()
            for given in _answers(plan, ask):
                walked += 1
                step = _answer(plan, ask, given, ends)
                if isinstance(step, Ask) and _essence(step) not in seen:
                    seen.add(_essence(step))
                    open_asks.append(replace(step, position=replace(step.position, keys=())))
    return walked, ends


def _answers(plan: Plan, ask: Ask) -> tuple[Answer, ...]:
    """Gives every answer that a caller may give: each key, silence, each region's code and one that is none."""
    codes = {_NO_CODE, *(each.key for each in plan.centres.values())} if ask.digits == CODE_DIGITS else ()
    return (Silence(), *(Key(key=each) for each in (*_ALL_KEYS, *codes)))


def _entry(plan: Plan, language: Language, listener: Listener, ends: list[DeadEnd]) -> list[Ask]:
    missing = sorted({plan.line.greeting, plan.line.wrong_key} - set(plan.prompts))
    ends += [DeadEnd(path=("the line",), why=f"there is no prompt {prompt}") for prompt in missing]
    if plan.line.entry_menu not in plan.menus:
        ends.append(DeadEnd(path=("the line",), why=f"there is no menu {plan.line.entry_menu}"))
        return []
    return [enter(plan, plan.line.entry_menu, language, listener)]


def _essence(ask: Ask) -> object:
    """Gives what decides the further walk: not the keys pressed before, and of the parents only the next."""
    position = ask.position
    tries = position.no_inputs, position.no_matches
    place = position.menu, position.part, position.centre, position.parents[-1:]
    return place, position.language, position.listener, tries


def _answer(plan: Plan, ask: Ask, given: Answer, ends: list[DeadEnd]) -> object:
    told = f"{ask.position.menu}: {given.key if isinstance(given, Key) else 'silence'}"
    try:
        step = answer(plan, ask.position, given)
    except KeyError as error:
        ends.append(DeadEnd(path=(told,), why=f"there is no {error}"))
        return None
    if isinstance(step, Ask):
        missing = [prompt for prompt in step.prompts if prompt not in plan.prompts]
        ends += [DeadEnd(path=(told,), why=f"there is no prompt {prompt}") for prompt in missing]
    elif step.service not in plan.services:
        ends.append(DeadEnd(path=(told,), why=f"there is no service {step.service}"))
    return step


def _worlds(plan: Plan, since: datetime) -> Iterator[_World]:
    """Gives one moment for each state that the calendars come to, each also with every switch laid over it."""
    without_martial_law = replace(plan, calendar=replace(plan.calendar, martial_law=()))
    variants = [(plan, "")]
    if is_martial_law(plan.calendar, local_date(plan, since)):
        variants.append((without_martial_law, " (as without martial law)"))
    for variant, suffix in variants:
        moments = _telling_moments(variant, since)
        for moment in moments:
            yield _World(plan=variant, moment=moment, told=f"at {moment:%Y-%m-%d %H:%M} UTC{suffix}")
        for moment in _hours_moments(variant, moments):
            yield from _switched(variant, moment)


def _subjects(plan: Plan) -> tuple[Service | Office, ...]:
    known = tuple(each for each in plan.services.values() if each.queue in plan.queues)
    return (*known, *plan.offices.values())


def _telling_moments(plan: Plan, since: datetime) -> list[datetime]:
    subjects = [each for each in _subjects(plan) if isinstance(each, Office) or _has_office(plan, each)]
    seen: dict[object, datetime] = {}
    for day in _days(plan, since):
        starts = {start for each in subjects for start, _ in states_of_day(plan, each, day)}
        for moment in sorted(starts):
            states = [hours_state(plan, each, moment) for each in subjects]
            seen.setdefault(tuple((state.is_open, state.reason.code) for state in states), moment)
    return list(seen.values())


def _has_office(plan: Plan, service: Service) -> bool:
    return plan.queues[service.queue].office in plan.offices


def _days(plan: Plan, since: datetime) -> Iterator[date]:
    first = local_date(plan, since)
    return (first + timedelta(days=ahead) for ahead in range(HORIZON_DAYS))


def _hours_moments(plan: Plan, moments: list[datetime]) -> list[datetime]:
    """Gives one moment for each picture of open and closed, whatever the reasons."""
    offices = plan.offices.values()
    pictures: dict[tuple[bool, ...], datetime] = {}
    for moment in moments:
        pictures.setdefault(tuple(hours_state(plan, each, moment).is_open for each in offices), moment)
    return list(pictures.values())


def _switched(plan: Plan, moment: datetime) -> Iterator[_World]:
    targets = [
        (OverrideScope.LINE, ""),
        *((OverrideScope.SERVICE, str(each)) for each in plan.services),
        *((OverrideScope.QUEUE, str(each)) for each in plan.queues),
        *((OverrideScope.OFFICE, str(each)) for each in plan.offices),
    ]
    actions: list[tuple[OverrideAction, str | None]] = [
        (OverrideAction.OPEN, None),
        (OverrideAction.CLOSED, None),
        (OverrideAction.TO_NUMBER, _SOME_NUMBER),
        *((OverrideAction.TO_QUEUE, str(each)) for each in plan.queues),
    ]
    for scope, target in targets:
        for action, destination in actions:
            yield _with_switch(plan, moment, (scope, target), (action, destination))


def _with_switch(
    plan: Plan, moment: datetime, where: tuple[OverrideScope, str], what: tuple[OverrideAction, str | None]
) -> _World:
    override = Override(
        id="proof",
        scope=where[0],
        target=where[1],
        action=what[0],
        destination=what[1],
        until=moment + timedelta(minutes=1),
        reason="proof",
        author="proof",
        created_at=moment,
    )
    told = f"at {moment:%Y-%m-%d %H:%M} UTC, {where[0]} {where[1]} switched {what[0]} {what[1] or ''}".rstrip()
    return _World(plan=plan, moment=moment, overrides=(override,), told=told)


def _follow(world: _World, service: ServiceId) -> tuple[int, list[DeadEnd]]:
    """Follows a caller from the decision through every way out of every queue; gives the paths and dead ends."""
    first = Facts(service=service, overrides=world.overrides)
    opening = (service or "service down", world.told)
    waiting: list[tuple[Facts, tuple[str, ...]]] = [(first, opening)]
    walked, ends = 0, list[DeadEnd]()
    while waiting:
        facts, path = waiting.pop()
        try:
            decision = decide(world.plan, facts, world.moment)
            queue = world.plan.queues[decision.queue]
        except KeyError as error:
            ends.append(DeadEnd(path=path, why=f"there is no {error}"))
            continue
        if isinstance(decision.destination, NumberDestination):
            walked += 1
            waiting += [(replace(facts, dial_status=each), (*path, f"number: {each}")) for each in _NO_ANSWERS]
            continue
        if isinstance(decision.destination, CentreDestination):
            walked += 1
            waiting.append(_centre_left(facts, path, decision.destination))
            continue
        path = (*path, f"queue {queue.name}")
        if _lets_go(queue) and queue.name not in facts.tried_queues:
            waiting += [(_left(facts, queue, status), (*path, status or "no status")) for status in _ANY_STATUSES]
            continue
        walked += 1
        ends += [DeadEnd(path=path, why=why) for why in _defects(world, facts, decision, queue)]
    return walked, ends


def _centre_left(facts: Facts, path: tuple[str, ...], destination: CentreDestination) -> tuple[Facts, tuple[str, ...]]:
    """Gives a caller whose call a centre's telephone did not take; what it answered makes no difference."""
    place = CentrePlace(centre=destination.centre, place=destination.place)
    after = replace(facts, centre_tried=(*facts.centre_tried, place), centre_status="NOANSWER")
    return after, (*path, f"centre {place.centre}: telephone {place.place + 1}")


def _lets_go(queue: Queue) -> bool:
    return bool(queue.max_wait_s or queue.joinempty or queue.leavewhenempty or queue.capacity)


def _left(facts: Facts, queue: Queue, status: str) -> Facts:
    return replace(facts, tried_queues=(*facts.tried_queues, queue.name), queue_status=status)


def _defects(world: _World, facts: Facts, decision: Decision, queue: Queue) -> Iterator[str]:
    """Gives why a caller should not end in `queue`; who switches a queue open says that somebody is there."""
    plan = world.plan
    is_switched_open = any(each.action in _SAYS_SOMEBODY_IS_THERE for each in world.overrides)
    if queue.name in facts.tried_queues:
        yield f"callers come back to queue {queue.name}, which has let go of them already"
    missing = [each for each in decision.announcements if each not in plan.prompts]
    yield from (f"there is no prompt {each}" for each in missing)
    if queue.office not in plan.offices:
        yield f"there is no office {queue.office}"
    elif not is_switched_open and not hours_state(plan, plan.offices[queue.office], world.moment).is_open:
        yield f"callers wait in queue {queue.name} while its office {queue.office} is closed"
    if not _operators_of(plan, queue.name):
        yield f"no operator answers queue {queue.name}"


def _operators_of(plan: Plan, queue: QueueName) -> list[str]:
    return [each.id for each in plan.operators.values() if any(place.queue == queue for place in each.memberships)]


def _notes(plan: Plan, since: datetime) -> Iterator[Note]:
    yield from _menu_notes(plan)
    yield from _prompt_notes(plan)
    for queue in plan.queues:
        if not _operators_of(plan, queue):
            yield Note(code=NoteCode.QUEUE_WITHOUT_OPERATORS, subject=queue, text=f"nobody answers queue {queue}")
    for operator in plan.operators.values():
        if not operator.memberships:
            text = f"operator {operator.id} answers no queue"
            yield Note(code=NoteCode.OPERATOR_WITHOUT_QUEUE, subject=operator.id, text=text)
    yield from _week_notes(plan, since)
    samples = sum(centre.is_sample for centre in plan.centres.values())
    if samples:
        text = f"{samples} of {len(plan.centres)} centres have sample contacts, no real numbers"
        yield Note(code=NoteCode.SAMPLE_CENTRES, subject="", text=text)


def _reached_menus(plan: Plan) -> set[MenuId]:
    reached, waiting = set[MenuId](), [plan.line.entry_menu]
    while waiting:
        menu = waiting.pop()
        if menu in reached or menu not in plan.menus:
            continue
        reached.add(menu)
        waiting += next_menus(plan.menus[menu])
    return reached


def _menu_notes(plan: Plan) -> Iterator[Note]:
    reached = _reached_menus(plan)
    for menu in plan.menus:
        for subject, text in unnamed_keys(plan, plan.menus[menu]):
            yield Note(code=NoteCode.KEY_NOT_NAMED, subject=subject, text=text)
        if menu not in reached:
            text = f"no key leads to menu {menu}"
            yield Note(code=NoteCode.UNREACHABLE_MENU, subject=menu, text=text)
            continue
        is_one = not any(option.key == plan.line.keys.operator for option in plan.menus[menu].options)
        text = f"keys to a person from menu {menu}: {1 if is_one else 'more than 1'}"
        yield Note(code=NoteCode.KEYS_TO_HUMAN, subject=menu, text=text)


def _prompt_notes(plan: Plan) -> Iterator[Note]:
    heard = {plan.line.greeting, *(each for menu in _reached_menus(plan) for each in heard_prompts(plan, menu))}
    announced = {each.closed_announcement for each in plan.services.values() if each.closed_announcement}
    used = heard | announced | _waiting_prompts(plan) | {plan.line.wrong_key, *_LINE_PROMPTS}
    for prompt in plan.prompts:
        if prompt not in used and not prompt.startswith((*OPERATOR_PROMPTS_BEGIN, *GENERATED_PROMPTS_BEGIN)):
            yield Note(code=NoteCode.UNUSED_PROMPT, subject=prompt, text=f"nothing plays prompt {prompt}")
    known = sorted(heard & set(plan.prompts))
    if known:
        longest = max(known, key=lambda each: _length_s(plan, each))
        text = f"longest prompt before a key is needed: {longest}, about {_length_s(plan, longest)} s (a key stops it)"
        yield Note(code=NoteCode.LONGEST_PROMPT, subject=longest, text=text)


def _waiting_prompts(plan: Plan) -> set[PromptId]:
    """Gives what callers hear in queues."""
    found: set[PromptId | None] = set()
    for waiting in (each.waiting for each in plan.queues.values() if each.waiting is not None):
        speech = waiting.speech
        found |= {waiting.closing_announcement, waiting.empty_announcement}
        found |= {speech.position, speech.next, speech.expected_wait, *speech.comfort} if speech is not None else set()
    return {each for each in found if each is not None}


def _length_s(plan: Plan, prompt: PromptId) -> int:
    text = plan.prompts[prompt].text
    return max(len(text.in_language(language)) for language in Language) // _CHARACTERS_PER_SECOND


def _week_notes(plan: Plan, since: datetime) -> Iterator[Note]:
    """Finds weeks, Monday to Sunday, in which a service never works."""
    services = [each for each in _subjects(plan) if isinstance(each, Service) and _has_office(plan, each)]
    first = local_date(plan, since)
    first += timedelta(days=-first.weekday() % _DAYS_IN_WEEK)
    for monday in (first + timedelta(days=ahead) for ahead in range(0, HORIZON_DAYS, _DAYS_IN_WEEK)):
        days = [monday + timedelta(days=ahead) for ahead in range(_DAYS_IN_WEEK)]
        for service in services:
            states = (state for day in days for _, state in states_of_day(plan, service, day))
            if not any(state.is_open for state in states):
                text = f"service {service.id} never works in the week from {monday}"
                yield Note(code=NoteCode.WEEK_WITHOUT_HOURS, subject=service.id, text=text)
