"""The walk through the menus: what is asked, and what an answer leads to. Pure; sound and keys are others' business.

Menus may read something out before they ask: information in parts, hotlines, a region's centre. Every walk ends:
silence and wrong keys lead to an operator after the menu's number of tries, silence after a part to the next part and
after the last to an operator, anything else after `ANSWERS_LIMIT` answers (a stuck key would repeat for ever).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from routing.languages import Language
from routing.plan import (
    CentreId,
    CentreReading,
    HotlineReading,
    Information,
    Menu,
    MenuAction,
    MenuId,
    MenuOption,
    Plan,
    PromptId,
    RegionQuestion,
    ServiceId,
    ToAction,
    ToMenu,
    ToService,
)
from routing.readings import Listener, Part, centre_of, parts_of
from routing.reasons import Reason, ReasonCode, because, because_titled

ANSWERS_LIMIT = 30
"""Answers of any kind after which an operator takes the call."""
CODE_DIGITS = 2
"""Digits of a region's code."""
NEXT_DIGIT_S = 2
"""While a code is keyed, so much silence after a digit ends the answer: a lone 4 is a report of a detention."""
ANYBODY = Listener()
"""A caller of whom nothing is known: short numbers are told."""
SILENCE_MARK = "t"
"""How a silence stands among the keys of a walk, as in `--keys`."""


class MenuOutcome(StrEnum):
    """What asking for a key brought."""

    MATCH = "match"
    NO_INPUT = "no_input"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The caller pressed a key: one of 0-9, `*`, `#`, A-D; or the two digits of a code."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The caller pressed nothing in time."""


Answer = Key | Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a caller stands in the menus."""

    menu: MenuId
    language: Language
    listener: Listener = ANYBODY
    parents: tuple[MenuId, ...] = ()
    """Menus on the way here, the entry first."""
    part: int = 0
    """Which of the menu's parts was read out last, counted from 0."""
    centre: CentreId | None = None
    """Centre of the region that the caller named."""
    attempt: int = 1
    """How many times this menu has asked since the caller came to it, this time included."""
    no_inputs: int = 0
    no_matches: int = 0
    """Silences and wrong keys in this menu."""
    keys: tuple[str, ...] = ()
    """All answers so far; a silence is `SILENCE_MARK`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer as the log tells it."""

    menu: MenuId
    outcome: MenuOutcome
    key: str
    """Empty for silence."""
    language: Language
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Play the prompts and wait for an answer."""

    position: Position
    prompts: tuple[PromptId, ...]
    accepted: str
    """The keys that mean something here; any other is a wrong key."""
    timeout_s: int
    """Silence after the end of the prompts that counts as no input."""
    digits: int = 1
    """How many digits an answer may have."""
    alone: str = ""
    """Keys that are a whole answer at once, though an answer may have more digits."""
    part: Part | None = None
    """What is read out; None: nothing."""
    part_ends: int = 0
    """How many of the prompts, from the first, a caller must have heard to know the part."""
    answered: Answered | None = None
    """The answer that led here; None at the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The menus are over: the caller wants this service."""

    service: ServiceId
    language: Language
    keys: tuple[str, ...]
    why: Reason
    answered: Answered
    centre: CentreId | None = None
    """The centre that the caller wants to speak to; None: an operator."""


Step = Ask | Chosen


def start(plan: Plan, language: Language | None = None, listener: Listener | None = None) -> Ask:
    """Gives the first question of a call: the greeting and the entry menu."""
    ask = enter(plan, plan.line.entry_menu, language or plan.line.languages[0], listener)
    return replace(ask, prompts=(plan.line.greeting, *ask.prompts))


def enter(plan: Plan, menu: MenuId, language: Language, listener: Listener | None = None) -> Ask:
    """Gives the question of `menu`, without the line's greeting and without what the menu reads out."""
    return _ask(plan, Position(menu=menu, language=language, listener=listener or ANYBODY))


def is_whole(ask: Ask, typed: str) -> bool:
    """Tells whether the digits so far are an answer, with no need to wait for another one."""
    return len(typed) >= ask.digits or (len(typed) == 1 and typed in ask.alone)


def answer(plan: Plan, position: Position, given: Answer) -> Step:
    """Gives what follows when a caller at `position` presses a key or stays silent."""
    menu = plan.menus[position.menu]
    key = given.key if isinstance(given, Key) else ""
    after = replace(position, keys=(*position.keys, key or SILENCE_MARK))
    outcome = _outcome(plan, menu, position, key)
    answered = Answered(menu=menu.id, outcome=outcome, key=key, language=position.language, attempt=position.attempt)
    step = _react(plan, menu, after, key, answered)
    if isinstance(step, Ask) and len(after.keys) >= ANSWERS_LIMIT:
        return _to_operator(plan, menu, after, because(ReasonCode.TOO_MANY_ANSWERS), answered)
    return step


def operator_service(plan: Plan, menu: MenuId | None) -> ServiceId:
    """Gives the service whose operator takes a caller who wants one in `menu`; None: outside of the menus."""
    found = None if menu is None else plan.menus.get(menu)
    return (found.service if found is not None else None) or plan.line.operator_service


def next_menus(menu: Menu) -> tuple[MenuId, ...]:
    """Gives the menus that `menu` leads to."""
    targets = tuple(option.target.menu for option in menu.options if isinstance(option.target, ToMenu))
    return (*targets, menu.content.contact_menu) if isinstance(menu.content, RegionQuestion) else targets


def accepted_keys(plan: Plan, position: Position) -> str:
    """Gives the keys that mean something at `position`: the options of the menu, then the reserved ones."""
    menu, keys = plan.menus[position.menu], plan.line.keys
    language = (keys.language,) if len(plan.line.languages) > 1 else ()
    reserved = (keys.operator, keys.detention, *language, keys.repeat, keys.back)
    return "".join((*(option.key for option in _options(plan, menu, position)), *reserved))


def _options(plan: Plan, menu: Menu, position: Position) -> tuple[MenuOption, ...]:
    """Gives the options that hold at `position`: after the last part there is no next one."""
    if not _is_last(plan, menu, position):
        return menu.options
    return tuple(each for each in menu.options if each.target != ToAction(action=MenuAction.NEXT))


def _is_last(plan: Plan, menu: Menu, position: Position) -> bool:
    return position.part + 1 >= len(parts_of(plan, menu, position.listener, position.centre))


def _outcome(plan: Plan, menu: Menu, position: Position, key: str) -> MenuOutcome:
    if not key:
        return MenuOutcome.NO_INPUT
    is_known = len(key) == 1 and key in accepted_keys(plan, position)
    return MenuOutcome.MATCH if is_known or _region(plan, menu, position, key) else MenuOutcome.NO_MATCH


def _region(plan: Plan, menu: Menu, position: Position, key: str) -> CentreId | None:
    """Gives the centre of the region that a code names; None: the menu asks for no code, or no region has it."""
    is_asked = isinstance(menu.content, RegionQuestion) and len(key) == CODE_DIGITS
    return centre_of(plan, key, position.listener.today) if is_asked else None


def _react(plan: Plan, menu: Menu, after: Position, key: str, answered: Answered) -> Step:
    match answered.outcome:
        case MenuOutcome.NO_INPUT:
            return _silent(plan, menu, after, answered)
        case MenuOutcome.NO_MATCH:
            return _wrong(plan, menu, after, answered)
        case MenuOutcome.MATCH:
            return _known(plan, menu, after, key, answered)


def _silent(plan: Plan, menu: Menu, after: Position, answered: Answered) -> Step:
    """Goes on with the next part, else asks again, else gives up: who says nothing may have no keys at all."""
    if not _is_last(plan, menu, after):
        return _arrive(plan, _next_part(after), answered)
    silences = after.no_inputs + 1
    if silences >= menu.no_input_tries:
        return _to_operator(plan, menu, after, because(ReasonCode.SILENCE, menu=menu.id), answered)
    return _ask(plan, replace(after, no_inputs=silences, attempt=after.attempt + 1), answered=answered)


def _wrong(plan: Plan, menu: Menu, after: Position, answered: Answered) -> Step:
    wrong_keys = after.no_matches + 1
    if wrong_keys >= menu.no_match_tries:
        return _to_operator(plan, menu, after, because(ReasonCode.WRONG_KEYS, menu=menu.id), answered)
    again = replace(after, no_matches=wrong_keys, attempt=after.attempt + 1)
    said = menu.content.unknown if isinstance(menu.content, RegionQuestion) else plan.line.wrong_key
    return _ask(plan, again, first=(said,), answered=answered)


def _known(plan: Plan, menu: Menu, after: Position, key: str, answered: Answered) -> Step:
    centre = _region(plan, menu, after, key)
    if centre is not None and isinstance(menu.content, RegionQuestion):
        return _arrive(plan, replace(_moved(plan, after, menu.content.contact_menu), centre=centre), answered)
    option = next((each for each in menu.options if each.key == key), None)
    if option is None:
        return _reserved(plan, menu, after, key, answered)
    return _follow(plan, menu, after, option, answered)


def _reserved(plan: Plan, menu: Menu, after: Position, key: str, answered: Answered) -> Step:
    keys = plan.line.keys
    if key == keys.operator:
        return _to_operator(plan, menu, after, because(ReasonCode.KEY_OPERATOR, key=key), answered)
    if key == keys.detention:
        why = because(ReasonCode.KEY_DETENTION, key=key)
        return _chosen(after, plan.line.detention_service, why, answered)
    if key == keys.language:
        language = _other_language(plan, after.language)
        return _arrive(plan, replace(_fresh(after), language=language), answered)
    if key == keys.back and after.parents:
        return _arrive(plan, _moved(plan, after, after.parents[-1]), answered)
    return _arrive(plan, replace(after, attempt=after.attempt + 1), answered)


def _follow(plan: Plan, menu: Menu, after: Position, option: MenuOption, answered: Answered) -> Step:
    match option.target:
        case ToService() as target:
            why = because_titled(ReasonCode.MENU_OPTION, option.title, key=option.key, menu=answered.menu)
            return _chosen(after, target.service, why, answered)
        case ToMenu() as target:
            return _arrive(plan, _moved(plan, after, target.menu), answered)
        case ToAction(action=action):
            is_next = action is MenuAction.NEXT
            next_part = _arrive(plan, _next_part(after), answered) if is_next else None
            return next_part or _to_centre(plan, menu, after, option, answered)
        case _:
            assert_never(option.target)


def _to_centre(plan: Plan, menu: Menu, after: Position, option: MenuOption, answered: Answered) -> Chosen:
    centre = None if after.centre is None else plan.centres.get(after.centre)
    if centre is None:
        return _to_operator(plan, menu, after, because(ReasonCode.NOTHING_TO_READ, menu=menu.id), answered)
    why = because_titled(ReasonCode.CENTRE_CHOSEN, centre.region, key=option.key, centre=centre.id)
    return replace(_chosen(after, operator_service(plan, menu.id), why, answered), centre=centre.id)


def _next_part(after: Position) -> Position:
    return replace(_fresh(after), part=after.part + 1)


def _fresh(after: Position) -> Position:
    """Gives the position with tries that begin anew."""
    return replace(after, attempt=1, no_inputs=0, no_matches=0)


def _moved(plan: Plan, after: Position, menu: MenuId) -> Position:
    """Gives the position in another menu; one on the way here is gone back to, so that `back` never goes round."""
    way = (*after.parents, after.menu)
    parents = way[: way.index(menu)] if menu in way else way
    centre = after.centre if isinstance(plan.menus[menu].content, CentreReading) else None
    return replace(_fresh(after), menu=menu, parents=parents, part=0, centre=centre)


def _arrive(plan: Plan, position: Position, answered: Answered) -> Step:
    """Gives the question of a menu together with what it reads out."""
    menu = plan.menus[position.menu]
    parts = parts_of(plan, menu, position.listener, position.centre)
    if position.part < len(parts):
        part = parts[position.part]
        ask = _ask(plan, position, first=(part.prompt,), answered=answered)
        return replace(ask, part=part, part_ends=1)
    if menu.content is None or isinstance(menu.content, RegionQuestion):
        return _ask(plan, position, answered=answered)
    return _to_operator(plan, menu, position, because(ReasonCode.NOTHING_TO_READ, menu=menu.id), answered)


def _ask(plan: Plan, position: Position, *, first: tuple[PromptId, ...] = (), answered: Answered | None = None) -> Ask:
    menu, keys = plan.menus[position.menu], plan.line.keys
    accepted = accepted_keys(plan, position)
    is_code = isinstance(menu.content, RegionQuestion)
    return Ask(
        position=position,
        prompts=(*first, _question(plan, menu, position)),
        accepted=accepted,
        timeout_s=menu.timeout_s,
        digits=CODE_DIGITS if is_code else 1,
        alone="".join(each for each in accepted if each != keys.detention) if is_code else "",
        answered=answered,
    )


def _question(plan: Plan, menu: Menu, position: Position) -> PromptId:
    match menu.content:
        case Information(last_prompt=last) | HotlineReading(last_prompt=last) if _is_last(plan, menu, position):
            return last
        case _:
            return menu.prompt


def _to_operator(plan: Plan, menu: Menu, after: Position, why: Reason, answered: Answered) -> Chosen:
    return _chosen(after, operator_service(plan, menu.id), why, answered)


def _chosen(after: Position, service: ServiceId, why: Reason, answered: Answered) -> Chosen:
    return Chosen(service=service, language=after.language, keys=after.keys, why=why, answered=answered)


def _other_language(plan: Plan, language: Language) -> Language:
    languages = plan.line.languages
    return languages[(languages.index(language) + 1) % len(languages)] if language in languages else languages[0]
