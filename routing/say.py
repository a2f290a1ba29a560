"""Numbers, minutes and hours as callers hear them: rows of prompts, in correct Ukrainian and English. Pure.

What is known only while a call is on (a position, a waiting time, a registration number) is put together from these
pieces. `say_prompts` gives their texts; every plan holds them, and they are built and recorded like all others.
The same row of pieces is right in both languages: each piece says in each what stands at that place.
"""

from collections.abc import Iterator
from enum import StrEnum

from routing.languages import Text
from routing.plan import Prompt, PromptId

SAY_BEGINS = "say-"
"""How the ids of the pieces begin; a plan's own prompts may not."""
ASTERISK_BEGINS = "asterisk-"
"""How the ids of texts begin that Asterisk plays by itself (`routing.asterisk_sounds`)."""
RESERVED_BEGINS = (SAY_BEGINS, ASTERISK_BEGINS)
"""How ids of prompts begin that no plan's own files may hold."""
LARGEST_NUMBER = 999

_DIGITS = frozenset("0123456789")
_TEEN_END, _TEN, _HUNDRED = 20, 10, 100
_FEMININE = (1, 2)
"""Numbers that have a feminine of their own: одна, дві."""
_ONE, _FEW_END = 1, 5

_UNITS = (
    Text(uk="нуль", en="zero"),
    Text(uk="один", en="one"),
    Text(uk="два", en="two"),
    Text(uk="три", en="three"),
    Text(uk="чотири", en="four"),
    Text(uk="п'ять", en="five"),
    Text(uk="шість", en="six"),
    Text(uk="сім", en="seven"),
    Text(uk="вісім", en="eight"),
    Text(uk="дев'ять", en="nine"),
    Text(uk="десять", en="ten"),
    Text(uk="одинадцять", en="eleven"),
    Text(uk="дванадцять", en="twelve"),
    Text(uk="тринадцять", en="thirteen"),
    Text(uk="чотирнадцять", en="fourteen"),
    Text(uk="п'ятнадцять", en="fifteen"),
    Text(uk="шістнадцять", en="sixteen"),
    Text(uk="сімнадцять", en="seventeen"),
    Text(uk="вісімнадцять", en="eighteen"),
    Text(uk="дев'ятнадцять", en="nineteen"),
)
_ROUND = {
    20: Text(uk="двадцять", en="twenty"),
    30: Text(uk="тридцять", en="thirty"),
    40: Text(uk="сорок", en="forty"),
    50: Text(uk="п'ятдесят", en="fifty"),
    60: Text(uk="шістдесят", en="sixty"),
    70: Text(uk="сімдесят", en="seventy"),
    80: Text(uk="вісімдесят", en="eighty"),
    90: Text(uk="дев'яносто", en="ninety"),
    100: Text(uk="сто", en="one hundred"),
    200: Text(uk="двісті", en="two hundred"),
    300: Text(uk="триста", en="three hundred"),
    400: Text(uk="чотириста", en="four hundred"),
    500: Text(uk="п'ятсот", en="five hundred"),
    600: Text(uk="шістсот", en="six hundred"),
    700: Text(uk="сімсот", en="seven hundred"),
    800: Text(uk="вісімсот", en="eight hundred"),
    900: Text(uk="дев'ятсот", en="nine hundred"),
}
_WITH_FEMININE = {1: Text(uk="одна", en="one"), 2: Text(uk="дві", en="two")}


class NounForm(StrEnum):
    """Which form of a noun stands after a number; the value ends the prompt's id.

    Source: the Ukrainian orthography of 2019 and grammars of numerals: одна хвилина, двадцять одна хвилина, дві
    хвилини, п'ять хвилин, одинадцять хвилин. English tells only `SINGLE` apart.
    """

    SINGLE = "single"
    """After exactly one."""
    ONE = "one"
    """After 21, 31, 101…, not after 11."""
    FEW = "few"
    """After 2-4, 22-24…, not after 12-14."""
    MANY = "many"
    """After all others, 0 too."""


_NOUNS = {
    "minute": {
        NounForm.SINGLE: Text(uk="хвилина", en="minute"),
        NounForm.ONE: Text(uk="хвилина", en="minutes"),
        NounForm.FEW: Text(uk="хвилини", en="minutes"),
        NounForm.MANY: Text(uk="хвилин", en="minutes"),
    },
    "hour": {
        NounForm.SINGLE: Text(uk="година", en="hour"),
        NounForm.ONE: Text(uk="година", en="hours"),
        NounForm.FEW: Text(uk="години", en="hours"),
        NounForm.MANY: Text(uk="годин", en="hours"),
    },
}


def digits(text: str) -> tuple[PromptId, ...]:
    """Gives the digits of `text`, one by one; whatever is no digit is left out.

    Example: `digits("0800")` gives `say-0`, `say-8`, `say-0`, `say-0`.
    """
    return tuple(PromptId(f"{SAY_BEGINS}{each}") for each in text if each in _DIGITS)


def number(value: int, *, feminine: bool = False) -> tuple[PromptId, ...]:
    """Gives a cardinal number in words: `say-200`, `say-40`, `say-1`.

    Args:
        value: From 0 to `LARGEST_NUMBER`.
        feminine: True before a feminine noun: одна, дві.

    Raises:
        ValueError: There are no words for so small or so large a number.
    """
    if not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"{value}: only 0 to {LARGEST_NUMBER} can be said")
    return tuple(
        PromptId(f"{SAY_BEGINS}{part}{'-f' if feminine and part in _FEMININE else ''}") for part in _parts(value)
    )


def minutes(count: int) -> tuple[PromptId, ...]:
    """Gives a number of minutes: `say-2-f`, `say-minute-few` (дві хвилини). Raises as `number`."""
    return _counted(count, "minute")


def hours(count: int) -> tuple[PromptId, ...]:
    """Gives a number of hours: `say-5`, `say-hour-many` (п'ять годин). Raises as `number`."""
    return _counted(count, "hour")


def noun_form(count: int) -> NounForm:
    """Gives which form of a noun stands after `count` (not negative)."""
    last = count % _TEN
    if count == _ONE:
        return NounForm.SINGLE
    if _TEN <= count % _HUNDRED < _TEEN_END or last == 0 or last >= _FEW_END:
        return NounForm.MANY
    return NounForm.ONE if last == _ONE else NounForm.FEW


def say_prompts() -> dict[PromptId, Prompt]:
    """Gives every piece, by id: what each plan holds beside its own prompts."""
    return {prompt.id: prompt for prompt in _pieces()}


def _pieces() -> Iterator[Prompt]:
    for value, text in (*enumerate(_UNITS), *_ROUND.items()):
        yield _piece(str(value), text)
    for value, text in _WITH_FEMININE.items():
        yield _piece(f"{value}-f", text)
    for noun, forms in _NOUNS.items():
        for form, text in forms.items():
            yield _piece(f"{noun}-{form.value}", text)


def _piece(name: str, text: Text) -> Prompt:
    return Prompt(id=PromptId(f"{SAY_BEGINS}{name}"), text=text)


def _counted(count: int, noun: str) -> tuple[PromptId, ...]:
    return (*number(count, feminine=True), PromptId(f"{SAY_BEGINS}{noun}-{noun_form(count).value}"))


def _parts(value: int) -> Iterator[int]:
    """Gives hundreds, tens and units, those that are there: 200, 40, 1."""
    if value < _TEEN_END:
        yield value
        return
    hundreds, rest = value // _HUNDRED * _HUNDRED, value % _HUNDRED
    if hundreds:
        yield hundreds
    if 0 < rest < _TEEN_END:
        yield rest
    elif rest:
        yield rest // _TEN * _TEN
        if rest % _TEN:
            yield rest % _TEN
