"""The walk through the menus: what is asked, and what an answer leads to. Pure; sound and keys are others' business.

Every walk ends: silence and wrong keys lead to an operator after the menu's number of tries, anything else after
`ANSWERS_LIMIT` answers (a stuck key would repeat for ever).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.plan import Language, Menu, MenuId, MenuOption, Plan, PromptId, ServiceId, ToMenu, ToService
from routing.reasons import Reason, ReasonCode, because, because_titled

ANSWERS_LIMIT = 20
"""Answers of any kind after which an operator takes the call."""
SILENCE_MARK = "t"
"""How a silence stands among the keys of a walk, as in `--keys`."""


class MenuOutcome(StrEnum):
    """What asking for a key brought."""

    MATCH = "match"
    NO_INPUT = "no_input"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The caller pressed a key: one of 0-9, `*`, `#`, A-D."""

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
    parents: tuple[MenuId, ...] = ()
    """Menus on the way here, the entry first."""
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
    """Play the prompts and wait for a key."""

    position: Position
    prompts: tuple[PromptId, ...]
    accepted: str
    """The keys that mean something here; any other is a wrong key."""
    timeout_s: int
    """Silence after the end of the prompts that counts as no input."""
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


Step = Ask | Chosen


def enter(plan: Plan, menu: MenuId, language: Language) -> Ask:
    """Gives the first question of `menu`. The line's greeting is not part of it."""
    return _ask(plan, Position(menu=menu, language=language))


def start(plan: Plan, language: Language | None = None) -> Ask:
    """Gives the first question of a call: the greeting and the entry menu."""
    ask = enter(plan, plan.line.entry_menu, language or plan.line.languages[0])
    return replace(ask, prompts=(plan.line.greeting, *ask.prompts))


def answer(plan: Plan, position: Position, given: Answer) -> Step:
    """Gives what follows when a caller at `position` presses a key or stays silent."""
    menu = plan.menus[position.menu]
    key = given.key if isinstance(given, Key) else ""
    after = replace(position, keys=(*position.keys, key or SILENCE_MARK))
    outcome = _outcome(plan, menu, key)
    answered = Answered(menu=menu.id, outcome=outcome, key=key, language=position.language, attempt=position.attempt)
    step = _react(plan, menu, after, key, answered)
    if isinstance(step, Ask) and len(after.keys) >= ANSWERS_LIMIT:
        return _to_operator(plan, after, because(ReasonCode.TOO_MANY_ANSWERS), answered)
    return step


def accepted_keys(plan: Plan, menu: Menu) -> str:
    """Gives the keys that mean something in `menu`: its options, then the reserved ones."""
    keys = plan.line.keys
    language = (keys.language,) if len(plan.line.languages) > 1 else ()
    reserved = (keys.operator, keys.detention, *language, keys.repeat, keys.back)
    return "".join((*(option.key for option in menu.options), *reserved))


def _outcome(plan: Plan, menu: Menu, key: str) -> MenuOutcome:
    if not key:
        return MenuOutcome.NO_INPUT
    is_known = len(key) == 1 and key in accepted_keys(plan, menu)
    return MenuOutcome.MATCH if is_known else MenuOutcome.NO_MATCH


def _react(plan: Plan, menu: Menu, after: Position, key: str, answered: Answered) -> Step:
    match answered.outcome:
        case MenuOutcome.NO_INPUT:
            return _silent(plan, menu, after, answered)
        case MenuOutcome.NO_MATCH:
            return _wrong(plan, menu, after, answered)
        case MenuOutcome.MATCH:
            option = next((each for each in menu.options if each.key == key), None)
            if option is None:
                return _reserved(plan, after, key, answered)
            return _follow(plan, after, option, answered)


def _silent(plan: Plan, menu: Menu, after: Position, answered: Answered) -> Step:
    silences = after.no_inputs + 1
    if silences >= menu.no_input_tries:
        return _to_operator(plan, after, because(ReasonCode.SILENCE, menu=menu.id), answered)
    return _ask(plan, replace(after, no_inputs=silences, attempt=after.attempt + 1), answered=answered)


def _wrong(plan: Plan, menu: Menu, after: Position, answered: Answered) -> Step:
    wrong_keys = after.no_matches + 1
    if wrong_keys >= menu.no_match_tries:
        return _to_operator(plan, after, because(ReasonCode.WRONG_KEYS, menu=menu.id), answered)
    again = replace(after, no_matches=wrong_keys, attempt=after.attempt + 1)
    return _ask(plan, again, first=(plan.line.wrong_key,), answered=answered)


def _reserved(plan: Plan, after: Position, key: str, answered: Answered) -> Step:
    keys = plan.line.keys
    if key == keys.operator:
        return _to_operator(plan, after, because(ReasonCode.KEY_OPERATOR, key=key), answered)
    if key == keys.detention:
        why = because(ReasonCode.KEY_DETENTION, key=key)
        return _chosen(after, plan.line.detention_service, why, answered)
    if key == keys.language:
        entry = Position(menu=plan.line.entry_menu, language=_other_language(plan, after.language), keys=after.keys)
        return _ask(plan, entry, answered=answered)
    if key == keys.back and after.parents:
        return _ask(plan, _moved(after, after.parents[-1], after.parents[:-1]), answered=answered)
    return _ask(plan, replace(after, attempt=after.attempt + 1), answered=answered)


def _follow(plan: Plan, after: Position, option: MenuOption, answered: Answered) -> Step:
    match option.target:
        case ToService() as target:
            why = because_titled(ReasonCode.MENU_OPTION, option.title, key=option.key, menu=answered.menu)
            return _chosen(after, target.service, why, answered)
        case ToMenu() as target:
            return _ask(plan, _moved(after, target.menu, (*after.parents, after.menu)), answered=answered)


def _moved(after: Position, menu: MenuId, parents: tuple[MenuId, ...]) -> Position:
    return Position(menu=menu, language=after.language, parents=parents, keys=after.keys)


def _ask(plan: Plan, position: Position, *, first: Iterable[PromptId] = (), answered: Answered | None = None) -> Ask:
    menu = plan.menus[position.menu]
    return Ask(
        position=position,
        prompts=(*first, menu.prompt),
        accepted=accepted_keys(plan, menu),
        timeout_s=menu.timeout_s,
        answered=answered,
    )


def _to_operator(plan: Plan, after: Position, why: Reason, answered: Answered) -> Chosen:
    return _chosen(after, plan.line.operator_service, why, answered)


def _chosen(after: Position, service: ServiceId, why: Reason, answered: Answered) -> Chosen:
    return Chosen(service=service, language=after.language, keys=after.keys, why=why, answered=answered)


def _other_language(plan: Plan, language: Language) -> Language:
    languages = plan.line.languages
    return languages[(languages.index(language) + 1) % len(languages)] if language in languages else languages[0]
