"""What menus read out: parts of information, hotlines, the contacts of centres; and their generated texts. Pure.

Texts of hotlines and centres are made from the plan when it is read, one prompt each, so that their audio is built
like any other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import assert_never

from routing.languages import Language, Text
from routing.numbers import UKRAINE
from routing.plan import (
    Centre,
    CentreId,
    CentreReading,
    Did,
    Hotline,
    HotlineNumber,
    HotlineReading,
    Information,
    Menu,
    Plan,
    Prompt,
    PromptId,
    RegionQuestion,
)
from routing.spoken_digits import international, spelt_email, spelt_number

HOTLINE_PROMPTS_BEGIN = "hotline-"
CENTRE_PROMPTS_BEGIN = "contacts-"
GENERATED_PROMPTS_BEGIN = (HOTLINE_PROMPTS_BEGIN, CENTRE_PROMPTS_BEGIN)
_ABROAD_END = "-abroad"
_TOLL_FREE = UKRAINE + "800"
"""Numbers that cannot be called from other countries. Source: Ukraine's national numbering plan (ITU bulletin)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What the menus know about a caller."""

    is_inside: bool = True
    """True: calls from inside Ukraine, where short numbers work."""
    today: date | None = None
    """Local date, for centres that are valid for a time only; None: every centre of the plan counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that is read out."""

    id: str
    prompt: PromptId


def is_inside_ukraine(did: Did | None, caller: str | None) -> bool:
    """Tells whether short numbers work for a caller.

    Args:
        did: The number called; None when it is not known.
        caller: The caller's number as E.164; None when withheld.
    """
    if caller is not None and not caller.startswith(UKRAINE):
        return False
    return did is None or did.startswith(_TOLL_FREE)


def parts_of(plan: Plan, menu: Menu, listener: Listener, centre: CentreId | None) -> tuple[Part, ...]:
    """Gives what `menu` reads out to this caller, in order; empty: nothing."""
    match menu.content:
        case None | RegionQuestion():
            return ()
        case Information(parts=parts):
            return tuple(Part(id=each.id, prompt=each.prompt) for each in parts)
        case HotlineReading():
            return tuple(_hotline_part(each, listener) for each in hotlines_for(plan, listener))
        case CentreReading():
            found = None if centre is None else plan.centres.get(centre)
            return () if found is None else (Part(id=found.id, prompt=centre_prompt(found.id)),)
        case _:
            assert_never(menu.content)


def hotlines_for(plan: Plan, listener: Listener) -> tuple[Hotline, ...]:
    """Gives the hotlines that a caller can reach, those for people in danger first."""
    reachable = (each for each in plan.hotlines.values() if _numbers_for(each, listener))
    return tuple(sorted(reachable, key=lambda each: not each.is_danger))


def centre_of(plan: Plan, code: str, today: date | None) -> CentreId | None:
    """Gives the centre that is in charge of the region with the two digits `code`; None: there is none."""
    return next((each.id for each in plan.centres.values() if each.key == code and _is_valid(each, today)), None)


def centre_prompt(centre: CentreId) -> PromptId:
    """Gives the prompt that reads out a centre."""
    return PromptId(f"{CENTRE_PROMPTS_BEGIN}{centre}")


def hotline_prompt(hotline: Hotline, listener: Listener) -> PromptId:
    """Gives the prompt that reads out a hotline."""
    return PromptId(f"{HOTLINE_PROMPTS_BEGIN}{hotline.id}" + ("" if listener.is_inside else _ABROAD_END))


def generated_prompts(hotlines: Iterable[Hotline], centres: Iterable[Centre]) -> tuple[Prompt, ...]:
    """Gives the prompts that read out hotlines, inside Ukraine and abroad, and centres."""
    listeners = (Listener(is_inside=True), Listener(is_inside=False))
    told = tuple(
        Prompt(id=hotline_prompt(each, listener), text=_in_both(partial(_tell, each, listener)))
        for each in hotlines
        for listener in listeners
        if _numbers_for(each, listener)
    )
    return (*told, *(Prompt(id=centre_prompt(each.id), text=centre_text(each)) for each in centres))


def centre_text(centre: Centre) -> Text:
    """Gives what is read out about a centre; of one with sample contacts, that they are not known yet."""
    return _in_both(lambda language: _tell_centre(centre, language))


def _is_valid(centre: Centre, today: date | None) -> bool:
    if today is None:
        return True
    begins, ends = centre.valid_from or today, centre.valid_until
    return begins <= today and (ends is None or today < ends)


def _hotline_part(hotline: Hotline, listener: Listener) -> Part:
    return Part(id=hotline.id, prompt=hotline_prompt(hotline, listener))


def _numbers_for(hotline: Hotline, listener: Listener) -> tuple[HotlineNumber, ...]:
    return tuple(each for each in hotline.numbers if listener.is_inside or not each.is_short)


def _in_both(tell: Callable[[Language], str]) -> Text:
    return Text(uk=tell(Language.UK), en=tell(Language.EN))


_NUMBER = Text(uk="Номер", en="The number")
_ANOTHER_NUMBER = Text(uk="Ще один номер", en="Another number")
_PHONE = Text(uk="Телефон", en="Telephone")
_ANOTHER_PHONE = Text(uk="Ще один телефон", en="Another telephone")
_ADDRESS = Text(uk="Адреса", en="Address")
_HOURS = Text(uk="Години роботи", en="Working hours")
_EMAIL = Text(uk="Електронна пошта", en="E-mail")
_AGAIN = Text(uk="Повторюю", en="Again")
_FROM_ABROAD = Text(
    uk="З деяких країн цей номер може бути недоступний.", en="It may not be possible to call it from every country."
)
_NOT_KNOWN = Text(
    uk="Перевірених адреси й телефону цього центру на лінії ще немає. Їх допоможе знайти оператор.",
    en="The line does not have a verified address and telephone of this centre yet. An operator will help you find it.",
)


def _tell(hotline: Hotline, listener: Listener, language: Language) -> str:
    sentences = [_sentence(hotline.title, language)]
    for index, each in enumerate(_numbers_for(hotline, listener)):
        number = each.number if listener.is_inside else international(each.number)
        sentences.append(
            _twice(each.label or (_ANOTHER_NUMBER if index else _NUMBER), spelt_number(number, language), language)
        )
    if hotline.hours is not None:
        sentences.append(_named(_HOURS, hotline.hours.in_language(language), language))
    if not listener.is_inside:
        sentences.append(_FROM_ABROAD.in_language(language))
    return " ".join(sentences)


def _tell_centre(centre: Centre, language: Language) -> str:
    sentences = [_sentence(centre.region, language), _sentence(centre.name, language)]
    if centre.is_sample:
        return " ".join((*sentences, _NOT_KNOWN.in_language(language)))
    if centre.address is not None:
        sentences.append(_named(_ADDRESS, centre.address.in_language(language), language))
    if centre.hours_text is not None:
        sentences.append(_named(_HOURS, centre.hours_text.in_language(language), language))
    for index, phone in enumerate(centre.phones):
        sentences.append(_twice(_ANOTHER_PHONE if index else _PHONE, spelt_number(phone, language), language))
    if centre.email is not None:
        sentences.append(_twice(_EMAIL, spelt_email(centre.email, language), language))
    if centre.other is not None:
        sentences.append(_sentence(centre.other, language))
    return " ".join(sentences)


def _sentence(text: Text, language: Language) -> str:
    told = text.in_language(language)
    return told if told.endswith((".", "!", "?")) else f"{told}."


def _named(name: Text, value: str, language: Language) -> str:
    return f"{name.in_language(language)}: {value.removesuffix('.')}."


def _twice(name: Text, value: str, language: Language) -> str:
    """Gives a value and the same once more, for who writes it down."""
    return f"{_named(name, value, language)} {_named(_AGAIN, value, language)}"
