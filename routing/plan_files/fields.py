"""The kinds of values that stand in a plan's files, each with what to write instead when it is wrong."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from routing.plan import MinuteRange, WeeklyHours
from routing.plan_files.hours import ALWAYS, ALWAYS_HOURS, HoursError, parse_ranges, parse_week

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\"\\;&<>|`$\[\]{}]")
"""Characters that mean something to Asterisk's files, its dialplan or the speech synthesiser."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+\.[a-z][a-z0-9-]*)\}")
_LONGEST_TITLE_CHARS = 120
_LONGEST_PROMPT_CHARS = 2_000

_Item = TypeVar("_Item")


def defect(message: str, mend: str) -> PydanticCustomError:
    """Gives the error of a wrong value, with its mend."""
    return PydanticCustomError("defect", "{told}", {"told": message, "mend": mend})


def placeholders(text: str) -> list[str]:
    """Gives the names of the `{kind.id}` in a prompt's text."""
    return _PLACEHOLDER.findall(text)


def fill_placeholders(text: str, value_of: Callable[[str], str]) -> str:
    """Gives the text with each `{kind.id}` replaced."""
    return _PLACEHOLDER.sub(lambda found: value_of(found[1]), text)


def _matching(pattern: str, mend: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise defect(f"`{value[:60]}` cannot stand here", mend)
        return value

    return AfterValidator(check)


def _refuse_forbidden(text: str) -> None:
    if found := _FORBIDDEN.search(text):
        character = found[0] if found[0].isprintable() else f"U+{ord(found[0]):04X}"
        raise defect(f"the character {character} is not allowed in texts", "use plain words, and «…» for quotes")


def _check_title(value: str) -> str:
    text = value.strip()
    _refuse_forbidden(text)
    return _check_length(text, _LONGEST_TITLE_CHARS)


def _check_prompt(value: str) -> str:
    text = " ".join(value.split())
    _refuse_forbidden(_PLACEHOLDER.sub("", text))
    return _check_length(text, _LONGEST_PROMPT_CHARS)


def _check_length(text: str, limit_chars: int) -> str:
    if not text:
        raise defect("the text is empty", "write the text")
    if len(text) > limit_chars:
        raise defect(f"the text has {len(text)} characters", f"use at most {limit_chars}")
    return text


def _week(value: object) -> WeeklyHours:
    if value == ALWAYS:
        return ALWAYS_HOURS
    if not isinstance(value, dict) or not value or not all(isinstance(each, str) for each in value.values()):
        raise defect("no weekly hours", "write `always`, or rows like `mon-fri: 08:00-18:00`")
    try:
        return parse_week(value)
    except HoursError as error:
        raise _hours_defect(error) from error


def _ranges(value: object) -> tuple[MinuteRange, ...]:
    try:
        return parse_ranges(str(value))
    except HoursError as error:
        raise _hours_defect(error) from error


def _hours_defect(error: HoursError) -> PydanticCustomError:
    message, _, mend = str(error).rpartition(": ")
    return defect(message, mend)


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise defect(f"`{str(value)[:40]}` is no date", "write year-month-day: 2026-08-24") from error


def _empty_list(value: object) -> object:
    return [] if value is None else value


def _no_repeats(values: tuple[_Item, ...]) -> tuple[_Item, ...]:
    repeated = sorted({str(each) for each in values if values.count(each) > 1})
    if repeated:
        raise defect(f"{', '.join(repeated)} more than once", "keep each once")
    return values


OfficeKey = Annotated[
    str, _matching(r"[a-z][a-z0-9-]{0,31}", "write an office's id: small Latin letters, digits, hyphens")
]
QueueKey = Annotated[
    str, _matching(r"[a-z][a-z0-9-]{0,31}", "write a queue's name: small Latin letters, digits, hyphens")
]
MenuKey = Annotated[str, _matching(r"[a-z][a-z0-9-]{0,31}", "write a menu's id: small Latin letters, digits, hyphens")]
ServiceKey = Annotated[
    str, _matching(r"[a-z][a-z0-9_-]{0,31}", "write a service's id: small Latin letters, digits, hyphens")
]
PromptKey = Annotated[
    str, _matching(r"[a-z][a-z0-9-]{0,47}", "write a prompt's name: small Latin letters, digits, hyphens")
]
OperatorKey = Annotated[
    str, _matching(r"[a-z][a-z0-9]{0,15}", "write an account: at most 16 small Latin letters and digits")
]
EntryKey = Annotated[str, _matching(r"[a-z][a-z0-9-]{0,31}", "write an id: small Latin letters, digits, hyphens")]
FieldKey = Annotated[
    str, _matching(r"[a-z][a-z0-9_]{0,31}", "write a field's id: small Latin letters, digits, underscores")
]
PhoneKey = Annotated[str, _matching(r"[0-9*#]", "write one key of a telephone, in quotes: `0`-`9`, `*` or `#`")]
OptionKey = Annotated[str, _matching(r"[1-9]", "write one key in quotes: `1`-`9`")]
E164 = Annotated[
    str, _matching(r"\+[1-9][0-9]{7,14}", "write the number in international form: `+380800213103`, in quotes")
]
ShownNumber = Annotated[
    str, _matching(r"[0-9]{3,15}", "write the digits as people dial them inside Ukraine: `0800507309`, `1545`")
]
Email = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", "write an address: `name@example.org`"
    ),
]
RegionCode = Annotated[str, _matching(r"[1-9][0-9]", "write the two digits of the area code after the 0: `54`")]
IsoCode = Annotated[str, _matching(r"UA-[0-9]{2}", "write the ISO 3166-2 code: `UA-59`")]
Sha256 = Annotated[str, _matching(r"[0-9a-f]{64}", "let `hotline prompts import` write this file")]
TextHash = Annotated[str, _matching(r"[0-9a-f]{16}", "let `hotline prompts import` write this file")]
ListedCondition = Literal[
    "paused", "penalty", "inuse", "ringing", "unavailable", "invalid", "unknown", "wrapup"
]  # fmt: skip
"""Source: `joinempty` in configs/samples/queues.conf.sample of Asterisk 22."""
Title = Annotated[str, AfterValidator(_check_title)]
PromptText = Annotated[str, AfterValidator(_check_prompt)]
Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]
Week = Annotated[WeeklyHours, PlainValidator(_week, json_schema_input_type=Literal["always"] | dict[str, str])]
DayRanges = Annotated[tuple[MinuteRange, ...], PlainValidator(_ranges, json_schema_input_type=str)]
Listed: TypeAlias = Annotated[tuple[_Item, ...], BeforeValidator(_empty_list), AfterValidator(_no_repeats)]
"""A list in which nothing stands twice; left empty it has no items."""
Rows: TypeAlias = Annotated[tuple[_Item, ...], BeforeValidator(_empty_list)]
"""A list of tables; left empty it has no items."""
Seconds = Annotated[int, Field(ge=1, le=3_600)]
Tries = Annotated[int, Field(ge=1, le=5)]
"""More tries than this keep a caller from a person for too long."""
